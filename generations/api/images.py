"""Pictures over REST: found, changed, thrown away and fetched."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.http import Problem, UserApiRequest
from accounts.pages import only, page_of, page_query, page_response
from accounts.rest import ApiView, wanted_version
from generations import albums, arranging, bodies, media, records, searching
from generations.api.cursors import cursor_problems
from generations.media import Addresses
from generations.models import Image
from generations.searching import Sort
from generations.serializers.bulk import BulkResultSerializer, BulkSerializer
from generations.serializers.images import (
    DownloadQuerySerializer,
    ImageChangeSerializer,
    ListedImageSerializer,
    OwnImageSerializer,
)
from generations.serializers.searches import ImagesQuerySerializer, SearchSerializer

VARIANTS = {"original": "original", "webp": "full.webp", "jpeg": "full.jpg"}
FETCHED_AGAIN_AFTER = 300  # seconds
CHANGED = ("changed_meanwhile",)


class ImagesView(ApiView):
    """One's own pictures."""

    resource = "images"

    @extend_schema(
        parameters=[ImagesQuerySerializer],
        responses=page_of(ListedImageSerializer),
    )
    def get(self, request: UserApiRequest) -> Response:
        """Those that a search finds, newest first unless told."""
        query = page_query(request, ImagesQuerySerializer)
        search, sort = SearchSerializer().search(query), Sort(query["sort"])
        with cursor_problems("before"):
            page = searching.page(request.user, search, sort=sort, cursor=query["before"], limit=query["limit"])
        addresses = Addresses(request)
        shown = [bodies.gallery_image(image, addresses) for image in page.rows]
        if "albums" in query["include"]:
            shown = _with_albums(shown)
        return page_response(request, only(query, shown), before=page.next)


