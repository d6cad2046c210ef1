"""What a person wrote before, to be found and used again; and presets, which have a name and more than a text."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.search import SearchQuery
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.db.models.functions import Lower

from accounts.models import User
from generations import keyset
from generations.keyset import Key, Page
from generations.models import Generation, Preset, Prompt

MOST_PRESETS = 200
PARAMETERS = ("aspect_ratio", "resolution", "count", "seed", "output_format")
ORDERED = frozenset({"prompt", "negative_prompt", "model", *PARAMETERS})
LAST_USED = (Key("last_used", keyset.moment), Key("id", int))


class TooMany(Exception):
    """A person has as many presets as anybody may."""


class NameTaken(Exception):
    """The person has another preset of this name."""


def history(user: User, *, search: str = "", starred: bool | None = None, cursor: str = "", limit: int) -> Page[Prompt]:
    """A person's prompts, the last used first, each text once; those with these words, or with a star or without.

    Raises ``BadCursor``.
    """
    found = Prompt.objects.filter(user=user, hidden=False).defer("words")
    if search:
        found = found.filter(words=SearchQuery(search, config="simple", search_type="websearch"))
    if starred is not None:
        found = found.filter(starred=starred)
    return keyset.page(found, LAST_USED, cursor=cursor, limit=limit)


def last_order(prompt: Prompt) -> Generation | None:
    """How it was used last."""
    return prompt.generations.select_related("model").order_by("-pk").first()


def parameters_of(generation: Generation | None) -> dict[str, Any]:
    """The model and the parameters that it was ordered with; nothing of none."""
    if generation is None:
        return {}
    return {"model": generation.model.slug, **{name: getattr(generation, name) for name in PARAMETERS}}


def star(prompt: Prompt, *, starred: bool) -> None:
    """Mark it as a favourite, or no more."""
    Prompt.objects.filter(pk=prompt.pk).update(starred=starred)
    prompt.starred = starred


def hide(prompt: Prompt) -> bool:
    """Take it out of the history, until it is used again; what was made from it keeps it. False when it was out."""
    return bool(Prompt.objects.filter(pk=prompt.pk, hidden=False).update(hidden=True, starred=False))


def presets(user: User) -> QuerySet[Preset]:
    """A person's presets, by name."""
    return user.presets.order_by(Lower("name"))


def order_of_preset(preset: Preset) -> dict[str, Any]:
    """What it names of an order."""
    texts = {"prompt": preset.prompt, "negative_prompt": preset.negative_prompt}
    return {**preset.parameters, **{name: text for name, text in texts.items() if text}}


def keep_preset(user: User, values: dict[str, Any]) -> Preset:
    """A new preset; raises ``TooMany`` or ``NameTaken``."""
    if user.presets.count() >= MOST_PRESETS:
        raise TooMany
    try:
        with transaction.atomic():
            return Preset.objects.create(user=user, **values)
    except IntegrityError as error:
        raise NameTaken from error


def change_preset(preset: Preset, values: dict[str, Any], version: int | None) -> bool:
    """Change what is named, as of this version if one is; False when it has another by now. Raises ``NameTaken``."""
    try:
        with transaction.atomic():
            return preset.change(version, **values)
    except IntegrityError as error:
        raise NameTaken from error
