"""The product's settings on services of the tests' own, in a folder that is gone afterwards.

Tests run in one process or, with `pytest -n`, in several: each has its PostgreSQL, its Redis and its files.
"""

from __future__ import annotations

import os
import tempfile

if "ATELIER_TESTS" not in os.environ:
    os.environ["ATELIER_TESTS"] = tempfile.mkdtemp(prefix="atelier-tests-")
os.environ["ATELIER_VAR"] = f"{os.environ['ATELIER_TESTS']}/{os.environ.get('PYTEST_XDIST_WORKER', 'var')}"
VENDORS = ("FAL_KEY", "AIMLAPI_API_KEY", "APIFRAME_API_KEY", "OPENAI_BASE_URL", "GOOGLE_API_KEY")
for name in ("DATABASE_URL", "REDIS_URL", "S3_BUCKET", "EMAIL_URL", *VENDORS):
    os.environ.pop(name, None)

from config.settings import *  # noqa: E402, F403
from config.settings import DATABASES, MIDDLEWARE  # noqa: E402

DATABASES["default"] |= {"ENGINE": "tests.postgres", "CONN_MAX_AGE": 0, "CONN_HEALTH_CHECKS": False}
# Whoever waits for another thread's transaction fails and is named, instead of waiting as long as that thread.
DATABASES["default"]["OPTIONS"]["options"] = "-c lock_timeout=60s -c statement_timeout=300s"
MIDDLEWARE = ["tests.described.Described", *MIDDLEWARE]
WHITENOISE_AUTOREFRESH = True  # looks for a file when it is asked for, not for all of them for each test client
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
