"""What admins decide about pictures, what becomes of old ones, and what the operator says in texts of their own."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from django.core.mail import EmailMessage
from django.db.models import F
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoCaptureOnCommitCallbacks
from pytest_django.fixtures import Settings

from accounts import letters
from accounts.models import Act, User
from generations import albums, reporting, sharing, tasks
from generations.housekeeping import retention
from generations.models import Image, Report
from tests.administration import CONFIRMED, REASON
from tests.factories import make_generation, make_user
from tests.fakes import FakeProvider, finished
from tests.generations.programs import Api
from tests.generations.steps import advance

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("files")]
REPORTS = "/api/v1/reports"
Mails = list[EmailMessage]


def made(by: User, count: int = 1) -> list[Image]:
    return list(advance(make_generation(by, count=count), FakeProvider([finished(count)])).images.order_by("pk"))


@pytest.fixture
def admin() -> Client:
    client = Client()
    client.force_login(make_user(is_staff=True, is_superuser=True, email="admin@example.com"))
    return client


def decide(
    admin: Client, action: str, image: Image, capture: DjangoCaptureOnCommitCallbacks, status: int = 200
) -> Report:
    report = Report.objects.get(image=image)
    with capture(execute=True):
        sent = {"action": action, "_selected_action": str(report.pk), **CONFIRMED}
        answer = admin.post("/admin/generations/report/", sent, follow=True)
    assert answer.status_code == status
    report.refresh_from_db()
    return report


@pytest.fixture
def shown(alice: Api, bob: Api) -> Image:
    """A picture of Alice's that is published, and that Bob has reported."""
    [image] = made(alice.user)
    assert Image.objects.filter(pk=image.pk).publish() == 1
    assert bob.post(REPORTS, {"image": str(image.pk), "reason": "rights", "note": "it is mine"}).status_code == 201
    return image


