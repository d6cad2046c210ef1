"""What the gallery's address asks for, and the links that ask for more or less."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.core.exceptions import BadRequest
from django.db.models.functions import Lower
from django.http import QueryDict
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from accounts.models import User
from generations.arranging import MOST_NAMED
from generations.models import Album, Image, Model, SavedSearch
from generations.providers import registry
from generations.searching import Search, Sort
from generations.serializers.searches import SortedSearchSerializer
from generations.types import PIXEL_SIZES

LONGEST_SEARCH = 200
MOST_ALBUMS, MOST_FRAMES = 100, 100
PROVIDERS = {
    "aimlapi": "AI/ML API",
    "apiframe": "Apiframe",
    "fal": "fal",
    "google": "Google",
    "openai": "OpenAI",
    "sketch": "Sketch",
}
DAYS = {7: gettext_lazy("Last 7 days"), 30: gettext_lazy("Last 30 days"), 365: gettext_lazy("Last 12 months")}


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks for: as it is written there, and what is meant."""

    query: Mapping[str, str]
    search: Search
    sort: Sort

    @property
    def is_filtered(self) -> bool:
        """Whether it leaves anything out."""
        return bool(set(self.query) - {"sort"})

    def address(self, **changes: str) -> str:
        """Where the same is asked with these changes; what is empty is not asked for."""
        return address("gallery", {**self.query, **changes})


def address(name: str, query: Mapping[str, str], *args: object) -> str:
    """Where a page of this name is asked for this; what is empty is not asked for."""
    asked = urlencode({name: value for name, value in query.items() if value})
    return f"{reverse(name, args=args)}?{asked}" if asked else reverse(name, args=args)


def read(given: QueryDict) -> Asked:
    """What is asked for; whatever is no name of ours is passed over. Raises ``BadRequest`` for values that are none."""
    names = (str(name) for name in SortedSearchSerializer().fields)
    texts = {name: str(given.get(name, "")).replace("\0", "").strip() for name in names if name != "status"}
    query = {name: text for name, text in texts.items() if text}
    if "q" in query:
        query["q"] = query["q"][:LONGEST_SEARCH]
    elif query.get("sort") == Sort.RELEVANCE:
        del query["sort"]
    asked = SortedSearchSerializer(data=query)
    if not asked.is_valid():
        raise BadRequest(", ".join(asked.errors))
    values = asked.validated_data
    return Asked(query, asked.search(values), Sort(values["sort"]))


def address_of(saved: SavedSearch) -> str:
    """Where a search is made again."""
    query = {
        name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in saved.filter.items()
    }
    query |= {} if saved.sort == Sort.NEWEST else {"sort": saved.sort}
    return address("gallery", query)


def uuids(texts: Sequence[str], *, most: int) -> list[UUID]:
    """Ids of so many pictures at most; raises ``BadRequest`` for texts that are none."""
    if len(texts) > most:
        raise BadRequest("ids")
    try:
        return [UUID(text) for text in texts]
    except ValueError as error:
        raise BadRequest("ids") from error


