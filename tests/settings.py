"""The product's settings on services of the tests' own, in a folder that is gone afterwards."""

from __future__ import annotations

import os
import tempfile

os.environ.setdefault("ATELIER_VAR", tempfile.mkdtemp(prefix="atelier-tests-"))
for name in ("DATABASE_URL", "REDIS_URL", "S3_BUCKET", "FAL_KEY", "EMAIL_URL"):
    os.environ.pop(name, None)

from config.settings import *  # noqa: E402, F403
from config.settings import DATABASES  # noqa: E402

DATABASES["default"] |= {"ENGINE": "tests.postgres", "CONN_MAX_AGE": 0, "CONN_HEALTH_CHECKS": False}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
