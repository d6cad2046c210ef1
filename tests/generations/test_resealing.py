"""After a change of SECRET_KEY everything that is sealed is sealed anew, so that the old key can be taken out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db.models import CharField, JSONField, TextField
from pytest_django.fixtures import Settings

from accounts import sealing
from accounts.models import User
from generations import endpoints, pushing
from generations.housekeeping import resealing
from generations.models import Endpoint, PushKey
from tests.factories import make_user

pytestmark = pytest.mark.django_db
OLD, NEW = "the first key" * 4, "the second key" * 4
TOKEN = re.compile(r"gAAAAA[\w=-]{60,}")  # what anything sealed looks like
TOTP_SECRET = "JBSWY3DPEHPK3PXP"


@dataclass
class Sealed:
    """One of everything that is sealed, and what is in it."""

    owner: User
    endpoint: Endpoint
    signing: list[bytes]
    push: str
    codes: list[str]


@pytest.fixture
def sealed(settings: Settings) -> Sealed:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = OLD, []
    owner = make_user()
    endpoint = endpoints.create(owner, "https://receiver.example/")
    endpoints.rotate(endpoint)
    TOTP.activate(owner, TOTP_SECRET)
    codes = RecoveryCodes.activate(owner).get_unused_codes()
    found = Sealed(owner, endpoint, endpoints.signing(endpoint), pushing.public_key(), codes)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [OLD]
    return found


def tokens() -> Iterator[tuple[str, str]]:
    """Whatever looks sealed in any table, and where it is."""
    for model in apps.get_models():
        for column in model._meta.concrete_fields:
            if isinstance(column, CharField | TextField | JSONField):
                for value in model._base_manager.values_list(column.name, flat=True):
                    for token in TOKEN.findall(value if isinstance(value, str) else json.dumps(value)):
                        yield f"{model._meta.label}.{column.name}", token


def test_nothing_in_any_table_needs_the_old_key_any_more(
    sealed: Sealed, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    places = {place for place, _ in tokens()}
    assert places == {f"{rows.model._meta.label}.{name}" for rows, name in resealing.COLUMNS}
    call_command("resealsecrets")
    assert capsys.readouterr().out == "5 secrets were sealed anew\n"

    settings.SECRET_KEY_FALLBACKS = []
    assert all(sealing.unseal(token) for _, token in tokens())
    endpoint = Endpoint.objects.get(pk=sealed.endpoint.pk)
    assert (endpoints.signing(endpoint), pushing.public_key()) == (sealed.signing, sealed.push)
    factors = {factor.type: factor.wrap() for factor in Authenticator.objects.filter(user=sealed.owner)}
    assert sealing.unseal(factors[Authenticator.Type.TOTP].instance.data["secret"]).decode() == TOTP_SECRET
    assert factors[Authenticator.Type.RECOVERY_CODES].get_unused_codes() == sealed.codes


def test_once_is_enough(sealed: Sealed) -> None:
    assert resealing.reseal().anew == 5
    before = list(tokens())
    assert resealing.reseal() == resealing.Resealed()
    assert list(tokens()) == before


def test_what_no_key_opens_is_named_and_left_alone(sealed: Sealed, settings: Settings) -> None:
    settings.SECRET_KEY_FALLBACKS = []
    before = list(tokens())
    with pytest.raises(CommandError, match=r"PushKey 1: sealed\n(.|\n)*Authenticator \d+: data"):
        call_command("resealsecrets")
    assert list(tokens()) == before


def test_what_somebody_changes_meanwhile_stays_theirs(sealed: Sealed, monkeypatch: pytest.MonkeyPatch) -> None:
    """A code is used, or a secret drawn anew, between the look and the change."""
    rows = resealing._rows

    def late(kept: Any, name: str) -> Iterator[tuple[Any, Any]]:
        found = list(rows(kept, name))
        if kept.model is PushKey:
            PushKey.objects.update(sealed=sealing.seal(b"drawn meanwhile"))
        yield from found

    monkeypatch.setattr(resealing, "_rows", late)
    with pytest.raises(CommandError, match="1 were changed by others meanwhile: run it again"):
        call_command("resealsecrets")
    assert sealing.unseal(PushKey.objects.get().sealed) == b"drawn meanwhile"
