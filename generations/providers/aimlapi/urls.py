"""AI/ML API's and OpenAI's addresses, with and without a slash at the end: neither of them redirects."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.urls import path

from generations.dialects.views import waits
from generations.providers.aimlapi import account, catalogue, views

generations = waits(views.GenerationsView.as_view())
models = catalogue.ModelsView.as_view()

ADDRESSES: dict[str, Callable[..., Any]] = {
    "v1/images/generations": generations,
    "images/generations": generations,
    "v1/models": models,
    "models": models,
    "v1/models/<path:name>": catalogue.OpenAIModelView.as_view(),
    "model/<path:name>": catalogue.ModelView.as_view(),
    "v1/billing/balance": account.CreditsView.as_view(),
    "v1/key": account.KeyView.as_view(),
    "v2/billing": account.BalanceView.as_view(),
    "v2/billing/detail": account.AccountView.as_view(),
}

urlpatterns = [path(f"{address}{slash}", view) for address, view in ADDRESSES.items() for slash in ("", "/")]
