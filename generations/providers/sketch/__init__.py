"""Pictures drawn by arithmetic from a prompt and a seed: no model, no key, no network."""

from __future__ import annotations
