"""Oneself over REST."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from accounts.http import Problem, UserApiRequest
from accounts.rest import ApiView, wanted_version
from accounts.serializers import MeOrderSerializer, MeSerializer


class MeView(ApiView):
    """Who is calling."""

    resource = "account"
    problems = {"patch": ("changed_meanwhile",)}

    @extend_schema(responses=MeSerializer)
    def get(self, request: UserApiRequest) -> Response:
        """The person behind the key, and what they can spend."""
        return Response(MeSerializer(request.user).data)

    @extend_schema(request=MeOrderSerializer, responses=MeSerializer)
    def patch(self, request: UserApiRequest) -> Response:
        """Change what is named."""
        order = MeOrderSerializer(data=request.data, partial=True)
        order.is_valid(raise_exception=True)
        if order.validated_data and not request.user.change(wanted_version(request), **order.validated_data):
            raise Problem("changed_meanwhile")
        return Response(MeSerializer(request.user).data)
