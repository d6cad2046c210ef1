"""Presets over REST."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.response import Response

from accounts.http import Problem, UserApiRequest
from accounts.pages import newest_first, page_of, page_query, page_response
from accounts.rest import ApiView, wanted_version
from generations import bodies, prompts
from generations.models import Preset
from generations.serializers.pages import NewestFirstQuerySerializer
from generations.serializers.prompts import PresetOrderSerializer, PresetSerializer


class PresetsView(ApiView):
    """What one orders again and again."""

    resource = "images"
    problems = {"post": ("too_many_presets", "name_taken")}

    @extend_schema(parameters=[NewestFirstQuerySerializer], responses=page_of(PresetSerializer))
    def get(self, request: UserApiRequest) -> Response:
        """Newest first."""
        shown, cursor = newest_first(request.user.presets.all(), page_query(request, NewestFirstQuerySerializer))
        return page_response(request, [bodies.preset(one) for one in shown], before=cursor)

    @extend_schema(request=PresetOrderSerializer, responses={201: PresetSerializer})
    def post(self, request: UserApiRequest) -> Response:
        """Keep one under a name of its own."""
        values = PresetOrderSerializer().run_validation(request.data)
        with preset_problems():
            preset = prompts.keep_preset(request.user, values)
        return Response(bodies.preset(preset), status=status.HTTP_201_CREATED)


class PresetView(ApiView):
    """One preset."""

    resource = "images"
    problems = {"patch": ("changed_meanwhile", "name_taken"), "delete": ("changed_meanwhile",)}

    @extend_schema(responses=PresetSerializer)
    def get(self, request: UserApiRequest, pk: uuid.UUID) -> Response:
        """As it stands now."""
        return Response(bodies.preset(own_preset(request, pk)))

    @extend_schema(request=PresetOrderSerializer, responses=PresetSerializer)
    def patch(self, request: UserApiRequest, pk: uuid.UUID) -> Response:
        """Change what is named; `parameters` as a whole."""
        preset, order = own_preset(request, pk), PresetOrderSerializer(data=request.data, partial=True)
        order.is_valid(raise_exception=True)
        if order.validated_data:
            with preset_problems():
                changed = prompts.change_preset(preset, order.validated_data, wanted_version(request))
            if not changed:
                raise Problem("changed_meanwhile")
        return Response(bodies.preset(preset))

    @extend_schema(responses={204: None})
    def delete(self, request: UserApiRequest, pk: uuid.UUID) -> Response:
        """Forget it."""
        if not own_preset(request, pk).remove(wanted_version(request)):
            raise Problem("changed_meanwhile")
        return Response(status=status.HTTP_204_NO_CONTENT)


def own_preset(request: UserApiRequest, pk: uuid.UUID) -> Preset:
    """The caller's preset, or 404 whoever else it may belong to."""
    return get_object_or_404(Preset, pk=pk, user=request.user)


@contextmanager
def preset_problems() -> Iterator[None]:
    """Why it is not kept becomes a problem."""
    try:
        yield
    except prompts.TooMany as error:
        raise Problem("too_many_presets") from error
    except prompts.NameTaken as error:
        raise Problem("name_taken") from error
