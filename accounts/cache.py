"""Django's cache in Redis, with its clients kept: to build one for each look takes longer than the look."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.core.cache.backends.redis import RedisCache, RedisCacheClient


class _Client(RedisCacheClient):
    @cached_property
    def _kept(self) -> Any:
        return super().get_client(write=True)

    def get_client(self, *_: object, **__: object) -> Any:
        return self._kept


class KeptRedisCache(RedisCache):
    """On one server, with one client for all threads of a process."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = _Client
