"""The account as its owner uses it: how to sign in, and what programs may."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Literal

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests import studios
from tests.browser.conftest import sign_in
from tests.browser.looking import faults, overflow
from tests.receivers import receiving
from tests.test_studio import Studio

pytestmark = [pytest.mark.browser, pytest.mark.studio]
Window = Callable[..., Page]
Account = Callable[[int], str]
PHONE: ViewportSize = {"width": 360, "height": 740}
SCHEMES: tuple[Literal["dark", "light"], ...] = ("dark", "light")


def prove(page: Page) -> None:
    """The password again, where it is asked for; then the page that asked for it is there."""
    page.get_by_label("Password", exact=True).fill(studios.PASSWORD)
    with page.expect_navigation():
        page.get_by_role("button", name="Go on").click()


def give_fingerprint_reader(page: Page) -> None:
    """One that always says yes."""
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "automaticPresenceSimulation": True}
    options |= {"hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True}
    device.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def fits(page: Page, axe: str) -> None:
    """On a phone as well, and for everybody in both themes."""
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        assert faults(page, axe) == []
    wide: Any = page.viewport_size
    page.set_viewport_size(PHONE)
    assert overflow(page) == 0
    page.set_viewport_size(wide)


def test_a_passkey_is_made_and_signs_in_without_a_password(
    window: Window, studio: Studio, account: Account, axe: str
) -> None:
    page = window(base_url=f"http://localhost:{studio.port}")  # browsers give no passkey to an address of numbers
    give_fingerprint_reader(page)
    sign_in(page, account(30))

    page.goto("/account/security/")
    fits(page, axe)
    page.get_by_role("link", name="Add a passkey").click()
    prove(page)
    fits(page, axe)
    page.get_by_label("Name").fill("laptop")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")
    expect(page.locator(".codes li")).to_have_count(10)
    fits(page, axe)
    page.goto("/account/security/webauthn/")
    expect(page.locator(".settings")).to_contain_text("laptop")
    fits(page, axe)

    page.get_by_role("button", name="Sign out").click()
    page.goto("/account/login/?next=/account/credits")
    page.get_by_role("button", name="Sign in with a passkey").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Credits")
    page.goto("/account/sessions/")
    expect(page.locator(".settings")).to_contain_text("this one")
    fits(page, axe)


def test_a_passkey_that_was_not_given_is_said_and_the_password_still_does(
    window: Window, studio: Studio, account: Account
) -> None:
    page = window()
    page.goto("/account/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("alert")).to_have_text(re.compile("passkey"))
    sign_in(page, account(30))


def test_a_webhook_is_added_and_tried_and_its_log_fills_by_itself(window: Window, account: Account, axe: str) -> None:
    page = window()
    sign_in(page, account(30))
    with receiving() as receiver:
        page.goto("/account/webhooks")
        page.get_by_label("Address").fill(receiver.url)
        page.get_by_role("button", name="Add an endpoint").press("Enter")
        expect(page.locator("[data-copied-text]")).to_have_text(re.compile("^whsec_"))
        page.get_by_role("button", name="Copy").click()
        fits(page, axe)
        page.get_by_role("link", name=receiver.url).click()
        page.get_by_role("button", name="Send a test").click()
        expect(page.locator("#log")).to_contain_text("delivered")  # without a reload
        fits(page, axe)
        page.get_by_role("link", name="webhook.test").click()
        expect(page.locator("ol.settings")).to_contain_text("200")
        fits(page, axe)


def test_all_is_taken_away_and_the_account_deleted_and_kept_in_time(window: Window, account: Account, axe: str) -> None:
    email = account(30)
    page = window()
    sign_in(page, email)
    page.goto("/account/data")
    page.get_by_role("button", name="Make an archive").click()
    with page.expect_download() as archive:
        page.get_by_role("link", name="Download").click()
    assert archive.value.suggested_filename.endswith(".zip")
    fits(page, axe)
    page.get_by_role("link", name="Delete your account").click()
    prove(page)
    fits(page, axe)
    page.get_by_label("Your address").fill(email)
    page.get_by_role("button", name="Delete everything").press("Enter")
    expect(page.get_by_text("Your account is closed")).to_be_visible()
    page.goto("/account/data")
    expect(page.get_by_label("Email")).to_be_visible()
    sign_in(page, email, onto="**/account/keep")
    fits(page, axe)
    page.get_by_role("button", name="Keep my account").press("Enter")
    expect(page.get_by_text("Your account stays")).to_be_visible()
