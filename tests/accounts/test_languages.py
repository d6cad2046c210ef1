"""People are spoken to in their language, programs in English."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.db import OperationalError, connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from pytest_django.fixtures import Settings

from accounts import changes, keys, languages
from accounts.models import User
from generations.templatetags.studio import moment_in_text, moment_name
from tests.factories import make_user

pytestmark = pytest.mark.django_db
GERMAN = {"accept-language": "de-AT,de;q=0.9,en;q=0.3"}
PASSWORD = "a lantern on still water"


@pytest.fixture
def german() -> Client:
    return Client(headers=GERMAN)


def choose(client: Client, language: str, here: str = "/explore") -> Any:
    return client.post(reverse("language"), {"language": language, "next": here})


@pytest.mark.parametrize(
    ("asked", "spoken"),
    [
        ("de", "de"),
        ("de-CH, en;q=0.5", "de"),
        ("en-US,de;q=0.8", "en-gb"),
        ("fr,de;q=0.4", "de"),
        ("fr", "en-gb"),
        ("*", "en-gb"),
        ("x" * 5000, "en-gb"),
    ],
)
def test_guests_read_what_their_browser_asks_for(asked: str, spoken: str) -> None:
    page = Client(headers={"accept-language": asked}).get("/explore")
    assert f'<html lang="{spoken}">' in page.text
    assert {"Accept-Language", "Cookie"} <= set(page["Vary"].split(", "))


def test_guests_choose_and_the_choice_stays(german: Client) -> None:
    answer = choose(german, "en-gb")
    assert (answer.status_code, answer["Location"]) == (302, "/explore")
    assert '<html lang="en-gb">' in german.get("/explore").text
    assert answer.cookies[settings.LANGUAGE_COOKIE_NAME]["max-age"] == 31_536_000


@pytest.mark.parametrize("language", ["", "tlh", "../../etc", "de\0"])
def test_a_language_that_is_not_spoken_changes_nothing(german: Client, language: str) -> None:
    assert choose(german, language).status_code == 302
    assert '<html lang="de">' in german.get("/explore").text


def test_choosing_leads_nowhere_else(german: Client) -> None:
    assert choose(german, "de", "https://elsewhere.example/")["Location"] == "/"


def test_choosing_takes_no_cookie_and_is_no_link() -> None:
    guest = Client(enforce_csrf_checks=True)
    guest.get("/explore")
    assert not guest.cookies
    assert choose(guest, "de").status_code == 302
    assert '<html lang="de">' in guest.get("/explore").text
    assert Client().get(reverse("language")).status_code == 405


def test_a_choice_goes_with_the_account_to_any_device(client: Client) -> None:
    alice = make_user()
    client.force_login(alice)
    client.post(reverse("account"), {"language": "de"})
    second = Client(headers={"accept-language": "en"})
    second.force_login(alice)
    choose(second, "en-gb")
    assert '<html lang="de">' in second.get(reverse("account")).text
    alice.refresh_from_db()
    assert (alice.language, alice.version) == ("de", 2)


def test_the_profile_has_the_choice_and_says_so_in_it(client: Client) -> None:
    client.force_login(make_user())
    page = client.post(reverse("account"), {"name": "Alice", "language": "de"}, follow=True)
    assert '<html lang="de">' in page.text
    assert "Gespeichert" in page.text
    wrong = client.post(reverse("account"), {"name": "Alice", "language": "tlh"})
    assert wrong.status_code == 422
    page = client.post(reverse("account"), {"name": "Alice", "language": ""}, follow=True)
    assert '<html lang="en-gb">' in page.text


@pytest.mark.parametrize(("path", "times"), [("/account/", 1), ("/media/nothing/1.png", 0), ("/healthz", 0)])
def test_nobody_is_looked_up_twice_nor_where_there_are_no_words(client: Client, path: str, times: int) -> None:
    client.force_login(make_user())
    with CaptureQueriesContext(connection) as asked:
        client.get(path)
    assert sum('FROM "accounts_user"' in query["sql"] for query in asked) == times


def test_a_language_that_is_spoken_no_more_is_not_missed(client: Client, settings: Settings) -> None:
    client.force_login(make_user(language="de"))
    settings.LANGUAGES = [("en-gb", "English")]
    assert '<html lang="en-gb">' in client.get(reverse("account")).text


def test_people_go_on_in_the_language_that_they_signed_up_in(german: Client) -> None:
    german.post(reverse("account_signup"), {"email": "neu@example.com", "password1": PASSWORD})
    assert User.objects.get(email="neu@example.com").language == "de"
    assert mail.outbox[-1].subject == "Atelier · Bestätigen Sie Ihre Adresse"


def test_mail_is_in_the_language_of_its_reader(german: Client) -> None:
    make_user(email="alice@example.com", language="en-gb")
    german.post(reverse("account_reset_password"), {"email": "alice@example.com"})
    assert mail.outbox[-1].subject == "Atelier · Choose a new password"


def test_what_changed_is_mailed_in_the_language_of_its_reader(rf: RequestFactory) -> None:
    request = rf.post("/", headers={"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"})
    changes.tell(request, make_user(language="de"), "password_changed", {})
    body = str(mail.outbox[-1].body)
    assert body.startswith("Ihr Passwort wurde geändert.")
    assert "Firefox auf Linux" in body


def test_mail_that_an_app_asks_for_is_in_the_language_of_its_reader() -> None:
    make_user(email="alice@example.com", language="de")
    asked = {"email": "alice@example.com"}
    Client().post("/api/auth/app/v1/auth/password/request", asked, content_type="application/json")
    assert mail.outbox[-1].subject == "Atelier · Wählen Sie ein neues Passwort"


@pytest.mark.parametrize("kept", ["", "tlh"])
def test_without_a_request_the_studio_has_a_language_of_its_own(kept: str) -> None:
    with languages.spoken_to(make_user(language=kept)):
        assert languages.translated("welcome") == "welcome"
    with languages.spoken_to(make_user(language="de")):
        assert languages.translated("welcome") == "zur Begrüßung"
        assert languages.translated("a reason of somebody's") == "a reason of somebody's"
        assert languages.translated("") == ""


ENGLISH = [
    ("get", "/api/v1/nothing"),
    ("get", "/api/v1/me"),
    ("get", "/api/v1/generations?limit=many"),
    ("post", "/api/v1/generations"),
    ("post", "/api/v1/redeem"),
    ("get", "/api/schema"),
    ("post", "/api/auth/app/v1/auth/login"),
    ("post", "/v1/images/generations"),
    ("get", "/v1/models/nothing"),
    ("post", "/fal/queue/fal-ai/imagen4/preview"),
    ("post", "/fal-ai/nothing"),
    ("post", "/v2/images/generate"),
    ("get", "/v2/jobs/nothing"),
    ("get", "/healthz"),
    ("get", "/readyz"),
    ("post", "/hooks/fal/nothing"),
    ("get", "/media/nothing/1.png"),
]


@pytest.mark.parametrize("keyed", ["a key", ""])
@pytest.mark.parametrize(("method", "path"), ENGLISH)
def test_programs_are_told_the_same_whatever_language_they_ask_for(method: str, path: str, keyed: str) -> None:
    headers = {"authorization": f"Bearer {keys.create(make_user(language='de'), name='app')[1]}"} if keyed else {}

    def ask(language: str) -> Any:
        client = Client(headers={**headers, "accept-language": language})
        sent = {"data": {"prompt": ""}, "content_type": "application/json"} if method == "post" else {}
        return getattr(client, method)(path, **sent)

    english, german = ask("en-gb"), ask("de")
    assert german.status_code == english.status_code
    assert without_ids(german) == without_ids(english)
    assert "Accept-Language" not in german.get("Vary", "")
    assert "Content-Language" not in german


def without_ids(answer: Any) -> str:
    """What was answered, but for what names this very request or moment."""
    return re.sub(r"\d", "", answer.text.replace(answer["X-Request-Id"], ""))


def test_a_database_that_is_away_is_said_in_a_page(client: Client) -> None:
    client.force_login(make_user())

    def refuse(*_: Any) -> None:
        raise OperationalError("connection refused")

    with connection.execute_wrapper(refuse):
        answer = client.get("/explore")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")


def test_one_reader_leaves_nothing_to_the_next(german: Client) -> None:
    german.get("/explore")
    elsewhere = Client(headers={"host": "elsewhere.example"}).get("/explore")  # refused before any language is chosen
    assert '<html lang="en-gb">' in elsewhere.text


def test_a_moment_of_today_has_a_small_letter_after_other_words() -> None:
    now = timezone.now()
    with override("de"):
        assert moment_name(now).startswith("Heute ")
        assert moment_in_text(now).startswith("heute ")
