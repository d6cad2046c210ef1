"""What admins see of the providers: figures, states and notices, in words, and in a few statements."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.db.models.functions import Now
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import Act, User
from generations.models import Attempt, ProviderAccount, Route
from generations.providers import registry
from tests.factories import make_catalogue, make_generation, make_user

pytestmark = pytest.mark.django_db

State = Attempt.State
LIST = "/admin/generations/provideraccount/"


@pytest.fixture(autouse=True)
def two_vendors(settings: Settings) -> None:
    """fal and Sketch are configured, and nobody else."""
    settings.PROVIDERS = settings.PROVIDERS | {"fal": settings.PROVIDERS["fal"] | {"enabled": True}}
    make_catalogue()


@pytest.fixture
def admin() -> Client:
    return signed_in(make_user(is_staff=True, is_superuser=True))


@pytest.fixture
def alice() -> User:
    return make_user(balance=500)


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def clerk(*permissions: str) -> Client:
    """Staff who may do this and nothing else."""
    person = make_user(is_staff=True)
    person.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return signed_in(person)


def fal_route() -> Route:
    return Route.objects.filter(provider="fal").order_by("pk")[0]


def tried(user: User, state: State, *, took: float | None = None, **fields: object) -> Attempt:
    """An attempt at fal that came to this, and was sent a minute ago."""
    sent = timezone.now() - dt.timedelta(minutes=1)
    given = {"sent": sent, "created": sent, "finished": None if state in Attempt.IN_FLIGHT else sent} | fields
    ready = None if took is None else sent + dt.timedelta(seconds=took)
    return Attempt.objects.create(
        generation=make_generation(user), number=1, route=fal_route(), provider="fal", seed=1, state=state, ready=ready,
        **given,
    )  # fmt: skip


def change(**values: object) -> None:
    ProviderAccount.objects.filter(name="fal").update(**values)


def text(client: Client, url: str) -> str:
    """What a page says, without its marks."""
    response = client.get(url)
    assert response.status_code == 200
    body = re.sub(r"<(script|style|head)\b.*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body)).replace("&#x27;", "'").replace("&nbsp;", " ")


def page(name: str = "fal") -> str:
    return f"{LIST}{name}/change/"


def cells(client: Client, url: str = LIST) -> dict[str, str]:
    """The figures of fal's row, by the head of their column."""
    row = next(row for row in client.get(url).context["rows"] if row.account.name == "fal")
    return {cell.label: f"{cell.text} {cell.note}".strip() for cell in row.cells}


# The list


def test_each_configured_provider_has_a_row_and_the_others_are_named(admin: Client) -> None:
    page = admin.get(LIST)
    assert [row.account.name for row in page.context["rows"]] == ["fal", "sketch"]
    assert "Not configured: aimlapi, apiframe, google, openai." in text(admin, LIST)


def test_where_nothing_happened_there_are_dashes(admin: Client) -> None:
    assert cells(admin) == {
        "Requests": "–",
        "Success": "–",
        "Filtered": "–",
        "Partial": "–",
        "Latency": "–",
        "Spend": "–",
        "Unknown": "–",
        "Late": "–",
        "In flight": "0",
        "Balance": "–",
    }


def test_figures_have_their_units(admin: Client, alice: User) -> None:
    tried(alice, State.REFUSED, error_code="content_policy")
    tried(alice, State.REFUSED, error_code="busy")
    tried(alice, State.ACCEPTED)
    tried(alice, State.UNKNOWN, at_risk_usd=Decimal("0.04"))
    tried(alice, State.ABANDONED, at_risk_usd=Decimal("0.25"))
    late = {"pictures": [{"url": "https://v.example/a"}], "cost_usd": Decimal("0.05")}
    tried(alice, State.ABANDONED, took=130, **late)
    change(max_in_flight=20, balance=Decimal("12.5"), balance_unit="USD", balance_at=Now() - dt.timedelta(minutes=4))
    assert cells(admin) == {
        "Requests": "6 4 ended",
        "Success": "0 %",
        "Filtered": "25 %",
        "Partial": "0 %",
        "Latency": "2 min 10 s · 2 min 10 s p50 · p95",
        "Spend": "$0.05",
        "Unknown": "2 $0.29 at risk, $0.75 of the loss budget left",
        "Late": "1 $0.05 lost",
        "In flight": "2 of 20",
        "Balance": "$12.50 4 minutes ago",
    }


