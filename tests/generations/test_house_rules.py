"""What the operator blocks is refused at every entrance, and nobody keeps more than they may."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from accounts import keys
from accounts.models import Entry, User
from generations import comparing, quotas, submission
from generations.models import Allowance, Generation, Image, PromptRule
from generations.moderation import rules
from generations.submission import PromptBlocked, StorageFull
from tests.factories import make_catalogue, make_generation, make_order, make_user
from tests.fakes import FakeProvider, finished
from tests.generations.programs import Api
from tests.generations.steps import advance, balance

pytestmark = pytest.mark.django_db


def rule(text: str, *, allowed: bool = False) -> PromptRule:
    made = PromptRule(text=text, allowed=allowed)
    made.full_clean()
    made.save()
    rules.current.forget()
    return made


def is_blocked(prompt: str) -> bool:
    return rules.blocking(prompt) is not None


@pytest.mark.parametrize(
    "prompt",
    [
        "a nude on a beach",
        "NUDE",
        "a \uff4e\uff55\uff44\uff45",
        "a n\u00fcd\u00e9",
        "a nu\u200bde",
        "a nud\u0435",
        "a nud3",
        "nude!",
        "(nude:1.4)",
        "a celebrity in a swimsuit",
        "celebrities' swimsuits",
        "Celebrity-like, in: a swimsuit",
    ],
)
def test_what_is_blocked_is_known_however_it_is_written(prompt: str) -> None:
    rule("Nude")
    rule("celebrit* swimsuit*")
    rule("in a swimsuit")
    assert is_blocked(prompt)


@pytest.mark.parametrize("prompt", ["a denuded hill", "a celebrity", "swimsuit celebrities", "", "1024", "нюанс", "🎨"])
def test_what_only_has_the_letters_is_not_blocked(prompt: str) -> None:
    rule("nude")
    rule("celebrit* swimsuit*")
    rule("10zz4")
    assert not is_blocked(prompt)


def test_what_is_allowed_stands_above_what_is_blocked() -> None:
    rule("nude")
    rule("nude colour*", allowed=True)
    assert not is_blocked("lipstick in nude colours")
    assert is_blocked("a nude in nude colours")


def test_other_alphabets_are_compared_as_they_are() -> None:
    rule("запрет")
    assert is_blocked("Это ЗАПРЕТ!")
    assert not is_blocked("это")


def test_a_rule_has_a_word_and_is_there_once() -> None:
    rule("Nude")
    for text in ("***", "NUDE!"):
        with pytest.raises(ValidationError):
            rule(text)


def test_ten_thousand_rules_cost_a_submit_hardly_anything() -> None:
    """No more than with one: what is compared are the words of the prompt, not the rules."""
    texts = [f"word{number} and{number % 7} more*" for number in range(10_000)]
    lists = rules.Lists.of(enumerate(texts))
    prompt = " ".join(f"word{number} and{number % 7} less" for number in range(0, 1200, 3))
    began = time.process_time()
    assert list(lists.matches(prompt.split())) == []
    assert time.process_time() - began < 1
    assert [match.rule for match in lists.matches(["see", "word9999", "and3", "moreover"])] == [9999]


def test_a_refusal_costs_nothing_leaves_nothing_and_is_counted() -> None:
    make_catalogue()
    alice, made = make_user(balance=100), rule("nude")
    for act in (submission.quote, lambda user, order: submission.submit(user, order, ENTRANCE)):
        with pytest.raises(PromptBlocked):
            act(alice, make_order(prompt="a nude"))
    with pytest.raises(PromptBlocked):
        comparing.compare(alice, make_order(prompt="a nude"), ["sketch", "imagen-4"], ENTRANCE)
    made.refresh_from_db()
    assert made.refusals == 3
    assert balance(alice) == (100, 0)
    assert not Generation.objects.exists()
    submission.submit(alice, make_order(negative_prompt="nude"), ENTRANCE)


ENTRANCE = submission.Entrance(Generation.Source.API)
BLOCKED = "a nude on a beach"


@pytest.mark.parametrize(
    ("address", "body", "status", "said"),
    [
        ("/api/v1/generations", {"model": "sketch", "prompt": BLOCKED}, 422, '"code":"prompt_blocked"'),
        ("/api/v1/quotes", {"model": "sketch", "prompt": BLOCKED}, 422, '"code":"prompt_blocked"'),
        ("/v1/images/generations", {"model": "sketch", "prompt": BLOCKED}, 400, "moderation_blocked"),
        ("/fal/run/fal-ai/imagen4/preview", {"prompt": BLOCKED}, 422, "content_policy_violation"),
        ("/fal/queue/fal-ai/imagen4/preview", {"prompt": BLOCKED}, 422, "content_policy_violation"),
        ("/v2/images/generate", {"model": "imagen-4", "prompt": BLOCKED}, 400, "does not make that"),
    ],
)
def test_every_entrance_refuses_in_its_own_words(
    address: str, body: dict[str, str], status: int, said: str, alice: Api
) -> None:
    rule("nude")
    secret = keys.create(alice.user, "a program")[1]
    answer = Client().post(address, body, content_type="application/json", headers={"x-api-key": secret})
    assert (answer.status_code, said in answer.content.decode().replace('": "', '":"')) == (status, True), (
        answer.content
    )
    assert balance(alice.user) == (100, 0)


def test_pages_say_it_beside_the_prompt(alice: Api, client: Client) -> None:
    rule("nude")
    client.force_login(alice.user)
    order = {"model": "sketch", "prompt": BLOCKED, "aspect_ratio": "1:1", "resolution": "1K", "count": 1}
    answer = client.post(reverse("create"), order | {"output_format": "png"})
    assert answer.status_code == 422
    assert "This studio does not make that." in answer.content.decode()


def test_admins_write_the_rules(client: Client) -> None:
    client.force_login(make_user(is_staff=True, is_superuser=True))
    add = reverse("admin:generations_promptrule_add")
    assert client.post(add, {"text": "Nude", "note": ""}).status_code == 302
    assert "There is a rule for the same words." in client.post(add, {"text": "NUDE", "note": ""}).content.decode()
    rules.current.forget()
    assert is_blocked("nude")
    assert client.get(reverse("admin:generations_promptrule_changelist")).status_code == 200
    PromptRule.objects.all().delete()
    rules.current.forget()
    assert not is_blocked("nude")


def test_a_file_of_rules_is_read_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "rules.txt"
    path.write_text("# ours\nnude\n\nNUDE\ngore*\n", encoding="utf-8")
    call_command("promptrules", path)
    call_command("promptrules", path)
    assert capsys.readouterr().out == "2 rules added\n0 rules added\n"
    path.write_text("nude colour*\n", encoding="utf-8")
    call_command("promptrules", path, allow=True)
    assert PromptRule.objects.get(allowed=True).words == "nude colour*"
    for bad in ("!!!", "x" * 201):
        path.write_text(bad, encoding="utf-8")
        with pytest.raises(CommandError):
            call_command("promptrules", path)
    with pytest.raises(CommandError):
        call_command("promptrules", tmp_path / "nowhere")


def delivered(user: User, **order: object) -> Image:
    images = advance(make_generation(user, **order), FakeProvider([finished(1)])).images
    return images.get()


@pytest.fixture
def three(settings: Settings, files: Path) -> User:
    """Somebody who may keep three pictures."""
    settings.QUOTA_IMAGES = 3
    make_catalogue()
    return make_user(balance=1000)


def test_what_is_kept_and_what_is_coming_counts(three: User) -> None:
    kept = delivered(three)
    make_generation(three, count=2)
    with pytest.raises(StorageFull) as refused:
        make_generation(three)
    assert (refused.value.quota.images, refused.value.quota.coming) == (1, 3)
    assert balance(three)[1] == 2 * kept.generation.price, "nothing is held for what was refused"
    own = Image.objects.filter(pk=kept.pk)
    assert own.trash() == 1
    with pytest.raises(StorageFull):
        make_generation(three)
    assert own.delete_for_good() == 1
    make_generation(three)


def test_bytes_count_as_well(three: User, settings: Settings) -> None:
    settings.QUOTA_IMAGES, settings.QUOTA_MB = 0, 5
    image = delivered(three)
    make_generation(three, count=2)
    Image.objects.filter(pk=image.pk).update(size=4_000_000)
    with pytest.raises(StorageFull, match="5 MB of pictures and have 4 MB"):
        make_generation(three)


def test_the_bound_that_is_passed_is_the_one_that_is_named(three: User, settings: Settings) -> None:
    settings.QUOTA_MB = 1000
    delivered(three)
    assert "may keep 3 pictures" in quotas.of(three).refusal(3)
    settings.QUOTA_IMAGES, settings.QUOTA_MB = 100, 5
    assert "may keep 5 MB" in quotas.of(three).refusal(3)
    assert not quotas.of(three).refusal(1)


def test_the_admin_may_say_otherwise_of_somebody(three: User, client: Client) -> None:
    client.force_login(make_user(is_staff=True, is_superuser=True))
    added = client.post(reverse("admin:generations_allowance_add"), {"user": three.pk, "most_images": 1})
    assert added.status_code == 302
    quotas.exceptions.forget()
    with pytest.raises(StorageFull):
        make_generation(three, count=2)
    Allowance.objects.update(most_images=0)
    for _generation in range(2):
        make_generation(three, count=4)
    assert client.get(reverse("admin:generations_allowance_changelist")).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_burst_of_orders_keeps_to_the_quota(three: User) -> None:
    def order(_number: int) -> bool:
        try:
            make_generation(three)
        except StorageFull:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(8) as threads:
        taken = sum(threads.map(order, range(16)))
    assert taken == 3
    assert Entry.objects.filter(kind=Entry.Kind.HOLD).count() == 3


def test_programs_and_pages_are_told_before_they_submit(three: User, client: Client) -> None:
    delivered(three)
    secret = keys.create(three, "a program")[1]
    body = {"model": "sketch", "prompt": "a lighthouse", "count": 3}
    for address in ("/api/v1/quotes", "/api/v1/generations"):
        answer = client.post(address, body, content_type="application/json", headers={"x-api-key": secret})
        assert answer.status_code == 409, answer.content
        told = answer.json()
        assert (told["code"], told["images"], told["most_images"], told["trash"]) == ("storage_full", 1, 3, "/trash")
    answer = client.post(
        "/v1/images/generations", body | {"n": 4}, content_type="application/json", headers={"x-api-key": secret}
    )
    assert answer.status_code == 403
    client.force_login(three)
    preview = client.post(reverse("create_preview"), {"model": "sketch", "count": "3"}).content.decode()
    assert "You may keep 3 pictures and have 1" in preview
    assert f'href="{reverse("trash")}"' in preview


def test_nothing_is_counted_for_who_may_keep_any_number(alice: Api) -> None:
    assert not quotas.of(alice.user).bounded
