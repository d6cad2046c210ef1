"""The one way in: every page, API and command submits, cancels and repeats generations here."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Self

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import ledger
from accounts.models import ApiKey, User
from accounts.telemetry import context, traces
from generations import announcing, quotas, quotes, recording, remembered, routing, tasks
from generations.metrics import counted
from generations.models import Generation, Model, Prompt
from generations.moderation import rules
from generations.quotas import Quota
from generations.settlement import settle
from generations.types import MAX_PROMPT_LENGTH, MAX_SEED
from generations.webhooks import Webhook


class InvalidOrder(Exception):
    """The order cannot be taken as it is; ``errors`` says why, by field, in sentences for people."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__(" ".join(errors.values()))
        self.errors = errors


class ModelRetired(InvalidOrder):
    """The model is not to be had any more. ``successor`` replaces it, and is taken where that was consented to."""

    def __init__(self, errors: dict[str, str], successor: Model | None) -> None:
        super().__init__(errors)
        self.successor = successor


class PromptBlocked(InvalidOrder):
    """The operator does not want this made."""


class StorageFull(InvalidOrder):
    """There is no room for as many pictures; ``quota`` says how the person stands."""

    def __init__(self, refusal: str, quota: Quota) -> None:
        super().__init__({"count": refusal})
        self.quota = quota


class OrdersStopped(InvalidOrder):
    """The operator takes no new orders for now; ``wait`` is in seconds."""

    def __init__(self, wait: int) -> None:
        super().__init__({"prompt": _("No new orders are taken for now. What was ordered goes on.")})
        self.wait = wait


class IdempotencyConflict(Exception):
    """The key was used before for a different order."""


