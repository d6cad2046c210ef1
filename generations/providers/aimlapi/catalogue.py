"""The addresses of the catalogue, which need no key."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.http import HttpResponse
from django.utils.cache import get_conditional_response
from rest_framework.permissions import AllowAny
from rest_framework.request import Request

from generations.dialects.troubles import Kind, Refused, Trouble
from generations.providers.aimlapi import listing
from generations.providers.aimlapi.dialect import AimlapiView


class CatalogueView(AimlapiView):
    """Anybody may know; whoever has the answer already is told so."""

    permission_classes = (AllowAny,)

    def perform_authentication(self, request: Request) -> None:
        """Not even a wrong key matters."""

    def answer(self, request: Request, body: dict[str, Any]) -> HttpResponse:
        """The body, or 304 where the client has it."""
        content = json.dumps(body)
        etag = f'"{hashlib.sha256(content.encode()).hexdigest()[:32]}"'
        response = HttpResponse(content, content_type="application/json", headers={"ETag": etag})
        return get_conditional_response(request, etag, response=response) or response


class ModelsView(CatalogueView):
    """What can be asked for."""

    def get(self, request: Request) -> HttpResponse:
        """The list, as OpenAI and AI/ML API have it."""
        query = request.query_params.dict()
        rows = [listing.cut(row, query) for row in listing.chosen(listing.rows(), query)]
        return self.answer(request, {"object": "list", "data": rows})


class OpenAIModelView(CatalogueView):
    """One model, as OpenAI tells of it."""

    def get(self, request: Request, name: str) -> HttpResponse:
        """By its name or any of its aliases."""
        return self.answer(request, _model(name))


class ModelView(CatalogueView):
    """One model, as AI/ML API tells of it."""

    def get(self, request: Request, name: str) -> HttpResponse:
        """By its name or any of its aliases."""
        return self.answer(request, {"object": "model", "data": _model(name)})


def _model(name: str) -> dict[str, Any]:
    row = listing.find(name)
    if row is None:
        raise Refused(Trouble(Kind.NO_MODEL, f"The model '{name[:120]}' does not exist.", {"model": ""}))
    return row
