"""Signing in by an issuer of OpenID Connect, where the environment names one; nothing of it is loaded where none is."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from config import env

URL = env.text("OIDC_ISSUER").rstrip("/")
CLIENT_ID, CLIENT_SECRET = env.text("OIDC_CLIENT_ID"), env.text("OIDC_CLIENT_SECRET")
NAME = env.text("OIDC_NAME", urlsplit(URL).hostname or "") if URL else ""
ONLY = env.flag("OIDC_ONLY", default=False)  # nobody but admins signs in by anything else
ORIGINS = ["{0.scheme}://{0.netloc}".format(urlsplit(URL))] if URL else []  # where forms may lead to
# In front of our own apps, so that what they bring along for the admin can be taken out by ours
APPS = ["allauth.socialaccount", "allauth.socialaccount.providers.openid_connect"] if URL else []


def providers() -> dict[str, Any]:
    """As allauth wants it."""
    app = {
        "provider_id": "issuer",
        "name": NAME,
        "client_id": CLIENT_ID,
        "secret": CLIENT_SECRET,
        "settings": {"server_url": URL},
    }
    return {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}
