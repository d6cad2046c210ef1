"""How the schema speaks of those who call: the ways to send a key, and the scope that it needs."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema


class KeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """One key, in either of the spellings that OpenAPI can say."""

    target_class = "accounts.authentication.KeyAuthentication"
    name = ["bearerKey", "headerKey"]

    def get_security_requirement(self, auto_schema: AutoSchema) -> list[dict[str, list[str]]]:
        """Either, with the scope that the key needs."""
        return [{name: [scope_of(auto_schema)]} for name in self.name]

    def get_security_definition(self, auto_schema: AutoSchema) -> list[dict[str, Any]]:
        """The schemes."""
        return [
            {"type": "http", "scheme": "bearer", "bearerFormat": "atl_…", "description": "An API key."},
            {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "An API key, spelt otherwise."},
        ]


class AppScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """What an app was given when somebody signed in with it."""

    target_class = "accounts.authentication.AppAuthentication"
    name = "appSession"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        """The scheme."""
        description = "The session token of an app, from signing in below `/api/auth/`."
        return {"type": "apiKey", "in": "header", "name": "X-Session-Token", "description": description}


def scope_of(operation: AutoSchema) -> str:
    """The scope that a key needs for it."""
    view: Any = operation.view
    scope: str = view.scope(operation.method)
    return scope
