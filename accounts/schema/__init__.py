"""How our API describes itself: what all of its operations have in common is said here, not at each of them."""
