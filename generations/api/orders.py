"""What an order would do, and what may be wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.response import Response

from accounts.http import Problem, UserApiRequest
from accounts.rest import ApiView
from generations import bodies, submission
from generations.serializers.orders import ORDER, OrderSerializer, QuoteSerializer


class QuotesView(ApiView):
    """What a submit would do."""

    resource = "generations"
    problems = {"post": ("model_retired",)}

    @extend_schema(request=OrderSerializer, responses={201: QuoteSerializer})
    def post(self, request: UserApiRequest) -> Response:
        """Price, model, provider and what it makes of each wish; nothing is written or held."""
        order = ORDER.order(request.data)
        with order_problems():
            given = submission.quote(request.user, order)
        return Response(bodies.quote(given, request.user.wallet.spendable), status=status.HTTP_201_CREATED)


@contextmanager
def order_problems() -> Iterator[None]:
    """What is wrong with an order becomes a problem: of its own where the model has ended, else by field."""
    try:
        yield
    except submission.ModelRetired as error:
        successor = error.successor.slug if error.successor else None
        raise Problem("model_retired", error.errors["model"], successor=successor) from error
    except submission.InvalidOrder as error:
        raise serializers.ValidationError({name: [text] for name, text in error.errors.items()}) from error