def test_nothing_had_to_be_done_and_who_reported_is_told(
    shown: Image,
    bob: Api,
    admin: Client,
    mailoutbox: Mails,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    report = decide(admin, "dismiss", shown, django_capture_on_commit_callbacks)
    assert report.decided_by
    assert (report.decision, report.decided_by.email) == ("nothing", "admin@example.com")
    act = Act.objects.get()
    assert (act.verb, act.actor, act.target, act.reason) == (
        "dismiss report",
        report.decided_by,
        str(report.pk),
        REASON,
    )
    [mail] = mailoutbox
    assert mail.to == [bob.user.email]
    assert "nothing had to be done" in mail.body
    assert Image.objects.get(pk=shown.pk).published_at
    [told] = bob.get(REPORTS).json()["results"]
    assert told["decision"] == "nothing"


@pytest.mark.django_db(transaction=True)
def test_who_reported_is_told_what_was_decided_where_nothing_else_is_in_the_transaction(
    shown: Image, mailoutbox: Mails
) -> None:
    assert reporting.dismiss(Report.objects.all(), make_user(is_staff=True)) == [Report.objects.get()]
    assert reporting.dismiss(Report.objects.all(), make_user(is_staff=True)) == []
    [mail] = mailoutbox
    assert "nothing had to be done" in mail.body


def test_nothing_is_decided_before_a_second_look_and_a_reason(shown: Image, admin: Client) -> None:
    chosen = {"action": "take_down", "_selected_action": str(Report.objects.get().pk)}
    assert "cannot be published or shared again" in admin.post("/admin/generations/report/", chosen).content.decode()
    admin.post("/admin/generations/report/", {**chosen, "_confirmed": "1", "_reason": " "})
    assert Image.objects.get(pk=shown.pk).published_at
    assert not Act.objects.exists()


def test_what_is_taken_down_stays_down_and_its_owner_keeps_it(
    shown: Image,
    alice: Api,
    bob: Api,
    admin: Client,
    mailoutbox: Mails,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    album = albums.create(alice.user, name="Kept")
    albums.add(album.pk, Image.objects.filter(pk=shown.pk))
    by_album, by_itself = (
        sharing.create(alice.user, album=album.pk),
        sharing.create(alice.user, image=shown.pk),
    )
    report = decide(admin, "take_down", shown, django_capture_on_commit_callbacks)
    assert (report.decision, report.grounds) == ("taken_down", "somebody's rights")
    assert {mail.to[0] for mail in mailoutbox} == {alice.user.email, bob.user.email}
    assert "it is mine" not in "".join(str(mail.body) for mail in mailoutbox)
    assert sharing.find(sharing.token_of(by_itself)) is None
    assert not sharing.images_of(by_album).exists()
    refused = alice.patch(f"/api/v1/images/{shown.pk}", {"visibility": "published"})
    assert (refused.status_code, refused.json()["code"]) == (409, "taken_down")
    assert Image.objects.filter(pk=shown.pk).publish() == 0
    with pytest.raises(sharing.NothingToShare):
        sharing.create(alice.user, image=shown.pk)
    assert alice.get(f"/api/v1/images/{shown.pk}").status_code == 200, "its owner keeps it"
    owner = Client()
    owner.force_login(alice.user)
    assert (
        "cannot be shared or published any more" in owner.get(reverse("image_share", args=[shown.pk])).content.decode()
    )


def test_what_is_deleted_is_gone_for_its_owner_too(
    shown: Image,
    alice: Api,
    admin: Client,
    mailoutbox: Mails,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    report = decide(admin, "remove", shown, django_capture_on_commit_callbacks)
    assert report.decision == "removed"
    assert alice.get(f"/api/v1/images/{shown.pk}").status_code == 404
    assert any("It was deleted" in mail.body for mail in mailoutbox)
    assert reporting.take_down(Report.objects.all(), make_user(), remove=True) == [], "it was settled"


@pytest.fixture
def thirty_days(settings: Settings) -> None:
    settings.RETENTION_DAYS, settings.RETENTION_WARNING_DAYS = 30, 10


def grow_older(days: int) -> None:
    span = dt.timedelta(days=days)
    Image.objects.update(created=F("created") - span, warned_at=F("warned_at") - span)


@pytest.mark.usefixtures("thirty_days")
def test_old_pictures_go_into_the_trash_after_a_warning(alice: Api, mailoutbox: Mails) -> None:
    image, starred, in_album = made(alice.user, count=3)
    Image.objects.filter(pk=starred.pk).star(starred=True)
    albums.add(albums.create(alice.user, name="Kept").pk, Image.objects.filter(pk=in_album.pk))
    grow_older(19)
    assert retention.retain() == (0, 0)
    grow_older(2)
    assert retention.retain() == (1, 0)
    assert "1 picture of yours goes into the trash" in mailoutbox[0].body
    assert retention.retain() == (0, 0), "told once"
    grow_older(9)
    assert retention.retain() == (0, 0), "not before the ten days are over"
    grow_older(2)
    tasks.retain()
    assert list(Image.objects.trashed()) == [image]
    Image.objects.filter(pk=image.pk).restore()
    assert retention.retain() == (1, 0), "who takes it back is warned anew"
    assert Image.objects.kept().count() == 3


@pytest.mark.usefixtures("thirty_days")
def test_one_mail_a_day_tells_of_all_that_are_old_by_then(
    alice: Api, mailoutbox: Mails, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    made(alice.user, count=4)
    grow_older(21)
    for _hour in range(2):
        retention.retain()
    [mail] = mailoutbox
    assert "4 pictures of yours" in mail.body
    assert "taken back for 30 days" in mail.body
    assert not Image.objects.filter(warned_at=None).exists()


@pytest.mark.usefixtures("thirty_days")
def test_a_run_is_bounded_and_the_next_goes_on(alice: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    made(alice.user, count=3)
    grow_older(21)
    retention.retain()
    grow_older(11)
    with monkeypatch.context() as patched:
        patched.setattr(retention, "SPAN", 0)
        assert retention.retain() == (0, 0)
    assert retention.retain() == (0, 3)


@pytest.mark.usefixtures("thirty_days")
def test_nothing_goes_without_a_mail_that_was_sent(
    alice: Api, mailoutbox: Mails, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(alice.user)
    grow_older(300)

    def fails(*_mail: object) -> None:
        raise ConnectionRefusedError

    with monkeypatch.context() as patched:
        patched.setattr(letters, "send_mail", fails)
        assert retention.retain() == (0, 0)
    grow_older(300)
    assert retention.retain() == (1, 0)
    assert Image.objects.kept().count() == 1


def test_nothing_goes_where_the_operator_has_said_nothing(alice: Api, mailoutbox: Mails) -> None:
    made(alice.user)
    grow_older(3000)
    assert retention.retain() == (0, 0)
    assert not mailoutbox


def test_the_operators_texts_are_pages_once_there_are_any(client: Client, settings: Settings, tmp_path: Path) -> None:
    for name in ("terms", "privacy"):
        assert client.get(reverse(name)).status_code == 404
    assert "/terms" not in client.get(reverse("account_signup")).content.decode()
    path = tmp_path / "terms.txt"
    path.write_text(
        "# Terms <b>\n\nBe kind,\nalways.\n\n- one\n- -2 or #3\n- two https://example.com\n", encoding="utf-8"
    )
    settings.TERMS_FILE = str(path)
    page = client.get(reverse("terms")).content.decode()
    assert "<h2>Terms &lt;b&gt;</h2>" in page
    assert "<p>Be kind, always.</p>" in page
    assert "<li>one</li><li>-2 or #3</li><li>two <a href=" in page
    for address in (reverse("account_signup"), reverse("home"), reverse("explore")):
        content = client.get(address).content.decode()
        assert (f'href="{reverse("terms")}"' in content, "/privacy" in content) == (True, False), address
    path.unlink()
    assert client.get(reverse("terms")).status_code == 404


COOKIES = {"csrftoken", "sessionid", "messages", "language"}


def test_strangers_get_no_cookie_but_where_a_form_is(client: Client) -> None:
    for address in ("/", "/explore", "/developers", "/offline", "/healthz"):
        assert client.get(address).cookies.keys() == set(), address
    assert client.get(reverse("account_login")).cookies.keys() == {"csrftoken"}


def test_who_is_signed_in_has_two_cookies(alice: Api, client: Client) -> None:
    client.force_login(alice.user)
    for address in ("/create", "/gallery", "/account/", "/explore"):
        client.get(address)
    assert client.cookies.keys() <= COOKIES
    assert {"sessionid"} <= client.cookies.keys()
