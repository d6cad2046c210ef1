"""What people published, for everybody."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from generations import keyset
from generations.keyset import Key, Page
from generations.models import Image

LATEST = (Key("published_at", dt.datetime.fromisoformat), Key("id", UUID))


def page(*, cursor: str, limit: int) -> Page[Image]:
    """Published pictures of people who are still here, the latest first; raises ``BadCursor``."""
    shown = Image.objects.published().filter(user__is_active=True).with_origin()
    return keyset.page(shown, LATEST, cursor=cursor, limit=limit)
