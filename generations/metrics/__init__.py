"""What operators measure the studio by: what its processes count, and what its database says when it is asked."""
