"""Keeping the storage and its rows together: what is stored and needed by nobody, and what is needed and not stored."""
