"""The scenes, one module for each or for a family, listed in ``table``."""

from __future__ import annotations
