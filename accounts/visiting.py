"""Admins' visits: for a quarter of an hour they see the studio as a person does, and change nothing.

A visit is kept in the admin's own session, in which nobody else is signed in: the person's sessions, and when they were
here last, stay as they are. Only views of ``SHOWN_TO_VISITORS`` are shown, so that a new one is not until somebody says
so, in a transaction in which the database lets nothing be written. At programs' addresses a visitor is nobody.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.db import InternalError, connection, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import rotate_token
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect
from psycopg.errors import ReadOnlySqlTransaction

from accounts import acts
from accounts.answers import speaker_of
from accounts.languages import pgettext_noop
from accounts.middleware import AWAY, Middleware, unavailable
from accounts.models import User
from accounts.permissions import SAFE

PERMISSION = "accounts.visit_user"
SESSION = "visit"
LASTS = dt.timedelta(minutes=15)
BEGUN, ENDED = pgettext_noop("act", "visit"), pgettext_noop("act", "end visit")
END = "visit_end"  # the one view that is the admin's own meanwhile
PAGES_AMONG_PROGRAMS = {"image_act", "image_albums", "image_share"}  # their addresses begin like a vendor's
ALIKE = {"signed_image", "shared_file", "healthz", "readyz", "metrics", "hook", "manifest", "worker", "security_txt"}


class Visit(NamedTuple):
    """Whose studio an admin sees, and until when at the latest."""

    admin: User
    person: User
    until: dt.datetime


def may_visit(admin: User, person: User) -> bool:
    """Whether the admin may see the studio as this person does: as nobody of the staff, and nobody who is blocked."""
    exposed = person.is_active and not person.is_staff and not person.is_superuser
    return exposed and admin.is_staff and admin.has_perm(PERMISSION)


def begin(request: HttpRequest, person: User) -> None:
    """See the studio as they do from now on. Forms of pages from before are no good any more."""
    until = timezone.now() + LASTS
    acts.record(BEGUN, person, after={"until": until})
    request.session[SESSION] = [person.pk, until.isoformat()]
    rotate_token(request)


def end(request: HttpRequest) -> None:
    """See it as oneself again, which is written once. Forms of the visit are no good any more."""
    person, until = request.session.pop(SESSION, (None, ""))
    who, visited = acts.who(request), User.objects.filter(pk=person).first()
    if who is None or visited is None:
        return
    rotate_token(request)
    with acts.done_by(who):
        acts.record(ENDED, visited, after={"in time": timezone.now() < dt.datetime.fromisoformat(until)})


class VisitMiddleware(Middleware):
    """Has a visitor see what the person sees, and nothing else."""

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, named: Any
    ) -> HttpResponse | None:
        """Nobody who has no session is looked up for this, and nobody at all where everybody is told the same."""
        name = request.resolver_match.view_name if request.resolver_match else ""
        if settings.SESSION_COOKIE_NAME not in request.COOKIES or name in ALIKE:
            return None
        try:
            return self._visited(request, name, lambda: view(request, *args, **named))
        except AWAY as error:  # of which Django asks nobody else here
            return unavailable(request, error)

    def _visited(self, request: HttpRequest, name: str, view: Callable[[], HttpResponse]) -> HttpResponse | None:
        """What a visitor is answered; None for everybody else."""
        if SESSION not in request.session:
            return None
        if name == "events" or (speaker_of(request) and name not in PAGES_AMONG_PROGRAMS):
            request.user = AnonymousUser()
            request.auser = _nobody
            return None
        if name == END:
            return None
        if (visit := _standing(request)) is None:
            return _over(request)
        shown = name in settings.SHOWN_TO_VISITORS
        return _shown(request, visit, lambda: view() if shown else None)


def _standing(request: HttpRequest) -> Visit | None:
    """The visit that is going on, if it may still."""
    number, until = request.session[SESSION]
    admin, ends = request.user, dt.datetime.fromisoformat(until)
    person = User.objects.select_related("wallet").filter(pk=number).first()
    if not isinstance(admin, User) or person is None or timezone.now() >= ends or not may_visit(admin, person):
        return None
    return Visit(admin, person, ends)


def _over(request: HttpRequest) -> HttpResponse:
    end(request)
    messages.info(request, _("Your visit has ended: you see your own pages again."))
    home = reverse("home")
    return HttpResponseClientRedirect(home) if "HX-Request" in request.headers else HttpResponseRedirect(home)


def _shown(request: HttpRequest, visit: Visit, answer: Callable[[], HttpResponse | None]) -> HttpResponse:
    request.visit = visit  # type: ignore[attr-defined]  # for the banner
    request.user = visit.person
    response = None
    if request.method in SAFE:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION READ ONLY")
                response = answer()
        except InternalError as error:
            if not isinstance(error.__cause__, ReadOnlySqlTransaction):
                raise
    if response is None:
        response = render(request, "visit_refused.html", status=HTTPStatus.FORBIDDEN)
    response["Cache-Control"] = "private, no-store"
    return response


async def _nobody() -> AnonymousUser:
    return AnonymousUser()
