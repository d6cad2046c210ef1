"""Adding people without their own doing."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from accounts.models import User


class NotPossible(Exception):
    """The person cannot be added; the text says why."""


def add(email: str, password: str, *, admin: bool = False, name: str = "") -> User:
    """A person who can sign in at once, their address counted as verified; raises ``NotPossible``."""
    try:
        validate_email(email)
    except ValidationError as error:
        raise NotPossible(f"{email} is not an e-mail address") from error
    if not password:
        raise NotPossible("a password is needed")
    if User.objects.filter(email__iexact=email).exists():
        raise NotPossible(f"{email} is there already")
    with transaction.atomic():
        user = User.objects.create_user(email, password, name=name, is_staff=admin, is_superuser=admin)
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def person(email: str) -> User:
    """The person with this address; raises ``NotPossible``."""
    try:
        return User.objects.get(email__iexact=email)
    except User.DoesNotExist as error:
        raise NotPossible(f"there is nobody with the address {email}") from error
