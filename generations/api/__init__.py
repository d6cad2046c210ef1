"""Our REST API: one class per URL, all through ``submission`` and ``gallery``."""
