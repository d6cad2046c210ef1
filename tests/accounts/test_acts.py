"""The log of what admins do: complete, without secrets, and kept from everybody."""

from __future__ import annotations

import csv
import getpass
from io import StringIO
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import Group, Permission
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db import models as db
from django.db.models.deletion import Collector
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from accounts import acts, keys
from accounts.models import Act, User
from generations.models import AlbumImage, DeliveryTry, Event, Model, ProviderAccount, Route
from tests.administration import CONFIRMED, REASON, admin
from tests.factories import make_catalogue, make_user

pytestmark = pytest.mark.django_db
ACTS = "/admin/accounts/act/"


def save(client: Client, row: Any, **changes: Any) -> Any:
    """Send the form of a row's page as the browser would, with these changes."""
    page = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
    shown = client.get(page).context
    forms = [shown["adminform"].form, *(each for inline in shown["inline_admin_formsets"] for each in inline.formset)]
    managed = [inline.formset.management_form for inline in shown["inline_admin_formsets"]]
    sent: dict[str, Any] = {}
    for form in (*forms, *managed):
        for field in form:
            sent |= _sent(field)
    answer = client.post(page, sent | changes)
    assert answer.status_code == 302, answer.context["errors"]
    return answer


def _sent(field: Any) -> dict[str, Any]:
    value = field.value()
    if field.name == "password" or value is None or value is False:
        return {}
    decompress = getattr(field.field.widget, "decompress", None)
    if decompress:
        return {f"{field.html_name}_{n}": part for n, part in enumerate(decompress(value)) if part is not None}
    return {field.html_name: field.field.prepare_value(value)}


def test_a_change_in_a_form_is_recorded_with_what_it_was() -> None:
    make_catalogue()
    boss, client = admin()
    model = Model.objects.get(slug="sketch")
    save(client, model, price_1k=7, _reason="dearer paper")
    act = Act.objects.get()
    assert (act.by, act.actor, act.verb, act.kind, act.name) == ("admin", boss, "change", "generations.model", "Sketch")
    assert (act.before, act.after) == ({"price_1k": 1}, {"price_1k": 7})
    assert (act.reason, act.address, len(act.request)) == ("dearer paper", "127.0.0.1", 32)


def test_a_form_that_changes_nothing_is_no_act() -> None:
    make_catalogue()
    _, client = admin()
    save(client, Model.objects.get(slug="sketch"))
    assert not Act.objects.exists()


def test_a_row_within_anothers_page_and_one_within_a_list_are_recorded_too() -> None:
    make_catalogue()
    _, client = admin()
    model = Model.objects.get(slug="sketch")
    route = model.routes.get()
    save(client, model, **{"routes-0-priority": 7})
    assert Act.objects.get().after == {"priority": 7}
    Route.objects.exclude(pk=route.pk).delete()
    row = {"form-0-id": route.pk, "form-0-priority": 9, "form-0-cost_usd": route.cost_usd, "form-0-enabled": "on"}
    client.post("/admin/generations/route/", {**row, "form-TOTAL_FORMS": 1, "form-INITIAL_FORMS": 1, "_save": "Save"})
    assert [act.after for act in Act.objects.order_by("id")] == [{"priority": 7}, {"priority": 9}]


def test_rights_that_are_given_are_recorded_by_name() -> None:
    _, client = admin()
    clerk, group = make_user(), Group.objects.create(name="clerks")
    group.permissions.add(Permission.objects.get(codename="view_user"))
    save(client, clerk, is_staff="on", groups=[group.pk])
    flag, groups = Act.objects.order_by("id")
    assert (flag.subject, flag.before, flag.after) == (clerk, {"is_staff": False}, {"is_staff": True})
    assert (groups.before, groups.after) == ({"groups": []}, {"groups": ["clerks"]})


def test_what_is_added_and_deleted_is_recorded_with_all_that_it_was() -> None:
    _, client = admin()
    client.post("/admin/auth/group/add/", {"name": "clerks"})
    client.post(f"/admin/auth/group/{Group.objects.get().pk}/delete/", {"post": "yes"})
    added, deleted = Act.objects.order_by("id")
    assert (added.verb, added.after["name"]) == ("add", "clerks")
    assert (deleted.verb, deleted.before["name"], deleted.after) == ("delete", "clerks", {})


