"""Leaving, over REST."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.response import Response

from accounts.authentication import proven_lately
from accounts.http import Problem, UserApiRequest
from accounts.rest import ApiView
from generations import leaving
from generations.serializers.leaving import LeaveSerializer, LeftSerializer


class LeaveView(ApiView):
    """The end of one's account."""

    resource = "account"
    problems = {"post": ("reauthentication_required", "admin_stays")}

    @extend_schema(operation_id="deleteAccount", request=LeaveSerializer, responses={202: LeftSerializer, 204: None})
    def post(self, request: UserApiRequest) -> Response:
        """Delete the account with all that one wrote and made.

        It is closed at once, and deleted when the studio's time for coming back is over (`202` says when); where it
        gives none, that was it (`204`). Whoever signs in on the studio's page before then can keep it.

        Not for keys: somebody who is signed in proves again who they are (`/auth/reauthenticate` and what else
        `/api/auth` has for it), then sends the account's own address.
        """
        if not proven_lately(request):
            raise Problem("reauthentication_required")
        LeaveSerializer(data=request.data, context={"user": request.user}).is_valid(raise_exception=True)
        try:
            kept_until = leaving.begin(request.user)
        except leaving.StaysForNow as error:
            raise Problem("admin_stays") from error
        if kept_until:
            return Response(LeftSerializer({"kept_until": kept_until}).data, status=status.HTTP_202_ACCEPTED)
        return Response(status=status.HTTP_204_NO_CONTENT)
