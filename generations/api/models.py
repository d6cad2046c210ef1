"""The catalogue over REST."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.response import Response

from accounts.http import UserApiRequest
from accounts.pages import page_of
from accounts.rest import ApiView
from generations import routing
from generations.models import Model
from generations.serializers.models import ModelSerializer


class ModelsView(ApiView):
    """The catalogue."""

    resource = "generations"

    @extend_schema(responses=page_of(ModelSerializer))
    def get(self, request: UserApiRequest) -> Response:
        """Every model that can be chosen, with what it can do and what it costs."""
        models = routing.offered().select_related("successor").prefetch_related("routes")
        return Response({"results": ModelSerializer(models, many=True).data, "next": None})


class ModelView(ApiView):
    """One model."""

    resource = "generations"

    @extend_schema(responses=ModelSerializer)
    def get(self, request: UserApiRequest, name: str) -> Response:
        """By its id or any of its aliases, also once it is retired."""
        found = Model.objects.named(name).select_related("successor").prefetch_related("routes").first()
        if found is None:
            raise NotFound
        return Response(ModelSerializer(found).data)