def test_neither_secrets_nor_whole_addresses_are_written() -> None:
    _, client = admin()
    word = "a word nobody knows 1"
    form = {"email": "carol@example.com", "usable_password": "true", "password1": word, "password2": word}
    assert client.post("/admin/accounts/user/add/", form).status_code == 302
    carol = User.objects.get(email="carol@example.com")
    save(client, carol, email="carla@example.org")
    added, changed = Act.objects.order_by("id")
    assert added.after["password"] == "…"
    assert (changed.before, changed.after) == ({"email": "c…@example.com"}, {"email": "c…@example.org"})
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(a::text, ' ') FROM accounts_act a")
        [[whole]] = cursor.fetchall()
    for secret in (word, carol.password, "carol", "carla"):
        assert secret not in whole


def test_second_factors_sessions_and_further_addresses_are_hidden_too() -> None:
    user = make_user()
    factor = Authenticator(user=user, type=Authenticator.Type.TOTP, data={"secret": "sealed"})
    assert acts.shown(factor, "data", factor.data) == "…"
    assert acts.shown(factor, "session_key", "abc") == "…"
    assert acts.shown(factor, "email", "carol@example.com") == "c…@example.com"


def test_where_people_sign_in_from_is_not_written() -> None:
    session = UserSession(user=make_user(), session_key="abc", ip="203.0.113.9", user_agent="Firefox of Dora's")
    for name in ("ip", "user_agent", "session_key"):
        assert acts.shown(session, name, getattr(session, name)) == "…"


@pytest.mark.parametrize("model", [Event, AlbumImage, DeliveryTry])
def test_what_no_admin_edits_is_deleted_without_being_read(model: type[db.Model]) -> None:
    collector = Collector(using="default", origin=model._default_manager.all())
    assert collector.can_fast_delete(model._default_manager.all())


def test_an_action_on_rows_waits_for_a_second_look_and_a_reason() -> None:
    boss, client = admin()
    key, _ = keys.create(make_user(), "laptop")
    chosen = {"action": "revoke", "_selected_action": [key.pk]}
    look = client.post("/admin/accounts/apikey/", chosen)
    assert "let in no more" in look.content.decode()
    without = client.post("/admin/accounts/apikey/", chosen | {"_confirmed": "1", "_reason": " "})
    assert "This field is required" in without.content.decode()
    key.refresh_from_db()
    assert key.revoked is None
    for _again in range(2):
        client.post("/admin/accounts/apikey/", chosen | CONFIRMED)
    act = Act.objects.get()
    assert (act.verb, act.actor, act.subject, act.reason, act.target) == ("revoke", boss, key.user, REASON, str(key.pk))


def test_commands_are_recorded_without_passwords_and_only_when_they_did_something() -> None:
    call_command("adduser", "dora@example.com", password="a word nobody knows 1")
    call_command("grantcredits", "dora@example.com", 40, reason="order 7")
    with pytest.raises(CommandError):
        call_command("grantcredits", "nobody@example.com", 40, reason="order 8")
    added, granted = Act.objects.order_by("id")
    assert (added.by, added.actor, added.verb, added.subject) == ("command", None, "adduser", User.objects.get())
    assert added.after == {"email": "d…@example.com", "password": "…"}
    assert (granted.reason, granted.after["amount"]) == ("order 7", 40)


def test_a_password_that_is_changed_on_the_server_is_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    user = make_user(email="dora@example.com")
    monkeypatch.setattr(getpass, "getpass", lambda *_asked, **_more: "a word nobody knows 2")
    call_command("changepassword", "dora@example.com")
    act = Act.objects.get()
    assert (act.by, act.verb, act.subject, act.after) == (
        "command",
        "changepassword",
        user,
        {"username": "d…@example.com"},
    )
    assert User.objects.get().check_password("a word nobody knows 2")


@pytest.mark.parametrize(
    "statement",
    ["UPDATE accounts_act SET reason = 'another'", "DELETE FROM accounts_act", "TRUNCATE accounts_act CASCADE"],
)
def test_nobody_changes_the_log(statement: str) -> None:
    with acts.done_by(acts.COMMAND):
        acts.record("look")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # else what is to be checked stops a TRUNCATE first
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            cursor.execute(statement)
    assert Act.objects.get().reason == ""


