"""Sending what receivers are to be told: at once, and again by each format's schedule until it is taken.

A try is claimed by counting it, so that no two workers make the same one; a worker that dies leaves the next one to
whoever finds that it is due.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from http import HTTPStatus
from uuid import UUID

from django.conf import settings
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts.telemetry import context, traces
from generations import endpoints, looking
from generations.messages import Format, Message, News, Unsendable
from generations.metrics import counted
from generations.models import Delivery, DeliveryTry
from generations.providers.http.receivers import Reaction, Receivers

logger = logging.getLogger(__name__)

# By name, as they stand above what ends a generation: they write what the vendors' own addresses would answer.
FORMATS = {
    "fal": "generations.providers.fal.webhooks.FORMAT",
    "standard": "generations.standard.FORMAT",
    "push": "generations.pushing.FORMAT",
    "apiframe": "generations.providers.apiframe.webhooks.FORMAT",
}
UNSUBSCRIBED = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)  # what push services answer for a browser that left
CLAIM = dt.timedelta(minutes=1)  # longer than any try
Away = Callable[[], AbstractContextManager[None]]


@cache
def receivers() -> Receivers:
    """This process's connections to receivers."""
    return Receivers(settings.WEBHOOK_NETWORKS)


def tell(pk: UUID, away: Away = nullcontext, receivers: Receivers | None = None) -> None:
    """Make one try to deliver a message, if it is due. ``away`` is around the call to the receiver."""
    delivery = _claim(pk)
    if delivery is None:
        return
    with context.about(user=delivery.user_id, generation=delivery.generation_id), traces.span("tell"):
        _tell(delivery, away, receivers)


def _tell(delivery: Delivery, away: Away, receivers: Receivers | None) -> None:
    form: Format = import_string(FORMATS[delivery.format])
    try:
        message = _written(delivery, form)
    except Unsendable as error:
        delivery.move(Delivery.State.FAILED, error=str(error), finished=Now())
        return
    with away():
        reaction = _post(receivers, delivery.address, message, form.seconds)
    counted.TRIES.labels(delivery.format, "taken" if reaction.taken else "refused").inc()
    _note(delivery, form, reaction)


def _claim(pk: UUID) -> Delivery | None:
    if not Delivery.objects.due().filter(pk=pk).update(tries=F("tries") + 1, next_try_at=Now() + CLAIM):
        return None
    return Delivery.objects.select_related("user", "endpoint", "subscription").get(pk=pk)


def _written(delivery: Delivery, form: Format) -> Message:
    if delivery.tries - delivery.spent > len(form.waits) + 1:
        raise Unsendable("Every worker that tried it died of it.")
    if delivery.user.leaves_at:
        raise Unsendable("The account is closed.")
    look = looking.look(delivery.user, delivery.generation_id) if delivery.generation_id else None
    if look and delivery.event == Delivery.PROGRESS and look.generation.is_finished:
        raise Unsendable("There is nothing left to tell.")
    root = (look and look.generation.webhook and look.generation.webhook["root"]) or settings.PUBLIC_BASE_URL
    return form.message(News(delivery, look, root, timezone.now()))


def _post(given: Receivers | None, url: str, message: Message, seconds: float) -> Reaction:
    return (given or receivers()).post(url, message.body, message.headers, seconds)


def _note(delivery: Delivery, form: Format, reaction: Reaction) -> None:
    if delivery.subscription and reaction.status in UNSUBSCRIBED:
        delivery.subscription.delete()  # and what it was to be told
        return
    gone = delivery.endpoint is not None and reaction.status == HTTPStatus.GONE
    wait = None if reaction.final or gone else form.wait(delivery.event, delivery.tries - delivery.spent)
    answered = {"status": reaction.status, "error": reaction.error}
    if delivery.endpoint:
        _log(delivery, reaction)
    if reaction.taken:
        delivery.move(Delivery.State.DELIVERED, **answered, finished=Now())
    elif wait is None:
        logger.warning("delivery %s was given up after %s tries: %s", delivery.pk, delivery.tries, reaction.error)
        if delivery.move(Delivery.State.FAILED, **answered, finished=Now()):
            endpoints.gave_up(delivery, gone=gone)
    else:
        later = max(wait, reaction.wait or wait)
        delivery.move(Delivery.State.PENDING, **answered, next_try_at=Now() + later, hinted_at=None)


def _log(delivery: Delivery, reaction: Reaction) -> None:
    DeliveryTry.objects.create(
        delivery=delivery,
        number=delivery.tries,
        status=reaction.status,
        error=reaction.error,
        answer=reaction.answer,
        seconds=reaction.seconds,
    )
