"""Unmodified clients of the vendors, as people install them, on a whole studio."""