def test_an_act_has_somebody_who_did_it_and_the_databases_time() -> None:
    with pytest.raises(LookupError):
        acts.record("look")
    with pytest.raises(IntegrityError), transaction.atomic():
        Act.objects.create(by="admin", verb="look")
    Act.objects.create(by="command", verb="look", created="1999-01-01T00:00:00Z")
    assert Act.objects.get().created.year > 1999


def test_what_people_do_for_themselves_is_nobodys_act() -> None:
    user = make_user()
    client = Client()
    client.force_login(user)
    client.post("/account/", {"name": "Dora"})
    user.refresh_from_db()
    assert user.name == "Dora"
    assert not Act.objects.exists()


def test_the_log_is_searched_filtered_and_taken_along(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    make_catalogue()
    boss, client = admin(email="boss@example.com")
    account = ProviderAccount.objects.named("sketch")
    for number in range(30):
        with acts.done_by(acts.Who(Act.By.ADMIN, boss)):
            acts.record("close circuit", account, reason=f"=mended {number}")
    with acts.done_by(acts.COMMAND):
        acts.record("look")
    with django_assert_max_num_queries(12):
        page = client.get(ACTS).content.decode()
    assert "command line" in page
    assert "mended 29" in page
    export = client.get(f"{ACTS}export", {"by": "admin", "q": "mended"})
    [head, *rows] = csv.reader(b"".join(export).decode().splitlines())
    assert len(rows) == 30
    assert dict(zip(head, rows[0], strict=True)) | {"when": "", "which": ""} == {
        **dict.fromkeys(head, ""),
        "by": "admin",
        "who": "boss@example.com",
        "act": "close circuit",
        "of": "generations.provideraccount",
        "name": "sketch",
        "before": "{}",
        "after": "{}",
        "reason": "'=mended 29",
    }
    assert Act.objects.latest("id").verb == "export"
    astray = client.get(f"{ACTS}export", {"created__gte": "soon"})
    assert (astray.status_code, astray.headers["Location"]) == (302, ACTS)
    one = Act.objects.filter(verb="close circuit").earliest("id")
    assert "mended 0" in client.get(f"{ACTS}{one.pk}/change/").content.decode()


@pytest.mark.parametrize("proxies", ["203.0.113.9", "nonsense, 10.0.0.1"])
def test_an_act_is_done_from_nowhere_where_the_proxies_do_not_say(settings: Settings, proxies: str) -> None:
    _, client = admin()
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 2
    headers = {"X-Forwarded-For": proxies}
    assert client.post("/admin/auth/group/add/", {"name": "clerks"}, headers=headers).status_code == 302
    assert Act.objects.get().address is None


@pytest.mark.parametrize("path", [ACTS, f"{ACTS}export"])
def test_the_log_is_for_those_who_may_see_it(path: str) -> None:
    assert Client().get(path).status_code == 302
    _, clerk = admin("view_user")
    assert clerk.get(path).status_code == 403
    _, auditor = admin("view_act")
    assert auditor.get(path).status_code == 200
    assert auditor.get(f"{ACTS}add/").status_code == 403


def test_an_admin_without_a_second_factor_is_sent_to_set_one_up(settings: Settings) -> None:
    settings.ADMIN_SECOND_FACTOR = True
    boss, client = admin()
    answer = client.get("/admin/")
    assert (answer.status_code, answer.headers["Location"]) == (302, reverse("mfa_index"))
    assert client.post("/admin/accounts/user/add/", {}).status_code == 302
    assert client.post("/admin/logout/").status_code in {200, 302}
    Authenticator.objects.create(user=boss, type=Authenticator.Type.TOTP, data={"secret": "sealed"})
    client.force_login(boss)
    assert client.get("/admin/").status_code == 200


def test_a_command_that_is_called_with_an_output_of_its_own_is_recorded_without_it() -> None:
    printed = StringIO()
    call_command("createapikey", make_user().email, name="studio", stdout=printed)
    assert printed.getvalue()
    assert "stdout" not in Act.objects.get(verb="createapikey").after
