"""How a generation stands, read in one statement: programs ask for it many times a second."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self, TypeVar
from uuid import UUID

from django.db import connection, models

from accounts.keys import Beside
from accounts.models import User
from generations.models import Attempt, Generation, Image, Model, Prompt

ROW = TypeVar("ROW", bound=models.Model)
LOOK = """(
SELECT json_build_object(
    'generation', to_json(g),
    'prompt', json_build_object('id', p.id, 'text', p.text, 'negative', p.negative),
    'model', json_build_object('id', m.id, 'slug', m.slug),
    'images', (
        SELECT coalesce(json_agg(to_json(i) ORDER BY i.position) FILTER (WHERE i.trashed_at IS NULL), '[]')
        FROM generations_image i WHERE i.generation_id = g.id
    ),
    'delivered', (SELECT count(*) FROM generations_image i WHERE i.generation_id = g.id AND NOT i.late),
    'attempt', (
        SELECT json_build_object(
            'provider', a.provider, 'provider_model', a.provider_model, 'parameters', a.parameters,
            'model', (
                SELECT json_build_object('id', s.id, 'slug', s.slug)
                FROM generations_route r JOIN generations_model s ON s.id = r.model_id WHERE r.id = a.route_id
            )
        )
        FROM generations_attempt a WHERE a.generation_id = g.id ORDER BY a.number DESC LIMIT 1
    ),
    'told', (
        SELECT d.state FROM generations_delivery d
        WHERE d.generation_id = g.id AND d.event = g.status::text
            AND d.endpoint_id IS NULL AND d.subscription_id IS NULL
    )
)
FROM generations_generation g
JOIN generations_prompt p ON p.id = g.prompt_id
JOIN generations_model m ON m.id = g.model_id
WHERE g.id = %s AND g.user_id = {user}
)"""
OF_THE_KEYS_PERSON = LOOK.format(user="u.id")
OF_A_PERSON = f"SELECT {LOOK.format(user='%s')}"


@dataclass(frozen=True, slots=True)
class Look:
    """A generation with its prompt, the model that makes it, its images in order, and its latest attempt.

    ``delivered`` counts the images that were paid for: also those that its person has put into the trash or deleted,
    which ``images`` leaves out, and none that came late.
    ``told`` is the state of the message to its receiver that it has ended, where there is one.
    """

    generation: Generation
    model: Model
    images: Sequence[Image] = ()
    delivered: int = 0
    attempt: Attempt | None = None
    told: str | None = None

    @classmethod
    def at(cls, generation: Generation) -> Self:
        """What ``Generation.objects.of`` has fetched already; nothing is asked of one that no worker has claimed."""
        told: str | None = vars(generation).get("told")  # for those who asked for it
        if not generation.claims:
            return cls(generation, generation.model, told=told)
        every = sorted(generation.images.all(), key=lambda image: image.position)
        images, delivered = [image for image in every if image.is_kept], sum(not image.late for image in every)
        attempts = list(generation.attempts.all())
        attempt = attempts[-1] if attempts else None
        return cls(generation, generation.maker(attempt), images, delivered, attempt, told)

    @property
    def asked_model(self) -> str | None:
        """What was asked for, where a successor makes it."""
        asked = self.generation.asked_model
        return asked or (self.generation.model.slug if self.model != self.generation.model else None)


def beside(pk: UUID) -> Beside:
    """To be read with an API key: how this generation stands, if it is the key's person's."""
    return Beside(OF_THE_KEYS_PERSON, (pk,))


def look(user: User, pk: UUID) -> Look | None:
    """How a person's own generation stands; None when they have no such one."""
    with connection.cursor() as cursor:
        cursor.execute(OF_A_PERSON, [pk, user.pk])
        [value] = cursor.fetchone()
    return found(value)


def found(value: Mapping[str, Any] | None) -> Look | None:
    """What the statement found; None when there is no such generation."""
    if value is None:
        return None
    generation = _instance(Generation, value["generation"])
    generation.prompt = _instance(Prompt, value["prompt"])
    generation.model = _instance(Model, value["model"])
    images, delivered = [_instance(Image, row) for row in value["images"]], value["delivered"]
    attempt, told = value["attempt"], value["told"]
    if attempt is None:
        return Look(generation, generation.model, images, delivered, told=told)
    model = _instance(Model, attempt["model"]) if attempt["model"] else generation.model
    return Look(generation, model, images, delivered, _instance(Attempt, attempt), told)


def _instance(model: type[ROW], row: Mapping[str, Any]) -> ROW:
    """A row as PostgreSQL writes it in JSON; what is not in it is fetched when somebody asks for it."""
    fields = [field for field in model._meta.concrete_fields if field.column in row]  # noqa: SLF001
    values = [field.to_python(row[str(field.column)]) for field in fields]
    return model.from_db(connection.alias, [field.attname for field in fields], values)
