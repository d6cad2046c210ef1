"""The studio as people use it: in a real Chromium, against a real studio with its worker."""

from __future__ import annotations
