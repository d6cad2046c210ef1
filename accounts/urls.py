"""A person's account, below ``/account/``."""

from __future__ import annotations

from django.urls import path

from accounts import views

urlpatterns = [
    path("", views.account, name="account"),
    path("keys", views.keys, name="keys"),
    path("keys/<int:pk>/revoke", views.key_revoke, name="key_revoke"),
    path("redeem", views.redeem, name="redeem"),
    path("mailbox", views.mailbox, name="mailbox"),
]
