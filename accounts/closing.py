"""The end of an account: of the person, nothing stays but the numbers of the ledger."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.models import Session
from django.db.models import CharField, F, Q, Value
from django.db.models.functions import Cast, Coalesce, Concat, Now
from django.utils.translation import gettext_noop

from accounts import ledger
from accounts.models import ApiKey, Hold, User, Wallet

NOWHERE = "@account.invalid"  # where those who left have their addresses


def give_up_credits(user: User) -> int:
    """Take what is left to spend, so that nothing more can be ordered; how much.

    Raises ``NotEnoughCredits`` when something was ordered at this moment.
    """
    wallet = Wallet.objects.get(user=user)
    if left := wallet.spendable:
        ledger.adjust(user, -left, key=f"closing:{wallet.version}", reason=gettext_noop("account deleted"), actor=user)
    return left


def close(user: User) -> None:
    """Take away every way in and all that says who it was, inside the caller's transaction."""
    end_sessions(user)
    EmailAddress.objects.filter(user=user).delete()
    Authenticator.objects.filter(user=user).delete()
    _forget_issuer(user)
    LogEntry.objects.filter(Q(object_repr__icontains=user.email) | _about_keys(user)).delete()
    _forget_keys(user)
    user.groups.clear()
    user.user_permissions.clear()
    User.objects.filter(pk=user.pk).update(
        email=f"deleted-{user.pk}{NOWHERE}",
        name="",
        language="",
        password=make_password(None),
        is_active=False,
        leaves_at=None,
        last_login=None,
        version=F("version") + 1,
    )


def end_sessions(user: User) -> None:
    """Sign them out everywhere, from apps too."""
    own = UserSession.objects.filter(user=user)
    Session.objects.filter(pk__in=own.values("session_key")).delete()
    own.delete()


def _forget_issuer(user: User) -> None:
    if apps.is_installed("allauth.socialaccount"):
        from allauth.socialaccount.models import SocialAccount  # noqa: PLC0415 - there only where an issuer is named

        SocialAccount.objects.filter(user=user).delete()


def _about_keys(user: User) -> Q:
    numbers = [str(pk) for pk in user.api_keys.values_list("pk", flat=True)]
    return Q(content_type__app_label="accounts", content_type__model="apikey", object_id__in=numbers)


def _forget_keys(user: User) -> None:
    """Delete them, but for the numbers of those whose budgets the ledger counts."""
    counted = Hold.objects.filter(key__user=user).values("key")
    user.api_keys.exclude(pk__in=counted).delete()
    ApiKey.objects.filter(user=user).update(
        name="",
        prefix=Concat(Value("deleted-"), Cast("pk", CharField())),
        digest="",
        scopes=[],
        revoked=Coalesce("revoked", Now()),
        last_used=None,
    )