def test_a_span_of_time_is_chosen(admin: Client, alice: User) -> None:
    old = timezone.now() - dt.timedelta(hours=3)
    tried(alice, State.REFUSED, sent=old, created=old)
    asked = {span: cells(admin, f"{LIST}?span={span}")["Requests"] for span in ("1h", "24h", "7d", "for ever", "")}
    assert asked == {"1h": "–", "24h": "1", "7d": "1", "for ever": "1", "": "1"}


def test_the_loss_budget_is_told_where_the_policy_draws_on_it(admin: Client) -> None:
    change(unknown_policy="retry")
    assert cells(admin)["Unknown"] == "– $1.00 of the loss budget left"


def test_another_unit_is_named(admin: Client) -> None:
    change(balance=Decimal(12000), balance_unit="credits", balance_at=Now() - dt.timedelta(minutes=4))
    assert cells(admin)["Balance"] == "12,000 credits 4 minutes ago"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "In service"),
        ({"failures": 2, "last_error": "fal answered 500"}, "In service 2 failures in a row fal answered 500"),
        ({"enabled": False}, "Switched off Nothing new is sent there."),
        ({"resume_at": Now() + dt.timedelta(minutes=9), "last_error": "429"}, "Paused by the vendor tried again 8"),
        ({"resume_at": Now() + dt.timedelta(minutes=9), "breaks": 4}, "Circuit open tried again 8 minutes from now"),
        ({"resume_at": Now() - dt.timedelta(minutes=9), "breaks": 4}, "Circuit half open the next request tries it"),
        (
            {"resume_at": Now(), "breaks": 1, "probe_until": Now() + dt.timedelta(minutes=1)},
            "Circuit half open one request is trying it now",
        ),
    ],
)
def test_the_circuit_is_told_in_words(admin: Client, values: dict[str, object], words: str) -> None:
    change(**values)
    assert f"fal {words}" in text(admin, LIST)
    assert words in text(admin, page())


def test_all_providers_take_as_many_statements_as_one(admin: Client, settings: Settings, alice: User) -> None:
    counts = []
    for names in (["sketch"], list(registry.CLIENTS)):
        settings.PROVIDERS = {
            name: settings.PROVIDERS[name] | {"enabled": name in names} for name in settings.PROVIDERS
        }
        admin.get(LIST)
        with CaptureQueriesContext(connection) as asked:
            assert len(admin.get(LIST).context["rows"]) == len(names)
        counts.append(len(asked))
        tried(alice, State.REFUSED)
    assert counts[0] == counts[1]


# One provider


def test_a_provider_s_page_tells_its_routes_apart(admin: Client, alice: User) -> None:
    tried(alice, State.REFUSED)
    rows = admin.get(page()).context["routes"]
    assert {row.route.provider for row in rows} == {"fal"}
    told = {row.route: row.cells[0].text for row in rows}
    assert told.pop(fal_route()) == "1"
    assert set(told.values()) == {"–"}


def test_a_page_takes_as_many_statements_however_many_routes_there_are(admin: Client) -> None:
    counts = []
    for number in range(2):
        admin.get(page())
        with CaptureQueriesContext(connection) as asked:
            admin.get(page())
        counts.append(len(asked))
        first = fal_route()
        Route.objects.bulk_create(
            Route(model=first.model, provider="fal", provider_model=f"{number}/{each}") for each in range(20)
        )
    assert counts[0] == counts[1]


def test_limits_are_edited_and_what_the_workers_wrote_meanwhile_stays(admin: Client) -> None:
    form = {"enabled": "on", "max_in_flight": "8", "unknown_policy": "retry", "loss_budget_usd": "2.50"}
    read = ProviderAccount.objects.get(name="fal")
    change(failures=3, balance=Decimal(7))
    assert admin.post(page(), form).status_code == 302
    account = ProviderAccount.objects.get(name="fal")
    assert (account.max_in_flight, account.unknown_policy, account.loss_budget_usd) == (8, "retry", Decimal("2.50"))
    assert (account.failures, account.balance, read.failures) == (3, Decimal(7), 0)


