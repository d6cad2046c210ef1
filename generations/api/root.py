"""The API's own address, and those below it where nothing is."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.rest import ApiView


class RootView(ApiView):
    """Where things are."""

    resource = "generations"

    @extend_schema(
        responses={(200, "application/json"): {"type": "object", "additionalProperties": {"type": "string"}}}
    )
    def get(self, request: Request) -> Response:
        """The addresses of the API's resources."""
        names = (
            "me",
            "credits",
            "keys",
            "models",
            "quotes",
            "generations",
            "events",
            "images",
            "albums",
            "shares",
            "explore",
            "reports",
            "prompts",
            "presets",
            "searches",
            "exports",
            "webhooks",
        )
        return Response({name: request.build_absolute_uri(reverse(f"api:{name}")) for name in names})


@extend_schema(exclude=True)
class NothingView(APIView):
    """Every other address below the API's root, so that programs get a problem and not a page."""

    authentication_classes = ()
    permission_classes = ()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """404, whatever the method."""
        raise NotFound