@dataclass(frozen=True, slots=True)
class Order:
    """What someone asks for, in the product's words. A successor may be taken if the account says so, unless told.

    ``only_route`` is an operator's test of that route of the model's, by its id.
    """

    model: str
    prompt: str
    negative_prompt: str = ""
    aspect_ratio: str = "1:1"
    resolution: str = "1K"
    count: int = 1
    seed: int | None = None
    output_format: str = "png"
    allow_successor: bool | None = None
    only_route: int | None = None

    @property
    def fingerprint(self) -> str:
        """Equal for equal orders: SHA-256 of their canonical JSON."""
        canonical = json.dumps(dataclasses.asdict(self), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Entrance:
    """How an order came in, and who is to be told how it ends.

    ``spoken`` is what the answer in a vendor's format needs to know of the request again.
    """

    source: Generation.Source
    api_key: ApiKey | None = None
    idempotency_key: str = ""
    spoken: Mapping[str, Any] | None = None
    webhook: Webhook | None = None


@dataclass(frozen=True, slots=True)
class Submitted:
    """A generation, and whether an earlier submit with the same key had made it."""

    generation: Generation
    replayed: bool = False

    def counted(self) -> Self:
        """Itself, as one more that operators know of once it is committed."""
        labels = counted.SUBMITS.labels(self.generation.source, "replayed" if self.replayed else "accepted")
        transaction.on_commit(labels.inc)
        return self


def submit(user: User, order: Order, entrance: Entrance, *, quote_id: str = "") -> Submitted:
    """Accept an order: in one transaction the prompt, the generation and the hold; then a worker is told.

    The same ``idempotency_key`` (at most 255 characters, per user) with the same order answers the generation that was
    made first. The price goes by the quote, if one is named. Raises ``InvalidOrder``, of which ``OrdersStopped``,
    ``PromptBlocked`` and ``StorageFull`` are kinds, ``QuoteRefused``, ``ledger.NotEnoughCredits``,
    ``ledger.BudgetExceeded`` or ``IdempotencyConflict``; then nothing is left.
    """
    idempotency_key = entrance.idempotency_key
    if idempotency_key and (earlier := _earlier(user, order, idempotency_key)):
        return earlier.counted()
    _see_that_orders_are_taken()
    model = check(user, order)
    permit(order.prompt)
    generation = _planned(user, order, model, quote_id)
    generation.source, generation.api_key = entrance.source, entrance.api_key
    generation.idempotency_key, generation.spoken = idempotency_key, entrance.spoken
    generation.webhook = entrance.webhook.stored() if entrance.webhook else None
    generation.request_id, generation.traceparent = context.request_id(), traces.current()
    try:
        with transaction.atomic():
            recording.record(generation, Prompt(user=user, text=order.prompt, negative=order.negative_prompt), model)
            # Last, because it locks the wallet: one person's submits queue up behind nothing but the commit.
            ledger.hold(user.wallet, generation.pk, generation.total, entrance.api_key)
            _make_room(user)
            transaction.on_commit(tasks.wake)
    except recording.ModelChanged:
        remembered.find_anew(order.model)
        return submit(user, order, entrance, quote_id=quote_id)
    except IntegrityError as error:
        if refusal := ledger.refusal(error, user.wallet, generation.total, entrance.api_key):
            raise refusal from error
        if idempotency_key and (earlier := _earlier(user, order, idempotency_key)):
            return earlier.counted()
        raise
    return Submitted(generation).counted()


def quote(user: User, order: Order) -> quotes.Quote:
    """What a submit would do now, at a price that binds us; nothing is written or held. Raises ``InvalidOrder``."""
    remembered.find_anew(order.model)  # a promise is made by what is, not by what is remembered
    model = check(user, order)
    permit(order.prompt)
    _make_room(user, order.count)
    return quotes.quote(user, order, model)


def cancel(generation: Generation) -> bool:
    """Stop an unfinished generation: what is held goes back, what was delivered stays. False when it had ended."""
    if not settle(generation, Generation.Status.CANCELLED, code="cancelled"):
        return False
    counted.ended(generation, Generation.Status.CANCELLED, "cancelled", "")
    transaction.on_commit(partial(tasks.hint_cancel, generation.pk))
    return True


def retry(generation: Generation, *, source: Generation.Source) -> Submitted:
    """The same order again, at today's price."""
    return submit(generation.user, order_of(generation), Entrance(source))


def vary(generation: Generation, *, source: Generation.Source) -> Submitted:
    """The same order with another seed."""
    return submit(generation.user, variation_of(generation), Entrance(source))


def variation_of(generation: Generation, idempotency_key: str = "") -> Order:
    """The same order with another seed: a drawn one, or that which belongs to the key, so that a repeat is one."""
    seed = secrets.randbelow(MAX_SEED) + 1
    if idempotency_key:
        digest = hashlib.sha256(f"{generation.pk} {idempotency_key}".encode()).digest()
        seed = int.from_bytes(digest[:8]) % MAX_SEED + 1
    return dataclasses.replace(order_of(generation), seed=seed)


def order_of(generation: Generation) -> Order:
    """What was asked for, of the model that took it; whether a successor may now is for the account to say."""
    return Order(
        model=generation.model.slug,
        prompt=generation.prompt.text,
        negative_prompt=generation.prompt.negative,
        aspect_ratio=generation.aspect_ratio,
        resolution=generation.resolution,
        count=generation.count,
        seed=generation.seed,
        output_format=generation.output_format,
    )


def check(user: User, order: Order) -> Model:
    """The model that takes the order: the one that was asked for or, with consent, the successor of one that is gone.

    Raises ``InvalidOrder`` with every reason that it cannot be taken.
    """
    model = remembered.find(order.model)
    if model and routing.serves(model) and not _problems(order, model):
        return model
    asked = remembered.find_anew(order.model)
    model = asked if order.only_route else asked and _serving(user, order, asked)
    if (errors := _problems(order, model)) or model is None:
        raise InvalidOrder(errors)
    return model


def _serving(user: User, order: Order, asked: Model) -> Model | None:
    """The model itself, or its successor with consent; raises ``ModelRetired``."""
    model = routing.serving(asked, order.aspect_ratio)
    succeeded = model != asked
    if not succeeded and asked.status != Model.Status.RETIRED:
        return asked
    if succeeded and _consents(user, order):
        return remembered.find_anew(model.slug)
    successor = model if succeeded else asked.successor
    raise ModelRetired(_problems(order, asked) | {"model": _retired(asked, successor)}, successor)


def permit(prompt: str) -> None:
    """Raises ``PromptBlocked``. What is not wanted in a picture may be named."""
    rule = rules.blocking(prompt)
    if rule is not None:
        rules.count(rule)
        raise PromptBlocked({"prompt": _("This studio does not make that.")})


def _see_that_orders_are_taken() -> None:
    """Raises ``OrdersStopped``."""
    if announcement := announcing.stops_orders():
        raise OrdersStopped(announcing.seconds_left(announcement))


def _make_room(user: User, more: int = 0) -> None:
    """Raises ``StorageFull``. While the person's wallet is locked, what counts is all that was ordered before."""
    quota = quotas.of(user)
    if refusal := quota.refusal(more):
        raise StorageFull(refusal, quota)


def _consents(user: User, order: Order) -> bool:
    return user.accepts_successors if order.allow_successor is None else order.allow_successor


def _retired(asked: Model, successor: Model | None) -> str:
    names = {"name": asked, "successor": successor or _("another model")}
    if asked.status == Model.Status.RETIRED:
        return _("%(name)s is retired; use %(successor)s.") % names
    return _("%(name)s is not served any more; use %(successor)s.") % names


def _planned(user: User, order: Order, model: Model, quote_id: str) -> Generation:
    fingerprint = order.fingerprint
    return Generation(
        user=user,
        model=model,
        asked_model="" if model.is_called(order.model) else order.model,
        allow_successor=_consents(user, order),
        only_route_id=order.only_route,
        aspect_ratio=order.aspect_ratio,
        resolution=order.resolution,
        count=order.count,
        seed=order.seed,
        output_format=order.output_format,
        price=quotes.price(quote_id, user, fingerprint) if quote_id else model.price(order.resolution),
        fingerprint=fingerprint,
        deadline=timezone.now() + dt.timedelta(seconds=model.deadline_seconds),
    )


def _earlier(user: User, order: Order, idempotency_key: str) -> Submitted | None:
    generation = Generation.objects.of(user).filter(idempotency_key=idempotency_key).first()
    if generation is None:
        return None
    if generation.fingerprint != order.fingerprint:
        raise IdempotencyConflict
    return Submitted(generation, replayed=True)


def _problems(order: Order, model: Model | None) -> dict[str, str]:
    """Every reason that the order cannot be taken, by field."""
    problems = {
        "prompt": _text_problem(order.prompt, required=True),
        "negative_prompt": _text_problem(order.negative_prompt, required=False),
        "seed": _seed_problem(order.seed),
    }
    if model is None:
        problems["model"] = _("There is no model “%(name)s”.") % {"name": order.model[:60]}
    else:
        problems |= _capability_problems(order, model)
    return {name: problem for name, problem in problems.items() if problem}


def _text_problem(text: str, *, required: bool) -> str:
    if required and not text.strip():
        return _("Describe the picture first.")
    if len(text) > MAX_PROMPT_LENGTH:
        return _("At most %(most)s characters; this has %(length)s.") % {
            "most": MAX_PROMPT_LENGTH,
            "length": len(text),
        }
    if any(unicodedata.category(sign) in {"Cc", "Cs"} and sign not in "\n\r\t" for sign in text):
        return _("Contains control characters, which no model can read.")
    return ""


def _seed_problem(seed: int | None) -> str:
    if seed is None or 0 <= seed <= MAX_SEED:
        return ""
    return _("A whole number from 0 to {most}.").format(most=MAX_SEED)


def _capability_problems(order: Order, model: Model) -> dict[str, str]:
    problems = {}
    for name, asked, possible in (
        ("aspect_ratio", order.aspect_ratio, model.ratios),
        ("resolution", order.resolution, model.resolutions),
        ("output_format", order.output_format, model.formats),
    ):
        if asked not in possible:
            choices = ", ".join(possible)
            problems[name] = _("%(model)s makes %(choices)s.") % {"model": model, "choices": choices}
    if not 1 <= order.count <= model.max_images:
        problems["count"] = _("From 1 to %(most)s images.") % {"most": model.max_images}
    return problems