def test_an_edit_writes_nothing_but_what_was_changed(admin: Client) -> None:
    form = {"max_in_flight": "8", "unknown_policy": "wait", "loss_budget_usd": "1.00"}
    with CaptureQueriesContext(connection) as asked:
        assert admin.post(page(), form).status_code == 302
    written = [query["sql"] for query in asked if query["sql"].startswith('UPDATE "generations_provideraccount"')]
    assert len(written) == 1
    assert re.findall(r"SET (.*) WHERE", written[0])[0].count("=") == 2, "enabled and max_in_flight"
    assert not ProviderAccount.objects.get(name="fal").enabled


@pytest.mark.parametrize(
    "wrong",
    [
        {"max_in_flight": "0"},
        {"max_in_flight": "-1"},
        {"max_in_flight": "99999999999"},
        {"submits_per_minute": "0"},
        {"loss_budget_usd": "-0.01"},
        {"loss_budget_usd": ""},
        {"loss_budget_usd": "NaN"},
        {"unknown_policy": "shrug"},
        {"warn_below": "-1"},
        {"warn_below": "1e30"},
    ],
)
def test_what_makes_no_sense_is_refused_with_a_reason(admin: Client, wrong: dict[str, str]) -> None:
    form = {"enabled": "on", "unknown_policy": "wait", "loss_budget_usd": "1"}
    answer = admin.post(page(), form | wrong)
    assert answer.status_code == 200
    assert answer.context["adminform"].form.errors[next(iter(wrong))]


def test_a_circuit_is_closed_by_hand_and_that_is_logged(admin: Client) -> None:
    change(breaks=3, failures=9, resume_at=Now() + dt.timedelta(minutes=9), last_error="fal answered 500")
    assert "Close the circuit now" in text(admin, page())
    assert admin.post(f"{LIST}fal/reset").url == page()  # type: ignore[attr-defined]
    account = ProviderAccount.objects.current().get(name="fal")
    assert (account.circuit, account.failures) == ("closed", 0)
    assert "Close the circuit now" not in text(admin, page())
    act = Act.objects.get()
    assert (act.verb, act.target) == ("close circuit", "fal")


def test_a_provider_that_is_not_there_has_no_page(admin: Client) -> None:
    assert admin.post(f"{LIST}nobody/reset").status_code == 404
    assert admin.get(page("nobody")).status_code == 302


def test_one_without_a_key_says_so(admin: Client) -> None:
    assert "no key for this provider" in text(admin, page("google"))


# Who may


def test_strangers_are_asked_to_sign_in() -> None:
    for client in (Client(), signed_in(make_user())):
        for url in (LIST, page()):
            assert client.get(url).status_code == 302
        change(breaks=1)
        assert client.post(f"{LIST}fal/reset").status_code == 302
        assert ProviderAccount.objects.get(name="fal").breaks == 1


def test_staff_without_permissions_see_and_do_nothing() -> None:
    client = clerk()
    change(breaks=1)
    assert [client.get(LIST).status_code, client.get(page()).status_code] == [403, 403]
    assert client.post(f"{LIST}fal/reset").status_code == 403
    assert ProviderAccount.objects.get(name="fal").breaks == 1


def test_whoever_may_only_look_sees_the_figures_and_changes_nothing() -> None:
    client = clerk("view_provideraccount")
    change(breaks=1, resume_at=Now() + dt.timedelta(minutes=9))
    assert "Circuit open" in text(client, LIST)
    seen = text(client, page())
    assert "Circuit open" in seen
    assert "Close the circuit" not in seen
    assert "formaction" not in client.get(page()).content.decode()
    assert client.post(page(), {"unknown_policy": "fail", "loss_budget_usd": "9"}).status_code == 403
    assert client.post(f"{LIST}fal/reset").status_code == 403
    assert ProviderAccount.objects.get(name="fal").breaks == 1


def test_not_even_a_superuser_adds_or_deletes_one(admin: Client) -> None:
    assert admin.get(f"{LIST}add/").status_code == 403
    assert admin.post(f"{LIST}fal/delete/", {"post": "yes"}).status_code == 403