class ImageView(ApiView):
    """One picture."""

    resource = "images"
    problems = {"patch": ("taken_down", *CHANGED, "in_trash"), "delete": (*CHANGED, "not_in_trash")}

    @extend_schema(responses=OwnImageSerializer)
    def get(self, request: UserApiRequest, pk: uuid.UUID) -> Response:
        """With fresh addresses, also from the trash."""
        return image_response(request, pk)

    @extend_schema(request=ImageChangeSerializer, responses=OwnImageSerializer)
    def patch(self, request: UserApiRequest, pk: uuid.UUID) -> Response:
        """Star or publish it, or put it into albums; not from the trash."""
        asked = ImageChangeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        with arranging_problems():
            arranging.change(request.user, pk, _change(asked.validated_data), version=wanted_version(request))
        return image_response(request, pk)

    @extend_schema(responses={204: None})
    def delete(self, request: UserApiRequest, pk: uuid.UUID) -> Response:
        """Delete it for good; only from the trash."""
        with arranging_problems():
            arranging.delete(request.user, pk, version=wanted_version(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class TrashView(ApiView):
    """Throwing a picture away."""

    resource = "images"
    problems = {"post": CHANGED}

    @extend_schema(request=None, responses=OwnImageSerializer)
    def post(self, request: UserApiRequest, pk: uuid.UUID) -> Response:
        """Put it into the trash, from where it can be restored for 30 days."""
        with arranging_problems():
            arranging.trash(request.user, pk, version=wanted_version(request))
        return image_response(request, pk)


class RestoreView(ApiView):
    """Keeping a picture after all."""

    resource = "images"
    problems = {"post": CHANGED}

    @extend_schema(request=None, responses=OwnImageSerializer)
    def post(self, request: UserApiRequest, pk: uuid.UUID) -> Response:
        """Take it out of the trash, as it was."""
        with arranging_problems():
            arranging.restore(request.user, pk, version=wanted_version(request))
        return image_response(request, pk)


class BulkView(ApiView):
    """Many pictures at once."""

    resource = "images"

    @extend_schema(operation_id="changeImages", request=BulkSerializer, responses=BulkResultSerializer)
    def post(self, request: UserApiRequest) -> Response:
        """Do one thing to many pictures.

        To up to 1,000 that are named, or to 10,000 that a filter finds. Those that it would not change are left alone.
        """
        asked = BulkSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        wanted = asked.validated_data
        if "ids" in wanted:
            images = Image.objects.filter(pk__in=wanted["ids"])
        else:
            images = searching.matching(request.user, SearchSerializer().search(wanted["filter"]))
        with arranging_problems():
            changed = arranging.act(request.user, wanted["action"], images, wanted.get("album"))
        return Response({"changed": changed, "more": changed == arranging.MOST_AT_ONCE})


class RecordView(ApiView):
    """How a picture came to be."""

    resource = "images"

    @extend_schema(responses={(200, "application/json"): OpenApiTypes.OBJECT})
    def get(self, request: UserApiRequest, pk: uuid.UUID) -> Response:
        """Request, seeds, models, provider, parameters, price, file and times."""
        own = Image.objects.of(request.user).select_related("attempt__route__model")
        return Response(records.record(get_object_or_404(own, pk=pk)))


class DownloadView(ApiView):
    """A picture's file."""

    resource = "images"

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:  # noqa: FBT001, FBT002 - DRF's
        """Clients accept pictures here, and ``format`` is that of the picture."""
        return super().perform_content_negotiation(request, force=True)

    @extend_schema(
        operation_id="downloadImage",
        parameters=[DownloadQuerySerializer],
        responses={
            (200, "image/*"): OpenApiResponse(OpenApiTypes.BINARY, description="The file, under a name."),
            (206, "image/*"): OpenApiResponse(OpenApiTypes.BINARY, description="The range of it that was asked for."),
            302: OpenApiResponse(description="Where the storage has it, for 15 minutes."),
            416: OpenApiResponse(description="It ends before that range."),
        },
    )
    def get(self, request: UserApiRequest, pk: uuid.UUID) -> HttpResponse | FileResponse:
        """The original, untouched, or the same as WebP or JPEG.

        These are as large, and say by XMP that the picture was generated.
        """
        asked = DownloadQuerySerializer(data=request.query_params.dict())
        asked.is_valid(raise_exception=True)
        image = get_object_or_404(Image.objects.existing().filter(user=request.user).select_related("attempt"), pk=pk)
        variant = VARIANTS[asked.validated_data["format"]]
        return media.answer(request._request, image, variant, FETCHED_AGAIN_AFTER, download=True)  # noqa: SLF001


@contextmanager
def arranging_problems() -> Iterator[None]:
    """Why a picture was not changed, as a problem."""
    try:
        yield
    except arranging.NotThere as error:
        raise NotFound from error
    except arranging.Changed as error:
        raise Problem("changed_meanwhile") from error
    except arranging.TakenDown as error:
        raise Problem("taken_down") from error
    except arranging.InTrash as error:
        raise Problem("in_trash") from error
    except arranging.NotInTrash as error:
        raise Problem("not_in_trash") from error
    except arranging.NoSuchAlbum as error:
        raise serializers.ValidationError({"album": f"There is no album {error}."}) from error


def image_response(request: UserApiRequest, pk: uuid.UUID) -> Response:
    """The caller's picture as it stands now."""
    image = get_object_or_404(Image.objects.of(request.user), pk=pk)
    [body] = _with_albums([bodies.gallery_image(image, Addresses(request))])
    return Response(body)


def _with_albums(shown: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = albums.of_images([image["id"] for image in shown])
    return [{**image, "albums": found.get(image["id"], [])} for image in shown]


def _change(values: dict[str, Any]) -> arranging.Change:
    visibility, into = values.get("visibility"), values.get("albums", {})
    return arranging.Change(
        starred=values.get("starred"),
        published=None if visibility is None else visibility == Image.Visibility.PUBLISHED,
        add=into.get("add", ()),
        remove=into.get("remove", ()),
    )
