"""The accounts a studio is tried out with. Their passwords are drawn once and kept in a file of its owner's."""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass, field
from io import StringIO
from pathlib import Path

from django.core.management import call_command
from django.utils.translation import gettext_noop as _

from accounts import enrolment, ledger
from accounts.models import User

CREDITS = 500
KEY_NAME = "studio"


@dataclass
class SignIn:
    email: str
    password: str = field(default_factory=lambda: secrets.token_urlsafe(12))


@dataclass
class Credentials:
    demo: SignIn = field(default_factory=lambda: SignIn("demo@atelier.local"))
    admin: SignIn = field(default_factory=lambda: SignIn("admin@atelier.local"))
    api_key: str = ""


def ensure(path: Path) -> Credentials:
    """Both accounts, the demo's credits and its API key, as `path` names them; what is missing is made."""
    found = path.exists()
    credentials = _read(path) if found else Credentials()
    _write(path, credentials)  # before they are used: a crash in between must lock nobody out
    _account(credentials.admin, reset=not found, admin=True)
    demo = _account(credentials.demo, reset=not found)
    ledger.grant(demo, CREDITS, key="grant:demo", reason=_("to try the studio out"))
    if not credentials.api_key or not demo.api_keys.filter(name=KEY_NAME, revoked=None).exists():
        credentials.api_key = _new_key(demo)
        _write(path, credentials)
    return credentials


def _account(sign_in: SignIn, *, reset: bool, admin: bool = False) -> User:
    """The account; when the file that knew its password was lost, with the new one."""
    user = User.objects.filter(email=sign_in.email).first()
    if user is None:
        return enrolment.add(sign_in.email, sign_in.password, admin=admin)
    if reset:
        user.set_password(sign_in.password)
        user.save(update_fields=["password"])
    return user


def _new_key(user: User) -> str:
    printed = StringIO()
    call_command("createapikey", user.email, name=KEY_NAME, stdout=printed)
    return printed.getvalue().strip()


def _read(path: Path) -> Credentials:
    raw = json.loads(path.read_text(encoding="utf-8"))
    return Credentials(SignIn(**raw["demo"]), SignIn(**raw["admin"]), raw["api_key"])


def _write(path: Path, credentials: Credentials) -> None:
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    new.touch(mode=0o600)
    new.write_text(json.dumps(asdict(credentials), indent=2) + "\n", encoding="utf-8")
    new.replace(path)
