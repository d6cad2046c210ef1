"""Who wants to be told what of a generation, and the messages that are therefore due; ``telling`` sends them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from celery import current_app
from django.db import transaction
from django.db.models import CharField, Value
from django.db.models.functions import Cast
from django.utils import timezone

from accounts import redis
from generations.models import Delivery, Endpoint, Generation, Subscription
from generations.providers.http.egress import ForbiddenAddress, Origin

LONGEST_URL = 2000
STANDARD = "standard"  # the format that endpoints are told in
PUSH = "push"  # the format that browsers are told in
PUSHED = (Generation.Status.COMPLETED, Generation.Status.FAILED)  # who cancels knows it
# Whether a person has an endpoint or a browser that may want to hear: most have none. It is asked with each ending.
HAS_ANY = """
(EXISTS (SELECT FROM generations_endpoint WHERE user_id = %(user)s)
 OR EXISTS (SELECT FROM generations_subscription WHERE user_id = %(user)s))
"""
ENDS = (Generation.Status.COMPLETED, Generation.Status.FAILED, Generation.Status.CANCELLED)


@dataclass(frozen=True, slots=True)
class Webhook:
    """A receiver that came with a submit. ``format`` is one of ``telling.FORMATS``.

    ``root`` is the address that the program which submitted knows the studio by: its pictures are below it. ``events``
    are the endings that are told, and ``Delivery.PROGRESS``.
    """

    format: str
    url: str
    root: str
    events: Sequence[str] = ENDS

    def stored(self) -> dict[str, Any]:
        """As ``Generation.webhook`` keeps it."""
        return dataclasses.asdict(self)


def problem(url: str) -> str:
    """Why nobody can be told anything at this address; empty when it looks as if somebody can."""
    if len(url) > LONGEST_URL:
        return f"At most {LONGEST_URL} characters."
    try:
        Origin.of(url)
    except ForbiddenAddress:
        return "Not an address of the form http(s)://host/path, without a name and password."
    return ""


def announce(generation: Generation, event: str) -> None:
    """Have the receiver told that came with the submit. The message is written in the caller's transaction."""
    if generation.webhook and event in generation.webhook["events"]:
        _write(
            [
                Delivery(
                    generation=generation,
                    user_id=generation.user_id,
                    format=generation.webhook["format"],
                    event=event,
                    url=generation.webhook["url"],
                )
            ]
        )


def announce_end(generation: Generation, event: str, *, others: bool) -> None:
    """Have all those told who want to hear of this ending. ``others`` is what ``HAS_ANY`` says of its person."""
    announce(generation, event)
    if others:
        _write([_to(found, name, generation, event) for found, name in _wanting(generation, event)])


def kind(event: str) -> str:
    """What endpoints call it: ``generation.completed``, ``webhook.test``."""
    return f"webhook.{event}" if event == Delivery.TEST else f"generation.{event}"


def write(generation: Generation | None, event: str, endpoints: Iterable[Endpoint]) -> list[Delivery]:
    """A message to each of these endpoints, in the caller's transaction."""
    return _write(
        [
            Delivery(generation=generation, user_id=endpoint.user_id, endpoint=endpoint, format=STANDARD, event=event)
            for endpoint in endpoints
        ]
    )


def _wanting(generation: Generation, event: str) -> Iterable[tuple[str, str]]:
    """A person's endpoints and browsers that want to hear this, by id and format."""
    pk = Cast("pk", CharField())
    endpoints = Endpoint.objects.wanting(generation.user_id, kind(event)).values_list(pk, Value(STANDARD))
    if event not in PUSHED:
        return endpoints
    return endpoints.union(Subscription.objects.filter(user=generation.user_id).values_list(pk, Value(PUSH)), all=True)


def _to(found: str, name: str, generation: Generation, event: str) -> Delivery:
    """The message to one of those."""
    delivery = Delivery(generation=generation, user_id=generation.user_id, format=name, event=event)
    if name == PUSH:
        delivery.subscription_id = int(found)
    else:
        delivery.endpoint_id = UUID(found)
    return delivery


def _write(deliveries: list[Delivery]) -> list[Delivery]:
    for delivery in deliveries:
        delivery.hinted_at = timezone.now()
        transaction.on_commit(partial(hint, delivery.pk, delivery.user_id))
    return Delivery.objects.bulk_create(deliveries)


def hint(delivery: UUID, user: int) -> None:
    """Ask any worker to send a message now, if Redis answers; the sweeper asks again if none does.

    By the task's name: those who announce are below the tasks.
    """
    arguments = (str(delivery), user)
    redis.attempt(lambda: current_app.send_task("generations.tasks.tell", arguments, retry=False))
