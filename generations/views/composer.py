"""The composer: what can be chosen, what is chosen, what it costs, and what the route would make of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import uuid4

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from generations import pricing, prompts, quotas, routing, timing
from generations.forms import OrderForm
from generations.models import Model, Preset
from generations.submission import Order
from generations.types import MAX_IMAGES, PIXEL_SIZES, OutputFormat
from generations.views import words

DEFAULT_MODEL = "imagen-4"
DEFAULTS = {"aspect_ratio": "1:1", "resolution": "1K", "count": MAX_IMAGES, "output_format": "png"}
RATIOS = ("1:1", "4:3", "3:4", "16:9", "9:16")
FORMATS: dict[OutputFormat, str] = {"png": "PNG", "jpeg": "JPEG", "webp": "WebP"}


@dataclass(frozen=True, slots=True)
class Choice:
    """A model's card."""

    model: Model
    seconds: int
    open: bool
    stand_in: bool

    @property
    def ended(self) -> bool:
        """Whether its maker has stopped serving it; others may still."""
        return self.model.retires is not None and self.model.retires <= timezone.localdate()


@dataclass(frozen=True, slots=True)
class Option:
    """A value of a parameter, and whether the chosen model has it."""

    value: str
    label: str
    possible: bool = True
    sizes: tuple[str, str] = ("", "")


def choices() -> list[Choice]:
    """Every model on offer, with its typical time and whether anything serves it now."""
    return [_choice(model) for model in routing.offered().prefetch_related("routes")]


def _choice(model: Model) -> Choice:
    routes = routing.open_routes(model)
    stand_in = bool(routes) and all(route.stand_in for route in routes)
    return Choice(model, timing.typical_seconds(model), bool(routes), stand_in)


class Composer:
    """A form and everything around it. Values that make no sense fall back to the defaults."""

    defaults: Mapping[str, Any] = DEFAULTS

    def __init__(self, form: OrderForm, user: User) -> None:
        self.form = form
        self.user = user
        self.spendable = user.wallet.spendable
        self.choices = choices()

    @cached_property
    def chosen(self) -> Choice | None:
        """The chosen model, the usual one, or the first; None only while there is none at all."""
        by_name = {choice.model.slug: choice for choice in self.choices}
        wanted = str(self._value("model"))
        return by_name.get(wanted) or by_name.get(DEFAULT_MODEL) or next(iter(self.choices), None)

    @property
    def presets(self) -> QuerySet[Preset]:
        """What the person keeps under names."""
        return prompts.presets(self.user)

    @cached_property
    def order(self) -> Order:
        """What stands in the form now, whether or not it could be taken."""
        count = _whole(self._value("count"))
        return Order(
            model=self.chosen.model.slug if self.chosen else "",
            prompt=str(self._value("prompt")),
            negative_prompt=str(self._value("negative_prompt")),
            aspect_ratio=str(self._value("aspect_ratio")),
            resolution=str(self._value("resolution")),
            count=count if count and 1 <= count <= MAX_IMAGES else self.defaults["count"],
            seed=_whole(self._value("seed")),
            output_format=str(self._value("output_format")),
        )

    @property
    def seed(self) -> str:
        """The seed as it was typed."""
        return str(self._value("seed"))

    @property
    def locked(self) -> bool:
        """Whether the seed stays for the next submit."""
        return bool(self._value("lock"))

    @property
    def token(self) -> str:
        """Marks one submit: sent twice, it is taken once."""
        return str(self._value("token")) or new_token()

    @property
    def price(self) -> int:
        """Credits per image."""
        return self.chosen.model.price(self.order.resolution) if self.chosen else 0

    @property
    def total(self) -> int:
        """Credits for all of them."""
        return pricing.total(self.price, self.order.count)

    @property
    def affordable(self) -> bool:
        """Whether the wallet has that much."""
        return self.total <= self.spendable

    @property
    def size(self) -> str:
        """Pixels of the chosen shape."""
        sizes = PIXEL_SIZES.get(self.order.aspect_ratio, PIXEL_SIZES["1:1"])
        return _pixels(sizes.get(self.order.resolution, sizes["1K"]))

    @property
    def shapes(self) -> list[Option]:
        """The ratios; one that the model lacks says which has it."""
        return [
            Option(ratio, self._shape_label(ratio), self._has("ratios", ratio), _both_sizes(ratio)) for ratio in RATIOS
        ]

    @property
    def counts(self) -> list[Option]:
        """1 to 4."""
        most = self.chosen.model.max_images if self.chosen else MAX_IMAGES
        return [Option(str(count), str(count), count <= most) for count in range(1, MAX_IMAGES + 1)]

    @property
    def resolutions(self) -> list[Option]:
        """1K and 2K."""
        return [Option(name, name, self._has("resolutions", name)) for name in ("1K", "2K")]

    @property
    def formats(self) -> list[Option]:
        """File formats."""
        return [Option(name, label, self._has("formats", name)) for name, label in FORMATS.items()]

    @property
    def notes(self) -> list[words.Note]:
        """What the route that would be taken makes of the wishes."""
        if self.chosen is None:
            return [words.Note("error", _("Model"), _("none is offered yet."))]
        model = self.chosen.model
        granted = words.preview_notes(model, routing.preview(model, self.order, self.order.negative_prompt))
        return [*self._full, *granted]

    @cached_property
    def _full(self) -> list[words.Note]:
        """That there is no room for as many pictures, and where some is made."""
        refusal = quotas.of(self.user).refusal(self.order.count)
        return [words.Note("error", "", refusal, reverse("trash"), _("Open the trash"))] if refusal else []

    def _has(self, capability: str, value: str) -> bool:
        return self.chosen is not None and value in getattr(self.chosen.model, capability)

    def _shape_label(self, ratio: str) -> str:
        if self._has("ratios", ratio):
            return ratio
        able = next((choice.model.name for choice in self.choices if ratio in choice.model.ratios), "")
        return _("%(ratio)s, with %(model)s") % {"ratio": ratio, "model": able} if able else ratio

    def _value(self, name: str) -> Any:
        value = self.form[name].value()
        return self.defaults.get(name, "") if value in {None, ""} else value


def new_token() -> str:
    """Marks one submit."""
    return str(uuid4())


def blank(initial: Mapping[str, Any]) -> OrderForm:
    """An unsent form."""
    return OrderForm(initial=dict(initial))


def _whole(value: object) -> int | None:
    try:
        return int(str(value))
    except ValueError:
        return None


def _pixels(size: tuple[int, int]) -> str:
    return f"{size[0]} × {size[1]}"


def _both_sizes(ratio: str) -> tuple[str, str]:
    return _pixels(PIXEL_SIZES[ratio]["1K"]), _pixels(PIXEL_SIZES[ratio]["2K"])
