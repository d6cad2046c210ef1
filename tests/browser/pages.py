"""Every page of the studio and how it is reached: a new one needs an entry here, or a reason why it has none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.contrib import admin
from django.test import RequestFactory
from django.urls import URLPattern, get_resolver

from accounts.models import User
from accounts.site import PAGES as OWN_PAGES

GUEST, PERSON, STAFF = "guest", "person", "staff"
# Addresses of programs: the API, the vendors' formats, operators' probes, files.
PROGRAMS = ("api/", "v1/", "v2/", "fal/", "fal-ai/", "images/generations", "models", "model/", "media/", "exports/")


@dataclass(frozen=True, slots=True)
class Visit:
    """Who looks, at what: the address's parts name ``things``, and may be followed by a query."""

    who: str = PERSON
    parts: tuple[str, ...] = ()
    query: str = ""
    more: tuple[str, ...] = field(default=())  # other queries that change what is seen


def of(*parts: str) -> Visit:
    """Something of the person's own."""
    return Visit(parts=parts)


GUESTS, STAFFS = Visit(GUEST), Visit(STAFF)
PAGES = {
    "home": GUESTS,
    "offline": GUESTS,
    "explore": GUESTS,
    "explored": Visit(GUEST, ("image",)),
    "shared": Visit(GUEST, ("token",)),
    "shared_picture": Visit(GUEST, ("token", "image")),
    "developers": GUESTS,
    "developers_format": Visit(GUEST, ("format",)),
    "mailbox": GUESTS,
    "shortcuts": GUESTS,
    "account_login": GUESTS,
    "account_signup": GUESTS,
    "account_inactive": GUESTS,
    "account_reset_password": GUESTS,
    "account_reset_password_done": GUESTS,
    "account_reset_password_from_key": Visit(GUEST, ("nobody", "link")),
    "account_reset_password_from_key_done": GUESTS,
    "account_email_verification_sent": GUESTS,
    "account_confirm_email": Visit(GUEST, ("link",)),
    "create": Visit(more=("?prompt=a+fern",)),
    "compare": of(),
    "comparison": of("comparison"),
    "prompts": of(),
    "presets": of(),
    "generation": of("generation"),
    "gallery": Visit(more=("?q=zebra", "?select=1", "?before=nonsense")),
    "gallery_download": of("export"),
    "trash": Visit(more=("?select=1",)),
    "trash_empty": of(),
    "image": of("image"),
    "image_albums": of("image"),
    "image_share": of("image"),
    "albums": of(),
    "album": of("album"),
    "album_edit": of("album"),
    "album_delete": of("album"),
    "album_arrange": of("album"),
    "album_share": of("album"),
    "shares": of(),
    "report": of("image"),
    "account": of(),
    "credits": Visit(more=("?kind=refund",)),
    "keys": of(),
    "webhooks": of(),
    "webhook": of("webhook"),
    "webhook_delivery": of("webhook", "delivery"),
    "data": of(),
    "data_leave": of(),
    "account_logout": of(),
    "account_email": of(),
    "account_change_password": of(),
    "account_reauthenticate": of(),
    "mfa_index": of(),
    "mfa_activate_totp": of(),
    "mfa_list_webauthn": of(),
    "mfa_add_webauthn": of(),
    "usersessions_list": of(),
    "styleguide": STAFFS,
}

OF_WHAT = {"withdraw_batch": "?batch=Fair"}  # what pages of the admin that belong to no table have to be asked about
OF_EVERY_KIND = "/auth/group/"  # a row that others go with

# What is no page to look at, and why.
OTHERS = {
    "acts and parts of pages": {
        *("push", "push_stop", "create_preview", "comparison_side", "comparison_pick", "comparison_trash"),
        *("prompt_star", "prompt_hide", "preset_new", "preset_choose", "preset_rename", "preset_delete"),
        *("generation_cancel", "generation_retry", "generation_vary", "gallery_frames", "gallery_day", "search_keep"),
        *("album_frames", "explore_frames"),
        *("search_forget", "gallery_act", "undo", "trash_act", "image_act", "album_order", "album_cover"),
        *("album_remove", "share_end", "webhook_secret", "webhook_switch", "webhook_remove", "webhook_test"),
        *("webhook_replay", "webhook_delivery_replay", "data_archive", "data_archive_remove", "key_rename"),
        *("key_revoke", "session_end", "redeem", "language", "visit_end"),
    },
    "files and streams": {
        *(
            "healthz",
            "readyz",
            "metrics",
            "security_txt",
            "hook",
            "events",
            "image_record",
            "image_file",
        ),
        *("shared_file", "manifest", "worker", "credits_csv", "mfa_download_recovery_codes"),
    },
    "seen in the story of test_account.py": {
        *("mfa_authenticate", "mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_generate_recovery_codes"),
        *("mfa_remove_webauthn", "mfa_edit_webauthn", "mfa_reauthenticate", "mfa_reauthenticate_webauthn"),
    },
    "only on the way in of who has left: test_departing.py": {"keep_account"},
    "empty until an operator writes them": {"terms", "privacy"},
    "only for who signs in without a password, which nobody does here": {
        *("account_set_password", "account_confirm_login_code", "mfa_login_webauthn"),
    },
}


def names() -> set[str]:
    """Of every address that a browser may be sent to, the admin's own apart."""
    return {name for route, name in _routes() if name and not route.startswith((*PROGRAMS, "admin/"))}


def pages_of_the_admin() -> list[str]:
    """The admin's first page, those that belong to no table, and of each table its list and its form for a new row.

    What stands in a list leads to the others: `kinds`.
    """
    own = [page.name for page in OWN_PAGES if "<" not in page.route]
    tables = _tables()
    adds = [f"{name}_add" for name, of in tables.items() if of.has_add_permission(_of_a_superuser())]
    return ["index", *own, "accounts_voucher_issue", *(f"{name}_changelist" for name in tables), *adds]


def acts_of_the_admin() -> list[tuple[str, str]]:
    """Of each table's list what can be done to its rows; Django's deletion, which looks the same of all, of one."""
    acts = ((name, act) for name, of in _tables().items() for act in of.get_actions(_of_a_superuser()))
    return [(f"{name}_changelist", act) for name, act in acts if act != "delete_selected" or name == "auth_group"]


def _tables() -> dict[str, Any]:
    tables = admin.site._registry.values()
    return {f"{of.opts.app_label}_{of.opts.model_name}": of for of in sorted(tables, key=lambda of: of.opts.label)}


def _of_a_superuser() -> Any:
    request: Any = RequestFactory().get("/")
    request.user = User(is_active=True, is_staff=True, is_superuser=True)
    return request


def kinds(form: str) -> list[str]:
    """The pages of a row: its form, what was done to it, and its deletion, which look the same of every table."""
    return [form, *(form.replace("/change/", f"/{kind}/") for kind in ("history", "delete") if OF_EVERY_KIND in form)]


def _routes() -> Iterator[tuple[str, str | None]]:
    waiting = [("", pattern) for pattern in get_resolver().url_patterns]
    while waiting:
        before, pattern = waiting.pop()
        route = before + str(pattern.pattern).removeprefix("^")
        if isinstance(pattern, URLPattern):
            yield route, pattern.name
        else:
            waiting += [(route, one) for one in pattern.url_patterns]
