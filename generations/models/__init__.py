"""Everything Atelier remembers about pictures and how they came to be."""

from __future__ import annotations

from generations.models.album import Album, AlbumImage
from generations.models.catalogue import Model, PriceChange, Route
from generations.models.check import LedgerCheck
from generations.models.comparison import Comparison
from generations.models.export import Export
from generations.models.generation import Attempt, Event, Generation
from generations.models.image import Image, StoredFile
from generations.models.operating import Allowance, Announcement, PromptRule
from generations.models.prompt import Preset, Prompt
from generations.models.provider import ProviderAccount
from generations.models.push import PushKey, Subscription
from generations.models.search import SavedSearch
from generations.models.share import Report, Share
from generations.models.sweep import StorageSweep
from generations.models.webhook import Delivery, DeliveryTry, Endpoint

__all__ = [
    "Album",
    "AlbumImage",
    "Allowance",
    "Announcement",
    "Attempt",
    "Comparison",
    "Delivery",
    "DeliveryTry",
    "Endpoint",
    "Event",
    "Export",
    "Generation",
    "Image",
    "LedgerCheck",
    "Model",
    "Preset",
    "PriceChange",
    "Prompt",
    "PromptRule",
    "ProviderAccount",
    "PushKey",
    "Report",
    "Route",
    "SavedSearch",
    "Share",
    "StorageSweep",
    "StoredFile",
    "Subscription",
]
