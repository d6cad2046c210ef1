"""A person's account, below ``/account/``."""

from __future__ import annotations

from allauth.mfa.recovery_codes.views import view_recovery_codes
from allauth.mfa.totp.views import activate_totp
from django.urls import path
from django.views.decorators.cache import never_cache

from accounts import returning, views

urlpatterns = [
    path("", views.account, name="account"),
    path("language", views.language, name="language"),
    path("keep", returning.keep_account, name="keep_account"),
    path("keys", views.keys, name="keys"),
    path("keys/<int:pk>/rename", views.key_rename, name="key_rename"),
    path("keys/<int:pk>/revoke", views.key_revoke, name="key_revoke"),
    path("sessions/<int:pk>/end", views.session_end, name="session_end"),
    # allauth's own, in front of them: what they show is for nobody's cache
    path("security/recovery-codes/", never_cache(view_recovery_codes), name="mfa_view_recovery_codes"),
    path("security/totp/activate/", never_cache(activate_totp), name="mfa_activate_totp"),
    path("credits.csv", views.credits_csv, name="credits_csv"),
    path("visit/end", views.visit_end, name="visit_end"),
    path("redeem", views.redeem, name="redeem"),
    path("mailbox", views.mailbox, name="mailbox"),
]
