"""Endpoints: receivers that are told of all of a person's generations, their secrets, and what they were sent."""

from __future__ import annotations

import base64
import datetime as dt
import ipaddress
import logging
import secrets
from collections.abc import Sequence
from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import letters, sealing
from accounts.models import User
from generations import webhooks
from generations.models import Delivery, Endpoint
from generations.providers.http.egress import Origin
from generations.providers.http.receivers import may_be_told

logger = logging.getLogger(__name__)

MOST = 20
SECRET_BYTES = 32
ROTATION = dt.timedelta(hours=24)
KEPT = dt.timedelta(days=30)
BATCH = 1000


class TooMany(Exception):
    """A person has as many endpoints as anybody may."""


class Disabled(Exception):
    """Nothing is sent to this endpoint; it has to be switched on first."""


class StillPending(Exception):
    """The message is on its way already."""


def problem(url: str) -> str:
    """Why nobody can be told anything at this address, as far as it shows by itself; else empty."""
    if found := webhooks.problem(url):
        return found
    host = Origin.of(url).host
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return ""  # a name: where it leads is known once somebody goes there
    if may_be_told(host, map(ipaddress.ip_network, settings.WEBHOOK_NETWORKS)):
        return ""
    return "The address leads to where nobody may send us."


def create(
    user: User, url: str, description: str = "", events: Sequence[str] = (), *, enabled: bool = True
) -> Endpoint:
    """A new endpoint with a secret of its own; raises ``TooMany``."""
    if user.endpoints.count() >= MOST:
        raise TooMany
    return Endpoint.objects.create(
        user=user,
        url=url,
        description=description,
        events=list(events),
        secret=sealing.seal(_drawn()),
        disabled="" if enabled else Endpoint.Disabled.BY_OWNER,
    )


def rotate(endpoint: Endpoint) -> bool:
    """Sign with a new secret, and for ``ROTATION`` with the one before as well; False when somebody else just did."""
    return endpoint.change(
        endpoint.version,
        secret=sealing.seal(_drawn()),
        earlier_secret=endpoint.secret,
        earlier_until=timezone.now() + ROTATION,
    )


def shown(endpoint: Endpoint) -> str:
    """The secret as receivers' libraries take it; raises ``sealing.Unreadable``."""
    return f"whsec_{base64.b64encode(sealing.unseal(endpoint.secret)).decode()}"


def signing(endpoint: Endpoint) -> list[bytes]:
    """What signs now, the newest first; raises ``sealing.Unreadable``."""
    found = [sealing.unseal(endpoint.secret)]
    if endpoint.earlier_until and endpoint.earlier_until > timezone.now():
        found.append(sealing.unseal(endpoint.earlier_secret))
    return found


def test(endpoint: Endpoint) -> Delivery:
    """Send a message that tells of nothing, once; raises ``Disabled``."""
    _check_enabled(endpoint)
    with transaction.atomic():
        [delivery] = webhooks.write(None, Delivery.TEST, [endpoint])
    return delivery


def replay(endpoint: Endpoint, delivery: Delivery) -> None:
    """Send a message again under the same id; raises ``Disabled``, or ``StillPending`` when it is not over yet."""
    _check_enabled(endpoint)
    with transaction.atomic():
        if not endpoint.deliveries.filter(pk=delivery.pk).again():
            raise StillPending
        transaction.on_commit(partial(webhooks.hint, delivery.pk, delivery.user_id))


def replay_failed(endpoint: Endpoint, since: dt.datetime) -> int:
    """Send everything again that failed since then; how much. The sweeper finds it. Raises ``Disabled``."""
    _check_enabled(endpoint)
    failed = endpoint.deliveries.filter(state=Delivery.State.FAILED, created__gte=since)
    return failed.exclude(event=Delivery.TEST).again()


def gave_up(delivery: Delivery, *, gone: bool) -> None:
    """Disable the endpoint of a message that was not taken, if it says that it is gone or has taken nothing since."""
    endpoint = delivery.endpoint
    if endpoint is None or delivery.event == Delivery.TEST:
        return
    taken = endpoint.deliveries.filter(state=Delivery.State.DELIVERED, finished__gte=delivery.created)
    if gone or not taken.exists():
        _disable(endpoint, Endpoint.Disabled.GONE if gone else Endpoint.Disabled.FAILING)


def forget() -> int:
    """Remove what is over and older than ``KEPT``, for all receivers; how much."""
    old = Delivery.objects.filter(finished__lt=Now() - KEPT)
    removed = 0
    while batch := list(old.values_list("pk", flat=True)[:BATCH]):
        Delivery.objects.filter(pk__in=batch).delete()
        removed += len(batch)
    return removed


def _check_enabled(endpoint: Endpoint) -> None:
    if endpoint.disabled:
        raise Disabled


def _disable(endpoint: Endpoint, reason: Endpoint.Disabled) -> None:
    if not endpoint.change(endpoint.version, disabled=reason):
        return
    logger.warning("endpoint %s was disabled: %s", endpoint.pk, reason)
    try:
        letters.send(
            endpoint.user,
            _("A webhook endpoint was switched off"),
            "webhooks/email/disabled.txt",
            {"endpoint": endpoint},
        )
    except OSError:
        logger.exception("the owner of endpoint %s could not be told that it was disabled", endpoint.pk)


def _drawn() -> bytes:
    return secrets.token_bytes(SECRET_BYTES)
