"""One of everything in each state, made up and never saved, for the templates that the studio's pages use."""

from __future__ import annotations

import datetime as dt
from functools import cached_property
from typing import Any

from django import forms
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Entry, User
from accounts.visiting import Visit
from generations.models import Announcement, Attempt, Generation, Image, Model, Prompt
from generations.types import Parameter
from generations.views import filters, words
from generations.views.cards import Card, Tile
from generations.views.composer import Choice as ModelChoice
from generations.views.composer import Composer, blank
from generations.views.filters import Choice, Filters
from generations.views.spending import Bar, Row

PROMPT = "Pressed ferns and grasses against a low sun, gouache on cotton paper, wide margins"
LONG = "A paper boat with one lantern on still black water, " * 12
SECONDS = 9  # that what is running has taken
MONTHS = (96, 140, 122, 210, 318, 176, 204, 262, 238, 341, 287, 112)
TALLEST = 120
SPENDABLE = 412
Status = Generation.Status


class SpecimenForm(forms.Form):
    """A field of each kind."""

    name = forms.CharField(label=_("Name"), required=False)
    address = forms.EmailField(label=_("Email"), error_messages={"invalid": _("Add the part after the @.")})
    password = forms.CharField(label=_("Password"), required=False, widget=forms.PasswordInput)
    shape = forms.ChoiceField(label=_("Shape"), choices=[("1:1", "1:1"), ("3:4", "3:4")], required=False)
    closed = forms.CharField(label=_("Disabled"), required=False, disabled=True, initial="atl_7Qd2vLk")

    def clean(self) -> dict[str, Any]:
        """Wrong as a whole, too."""
        raise forms.ValidationError(_("That address and password do not belong together."))


