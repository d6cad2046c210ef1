"""What people published, over REST, and what others say is wrong with it."""

from __future__ import annotations

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.http import Problem, UserApiRequest
from accounts.pages import newest_first, page_of, page_query, page_response
from accounts.rest import ApiView, HasScope
from generations import bodies, exploring, reporting
from generations.api.cursors import cursor_problems
from generations.media import Addresses
from generations.models import Report
from generations.serializers.pages import CursorQuerySerializer, NewestFirstQuerySerializer
from generations.serializers.shares import ExploredImageSerializer, NewReportSerializer, ReportSerializer


class ExploreView(ApiView):
    """Everybody's published pictures."""

    resource = "images"
    problems = {"get": ("not_authenticated",)}

    def get_permissions(self) -> list[BasePermission]:
        """Nobody has to be signed in, unless the studio keeps its pictures to its people."""
        return [] if settings.EXPLORE_PUBLIC else [IsAuthenticated(), HasScope()]

    @extend_schema(
        operation_id="listPublishedImages",
        parameters=[CursorQuerySerializer],
        responses=page_of(ExploredImageSerializer),
    )
    def get(self, request: Request) -> Response:
        """The latest first."""
        query = page_query(request, CursorQuerySerializer)
        with cursor_problems("cursor"):
            page = exploring.page(cursor=query["cursor"], limit=query["limit"])
        addresses = Addresses(request)
        return page_response(request, [bodies.explored_image(one, addresses) for one in page.rows], cursor=page.next)


class ReportsView(ApiView):
    """What one has reported."""

    resource = "images"
    problems = {"post": ("reported_before",)}

    @extend_schema(parameters=[NewestFirstQuerySerializer], responses=page_of(ReportSerializer))
    def get(self, request: UserApiRequest) -> Response:
        """One's own reports, newest first, and whether an admin has looked at them."""
        query = page_query(request, NewestFirstQuerySerializer)
        shown, cursor = newest_first(Report.objects.filter(user=request.user), query)
        return page_response(request, [bodies.report(one) for one in shown], before=cursor)

    @extend_schema(request=NewReportSerializer, responses={201: ReportSerializer})
    def post(self, request: UserApiRequest) -> Response:
        """Say what is wrong with a published picture, or with one of a share; once for each."""
        asked = NewReportSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        wanted = asked.validated_data
        try:
            made = reporting.report(
                request.user, wanted["image"], reason=wanted["reason"], note=wanted["note"], token=wanted["share"]
            )
        except reporting.NotShown as error:
            raise serializers.ValidationError({"image": "No such picture is published or shared."}) from error
        except reporting.ReportedBefore as error:
            raise Problem("reported_before") from error
        return Response(bodies.report(made), status=status.HTTP_201_CREATED)
