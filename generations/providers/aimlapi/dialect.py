"""What all of these addresses have in common."""

from __future__ import annotations

from django.http import HttpResponse

from generations.dialects.troubles import Trouble
from generations.dialects.views import DialectView
from generations.providers.aimlapi import errors


class AimlapiView(DialectView):
    """One address."""

    def say(self, trouble: Trouble) -> HttpResponse:
        """As clients of both vendors read it."""
        return errors.say(self.request, trouble)
