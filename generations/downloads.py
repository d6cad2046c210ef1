"""Archives over HTTP, to anyone who holds a short-lived signed address."""

from __future__ import annotations

import io
import time

from django.conf import settings
from django.core import signing
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_safe

from generations import ranges, storage
from generations.models import Export

SALT = "export"
ZIP = "application/zip"


def path(export: Export) -> str:
    """Where an archive is for the next quarter of an hour."""
    ends = int(time.time()) + settings.SIGNED_URL_SECONDS
    token = signing.Signer(salt=SALT).sign_object([str(export.pk), ends])
    return reverse("signed_export", args=[token, _filename(export)])


@require_safe
def signed_export(request: HttpRequest, token: str, filename: str) -> HttpResponse | FileResponse:
    """The archive that a signed address names, whole or by a range; 404 once it has expired, and for any forgery."""
    try:
        pk, ends = signing.Signer(salt=SALT).unsign_object(token)
    except (signing.BadSignature, ValueError) as error:
        raise Http404 from error
    if ends <= time.time():
        raise Http404
    export = get_object_or_404(Export.objects.defer("images"), pk=pk, status=Export.Status.READY)
    if address := storage.link(export.key, media_type=ZIP, filename=_filename(export)):
        return HttpResponseRedirect(address)
    try:
        file = storage.open_file(export.key)
    except FileNotFoundError as error:
        raise Http404 from error
    named = {"content_type": ZIP, "as_attachment": True, "filename": _filename(export)}
    response = ranges.answer(request, file, file.seek(0, io.SEEK_END), f'"{export.pk}"', **named)
    response["Cache-Control"] = "private, no-store"
    return response


def _filename(export: Export) -> str:
    return f"atelier-{export.created:%Y-%m-%d}-{str(export.pk)[-12:]}.zip"
