"""What makes the studio an app to install: manifest, service worker, a page for being offline, and web push."""

from __future__ import annotations

import hashlib
import json

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_POST, require_safe

from generations import pushing
from generations.views.access import PageRequest, signed_in

# What the page for being offline is made of.
KEPT = (
    "css/tokens.css",
    "css/base.css",
    "css/controls.css",
    "css/surfaces.css",
    "css/entrance.css",
    "js/theme.js",
    "icons/favicon.svg",
)


@require_safe
@cache_control(private=True, max_age=3600)
def manifest(request: HttpRequest) -> HttpResponse:
    """How the studio is installed. Texts that other apps share go into the prompt."""
    create = reverse("create")
    return JsonResponse(
        {
            "id": create,
            "name": "Atelier",
            "short_name": "Atelier",
            "description": _("Describe a picture. Keep what you make."),
            "start_url": create,
            "scope": "/",
            "display": "standalone",
            "background_color": "#0f1110",
            "theme_color": "#0f1110",
            "icons": [
                _icon("icons/app-192.png", 192, "any"),
                _icon("icons/app-512.png", 512, "any"),
                _icon("icons/app-maskable-512.png", 512, "maskable"),
            ],
            "shortcuts": [{"name": _("Gallery"), "url": reverse("gallery")}],
            "share_target": {"action": create, "method": "GET", "params": {"text": "prompt", "title": "title"}},
        },
        content_type="application/manifest+json",
    )


@require_safe
@never_cache
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker, at the root so that it is everybody's. A release with other files has another one."""
    kept = [reverse("offline"), *map(static, KEPT)]
    offline = render_to_string("offline.html")
    version = hashlib.sha256(json.dumps([kept, offline]).encode()).hexdigest()[:12]
    context = {
        "settings": json.dumps(
            {
                "version": version,
                "offline": kept[0],
                "kept": kept,
                "files": settings.STATIC_URL,
                "icon": static("icons/app-192.png"),
            }
        )
    }
    return render(request, "installed/worker.js", context, content_type="text/javascript")


@require_safe
@cache_control(private=True, max_age=3600)
def offline(request: HttpRequest) -> HttpResponse:
    """What is shown without a server: the same at any time, so that it can be kept."""
    return HttpResponse(render_to_string("offline.html"))


@require_POST
@signed_in
def push(request: PageRequest) -> HttpResponse:
    """Tell the browser that sends this when a generation ends."""
    try:
        pushing.subscribe(
            request.user, *(request.POST.get(name, "").replace("\0", "") for name in ("address", "key", "secret"))
        )
    except pushing.NoSubscription as error:
        return HttpResponseBadRequest(str(error), content_type="text/plain")
    return HttpResponse(status=204)


@require_POST
@signed_in
def stop_push(request: PageRequest) -> HttpResponse:
    """Tell it no more."""
    pushing.unsubscribe(request.user, request.POST.get("address", "").replace("\0", ""))
    return HttpResponse(status=204)


def _icon(name: str, size: int, purpose: str) -> dict[str, str]:
    return {"src": static(name), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
