"""Shares over REST: their owners make and end them, and anybody sees what they show."""

from __future__ import annotations

import uuid

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.http import Problem, UserApiRequest
from accounts.pages import page_of, page_query, page_response
from accounts.rest import ApiView
from generations import bodies, sharing
from generations.api.cursors import cursor_problems
from generations.media import SharedAddresses
from generations.serializers.pages import CursorQuerySerializer
from generations.serializers.shares import NewShareSerializer, SharedSerializer, ShareSerializer


class SharesView(ApiView):
    """One's own shares."""

    resource = "images"
    problems = {"post": ("too_many_shares",)}

    @extend_schema(parameters=[CursorQuerySerializer], responses=page_of(ShareSerializer))
    def get(self, request: UserApiRequest) -> Response:
        """Those that show something still, newest first."""
        query = page_query(request, CursorQuerySerializer)
        with cursor_problems("cursor"):
            page = sharing.page(request.user, cursor=query["cursor"], limit=query["limit"])
        return page_response(request, [bodies.share(one, request) for one in page.rows], cursor=page.next)

    @extend_schema(request=NewShareSerializer, responses={201: ShareSerializer})
    def post(self, request: UserApiRequest) -> Response:
        """Show an image or an album to whoever has the address."""
        asked = NewShareSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        try:
            made = sharing.create(request.user, **asked.validated_data)
        except sharing.NothingToShare as error:
            name = "image" if "image" in asked.validated_data else "album"
            raise serializers.ValidationError({name: f"There is no such {name}."}) from error
        except sharing.TooMany as error:
            raise Problem("too_many_shares", f"There may be {sharing.MOST} shares at a time.") from error
        location = request.build_absolute_uri(reverse("api:share", args=[made.pk]))
        return Response(bodies.share(made, request), status=status.HTTP_201_CREATED, headers={"Location": location})


class ShareView(ApiView):
    """One share."""

    resource = "images"

    @extend_schema(responses=ShareSerializer)
    def get(self, request: UserApiRequest, pk: uuid.UUID) -> Response:
        """With its address, and how often it was looked at."""
        return Response(bodies.share(get_object_or_404(sharing.of(request.user), pk=pk), request))

    @extend_schema(responses={204: None})
    def delete(self, request: UserApiRequest, pk: uuid.UUID) -> Response:
        """End it: its address, and those of its pictures, show nothing within five minutes."""
        if not sharing.of(request.user).filter(pk=pk).end():
            raise NotFound
        return Response(status=status.HTTP_204_NO_CONTENT)


class SharedView(ApiView):
    """What a share shows."""

    resource = "images"
    permission_classes = ()

    @extend_schema(operation_id="getShared", parameters=[CursorQuerySerializer], responses=SharedSerializer)
    def get(self, request: Request, token: str) -> Response:
        """The pictures of a share, to anybody who has its address."""
        query = page_query(request, CursorQuerySerializer)
        share = sharing.find(token)
        if share is None:
            raise Http404
        with cursor_problems("cursor"):
            page = sharing.images(share, cursor=query["cursor"], limit=query["limit"])
        if not page.rows and not query["cursor"] and share.image_id:
            raise Http404
        sharing.count_view(share)
        address = SharedAddresses(request, token).of
        shown = [bodies.public_image(image, address, with_prompt=share.with_prompt) for image in page.rows]
        response = page_response(request, shown, cursor=page.next)
        about = {"name": share.album.name if share.album else None, "expires_at": share.expires_at}
        response.data = about | response.data
        return response
