"""The project: settings, the URL map, and what starts it."""
