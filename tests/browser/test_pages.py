"""Every page, looked at by who it is for: axe in both themes, on a phone and on a desk, and nothing from elsewhere."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from itertools import cycle
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.urls import reverse
from playwright.sync_api import Page, Response, expect

from tests import studios
from tests.browser import pages
from tests.browser.conftest import sign_in
from tests.browser.looking import faults, overflow
from tests.test_studio import Studio, eventually

pytestmark = [pytest.mark.browser, pytest.mark.studio]
Window = Callable[..., Page]
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
VIEWS = [[(DESK, "light"), (PHONE, "dark")], [(DESK, "dark"), (PHONE, "light")]]  # by turns from page to page
GLANCES = [[view] for view in (*VIEWS[0], *VIEWS[1])]  # of pages that are made of the same parts
View = tuple[dict[str, int], str]
NOWHERE = "/nothing/here"
# A row of each table of which the studio has none by itself.
ROWS = """
import datetime as dt
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.contrib.auth.models import Group
from django.utils import timezone
from accounts import vouchers
from accounts.models import Allotment, MonthlyAllowance, User
from generations.models import (
    Allowance, Announcement, Delivery, Image, LedgerCheck, PromptRule, Report, StorageSweep,
)
owner = User.objects.get(email="{owner}")
group = Group.objects.create(name="Friends")
owner.groups.add(group)
MonthlyAllowance.objects.create(group=group, amount=50)
Allotment.objects.create(user=owner, group=group, month=dt.date.today().replace(day=1))
vouchers.issue(vouchers.Batch(batch="Fair", amount=20, number=1, uses=1), owner)
Announcement.objects.create(text="We rest on Sunday.", ends=timezone.now())
PromptRule.objects.create(text="forbidden fruit", words="forbidden fruit")
Allowance.objects.create(user=owner, most_images=5000)
LedgerCheck.objects.create(seconds=0.4)
StorageSweep.objects.create(finished=timezone.now())
Report.objects.create(user=owner, image=Image.objects.existing().first(), reason="rights")
RecoveryCodes.activate(owner)
Delivery.objects.first().log.create(number=9, seconds=1, error="no answer")
"""


@pytest.fixture(scope="module")
def things(studio: Studio, account: Callable[[int], str]) -> dict[str, str]:
    """One of everything that an address can name, and the address of its owner."""
    owner = account(100)
    key = studios.manage(studio, "createapikey", owner, "--name", "pages").stdout.strip()
    with studios.client(studio, key) as api:

        def made(path: str, body: dict[str, Any]) -> dict[str, Any]:
            answer = api.post(f"/api/v1/{path}", json=body)
            assert answer.is_success, answer.text
            found: dict[str, Any] = answer.json()
            return found

        order = {"prompt": "two herons", "models": ["sketch", "imagen-4-fast"]}
        comparison = made("comparisons", order)["id"]

        def sides() -> list[dict[str, Any]]:
            found: list[dict[str, Any]] = api.get(f"/api/v1/comparisons/{comparison}").json()["generations"]
            return found

        eventually(lambda: all(side["status"] == "completed" for side in sides()))
        first, second = sides()
        image, thrown = first["images"][0]["id"], second["images"][0]["id"]
        made("images/bulk", {"action": "publish", "ids": [image]})
        made("images/bulk", {"action": "trash", "ids": [thrown]})
        album = made("albums", {"name": "Herons"})["id"]
        made("images/bulk", {"action": "add_to_album", "ids": [image], "album": album})
        made("presets", {"name": "Tall"})
        made("searches", {"name": "Mine", "filter": {"starred": True}})
        webhook = made("webhooks", {"url": "https://hooks.example/atelier"})["id"]
        made(f"webhooks/{webhook}/test", {})
        return {
            "owner": owner,
            "comparison": comparison,
            "generation": first["id"],
            "image": image,
            "album": album,
            "token": made("shares", {"album": album, "with_prompt": True})["url"].rpartition("/")[2],
            "webhook": webhook,
            "delivery": api.get(f"/api/v1/webhooks/{webhook}/deliveries").json()["results"][0]["id"],
            "export": made("exports", {"filter": {}})["id"],
            "format": "fal",
            "nobody": "zz",
            "link": "no-such-link",
        }


@pytest.fixture(scope="module")
def rows(studio: Studio, things: dict[str, str]) -> None:
    studios.manage(studio, "shell", "--verbosity=0", "--command", ROWS.format(owner=things["owner"]))


def addresses(who: str, things: dict[str, str]) -> list[str]:
    """What this visitor is shown."""
    found = []
    for name, visit in pages.PAGES.items():
        if visit.who == who:
            path = reverse(name, args=[things[part] for part in visit.parts])
            found += [path, *(f"{path}{query}" for query in visit.more)]
    if who == pages.GUEST:
        found.append(NOWHERE)
    return found


def look(
    page: Page, path: str, axe: str, views: Sequence[View] = VIEWS[0], password: str = studios.PASSWORD
) -> list[Any]:
    """All that is wrong with a page in each of these views, and whether a phone is wide enough for it."""
    turn(page, views[0])
    answer = page.goto(path)
    if urlsplit(page.url).path == reverse("account_reauthenticate") != path:  # it is a while since signing in
        page.get_by_label("Password", exact=True).fill(password)
        with page.expect_response(lambda given: urlsplit(given.url).path == path) as led:
            page.keyboard.press("Enter")
        answer = led.value
        page.wait_for_url(f"**{path}")
    return _landed(page, path, answer) + judge(page, axe, views)


def judge(page: Page, axe: str, views: Sequence[View]) -> list[Any]:
    """All that is wrong with the page as it stands, in each of these views."""
    wrong: list[Any] = []
    for view in views:
        turn(page, view)
        wrong += faults(page, axe)
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    if past := overflow(page):
        wrong.append(f"{past} px wider than a phone")
    return wrong


def turn(page: Page, view: View) -> None:
    """To a size and a theme."""
    page.set_viewport_size(view[0])  # type: ignore[arg-type]
    page.emulate_media(color_scheme=view[1])  # type: ignore[arg-type]


def _landed(page: Page, path: str, answer: Response | None) -> list[Any]:
    assert answer is not None
    wanted = {"nothing": 404, "nonsense": 400}
    status = next((status for word, status in wanted.items() if word in path), 200)
    found = [] if answer.status == status else [f"answered {answer.status}"]
    return found if urlsplit(page.url).path == urlsplit(path).path else [*found, f"led to {page.url}"]


@pytest.mark.parametrize("who", [pages.GUEST, pages.PERSON, pages.STAFF])
def test_every_page_is_right_for_who_it_is_for(
    window: Window, studio: Studio, axe: str, things: dict[str, str], who: str
) -> None:
    page, hosts = window(), set[str]()
    page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    if who == pages.PERSON:
        sign_in(page, things["owner"])
    elif who == pages.STAFF:
        admin = studios.known(studio)["admin"]
        sign_in(page, admin["email"], admin["password"])
    seen = zip(addresses(who, things), cycle(VIEWS), strict=False)
    wrong = {path: found for path, views in seen if (found := look(page, path, axe, views))}
    assert not wrong, json.dumps(wrong, indent=1)
    assert hosts - {f"127.0.0.1:{studio.port}", ""} == set()


@pytest.mark.usefixtures("rows")
def test_every_kind_of_page_of_the_admin_is_right(window: Window, studio: Studio, axe: str) -> None:
    """Each table's list, its first row, and the form for another: what the admin has is what it is asked for."""
    page, views = window(), cycle(GLANCES)
    admin = studios.known(studio)["admin"]
    sign_in(page, admin["email"], admin["password"])
    wrong, empty = {}, set()
    for name in pages.pages_of_the_admin():
        path = reverse(f"admin:{name}") + pages.OF_WHAT.get(name, "")
        wrong[path] = look(page, path, axe, next(views))
        page.set_viewport_size(DESK)  # type: ignore[arg-type]
        if past := overflow(page, "#changelist .results"):
            wrong[path].append(f"{past} px of its columns are out of sight on a desk")
        row = page.locator("#result_list tbody th a, table.figures tbody th a").first
        if name.endswith("_changelist") and row.count():
            form = urlsplit(row.get_attribute("href") or "").path
            wrong |= {each: look(page, each, axe, next(views)) for each in pages.kinds(form)}
        elif name.endswith("_changelist"):
            empty.add(name)
    wrong = {path: found for path, found in wrong.items() if found}
    assert not wrong, json.dumps(wrong, indent=1)
    assert empty == set()


@pytest.mark.usefixtures("rows")
def test_every_act_of_the_admin_is_asked_about_on_a_right_page(window: Window, studio: Studio, axe: str) -> None:
    """Whatever can be done to rows of a table, before it is done to the first of them."""
    page, views = window(), cycle(GLANCES)
    admin = studios.known(studio)["admin"]
    sign_in(page, admin["email"], admin["password"])
    wrong = {}
    for name, act in pages.acts_of_the_admin():
        turn(page, (DESK, "light"))
        page.goto(reverse(f"admin:{name}"))
        page.locator("input.action-select").first.check()
        page.locator("select[name=action]").select_option(act)
        page.get_by_role("button", name="Go", exact=True).click()
        if act == "give_credits":
            page.get_by_label("Credits for each").fill("7")
            page.get_by_label("Reason").fill("They helped.")
            page.get_by_role("button", name="Next: look at it").click()
        expect(page.get_by_role("link", name="No, ")).to_be_visible()
        wrong[f"{name} {act}"] = judge(page, axe, next(views))
    wrong = {asked: found for asked, found in wrong.items() if found}
    assert not wrong, json.dumps(wrong, indent=1)
