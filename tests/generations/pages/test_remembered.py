"""The pages of what a person wrote and chose before: the history of prompts, and presets."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from generations import prompts
from generations.keyset import packed
from generations.models import Preset, Prompt
from tests.factories import make_generation
from tests.generations.pages.looking import HTMX, page

pytestmark = pytest.mark.django_db
NAIVE = packed(["2026-07-08 12:00:00", 1])
ORDER = {
    "prompt": "striped fields at harvest",
    "negative_prompt": "people",
    "model": "sketch",
    "aspect_ratio": "3:4",
    "resolution": "1K",
    "count": "2",
    "output_format": "png",
}


# History


def test_the_history_finds_words_and_favourites(browser: Client, alice: User) -> None:
    for prompt in ("dunes at noon", "a quarry at dusk", "dunes by night"):
        make_generation(alice, prompt=prompt)
    prompts.star(Prompt.objects.get(text="dunes by night"), starred=True)
    everything = page(browser.get(reverse("prompts")))
    assert everything.index("dunes by night") < everything.index("a quarry") < everything.index("dunes at noon")
    assert "a quarry" not in page(browser.get(reverse("prompts"), {"q": "dunes"}))
    starred = page(browser.get(reverse("prompts"), {"starred": "1"}))
    assert "dunes by night" in starred
    assert "dunes at noon" not in starred
    assert "No prompt matches" in page(browser.get(reverse("prompts"), {"q": "zebra"}))


def test_a_new_person_is_told_what_will_be_there(browser: Client) -> None:
    assert "Nothing written yet" in page(browser.get(reverse("prompts")))


def test_the_history_goes_on_where_a_page_ends(browser: Client, alice: User) -> None:
    for number in range(24):
        Prompt.objects.remember(alice, f"dunes number {number:02}", "")
    first = page(browser.get(reverse("prompts"), {"q": "dunes"}))
    assert first.count('class="prompt-row"') == 20
    more = first.partition('href="/prompts?')[2].partition('"')[0].replace("&amp;", "&")
    assert "q=dunes" in more
    assert page(browser.get(f"/prompts?{more}")).count('class="prompt-row"') == 4


def test_a_dialog_gets_the_panel_and_a_search_the_list(browser: Client, alice: User) -> None:
    make_generation(alice)
    panel = page(browser.get(reverse("prompts"), headers=HTMX | {"HX-Target": "dialog"}))
    assert 'role="search"' in panel
    assert "<html" not in panel
    found = page(browser.get(reverse("prompts"), headers=HTMX | {"HX-Target": "prompts"}))
    assert found.lstrip().startswith("<li")


@pytest.mark.parametrize("before", ["x", "1", NAIVE])
def test_a_place_that_is_none_is_refused(browser: Client, before: str) -> None:
    assert browser.get(reverse("prompts"), {"before": before}).status_code == 400


def test_a_prompt_is_used_again_as_it_was_used_last(browser: Client, alice: User) -> None:
    make_generation(alice, prompt="two herons", negative_prompt="boats", aspect_ratio="9:16", count=3)
    text = page(browser.get(reverse("create"), {"again": Prompt.objects.get().pk}))
    assert "two herons</textarea>" in text
    assert "boats</textarea>" in text
    assert 'name="aspect_ratio" value="9:16" aria-label="9:16" checked' in text


@pytest.mark.parametrize("again", ["x", "9" * 5000, "1e3"])
def test_a_prompt_that_is_no_number_is_refused(browser: Client, again: str) -> None:
    assert browser.get(reverse("create"), {"again": again}).status_code == 400


@pytest.mark.parametrize("again", ["0", "-5", "9" * 30])
def test_a_prompt_that_is_not_there_is_not_found(browser: Client, again: str) -> None:
    assert browser.get(reverse("create"), {"again": again}).status_code == 404


def test_a_star_is_given_and_taken(browser: Client, alice: User) -> None:
    make_generation(alice)
    prompt = Prompt.objects.get()
    path = reverse("prompt_star", args=[prompt.pk])
    assert 'aria-pressed="true"' in page(browser.post(path, {"starred": "1"}, headers=HTMX))
    assert browser.post(path, {"starred": "0"}).status_code == 302
    prompt.refresh_from_db()
    assert not prompt.starred


def test_what_is_hidden_is_gone_from_the_history(browser: Client, alice: User) -> None:
    make_generation(alice)
    path = reverse("prompt_hide", args=[Prompt.objects.get().pk])
    assert page(browser.post(path, headers=HTMX)) == ""
    assert "Nothing written yet" in page(browser.get(reverse("prompts")))
    assert browser.post(path).status_code == 404


def test_prompts_are_their_writers_alone(client: Client, alice: User, bob: User) -> None:
    make_generation(alice, prompt="two herons")
    pk = Prompt.objects.get().pk
    paths = [reverse("prompt_star", args=[pk]), reverse("prompt_hide", args=[pk])]
    assert client.get(reverse("prompts")).status_code == 302
    assert [client.post(path).status_code for path in paths] == [302, 302]
    client.force_login(bob)
    assert "two herons" not in page(client.get(reverse("prompts")))
    assert [client.post(path).status_code for path in paths] == [404, 404]
    assert client.get(reverse("create"), {"again": pk}).status_code == 404
    assert [client.get(path).status_code for path in paths] == [405, 405]


def test_the_history_takes_as_many_queries_for_one_as_for_many(
    browser: Client, alice: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(12):
        Prompt.objects.remember(alice, f"dunes {number}", "")
    with django_assert_max_num_queries(4):
        browser.get(reverse("prompts"))


# Presets


def keep(browser: Client, **fields: str) -> Any:
    return browser.post(reverse("presets"), ORDER | {"name": "Posters"} | fields, headers=HTMX)


def test_a_preset_keeps_what_the_composer_holds(browser: Client, alice: User) -> None:
    response = keep(browser, seed="7")
    assert "Posters" in page(response)
    assert "dialog-done" in response["HX-Trigger"]
    preset = Preset.objects.get(user=alice)
    assert preset.parameters == {
        "model": "sketch",
        "aspect_ratio": "3:4",
        "resolution": "1K",
        "count": 2,
        "seed": 7,
        "output_format": "png",
    }
    assert (preset.prompt, preset.negative_prompt) == ("", "")
    assert "Posters" in page(browser.get(reverse("create")))


def test_a_preset_keeps_the_prompt_only_when_that_is_wanted(browser: Client, alice: User) -> None:
    keep(browser, with_prompt="1")
    preset = Preset.objects.get(user=alice)
    assert (preset.prompt, preset.negative_prompt) == ("striped fields at harvest", "people")


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"name": ""}, "Give it a name."),
        ({"name": "x" * 81}, "At most 80 characters."),
        ({"aspect_ratio": "9:99"}, "Choose a model, shape and format that exist."),
        ({"seed": "99999999999"}, "Choose a model, shape and format that exist."),
        ({"name": "posters"}, "Another preset has this name."),
    ],
)
def test_a_preset_that_cannot_be_kept_says_why(browser: Client, alice: User, wrong: dict[str, str], why: str) -> None:
    prompts.keep_preset(alice, {"name": "Posters"})
    response = keep(browser, **wrong)
    assert why in page(response, 422)
    assert response["HX-Retarget"] == "#save-preset-form"
    assert alice.presets.count() == 1


def hidden(markup: str) -> dict[str, str]:
    found = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', markup))
    return {name: value for name, value in found.items() if name in ORDER}


def test_a_preset_is_kept_used_and_deleted_by_plain_forms(browser: Client, alice: User) -> None:
    new = reverse("preset_new")
    assert f'formaction="{new}"' in page(browser.get(reverse("create")))
    assert browser.get(new)["Location"] == reverse("create")
    given = hidden(page(browser.post(new, ORDER)))
    assert given == ORDER
    again = page(browser.post(reverse("presets"), given | {"name": "", "with_prompt": "1"}), 422)
    assert "Give it a name." in again
    assert "<html" in again
    assert hidden(again) == ORDER
    assert browser.post(reverse("presets"), given | {"name": "Posters", "with_prompt": "1"}).status_code == 302
    listed = page(browser.get(reverse("presets")))
    assert "Preset “Posters” kept" in listed
    preset = alice.presets.get()
    used = f"{reverse('create')}?preset={preset.pk}"
    assert f'href="{used}"' in listed
    assert "striped fields at harvest</textarea>" in page(browser.get(used))
    browser.post(reverse("preset_delete", args=[preset.pk]))
    assert not alice.presets.exists()


def test_there_are_only_so_many_presets(browser: Client, alice: User) -> None:
    Preset.objects.bulk_create(Preset(user=alice, name=f"number {each}") for each in range(prompts.MOST_PRESETS))
    assert "delete one first" in page(keep(browser), 422)


def test_choosing_a_preset_leaves_what_it_does_not_name(browser: Client, alice: User) -> None:
    preset = prompts.keep_preset(alice, {"name": "Tall", "parameters": {"aspect_ratio": "9:16", "count": 1}})
    written = ORDER | {"token": "mine", "seed": "41"}
    composer = page(browser.post(reverse("preset_choose", args=[preset.pk]), written, headers=HTMX))
    assert "striped fields at harvest</textarea>" in composer
    assert 'name="aspect_ratio" value="9:16" aria-label="9:16" checked' in composer
    assert 'name="token" value="mine"' in composer
    assert 'value="41"' in composer
    assert "<html" not in composer


def test_a_preset_is_chosen_by_a_link_too(browser: Client, alice: User) -> None:
    preset = prompts.keep_preset(alice, {"name": "Tall", "prompt": "two herons", "parameters": {"count": 1}})
    response = browser.post(reverse("preset_choose", args=[preset.pk]), ORDER)
    assert "two herons</textarea>" in page(browser.get(response["Location"]))
    assert browser.get(reverse("create"), {"preset": "x"}).status_code == 400
    assert browser.get(reverse("create"), {"preset": str(uuid.uuid4())}).status_code == 404


def test_presets_are_renamed_and_deleted(browser: Client, alice: User) -> None:
    tall, wide = (prompts.keep_preset(alice, {"name": name}) for name in ("Tall", "Wide"))
    rename = reverse("preset_rename", args=[tall.pk])
    assert "Another preset has this name." in page(browser.post(rename, {"name": "wide"}), 422)
    assert "Give it a name." in page(browser.post(rename, {"name": " "}), 422)
    assert browser.post(rename, {"name": "Portraits"}).status_code == 302
    assert browser.post(reverse("preset_delete", args=[wide.pk])).status_code == 302
    assert [preset.name for preset in alice.presets.all()] == ["Portraits"]


def test_presets_are_their_owners_alone(client: Client, alice: User, bob: User) -> None:
    preset = prompts.keep_preset(alice, {"name": "Tall"})
    paths = [reverse(f"preset_{act}", args=[preset.pk]) for act in ("choose", "rename", "delete")]
    assert [client.post(path).status_code for path in [*paths, reverse("presets")]] == [302] * 4
    client.force_login(bob)
    assert [client.post(path, {"name": "mine"}).status_code for path in paths] == [404] * 3
    assert "Tall" not in page(client.get(reverse("presets")))
    assert client.get(reverse("create"), {"preset": str(preset.pk)}).status_code == 404
    assert alice.presets.get().name == "Tall"
