"""Albums over REST."""

from __future__ import annotations

import uuid
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import NotFound
from rest_framework.response import Response

from accounts.http import Problem, UserApiRequest
from accounts.pages import page_of, page_query, page_response
from accounts.rest import ApiView, wanted_version
from generations import albums, bodies
from generations.api.cursors import cursor_problems
from generations.media import Addresses
from generations.models import Album
from generations.serializers.albums import (
    AlbumChangeSerializer,
    AlbumSerializer,
    ArrangementSerializer,
    NewAlbumSerializer,
)
from generations.serializers.images import GalleryImageSerializer
from generations.serializers.pages import CursorQuerySerializer

CHANGED = ("changed_meanwhile",)


class AlbumsView(ApiView):
    """One's own albums."""

    resource = "images"
    problems = {"post": ("too_many_albums",)}

    @extend_schema(parameters=[CursorQuerySerializer], responses=page_of(AlbumSerializer))
    def get(self, request: UserApiRequest) -> Response:
        """Newest first, each with its cover."""
        query = page_query(request, CursorQuerySerializer)
        with cursor_problems("cursor"):
            page = albums.page(request.user, cursor=query["cursor"], limit=query["limit"])
        return page_response(request, _bodies(request, page.rows), cursor=page.next)

    @extend_schema(request=NewAlbumSerializer, responses={201: AlbumSerializer})
    def post(self, request: UserApiRequest) -> Response:
        """Make an album, with nothing in it yet."""
        asked = NewAlbumSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        try:
            made = albums.create(request.user, **asked.validated_data)
        except albums.TooMany as error:
            raise Problem("too_many_albums", f"There may be {albums.MOST} albums.") from error
        response = album_response(request, made.pk, status.HTTP_201_CREATED)
        response["Location"] = request.build_absolute_uri(f"{request.path}/{made.pk}")
        return response


class AlbumView(ApiView):
    """One album."""

    resource = "images"
    problems = {"patch": CHANGED, "delete": CHANGED}

    @extend_schema(responses=AlbumSerializer)
    def get(self, request: UserApiRequest, pk: uuid.UUID) -> Response:
        """As it stands now."""
        return album_response(request, pk)

    @extend_schema(request=AlbumChangeSerializer, responses=AlbumSerializer)
    def patch(self, request: UserApiRequest, pk: uuid.UUID) -> Response:
        """Rename it, describe it, or choose its cover."""
        own_album(request, pk)
        asked = AlbumChangeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        values: dict[str, Any] = asked.validated_data
        if cover := values.get("cover"):
            require_in_album(pk, "cover", cover)
        if not albums.change(pk, version=wanted_version(request), **values):
            raise Problem("changed_meanwhile")
        return album_response(request, pk)

    @extend_schema(responses={204: None})
    def delete(self, request: UserApiRequest, pk: uuid.UUID) -> Response:
        """Remove the album; its pictures stay where they are."""
        own_album(request, pk)
        if not albums.delete(pk, version=wanted_version(request)):
            raise Problem("changed_meanwhile")
        return Response(status=status.HTTP_204_NO_CONTENT)


class AlbumImagesView(ApiView):
    """What is in an album."""

    resource = "images"

    @extend_schema(parameters=[CursorQuerySerializer], responses=page_of(GalleryImageSerializer))
    def get(self, request: UserApiRequest, pk: uuid.UUID) -> Response:
        """Its pictures, in its order."""
        own_album(request, pk)
        query = page_query(request, CursorQuerySerializer)
        with cursor_problems("cursor"):
            page = albums.images(pk, cursor=query["cursor"], limit=query["limit"])
        addresses = Addresses(request)
        return page_response(request, [bodies.gallery_image(one, addresses) for one in page.rows], cursor=page.next)


class AlbumOrderView(ApiView):
    """The order of an album."""

    resource = "images"
    problems = {"post": CHANGED}

    @extend_schema(operation_id="arrangeAlbum", request=ArrangementSerializer, responses=AlbumSerializer)
    def post(self, request: UserApiRequest, pk: uuid.UUID) -> Response:
        """Put some of its pictures in this order.

        They come in front, or behind the one that is named; the others stay as they are. What is not in the album is
        passed over.
        """
        own_album(request, pk)
        asked = ArrangementSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        named, after = asked.validated_data["images"], asked.validated_data["after"]
        if after:
            require_in_album(pk, "after", after)
        if not albums.arrange(pk, named, after=after, version=wanted_version(request)):
            raise Problem("changed_meanwhile")
        return album_response(request, pk)


def own_album(request: UserApiRequest, pk: uuid.UUID) -> None:
    """404 for whoever's album it is not."""
    if not Album.objects.filter(user=request.user, pk=pk).exists():
        raise NotFound


def require_in_album(album: uuid.UUID, field: str, image: uuid.UUID) -> None:
    """Refuse what names an image that the album does not show."""
    if not albums.images_of(album).filter(pk=image).exists():
        raise serializers.ValidationError({field: "This image is not in the album."})


def album_response(request: UserApiRequest, pk: uuid.UUID, code: int = status.HTTP_200_OK) -> Response:
    """The caller's album as it stands now."""
    [body] = _bodies(request, [get_object_or_404(albums.of(request.user), pk=pk)])
    return Response(body, status=code)


def _bodies(request: UserApiRequest, shown: list[Album]) -> list[dict[str, Any]]:
    covers, addresses = albums.covers(shown), Addresses(request)
    return [bodies.album(one, covers.get(one.pk), addresses) for one in shown]
