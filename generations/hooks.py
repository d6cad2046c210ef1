"""Where vendors call back: ``/hooks/<provider>/<token of the attempt>``."""

from __future__ import annotations

import logging

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from generations import tasks, upstream
from generations.models import Attempt
from generations.providers.base import NotGenuine, ProviderUnavailable

logger = logging.getLogger(__name__)

RETRY_AFTER = "30"


@csrf_exempt
@require_POST
def hook(request: HttpRequest, provider: str, token: str) -> HttpResponse:
    """200 to a genuine callback, however often it comes; 403 to any other, 503 while that cannot be told."""
    attempt = Attempt.objects.filter(provider=provider, token=token).first()
    if attempt is None:
        raise Http404
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        generation = upstream.hear(attempt, headers, request.body)
    except NotGenuine as error:
        logger.warning("a callback for attempt %s is not genuine: %s", attempt, error)
        return HttpResponse("not genuine\n", status=403, content_type="text/plain")
    except ProviderUnavailable as error:
        logger.warning("a callback for attempt %s cannot be checked now: %s", attempt, error)
        return HttpResponse("not now\n", status=503, content_type="text/plain", headers={"Retry-After": RETRY_AFTER})
    if generation:
        tasks.wake()
    return HttpResponse("ok\n", content_type="text/plain")
