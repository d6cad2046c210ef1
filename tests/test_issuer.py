"""A whole studio whose people sign in by an issuer of OpenID Connect, as browsers do."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any, ClassVar
from urllib.parse import urlsplit

import httpx
import pytest
from allauth.mfa.totp.internal import auth as totp

from tests import studios
from tests.emulators.issuer import CLIENT, SECRET, Issuer
from tests.test_studio import Studio

pytestmark = pytest.mark.studio
LOGIN, SECURITY, CONNECTED = "/account/login/", "/account/security/", "/account/issuer/connected"
TOTP = "/account/security/totp/activate/"
BEGIN = "/account/issuer/issuer/login"


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with Issuer() as issuer:
        yield issuer


@pytest.fixture(scope="module")
def studio(issuer: Issuer) -> Iterator[Studio]:
    named = {"OIDC_ISSUER": issuer.origin, "OIDC_CLIENT_ID": CLIENT, "OIDC_CLIENT_SECRET": SECRET, "OIDC_NAME": "Guild"}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in named.items():
            patch.setenv(name, value)
        with studios.running() as studio:
            yield studio


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    """Browsers, once nobody looks at them any more."""
    yield
    while Browser.opened:
        Browser.opened.pop().close()


class Browser:
    """Follows where it is sent, as far as the issuer and back."""

    opened: ClassVar[list[httpx.Client]] = []

    def __init__(self, studio: Studio) -> None:
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{studio.port}", follow_redirects=True, timeout=60)
        self.opened.append(self.client)

    def get(self, path: str) -> httpx.Response:
        return self.client.get(path)

    def post(self, path: str, page: str = LOGIN, **values: str) -> httpx.Response:
        """A form of this page."""
        return self.client.post(path, data={"csrfmiddlewaretoken": token_of(self.get(page).text), **values})

    def by_issuer(self, process: str = "login", page: str = LOGIN) -> httpx.Response:
        button = re.search(f'<form method="post" action="{BEGIN}">(.*?)</form>', self.get(page).text, re.DOTALL)
        assert button
        return self.client.post(BEGIN, data={"csrfmiddlewaretoken": token_of(button[1]), "process": process})

    def by_password(self, email: str) -> httpx.Response:
        return self.post(LOGIN, login=email, password=studios.PASSWORD)

    @property
    def is_in(self) -> bool:
        return self.get("/account/").url.path == "/account/"


def token_of(page: str) -> str:
    """What a form of this page is sent with."""
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert found
    return found[1]


def says(issuer: Issuer, sub: str, **claims: Any) -> None:
    """Whom the issuer will have signed in."""
    issuer.claims = {"sub": sub, **claims}


def test_the_button_leads_there_and_the_policy_lets_it(studio: Studio, issuer: Issuer) -> None:
    browser = Browser(studio)
    page = browser.get(LOGIN)
    assert "Go on with Guild" in page.text
    assert "Go on with Guild" in browser.get("/account/signup/").text
    policy = {part.split()[0]: part.split()[1:] for part in page.headers["content-security-policy"].split(";")}
    assert policy["form-action"] == ["'self'", issuer.origin]
    asked_first = browser.get(BEGIN)
    assert (asked_first.status_code, asked_first.url.path) == (200, BEGIN)
    assert 'class="entrance"' in asked_first.text


def test_a_verified_address_makes_an_account_and_opens_it_again(studio: Studio, issuer: Issuer) -> None:
    says(issuer, "1", email="Wanda@example.com", email_verified=True, name="Wanda of the Guild" + "d" * 100)
    browser = Browser(studio)
    assert browser.by_issuer().url.path == "/create"
    assert browser.is_in
    assert "Wanda of the Guild" in browser.get("/account/").text
    assert "wanda@example.com" in browser.get(SECURITY).text
    asked = issuer.asked[-1]
    assert (asked["code_challenge_method"], asked["response_type"], asked["client_id"]) == ("S256", "code", CLIENT)
    again = Browser(studio)
    again.by_issuer()
    assert again.is_in


@pytest.mark.parametrize(
    "claims", [{}, {"email": "x@example.com"}, {"email": "x@example.com", "email_verified": "true"}]
)
def test_an_address_that_is_not_verified_makes_none(studio: Studio, issuer: Issuer, claims: dict[str, Any]) -> None:
    says(issuer, "2", **claims)
    browser = Browser(studio)
    answer = browser.by_issuer()
    assert answer.url.path == LOGIN
    assert "no verified address" in answer.text
    assert not browser.is_in


def test_no_account_is_taken_over_by_its_address_but_connected_by_its_owner(studio: Studio, issuer: Issuer) -> None:
    email = studios.person(studio)
    says(issuer, "3", email=email.upper(), email_verified=True)
    stranger = Browser(studio)
    answer = stranger.by_issuer()
    assert "There is an account with your address" in answer.text
    assert not stranger.is_in
    owner = Browser(studio)
    owner.by_password(email)
    assert "Guild" in owner.get(SECURITY).text
    proof = owner.by_issuer("connect", CONNECTED)
    assert proof.url.path == "/account/reauthenticate/", "a session that lay open connects nothing"
    owner.post(str(proof.url.raw_path.decode()), str(proof.url.raw_path.decode()), password=studios.PASSWORD)
    assert "Disconnect" in owner.get(CONNECTED).text
    other = Browser(studio)
    other.by_issuer()
    assert other.is_in
    assert email in other.get(SECURITY).text


def test_a_second_factor_is_asked_for_all_the_same(studio: Studio, issuer: Issuer) -> None:
    says(issuer, "7", email="zoe@example.com", email_verified=True)
    owner = Browser(studio)
    owner.by_issuer()
    page = owner.get(TOTP).text  # which draws another secret each time
    found = re.search(r'class="secret mono">([A-Z2-7]+)<', page)
    assert found
    code = totp.format_hotp_value(totp.hotp_value(found[1], int(time.time()) // 30))
    told = owner.client.post(TOTP, data={"csrfmiddlewaretoken": token_of(page), "code": code})
    assert told.url.path != TOTP
    again = Browser(studio)
    assert again.by_issuer().url.path == "/account/security/authenticate/"
    assert not again.is_in


def test_the_last_way_in_is_not_taken_away(studio: Studio, issuer: Issuer) -> None:
    says(issuer, "4", email="xenia@example.com", email_verified=True)
    browser = Browser(studio)
    browser.by_issuer()
    found = re.search(r'name="account" value="(\d+)"', browser.get(CONNECTED).text)
    assert found
    kept = browser.post(CONNECTED, CONNECTED, account=found[1])
    assert "no password" in kept.text
    assert "Disconnect" in browser.get(CONNECTED).text


def test_an_issuer_that_is_out_of_order_is_no_error_of_ours(studio: Studio, issuer: Issuer) -> None:
    says(issuer, "5")
    issuer.silent = True
    try:
        answer = Browser(studio).by_issuer()
    finally:
        issuer.silent = False
    assert (answer.status_code, urlsplit(str(answer.url)).path) == (502, BEGIN)
    assert "That did not work" in answer.text
    for query in ("", "?code=made-up", "?code=made-up&state=guessed", "?error=access_denied"):
        assert Browser(studio).get(f"/account/issuer/issuer/answered{query}").status_code < 500
    assert Browser(studio).get("/account/issuer/another/login").status_code == 404


def test_leaving_forgets_what_the_issuer_said(studio: Studio, issuer: Issuer) -> None:
    says(issuer, "6", email="yves@example.com", email_verified=True)
    browser = Browser(studio)
    browser.by_issuer()
    left = browser.post("/account/data/leave", "/account/data/leave", email="yves@example.com")
    assert left.url.path == "/"
    assert "Keep your account?" in Browser(studio).by_issuer().text
