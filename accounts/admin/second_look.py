"""Acts on chosen rows: a page says first what will happen and asks why; then it is done, and recorded for each row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django_stubs_ext import StrOrPromise

from accounts import acts
from accounts.http import UserRequest

AT_ONCE = 500
LISTED = 50
CONFIRMED = "_confirmed"
FOR_GOOD = gettext_lazy("Stands in the log for good.")

Act = Callable[[Any, UserRequest, Any], Iterable[models.Model]]
Action = Callable[[Any, UserRequest, QuerySet[Any]], HttpResponse | None]


class ReasonForm(forms.Form):
    """Why."""

    use_required_attribute = False
    _reason = forms.CharField(label=gettext_lazy("Reason"), max_length=acts.REASON, help_text=FOR_GOOD)


@dataclass(frozen=True, slots=True)
class Look:
    """What a page asks before something is done to these rows."""

    title: StrOrPromise
    said: StrOrPromise
    rows: list[models.Model]
    told_with: Sequence[str] = ()  # fields without which nobody knows which row is meant

    def called(self, row: models.Model) -> str:
        """The row, as it is told from others."""
        return " · ".join(map(str, (row, *(getattr(row, name) for name in self.told_with))))


def action(verb: str, title: StrOrPromise, said: StrOrPromise, permission: str = "end") -> Callable[[Act], Action]:
    """Make an action of a function that does it to rows and answers those to which something was done.

    ``said`` is what will happen, for people. An admin whose rows say too little names fields in ``told_with``.
    """

    def decorate(act: Act) -> Action:
        @wraps(act)
        def looked_at(self: Any, request: UserRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
            if not getattr(self, f"has_{permission}_permission")(request):
                raise PermissionDenied
            rows = list(queryset[: AT_ONCE + 1])
            if len(rows) > AT_ONCE:
                refuse(request)
                return None
            form = ReasonForm(request.POST if CONFIRMED in request.POST else None)
            if not form.is_valid():
                look = Look(title, said, rows, getattr(self, "told_with", ()))
                return ask(self, request, look, form, act.__name__)
            with transaction.atomic():
                done = list(act(self, request, queryset))
                for row in done:
                    acts.record(verb, row)
            tell(request, len(done))
            return None

        decorated: Action = admin.action(description=title, permissions=[permission])(looked_at)
        return decorated

    return decorate


def ask(self: Any, request: HttpRequest, look: Look, form: forms.Form, name: str) -> HttpResponse:
    """The page before an act on chosen rows of a list."""
    chosen = [(ACTION_CHECKBOX_NAME, row.pk) for row in look.rows]
    hidden = [("action", name), (CONFIRMED, "1"), *chosen]
    return page(request, look, {"opts": self.opts, "form": form, "hidden": hidden})


def page(request: HttpRequest, look: Look, context: dict[str, Any]) -> HttpResponse:
    """What will happen to which rows. ``context`` has the ``form``, what is ``hidden`` in it and the rows' ``opts``."""
    shown = {
        "title": look.title,
        "said": look.said,
        "rows": list(map(look.called, look.rows[:LISTED])),
        "more": len(look.rows) - LISTED,
    }
    of_the_site = admin.site.each_context(request)
    return render(request, "admin/second_look.html", {**of_the_site, **shown, "hidden": [], **context})


def refuse(request: HttpRequest) -> None:
    """Say that too many were chosen."""
    messages.error(request, _("At most %(most)s at once.") % {"most": AT_ONCE})


def tell(request: HttpRequest, number: int) -> None:
    """Say to how many it was done."""
    if number:
        messages.success(request, ngettext("Done to %(n)s.", "Done to %(n)s.", number) % {"n": number})
    else:
        messages.info(request, _("There was nothing to do."))