def ids(query: QueryDict) -> list[UUID]:
    """The pictures that a wall names in ``ids``; raises ``BadRequest``."""
    return uuids(query.get("ids", "").split(","), most=MOST_FRAMES)


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that can be asked for."""

    label: str
    url: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class Menu:
    """What can be asked for of one kind."""

    name: str
    label: str
    choices: list[Choice]


@dataclass(frozen=True, slots=True)
class Active:
    """Something that is asked for, and where it is not."""

    kind: str
    label: str
    without: str


class Filters:
    """The row of filters above somebody's pictures."""

    def __init__(self, user: User, asked: Asked) -> None:
        self._user = user
        self._asked = asked

    @property
    def asked(self) -> Asked:
        """What is asked for now."""
        return self._asked

    @property
    def hidden(self) -> Iterable[tuple[str, str]]:
        """What a search for other words asks for besides."""
        return [(name, value) for name, value in self._asked.query.items() if name != "q"]

    @property
    def beside_dates(self) -> Iterable[tuple[str, str]]:
        """What a form for other dates asks for besides."""
        return [(name, value) for name, value in self._asked.query.items() if name not in {"from", "to"}]

    @property
    def dates(self) -> dict[str, str]:
        """The days that are asked for."""
        return {"since": self._asked.query.get("from", "")[:10], "until": self._asked.query.get("to", "")[:10]}

    @cached_property
    def menus(self) -> list[Menu]:
        """Model, shape, provider and album, as far as there is a choice."""
        menus = [
            self._menu("model", _("Model"), self._models),
            self._menu("aspect_ratio", _("Shape"), {ratio: ratio for ratio in PIXEL_SIZES}),
            self._menu("provider", _("Provider"), self._providers),
            self._menu("album", _("Album"), self._albums),
        ]
        return [menu for menu in menus if menu.choices]

    @cached_property
    def spans(self) -> list[Choice]:
        """Spans of days until now."""
        today = timezone.localdate()
        spans = {_("Today"): today} | {str(label): today - dt.timedelta(days=days - 1) for days, label in DAYS.items()}
        return [
            Choice(label, self._asked.address(**{"from": day.isoformat(), "to": ""})) for label, day in spans.items()
        ]

    @property
    def starred(self) -> str:
        """Where only those with a star are asked for."""
        return self._asked.address(starred="true")

    @property
    def published(self) -> str:
        """Where only published ones are asked for."""
        return self._asked.address(visibility=Image.Visibility.PUBLISHED)

    @cached_property
    def sorts(self) -> list[Choice]:
        """The orders there are; by relevance only to words."""
        labels = {Sort.NEWEST: _("Newest first"), Sort.OLDEST: _("Oldest first"), Sort.RELEVANCE: _("Best match first")}
        if not self._asked.search.text:
            del labels[Sort.RELEVANCE]
        return [
            Choice(label, self._asked.address(sort="" if sort == Sort.NEWEST else sort), sort == self._asked.sort)
            for sort, label in labels.items()
        ]

    @property
    def sort(self) -> str:
        """The order that is asked for."""
        return next(choice.label for choice in self.sorts if choice.current)

    @cached_property
    def active(self) -> list[Active]:
        """What is asked for besides words and order, in the order of the row."""
        shown = {name: self._shown(name, value) for name, value in self._asked.query.items()}
        kinds = {
            "model": _("Model"),
            "aspect_ratio": _("Shape"),
            "provider": _("Provider"),
            "album": _("Album"),
            "starred": _("Star"),
            "visibility": _("Visibility"),
            "seed": _("Seed"),
        }
        found = [Active(kinds[name], shown[name], self._asked.address(**{name: ""})) for name in kinds if name in shown]
        if span := self._span():
            found.insert(0, Active(_("Date"), span, self._asked.address(**{"from": "", "to": ""})))
        return found

    @property
    def most(self) -> int:
        """How many pictures can be selected one by one."""
        return MOST_NAMED

    @property
    def clear(self) -> str:
        """Where everything is asked for."""
        return reverse("gallery")

    @property
    def albums(self) -> Iterable[tuple[str, str]]:
        """The person's albums, by id."""
        return self._albums.items()

    @property
    def query(self) -> Iterable[tuple[str, str]]:
        """What a form that is about the same pictures asks for."""
        return self._asked.query.items()

    @cached_property
    def saved(self) -> list[tuple[SavedSearch, str]]:
        """The searches that the person keeps, and where each is made again."""
        own = SavedSearch.objects.filter(user=self._user).order_by(Lower("name"))
        return [(saved, address_of(saved)) for saved in own]

    @property
    def select(self) -> str:
        """Where pictures can be selected without JavaScript."""
        return self._asked.address(select="1")

    @cached_property
    def _models(self) -> dict[str, str]:
        return dict(Model.objects.order_by("position", "slug").values_list("slug", "name"))

    @property
    def _providers(self) -> dict[str, str]:
        return {name: PROVIDERS[name] for name in PROVIDERS if name in registry.enabled()}

    @cached_property
    def _albums(self) -> dict[str, str]:
        own = Album.objects.filter(user=self._user).order_by("-pk")[:MOST_ALBUMS]
        return {str(pk): name for pk, name in own.values_list("pk", "name")}

    def _menu(self, name: str, label: str, options: Mapping[str, str]) -> Menu:
        now = self._asked.query.get(name)
        return Menu(
            name,
            label,
            [Choice(shown, self._asked.address(**{name: value}), value == now) for value, shown in options.items()],
        )

    def _shown(self, name: str, value: str) -> str:
        given = self._asked.search
        labels: dict[str, Any] = {
            "model": self._models.get(value, value),
            "provider": PROVIDERS.get(value, value),
            "album": self._albums.get(value, _("An album")),
            "starred": _("Starred") if given.starred else _("Without a star"),
            "visibility": _("Published") if given.published else _("Private"),
            "seed": _("Seed %(seed)s") % {"seed": value},
        }
        return str(labels.get(name, value))

    def _span(self) -> str:
        since, until = (_day(self._asked.query.get(name, "")) for name in ("from", "to"))
        if since and until:
            return since if since == until else _("%(since)s to %(until)s") % {"since": since, "until": until}
        if since:
            return _("Since %(day)s") % {"day": since}
        return _("Until %(day)s") % {"day": until} if until else ""


def _day(text: str) -> str:
    day = parse_date(text[:10]) if text else None
    return formats.date_format(day, pgettext("date format", "j M Y")) if day else text
