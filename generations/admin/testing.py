"""An operator's test of a route: an ordinary generation of their own, made there or not at all."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from rest_framework.exceptions import Throttled

from accounts.ledger import NotEnoughCredits
from accounts.limits import count_submit
from accounts.models import User
from generations import submission
from generations.admin import words
from generations.models import Generation, Route
from generations.providers import registry
from generations.submission import Entrance, InvalidOrder, Order

PROMPT = "A red apple on a white table, soft light from a window, photograph"


class NotTested(Exception):
    """Why no test was made, in a sentence for people."""


@dataclass(frozen=True, slots=True)
class Test:
    """What a route's test asks for and costs."""

    route: Route
    order: Order
    price: int

    @classmethod
    def of(cls, route: Route) -> Test:
        """One picture, as small as the route's model makes them."""
        model = route.model
        resolution = _first("1K", _common(model.resolutions, route.resolutions))
        order = Order(
            model=model.slug,
            prompt=PROMPT,
            aspect_ratio=_first("1:1", model.ratios),
            resolution=resolution,
            output_format=_first("png", _common(model.formats, route.formats)),
            allow_successor=False,
            only_route=route.pk,
        )
        return cls(route, order, model.price(resolution))

    def submit(self, user: User, token: uuid.UUID) -> submission.Submitted:
        """Pay for it and have it made; the same token makes one test only. Raises ``NotTested``."""
        if self.route.provider not in registry.enabled():
            raise NotTested(_("%(name)s is not configured: it has no key.") % {"name": self.route.provider})
        entrance = Entrance(Generation.Source.TEST, idempotency_key=f"test:{self.route.pk}:{token}")
        try:
            count_submit(user)
            return submission.submit(user, self.order, entrance)
        except NotEnoughCredits as error:
            needed = {"price": words.credits_of(error.needed), "have": error.available}
            raise NotTested(_("A test costs %(price)s of your own; you have %(have)s.") % needed) from error
        except InvalidOrder as error:
            raise NotTested(str(error)) from error
        except Throttled as error:
            raise NotTested(_("Too many orders within a minute. Try again in a moment.")) from error


def button(route: Route) -> str:
    """Sends the page's form ``route-test``, which stands apart: Enter in another field must not buy a picture."""
    if route.provider not in registry.enabled():
        return "–"
    return format_html(
        '<button class="button quiet-button" form="route-test" formaction="{}" title="{}">{}</button>',
        reverse("admin:generations_route_test", args=[route.pk]),
        _("Costs %(price)s of your own") % {"price": words.credits_of(Test.of(route).price)},
        _("Test"),
    )


def _common(of_the_model: Sequence[str], of_the_route: Sequence[str]) -> Sequence[str]:
    return [each for each in of_the_model if each in of_the_route] or of_the_model


def _first(wanted: str, possible: Sequence[str]) -> str:
    return wanted if wanted in possible else possible[0]
