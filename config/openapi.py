"""How the REST API describes itself."""

from __future__ import annotations

SETTINGS = {
    "TITLE": "Atelier",
    "DESCRIPTION": (
        "Describe a picture, keep what you make. The guide is docs/api.md. "
        "Apps sign people in by [addresses of their own](/api/auth/openapi.json)."
    ),
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "LICENSE": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
    "SERVERS": [{"url": "/", "description": "This studio"}],
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "TAGS": [
        {"name": "root", "description": "Where things are."},
        {"name": "me", "description": "Whoever calls."},
        {"name": "credits", "description": "What there is to spend, and every movement of it."},
        {"name": "keys", "description": "What programs sign in with: what each may do and spend."},
        {"name": "models", "description": "What can be ordered."},
        {"name": "quotes", "description": "What it would cost, at a price that binds."},
        {"name": "generations", "description": "Orders, and what became of them."},
        {"name": "comparisons", "description": "The same order on several models."},
        {"name": "events", "description": "What happens, as it happens."},
        {"name": "images", "description": "Pictures that were made."},
        {"name": "albums", "description": "Collections of them."},
        {"name": "shares", "description": "Addresses at which anybody may see some of them."},
        {"name": "shared", "description": "What such an address shows."},
        {"name": "explore", "description": "What people published."},
        {"name": "reports", "description": "What is wrong with what others show."},
        {"name": "prompts", "description": "What was written before."},
        {"name": "presets", "description": "What is ordered again and again, by name."},
        {"name": "searches", "description": "What is looked for again and again, by name."},
        {"name": "exports", "description": "Archives to take away."},
        {"name": "webhooks", "description": "Whom to tell, and what they were sent."},
    ],
    "ENUM_NAME_OVERRIDES": {
        "GenerationStatus": "generations.models.Generation.Status",
        "ExportStatus": "generations.models.Export.Status",
        "DeliveryState": "generations.models.Delivery.State",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "accounts.schema.operations.complete",
        "generations.api.messages.describe",
    ],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}
