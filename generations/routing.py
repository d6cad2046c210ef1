"""Which route serves a generation next, and what that route makes of what was asked."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Protocol

from django.db.models import QuerySet

from generations.models import Attempt, Generation, Model, ProviderAccount, Route
from generations.providers import registry
from generations.types import ImageRequest, Parameter


class Wish(Protocol):
    """What routing needs to know of an order or a generation."""

    @property
    def aspect_ratio(self) -> str: ...
    @property
    def resolution(self) -> str: ...
    @property
    def count(self) -> int: ...
    @property
    def seed(self) -> int | None: ...
    @property
    def output_format(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Preview:
    """The route that would be taken, and the report a user sees before submitting."""

    route: Route | None
    parameters: list[Parameter]

    @property
    def provider(self) -> str:
        """The provider's name, or nothing when no route is open."""
        return self.route.provider if self.route else ""


def offered() -> QuerySet[Model]:
    """The models that can be chosen: those that some configured provider serves."""
    return Model.objects.offered().filter(routes__provider__in=registry.enabled()).distinct()


def open_routes(model: Model) -> list[Route]:
    """The routes whose provider is configured and still has the model, by priority.

    A stand-in is open only while no other provider of the model is configured: it never hides an outage.
    """
    configured = registry.enabled()
    usable = [route for route in model.routes.all() if route.enabled and route.provider in configured]
    real = [route for route in usable if not route.stand_in] or usable
    return [route for route in real if route.gone_since is None]


def candidates(model: Model, wish: Wish, negative_prompt: str, tried: Collection[int] = ()) -> list[Route]:
    """The open routes not tried yet: those that honour most of the wish first, then by priority, then by cost."""
    untried = [route for route in open_routes(model) if route.pk not in tried]
    return sorted(untried, key=lambda route: (changes(report(route, wish, negative_prompt)), *_rank(route)))


def next_routes(generation: Generation, tried: Collection[int]) -> list[Route]:
    """Where a generation may be made next, best first.

    A test of a route goes there or nowhere, whether it is switched off, gone or failing.
    """
    route = generation.only_route
    if route is None:
        model = generation.model
        if generation.allow_successor:
            model = serving(model, generation.aspect_ratio)
        return candidates(model, generation, generation.prompt.negative, tried)
    return [route] if route.provider in registry.enabled() and route.pk not in tried else []


def serves(model: Model) -> bool:
    """Whether the model can be asked for: it is not retired, and a route to it is open."""
    return model.status != Model.Status.RETIRED and bool(open_routes(model))


def serving(model: Model, aspect_ratio: str) -> Model:
    """The model itself while it can be asked for, else the first of its successors that can stand in for it."""
    seen = {model.pk}
    heir: Model | None = model
    while heir and not serves(heir):
        heir = heir.successor
        if heir is None or heir.pk in seen or aspect_ratio not in heir.ratios:
            return model
        seen.add(heir.pk)
    return heir or model


def preview(model: Model, wish: Wish, negative_prompt: str = "") -> Preview:
    """What would happen to this wish now, as far as is known of the vendors."""
    found = candidates(model, wish, negative_prompt)
    if len(found) > 1:
        shut = set(ProviderAccount.objects.shut().values_list("name", flat=True))
        found = [route for route in found if route.provider not in shut] or found
    return Preview(found[0], report(found[0], wish, negative_prompt)) if found else Preview(None, [])


def report(route: Route, wish: Wish, negative_prompt: str) -> list[Parameter]:
    """Each thing that was asked for: sent, adjusted or ignored on this route, and why."""
    parameters = [
        Parameter("aspect_ratio", wish.aspect_ratio, "sent", wish.aspect_ratio),
        _fitted("resolution", wish.resolution, route.resolutions),
        _fitted("output_format", wish.output_format, route.formats),
        Parameter("count", wish.count, "sent", wish.count),
    ]
    if wish.seed is not None:
        parameters.append(_taken_or_not("seed", wish.seed, honoured=route.honours_seed))
    if negative_prompt:
        parameters.append(_taken_or_not("negative_prompt", negative_prompt, honoured=route.honours_negative_prompt))
    return parameters


def changes(parameters: Iterable[Parameter]) -> int:
    """How many wishes a report does not grant."""
    return sum(parameter.verdict != "sent" for parameter in parameters)


def request_for(attempt: Attempt) -> ImageRequest:
    """What the attempt's provider is asked for: the wishes as its report grants them."""
    prompt = attempt.generation.prompt
    sent = {
        parameter["name"]: parameter["sent"] for parameter in attempt.parameters if parameter["verdict"] != "ignored"
    }
    return ImageRequest(
        provider_model=attempt.provider_model,
        prompt=prompt.text,
        negative_prompt=sent.get("negative_prompt", ""),
        aspect_ratio=sent["aspect_ratio"],
        resolution=sent["resolution"],
        count=sent["count"],
        seed=attempt.seed,
        output_format=sent["output_format"],
    )


def _rank(route: Route) -> tuple[int, float, int]:
    return route.priority, float(route.cost_usd), route.pk


def _fitted(name: str, asked: str, possible: list[str]) -> Parameter:
    if asked in possible:
        return Parameter(name, asked, "sent", asked)
    return Parameter(name, asked, "adjusted", possible[0], f"this route makes {possible[0]}")


def _taken_or_not(name: str, asked: str | int, *, honoured: bool) -> Parameter:
    if honoured:
        return Parameter(name, asked, "sent", asked)
    return Parameter(name, asked, "ignored", None, "not supported by this route")
