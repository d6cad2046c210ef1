"""The vendors' wire formats, as we serve them."""
