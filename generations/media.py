"""Pictures over HTTP: to their owner by session, to anyone who holds a short-lived signed address."""

from __future__ import annotations

import io
import time
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_safe
from rest_framework.request import Request

from accounts.http import UserRequest
from generations import ranges, records, storage
from generations.models import Image

SALT = "image"
FULL = {"full.webp": "image/webp", "full.jpg": "image/jpeg"}  # the original's size in another format
STEP = 300  # seconds: links minted within one step are equal, so that caches can keep what they fetched


class Addresses:
    """Absolute addresses of pictures that work without signing in for 15 minutes or a little longer.

    One for all pictures of an answer: a page of thirty has ninety addresses. They are where the request came to or,
    without one, below the studio's address.
    """

    def __init__(self, request: HttpRequest | Request | str) -> None:
        path = reverse("signed_image", args=["token", "name"]).removesuffix("token/name")
        self._root = request.rstrip("/") + path if isinstance(request, str) else request.build_absolute_uri(path)
        self._signer = signing.Signer(salt=SALT)
        self._ends = (int(time.time()) // STEP + 1) * STEP + settings.SIGNED_URL_SECONDS

    def of(self, image: Image, variant: str) -> str:
        """Where ``original`` or a thumbnail such as ``640.webp`` is."""
        token = self._signer.sign_object([str(image.pk), variant, image.sha256[:12], self._ends])
        return f"{self._root}{token}/{_filename(image, variant)}"


class SharedAddresses:
    """Absolute addresses of a share's pictures, which work as long as it lasts."""

    def __init__(self, request: HttpRequest | Request, token: str) -> None:
        self._request, self._token = request, token

    def of(self, image: Image, variant: str) -> str:
        """Where ``original`` or a thumbnail such as ``640.webp`` is."""
        return self._request.build_absolute_uri(reverse("shared_file", args=[self._token, image.pk, variant]))


@require_safe
@login_required
def image_file(request: UserRequest, pk: UUID, variant: str) -> HttpResponse | FileResponse:
    """The owner's own picture, also in the trash; ``?download`` names the file.

    Variants are ``original``, a thumbnail such as ``640.webp``, and ``full.webp`` and ``full.jpg``.
    """
    image = get_object_or_404(Image.objects.existing().filter(user=request.user), pk=pk)
    return answer(request, image, variant, settings.SIGNED_URL_SECONDS, download="download" in request.GET)


@require_safe
@login_required
def image_record(request: UserRequest, pk: UUID) -> JsonResponse:
    """The record of the owner's own picture; ``?download`` names the file."""
    own = Image.objects.of(request.user).select_related(
        "attempt__route__model", "generation__prompt", "generation__model"
    )
    image = get_object_or_404(own, pk=pk)
    response = JsonResponse(records.record(image), json_dumps_params={"indent": 2, "ensure_ascii": False})
    if "download" in request.GET:
        response["Content-Disposition"] = f'attachment; filename="{_filename(image, "record")}"'
    return response


@require_safe
def signed_image(request: HttpRequest, token: str, filename: str) -> HttpResponse | FileResponse:
    """The picture that a signed address names, until it expires; then, and for any forgery, 404."""
    try:
        pk, variant, digest, ends = signing.Signer(salt=SALT).unsign_object(token)
    except (signing.BadSignature, ValueError) as error:
        raise Http404 from error
    left = ends - int(time.time())
    if left <= 0:
        raise Http404
    image = get_object_or_404(Image.objects.existing(), pk=pk, sha256__startswith=digest)
    response = answer(request, image, variant, left, download="download" in request.GET)
    response["Access-Control-Allow-Origin"] = "*"  # whoever has the address may read it, a page of any host too
    return response


def answer(
    request: HttpRequest, image: Image, variant: str, seconds: int, *, download: bool = False
) -> HttpResponse | FileResponse:
    """The file, or where the storage has it; to be kept by the client for so many seconds. Raises ``Http404``."""
    key, media_type = _stored(image, variant)
    filename = _filename(image, variant)
    response: HttpResponse | FileResponse
    if address := storage.link(key, media_type=media_type, filename=filename if download else ""):
        response = HttpResponseRedirect(address)
        seconds = min(seconds, settings.SIGNED_URL_SECONDS // 2)
    else:
        etag = f'"{image.sha256[:32]}-{variant}"'
        response = ranges.known(request, etag) or _file(
            request, key, etag, content_type=media_type, as_attachment=download, filename=filename
        )
    response["Cache-Control"] = f"private, max-age={seconds}"
    return response


def _file(request: HttpRequest, key: str, etag: str, **named: Any) -> HttpResponse | FileResponse:
    try:
        file = storage.open_file(key)
    except FileNotFoundError as error:
        raise Http404 from error
    return ranges.answer(request, file, file.seek(0, io.SEEK_END), etag, **named)


def _stored(image: Image, variant: str) -> tuple[str, str]:
    wanted = FULL.get(variant, image.media_type)
    if variant == "original" or (variant in FULL and wanted == image.media_type):
        return storage.original_key(image.sha256, image.media_type), image.media_type
    for width in storage.THUMBNAIL_WIDTHS:
        if variant == f"{width}.webp":
            return storage.thumbnail_key(image.sha256, width), "image/webp"
    if variant not in FULL:
        raise Http404
    try:
        return storage.render(image.sha256, image.media_type, wanted, trained=records.is_trained(image)), wanted
    except FileNotFoundError as error:
        raise Http404 from error


def _filename(image: Image, variant: str) -> str:
    extensions = {"original": storage.EXTENSIONS[image.media_type], "record": "json", "full.jpg": "jpg"}
    return f"atelier-{str(image.pk)[-12:]}-{image.number}.{extensions.get(variant, 'webp')}"
