"""``manage.py changepassword EMAIL``: Django's, recorded."""

from __future__ import annotations

from django.contrib.auth.management.commands import changepassword

from accounts.commands import RecordedCommand


class Command(RecordedCommand, changepassword.Command):
    """Asks for a new password, twice."""
