"""What is answered where no view is reached: in the manner of whoever speaks at that address."""

from __future__ import annotations

from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.module_loading import import_string

from accounts.problems import PROBLEMS

CODES = {
    400: "bad_request",
    403: "https_required",
    404: "not_found",
    413: "too_large",
    500: "internal",
    503: "unavailable",
}


def say(request: HttpRequest, status: int) -> HttpResponse:
    """An answer of this status, one of ``CODES``: as a page unless ``settings.SPEAKERS`` knows better."""
    if speaker := speaker_of(request):
        answer: HttpResponse = import_string(speaker)(request, status)
        return answer
    return render(request, f"{status}.html", status=status)


def speaker_of(request: HttpRequest) -> str:
    """Who speaks to programs at this address; nobody where pages are."""
    return next((speaker for prefix, speaker in settings.SPEAKERS if request.path.startswith(prefix)), "")


def problem(request: HttpRequest, status: int) -> HttpResponse:
    """As our own API says it."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": CODES[status],
        "detail": PROBLEMS[CODES[status]].sentence,
        "request_id": request.id,  # type: ignore[attr-defined]  # of RequestIdMiddleware
    }
    return JsonResponse(body, status=status, content_type="application/problem+json")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """It is for another host, or cannot be read at all."""
    return say(request, HTTPStatus.BAD_REQUEST)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """There is nothing at this address."""
    return say(request, HTTPStatus.NOT_FOUND)


def internal_error(request: HttpRequest) -> HttpResponse:
    """Something went wrong that only we can mend."""
    return say(request, HTTPStatus.INTERNAL_SERVER_ERROR)