class Specimens:
    """What the page shows."""

    def __init__(self, user: User) -> None:
        self.user = user

    @cached_property
    def form(self) -> SpecimenForm:
        """With one mistake in a field and one in all of it."""
        form = SpecimenForm({"address": "mara@", "name": "Mara Okafor"})
        form.full_clean()
        return form

    @cached_property
    def composer(self) -> Composer:
        """With an order in it."""
        composer = Composer(blank({"prompt": PROMPT, "aspect_ratio": "3:4", "seed": "481204"}), self.user)
        composer.spendable = max(SPENDABLE, composer.total)
        retires = timezone.localdate() + dt.timedelta(days=30)
        retiring = Model(name="Imagen 4 Preview", slug="retiring", price_1k=7, price_2k=7, retires=retires)
        closed = Model(name="Imagen 3", slug="closed", price_1k=4, price_2k=4)
        composer.choices += [
            ModelChoice(retiring, seconds=15, open=True, stand_in=False),
            ModelChoice(closed, seconds=15, open=False, stand_in=False),
        ]
        return composer

    @cached_property
    def dear(self) -> Composer:
        """With an order that costs more than there is."""
        composer = Composer(blank({"prompt": PROMPT}), self.user)
        composer.spendable = min(12, composer.total - 1)
        return composer

    @property
    def announcement(self) -> Announcement:
        """What an operator says."""
        return Announcement(text=str(_("Moving to new disks at 18:00. Pictures wait until it is done.")))

    @property
    def visit(self) -> Visit:
        """To oneself."""
        return Visit(self.user, self.user, timezone.now())

    @property
    def notes(self) -> list[words.Note]:
        """A line of each kind."""
        parameters = [
            Parameter("seed", 481204, "ignored"),
            Parameter("resolution", "2K", "adjusted", "1K"),
        ]
        return [*words.notes(parameters), words.Note("error", "Imagen 3", "no provider is configured for it.")]

    @property
    def wishes(self) -> list[dict[str, str]]:
        """A report of what was asked and what was sent."""
        return [
            {"label": words.label("aspect_ratio"), "asked": "4:3", "verdict": "sent", "sent": "4:3"},
            {"label": words.label("resolution"), "asked": "2K", "verdict": "adjusted", "sent": "1K"},
            {"label": words.label("negative_prompt"), "asked": "“text, people”", "verdict": "ignored", "sent": ""},
        ]

    @cached_property
    def pictures(self) -> list[Image]:
        """The viewer's own newest, as far as there are any: everything else here is made up."""
        found = list(Image.objects.kept().filter(user=self.user).with_origin().order_by("-pk")[:3])
        for place, image in enumerate(found):
            image.position = place
        return found

    @property
    def tiles(self) -> list[tuple[str, Card, Tile]]:
        """A place in each state."""
        found = [
            ("queued", self._card(Status.QUEUED, place=3)),
            ("running", self._card(Status.RUNNING)),
            ("failed", self._card(Status.FAILED)),
            ("cancelled", self._card(Status.CANCELLED)),
        ]
        tiles = [(state, card, Tile(0, state)) for state, card in found]
        for image in self.pictures[:1]:
            tiles.insert(2, ("done", found[0][1], Tile(0, "done", image)))
            tiles.append(("gone", found[0][1], Tile(0, "gone", image)))
        return tiles

    @property
    def cards(self) -> list[Card]:
        """Generations waiting, in work, ended with a part of it, and with nothing."""
        made = self.pictures[:1]
        return [
            self._card(Status.QUEUED, count=2, place=3, ratio="1:1", prompt=LONG),
            self._card(Status.RUNNING, count=4, images=made, seed=481204),
            self._card(Status.COMPLETED, count=2, images=made),
            self._card(Status.FAILED, count=4, error_code="unavailable"),
        ]

    @property
    def rows(self) -> list[Row]:
        """Entries that came and went."""
        granted = Entry(kind=Entry.Kind.GRANT, amount=300, reason="Monthly studio allowance", created=timezone.now())
        fixed = Entry(kind=Entry.Kind.ADJUSTMENT, amount=-28, reason="Counted twice", created=timezone.now())
        return [Row(granted, 300, 1412, []), Row(fixed, -28, 1112, [])]

    @property
    def bars(self) -> list[Bar]:
        """A year of spending."""
        months = [dt.date(2026, month, 1) for month in range(1, 13)]
        return [
            Bar(month, spent, round(TALLEST * spent / max(MONTHS)), month is months[-1])
            for month, spent in zip(months, MONTHS, strict=True)
        ]

    @property
    def choices(self) -> list[Choice]:
        """What a menu offers."""
        here = reverse("styleguide")
        return [Choice("Newest first", here, current=True), Choice("Oldest first", f"{here}?sort=oldest")]

    @property
    def filters(self) -> Filters:
        """What the gallery is asked for: words, and a shape."""
        return Filters(self.user, filters.read(QueryDict("aspect_ratio=3:4&starred=true")))

    @cached_property
    def _model(self) -> Model:
        offered = self.composer.chosen
        return offered.model if offered else Model(name="Imagen 4", slug="imagen-4", typical_seconds=15)

    def _card(
        self,
        status: Generation.Status,
        *,
        count: int = 1,
        place: int = 0,
        ratio: str = "3:4",
        prompt: str = PROMPT,
        images: list[Image] | None = None,
        **fields: Any,
    ) -> Card:
        now = timezone.now()
        created = now - dt.timedelta(seconds=SECONDS)
        generation = Generation(
            user=self.user,
            model=self._model,
            prompt=Prompt(user=self.user, text=prompt),
            aspect_ratio=ratio,
            resolution="1K",
            count=count,
            price=7,
            status=status,
            created=created,
            deadline=now,
            **{"error_code": "content_policy"} | fields,
        )
        attempt = Attempt(generation=generation, number=1, provider="fal", parameters=[])
        vars(generation)["_prefetched_objects_cache"] = {"images": images or [], "attempts": [attempt]}
        return Card(generation, place=place)
