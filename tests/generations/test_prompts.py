"""What was written before is found again, each text once; presets keep more than a text."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from generations import prompts
from generations.keyset import packed
from generations.models import Generation, Preset, Prompt
from tests.factories import make_generation, make_user
from tests.generations.programs import Api, pointers, problem

pytestmark = pytest.mark.django_db
PROMPTS, PRESETS = "/api/v1/prompts", "/api/v1/presets"
EARLIEST, LATEST = "1970-01-01 00:00:00+00:00", "9999-12-31 23:59:59+00:00"
NAIVE = packed(["2026-07-08 12:00:00", 1])


def patch(api: Api, path: str, body: Any, **headers: str) -> Any:
    return api.client.patch(path, json.dumps(body), content_type="application/json", headers=headers)


def texts(api: Api, query: str = "") -> list[str]:
    return [one["prompt"] for one in api.get(f"{PROMPTS}{query}").json()["results"]]


def test_each_text_is_in_the_history_once_and_the_last_used_first(alice: Api) -> None:
    for text in ("a reef", "dunes", "a reef"):
        make_generation(alice.user, prompt=text)
    make_generation(alice.user, prompt="a reef", negative_prompt="fish")
    make_generation(make_user(balance=1), prompt="somebody else's")
    Prompt.objects.filter(text="dunes").update(last_used=timezone.now() - dt.timedelta(hours=1))
    found = alice.get(PROMPTS).json()["results"]
    assert [(one["prompt"], one["negative_prompt"]) for one in found] == [
        ("a reef", "fish"),
        ("a reef", ""),
        ("dunes", ""),
    ]


def test_it_is_searched_by_words(alice: Api) -> None:
    for text in ("a lighthouse at dusk", "a lighthouse in fog", "dunes"):
        make_generation(alice.user, prompt=text)
    assert texts(alice, "?q=lighthouse") == ["a lighthouse in fog", "a lighthouse at dusk"]
    assert texts(alice, "?q=lighthouse -fog") == ["a lighthouse at dusk"]
    assert texts(alice, "?q=nothing") == []


def test_favourites_have_a_star(alice: Api) -> None:
    for text in ("a reef", "dunes"):
        make_generation(alice.user, prompt=text)
    path = f"{PROMPTS}/{Prompt.objects.get(text='a reef').pk}"
    assert patch(alice, path, {"starred": True}).json()["starred"] is True
    assert (texts(alice, "?starred=true"), texts(alice, "?starred=false")) == (["a reef"], ["dunes"])
    assert patch(alice, path, {}).json()["starred"] is True
    assert patch(alice, path, {"starred": False}).json()["starred"] is False
    assert pointers(problem(patch(alice, path, {"prompt": "mine"}), 400, "invalid")) == {"#/prompt"}


def test_what_is_taken_out_comes_back_when_it_is_used_again(alice: Api) -> None:
    generation = make_generation(alice.user, prompt="a reef")
    path = f"{PROMPTS}/{generation.prompt_id}"
    assert alice.client.delete(path).status_code == 204
    problem(alice.client.delete(path), 404, "not_found")
    assert texts(alice) == []
    assert Generation.objects.get().prompt.text == "a reef"
    make_generation(alice.user, prompt="a reef")
    assert texts(alice) == ["a reef"]


def test_one_says_how_it_was_used_last(alice: Api) -> None:
    make_generation(alice.user, prompt="a reef", aspect_ratio="1:1")
    generation = make_generation(alice.user, prompt="a reef", aspect_ratio="16:9", count=2, seed=7)
    assert alice.get(f"{PROMPTS}/{generation.prompt_id}").json()["last_order"] == {
        "model": "sketch",
        "aspect_ratio": "16:9",
        "resolution": "1K",
        "count": 2,
        "seed": 7,
        "output_format": "png",
    }
    unused = Prompt.objects.remember(alice.user, "never ordered", "")
    assert alice.get(f"{PROMPTS}/{unused.pk}").json()["last_order"] is None


def test_pages_of_the_history_are_stable_and_take_one_statement(
    alice: Api, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    moment = timezone.now() - dt.timedelta(days=1)
    for number in range(5):
        Prompt.objects.remember(alice.user, f"prompt {number}", "")
    Prompt.objects.filter(text__in=["prompt 1", "prompt 2", "prompt 3"]).update(last_used=moment)
    whole = texts(alice)
    with django_assert_num_queries(2):
        page = alice.get(f"{PROMPTS}?limit=2").json()
    seen = [one["prompt"] for one in page["results"]]
    Prompt.objects.remember(alice.user, "something new", "")
    while page["next"]:
        page = alice.get(page["next"]).json()
        seen += [one["prompt"] for one in page["results"]]
    assert seen == whole


@pytest.mark.parametrize("query", ["before=x", "before=1", f"before={NAIVE}", "starred=perhaps", "page=1"])
def test_a_page_that_cannot_be_is_refused(alice: Api, query: str) -> None:
    problem(alice.get(f"{PROMPTS}?{query}"), 400, "invalid")


def test_the_last_page_there_can_be_is_empty(alice: Api) -> None:
    make_generation(alice.user)
    assert texts(alice, f"?before={packed([EARLIEST, 0])}") == []
    assert texts(alice, f"?before={packed([LATEST, 10**18])}") == ["a lighthouse at dusk"]


def test_a_preset_keeps_what_is_always_the_same(alice: Api) -> None:
    order = {"name": "wide", "negative_prompt": "people", "parameters": {"aspect_ratio": "16:9", "count": 2}}
    made = alice.post(PRESETS, order)
    assert made.status_code == 201
    body = made.json()
    assert {name: body[name] for name in order} == order
    assert (body["prompt"], body["version"]) == ("", 1)
    path = f"{PRESETS}/{body['id']}"
    changed = patch(alice, path, {"parameters": {"seed": 7}}, **{"If-Match": made["ETag"]}).json()
    assert (changed["parameters"], changed["name"], changed["version"]) == ({"seed": 7}, "wide", 2)
    problem(patch(alice, path, {"name": "late"}, **{"If-Match": made["ETag"]}), 412, "changed_meanwhile")
    problem(alice.client.delete(path, headers={"If-Match": made["ETag"]}), 412, "changed_meanwhile")
    assert alice.client.delete(path).status_code == 204
    problem(alice.get(path), 404, "not_found")


def test_a_name_is_taken_once_per_person_in_any_capitals(alice: Api) -> None:
    other = alice.post(PRESETS, {"name": "other"}).json()
    assert alice.post(PRESETS, {"name": "Wide"}).status_code == 201
    problem(alice.post(PRESETS, {"name": "wide"}), 409, "name_taken")
    problem(patch(alice, f"{PRESETS}/{other['id']}", {"name": "WIDE"}), 409, "name_taken")
    assert Api(make_user()).post(PRESETS, {"name": "wide"}).status_code == 201
    assert [one["name"] for one in alice.get(PRESETS).json()["results"]] == ["Wide", "other"]


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({}, "#/name"),
        ({"name": ""}, "#/name"),
        ({"name": "x" * 81}, "#/name"),
        ({"name": "a", "prompt": "x" * 4001}, "#/prompt"),
        ({"name": "a", "parameters": {"count": 5}}, "#/parameters/count"),
        ({"name": "a", "parameters": {"prompt": "b"}}, "#/parameters/prompt"),
        ({"name": "a", "parameters": []}, "#/parameters"),
    ],
)
def test_what_cannot_be_a_preset_is_refused_by_field(alice: Api, body: dict[str, Any], wrong: str) -> None:
    assert pointers(problem(alice.post(PRESETS, body), 400, "invalid")) == {wrong}
    assert not Preset.objects.exists()


def test_there_is_an_end_to_presets(alice: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prompts, "MOST_PRESETS", 1)
    assert alice.post(PRESETS, {"name": "one"}).status_code == 201
    problem(alice.post(PRESETS, {"name": "two"}), 409, "too_many_presets")
