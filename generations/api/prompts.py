"""The history of prompts over REST."""

from __future__ import annotations

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.response import Response

from accounts.http import UserApiRequest
from accounts.pages import page_of, page_query, page_response
from accounts.rest import ApiView
from generations import bodies, prompts
from generations.api.cursors import cursor_problems
from generations.models import Prompt
from generations.serializers.prompts import (
    PromptChangeSerializer,
    PromptSerializer,
    PromptsQuerySerializer,
    PromptWithOrderSerializer,
)


class PromptsView(ApiView):
    """What one wrote before."""

    resource = "images"

    @extend_schema(parameters=[PromptsQuerySerializer], responses=page_of(PromptSerializer))
    def get(self, request: UserApiRequest) -> Response:
        """The last used first, each text once."""
        query = page_query(request, PromptsQuerySerializer)
        search, starred, cursor = query["q"], query["starred"], query["before"]
        with cursor_problems("before"):
            page = prompts.history(request.user, search=search, starred=starred, cursor=cursor, limit=query["limit"])
        return page_response(request, [bodies.prompt(one) for one in page.rows], before=page.next)


class PromptView(ApiView):
    """One text."""

    resource = "images"

    @extend_schema(responses=PromptWithOrderSerializer)
    def get(self, request: UserApiRequest, pk: int) -> Response:
        """With how it was used last."""
        prompt = own_prompt(request, pk)
        return Response(bodies.prompt_with_order(prompt, prompts.last_order(prompt)))

    @extend_schema(request=PromptChangeSerializer, responses=PromptSerializer)
    def patch(self, request: UserApiRequest, pk: int) -> Response:
        """Give it a star, or take it away."""
        prompt = own_prompt(request, pk)
        change = PromptChangeSerializer(data=request.data, partial=True)
        change.is_valid(raise_exception=True)
        if change.validated_data:
            prompts.star(prompt, **change.validated_data)
        return Response(bodies.prompt(prompt))

    @extend_schema(responses={204: None})
    def delete(self, request: UserApiRequest, pk: int) -> Response:
        """Take it out of the history, until it is used again. What was made from it keeps it."""
        prompts.hide(own_prompt(request, pk))
        return Response(status=status.HTTP_204_NO_CONTENT)


def own_prompt(request: UserApiRequest, pk: int) -> Prompt:
    """The caller's prompt, or 404 whoever else it may belong to."""
    return get_object_or_404(Prompt.objects.defer("words"), pk=pk, user=request.user, hidden=False)