def test_a_circuit_is_not_closed_by_a_link(admin: Client) -> None:
    assert admin.get(f"{LIST}fal/reset").status_code == 405
    assert admin.post(LIST).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(User.objects.get(is_superuser=True))
    assert strict.post(f"{LIST}fal/reset").status_code == 403


# Notices


def notices(client: Client) -> list[str]:
    found = client.get("/admin/").content.decode()
    return [re.sub(r"<[^>]+>", "", each).strip() for each in re.findall(r'<li class="notice.*?</li>', found, re.DOTALL)]


def test_when_all_is_well_nothing_is_said(admin: Client, alice: User) -> None:
    tried(alice, State.DELIVERED, took=2)
    change(balance=Decimal(40), balance_unit="USD", balance_at=Now())
    assert notices(admin) == []


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (
            {"breaks": 1, "resume_at": Now() + dt.timedelta(minutes=5), "last_error": "bad key"},
            "fal: Circuit open, tried again 4 minutes from now",
        ),
        ({"breaks": 1, "resume_at": Now()}, "fal: Circuit half open, the next request tries it."),
        ({"balance": Decimal(0), "balance_at": Now()}, "balance is used up"),
        (
            {"balance": Decimal(4), "balance_unit": "credits", "balance_at": Now(), "warn_below": 5},
            "low (4 credits, ",
        ),
        ({"balance": Decimal(4), "balance_at": Now() - dt.timedelta(hours=2)}, "fal has not told its balance since"),
    ],
)
def test_what_is_wrong_with_an_account_is_said_on_the_first_page(
    admin: Client, values: dict[str, object], said: str
) -> None:
    change(**values)
    assert len(notices(admin)) == 1
    assert said in notices(admin)[0]
    assert f'href="{page()}"' in admin.get("/admin/").content.decode()


def test_a_balance_that_will_not_last_another_day_is_low(admin: Client, alice: User) -> None:
    tried(alice, State.DELIVERED, took=2, pictures=[{}], cost_usd=Decimal(5))
    change(balance=Decimal("5.01"), balance_unit="USD", balance_at=Now())
    assert notices(admin) == []
    change(balance=Decimal("4.99"))
    assert "fal: the balance is low ($4.99" in notices(admin)[0]
    change(warn_below=Decimal(1))
    assert notices(admin) == []


def test_answers_lost_beyond_the_budget_are_said(admin: Client, alice: User) -> None:
    tried(alice, State.UNKNOWN, at_risk_usd=Decimal("0.5"))
    change(loss_budget_usd=Decimal("0.5"))
    assert notices(admin) == []
    tried(alice, State.ABANDONED, at_risk_usd=Decimal("0.04"))
    assert "2 answers were lost in 24 hours, with $0.54 at risk" in notices(admin)[0]


def test_routes_that_are_gone_or_not_listed_are_said(admin: Client) -> None:
    route = fal_route()
    Route.objects.filter(pk=route.pk).update(unlisted_since=Now())
    assert f"fal does not list {route.provider_model}" in notices(admin)[0]
    Route.objects.filter(pk=route.pk).update(gone_since=Now())
    assert f"fal no longer has {route.provider_model}" in notices(admin)[0]
    Route.objects.filter(pk=route.pk).update(enabled=False)
    assert notices(admin) == []


def test_of_a_provider_without_a_key_nothing_is_said(admin: Client, settings: Settings) -> None:
    change(breaks=1, balance=Decimal(0), balance_at=Now())
    Route.objects.filter(provider="fal").update(gone_since=Now())
    settings.PROVIDERS = settings.PROVIDERS | {"fal": settings.PROVIDERS["fal"] | {"enabled": False}}
    assert notices(admin) == []


def test_notices_are_for_those_who_may_see_the_providers() -> None:
    change(breaks=1)
    assert notices(clerk("view_generation")) == []
    assert len(notices(clerk("view_provideraccount"))) == 1


def test_the_first_page_takes_eight_statements_more_for_its_notices(alice: User) -> None:
    Route.objects.filter(provider="fal").update(gone_since=Now())
    change(breaks=1)
    counts = []
    for permission in ("view_route", "view_provideraccount"):
        client = clerk(permission)
        client.get("/admin/")
        with CaptureQueriesContext(connection) as asked:
            client.get("/admin/")
        counts.append(len(asked))
    assert counts[1] - counts[0] == 8
