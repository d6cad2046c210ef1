"""Programs that clients' environments run: they import nothing of ours."""
