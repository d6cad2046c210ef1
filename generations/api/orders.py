"""What an order would do, and what may be wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.response import Response

from accounts.http import Problem, UserApiRequest
from accounts.ledger import BudgetExceeded, NotEnoughCredits
from accounts.rest import ApiView
from generations import bodies, submission
from generations.quotas import Quota
from generations.quotes import QuoteRefused
from generations.serializers.orders import ORDER, OrderSerializer, QuoteSerializer

# What any submit may be refused with
REFUSALS = (
    "invalid",
    "invalid_idempotency_key",
    "not_enough_credits",
    "budget_exceeded",
    "idempotency_conflict",
    "model_retired",
    "orders_stopped",
    "prompt_blocked",
    "storage_full",
)
QUOTE_REFUSALS = ("quote_invalid", "quote_expired", "quote_for_another_order")


class QuotesView(ApiView):
    """What a submit would do."""

    resource = "generations"
    problems = {"post": ("model_retired", "prompt_blocked", "storage_full")}

    @extend_schema(request=OrderSerializer, responses={201: QuoteSerializer})
    def post(self, request: UserApiRequest) -> Response:
        """Price, model, provider and what it makes of each wish; nothing is written or held."""
        order = ORDER.order(request.data)
        with order_problems():
            given = submission.quote(request.user, order)
        return Response(bodies.quote(given, request.user.wallet.spendable), status=status.HTTP_201_CREATED)


@contextmanager
def submission_problems() -> Iterator[None]:
    """Whatever a submit may be refused with becomes a problem with a code."""
    try:
        with order_problems():
            yield
    except BudgetExceeded as error:
        members = {"budget": error.budget, "period": error.period, "left": error.left}
        raise Problem("budget_exceeded", str(error), **members) from error
    except NotEnoughCredits as error:
        detail = f"This costs {error.needed} credits and {error.available} are available."
        raise Problem("not_enough_credits", detail, needed=error.needed, available=error.available) from error
    except submission.IdempotencyConflict as error:
        raise Problem("idempotency_conflict") from error
    except QuoteRefused as error:
        raise Problem(error.code) from error


@contextmanager
def order_problems() -> Iterator[None]:
    """What is wrong with an order becomes a problem: of its own where the model has ended, else by field."""
    try:
        yield
    except submission.ModelRetired as error:
        successor = error.successor.slug if error.successor else None
        raise Problem("model_retired", error.errors["model"], successor=successor) from error
    except submission.OrdersStopped as error:
        raise Problem("orders_stopped", wait=error.wait) from error
    except submission.PromptBlocked as error:
        raise Problem("prompt_blocked") from error
    except submission.StorageFull as error:
        raise Problem("storage_full", str(error), **_standing(error.quota)) from error
    except submission.InvalidOrder as error:
        raise serializers.ValidationError({name: [text] for name, text in error.errors.items()}) from error


def _standing(quota: Quota) -> dict[str, int | str | None]:
    return {
        "images": quota.images,
        "most_images": quota.most_images,
        "bytes": quota.bytes,
        "most_bytes": quota.most_bytes,
        "trash": reverse("trash"),
    }
