"""The account over REST."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from accounts.http import UserApiRequest
from accounts.rest import ApiView
from accounts.serializers import MeSerializer


class MeView(ApiView):
    """Who is calling."""

    resource = "account"

    @extend_schema(responses=MeSerializer)
    def get(self, request: UserApiRequest) -> Response:
        """The person behind the key, and what they can spend."""
        return Response(MeSerializer(request.user).data)
