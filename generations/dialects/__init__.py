"""What all vendors' wire formats share when we speak them: how requests are read, waited for, refused and submitted."""
