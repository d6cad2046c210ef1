from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from functools import cache
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from generations.providers.sketch.renderer import describe, render
from generations.providers.sketch.scenes.table import SCENES
from generations.types import PIXEL_SIZES
from tests.patience import SECONDS

ROOT = Path(__file__).resolve().parents[3]
SMALL = (96, 64)  # the scenes do not depend on the size, so most tests draw small

SCENE_PROMPTS = {
    "mountains": "mountains in the haze",
    "sea": "a calm sea",
    "lake": "a mountain lake",
    "dunes": "dunes in the Sahara",
    "farmland": "striped fields and a valley",
    "meadow": "a meadow full of poppies",
    "forest": "a forest in fog",
    "hill": "a red fox in the snow",
    "branch": "a bird on a branch",
    "headland": "a lighthouse at dusk",
    "city": "a city at night in the rain",
    "aurora": "northern lights",
    "rainwindow": "bokeh through a window",
    "islands": "islands seen from above",
    "nebula": "a nebula",
    "planet": "a ringed planet the colour of dry clay",
    "botanicals": "pressed botanical leaves",
    "cutouts": "a geometric pattern",
    "marbling": "marbling",
    "arches": "arches with hard shadow",
    "vessels": "three glazed vases on a table",
    "fruit": "a bowl of lemons",
    "colourfield": "an abstract after Rothko",
}


@cache
def picture(prompt: str, seed: int = 7, negative: str = "", size: tuple[int, int] = SMALL) -> NDArray[np.float64]:
    content = render(prompt, negative_prompt=negative, width=size[0], height=size[1], seed=seed)
    return np.asarray(Image.open(BytesIO(content)).convert("RGB"), dtype=np.float64) / 255


def difference(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    return float(np.abs(first - second).mean())


def test_the_same_arguments_give_the_same_bytes() -> None:
    first = render("a fox in the snow", width=352, height=192, seed=3)
    assert first == render("a fox in the snow", width=352, height=192, seed=3)


def test_another_process_with_another_hash_seed_gives_the_same_bytes() -> None:
    program = (
        "import hashlib; from generations.providers.sketch.renderer import render;"
        "pictures = [render(p, width=352, height=192, seed=3) for p in ('a lake, oil paint', 'zzz')];"
        "print(hashlib.sha256(b''.join(pictures)).hexdigest())"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "4242"}
    finished = subprocess.run(  # noqa: S603  # our own program
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=SECONDS,
    )
    pictures = [render(prompt, width=352, height=192, seed=3) for prompt in ("a lake, oil paint", "zzz")]
    assert finished.stdout.strip() == hashlib.sha256(b"".join(pictures)).hexdigest()


def test_neither_django_nor_the_network_is_imported() -> None:
    program = (
        "import sys; import generations.providers.sketch.renderer;"
        "print(sorted(set(sys.modules) & {'django', 'httpx', 'requests'}))"
    )
    finished = subprocess.run(  # noqa: S603  # our own program
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True, timeout=SECONDS
    )
    assert finished.stdout.strip() == "[]"


def test_the_global_random_generator_is_left_alone() -> None:
    np.random.seed(5)
    following = np.random.random()
    np.random.seed(5)
    render("a forest", width=352, height=192, seed=1)
    assert np.random.random() == following


@pytest.mark.parametrize("scene", sorted(SCENES))
def test_every_scene_can_be_reached_by_words(scene: str) -> None:
    assert describe(SCENE_PROMPTS[scene]).scene == scene


@pytest.mark.parametrize("scene", sorted(SCENES))
def test_four_neighbouring_seeds_give_four_different_takes(scene: str) -> None:
    takes = [picture(SCENE_PROMPTS[scene], seed) for seed in range(4)]
    apart = [difference(takes[i], takes[j]) for i in range(4) for j in range(i)]
    assert min(apart) > 0.015


@pytest.mark.parametrize("scene", sorted(SCENES))
def test_every_scene_fills_the_sheet_with_more_than_one_tone(scene: str) -> None:
    seen = picture(SCENE_PROMPTS[scene])
    assert seen.std() > 0.03
    assert 0.02 < seen.mean() < 0.95


@pytest.mark.parametrize("ratio", sorted(PIXEL_SIZES))
@pytest.mark.parametrize("resolution", ["1K", "2K"])
def test_the_picture_has_exactly_the_size_asked_for(ratio: str, resolution: str) -> None:
    width, height = PIXEL_SIZES[ratio][resolution]
    content = render("dunes", width=width, height=height, seed=1)
    assert Image.open(BytesIO(content)).size == (width, height)


@pytest.mark.parametrize("scene", sorted(SCENES))
@pytest.mark.parametrize("size", [(64, 96), (81, 79), (160, 32)])
def test_every_scene_survives_odd_sizes(scene: str, size: tuple[int, int]) -> None:
    content = render(SCENE_PROMPTS[scene], width=size[0], height=size[1], seed=2)
    assert Image.open(BytesIO(content)).size == size


@pytest.mark.parametrize("scene", ["mountains", "cutouts", "vessels", "islands", "hill", "meadow"])
def test_twice_the_size_is_the_same_composition(scene: str) -> None:
    prompt = SCENE_PROMPTS[scene]
    small, large = picture(prompt, 5, "", (704, 384)), picture(prompt, 5, "", (1408, 768))
    halved = large.reshape(384, 2, 704, 2, 3).mean(axis=(1, 3))
    assert difference(small, halved) < 0.02


@pytest.mark.parametrize(("output_format", "kind"), [("png", "PNG"), ("jpeg", "JPEG"), ("webp", "WEBP")])
def test_each_format_is_what_it_says(output_format: str, kind: str) -> None:
    content = render("a lake", width=352, height=192, seed=1, output_format=output_format)
    seen = Image.open(BytesIO(content))
    seen.load()
    assert (seen.format, seen.size, seen.mode) == (kind, (352, 192), "RGB")


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(ValueError, match="png, jpeg or webp"):
        render("a lake", width=352, height=192, seed=1, output_format="gif")


@pytest.mark.parametrize(
    "prompt",
    [
        "asdf qwerty zxcv",
        "a",
        " . ",
        "",
        "🦊❄️🌲",
        "ثعلب أحمر في الثلج",
        "שועל אדום",
        "雪の中の赤い狐",
        "\x00\ud800",
        "word " * 800,
    ],
)
def test_any_prompt_gets_a_picture(prompt: str) -> None:
    seen = picture(prompt)
    assert seen.shape == (64, 96, 3)
    assert seen.std() > 0.03


def test_unknown_prompts_do_not_all_look_alike() -> None:
    assert len({describe(f"qx{i}").scene for i in range(40)}) >= 6
    assert not describe("qx1").known
    assert describe("a lake").known


@pytest.mark.parametrize(
    ("prompt", "refused"),
    [
        ("the sea at sunset", "sun"),
        ("the sea at night", "moon"),
        ("the sea at night", "stars"),
        ("mountains at dawn", "trees"),
        ("a forest at dawn in fog", "fog"),
        ("a city at night", "lights"),
        ("a city in the rain at dusk", "rain"),
        ("a ringed planet", "rings"),
        ("the sea at sunset", "clouds"),
        ("a person on a hill at dusk", "people"),
    ],
)
def test_a_negative_prompt_takes_away_what_it_names(prompt: str, refused: str) -> None:
    assert refused in describe(prompt, refused).without
    assert not describe(prompt, refused).has(refused)
    assert 0 < difference(picture(prompt), picture(prompt, 7, refused)) < 0.2


def test_a_negative_prompt_that_names_nothing_seen_changes_nothing() -> None:
    assert difference(picture("the sea at dusk"), picture("the sea at dusk", 7, "extra fingers, blurry")) == 0


def test_refusing_the_sun_darkens_where_it_stood() -> None:
    assert picture("the sea at dusk", 7, "sun").max() < picture("the sea at dusk", 7).max()


def test_refusing_people_leaves_no_subject() -> None:
    assert describe("a person on a hill").subject == "person"
    assert describe("a person on a hill", "people").subject == ""


def test_refusing_a_colour_does_not_ask_for_it() -> None:
    assert describe("mountains, no red").colours == ()
    assert describe("red mountains", "red").colours == ()


def test_a_colour_before_the_subject_belongs_to_the_subject() -> None:
    brief = describe("a blue cat under a red sky at dusk")
    assert (brief.subject_colour, brief.colours) == ("blue", ("red",))


@pytest.mark.parametrize(
    ("prompt", "scene", "subject"),
    [
        ("a cat", "hill", "cat"),
        ("a deer in a misty forest", "forest", "deer"),
        ("a paper boat on still black water", "sea", "paperboat"),
        ("a sailboat on a lake", "lake", "boat"),
        ("hot air balloons over a valley", "farmland", "balloon"),
        ("a cabin under the northern lights", "aurora", "cabin"),
        ("a traveller in the desert", "dunes", "person"),
        ("a tree in autumn", "hill", "tree"),
        ("two oranges", "fruit", ""),
        ("an orange sunset over the sea", "sea", ""),
    ],
)
def test_subjects_stand_where_the_words_put_them(prompt: str, scene: str, subject: str) -> None:
    brief = describe(prompt)
    assert (brief.scene, brief.subject) == (scene, subject)


@pytest.mark.parametrize(
    ("prompt", "scene", "time"),
    [
        ("Berge bei Sonnenuntergang", "mountains", "sunset"),
        ("la forêt, la nuit", "forest", "night"),
        ("el mar al amanecer", "sea", "dawn"),
        ("la città di notte", "city", "night"),
    ],
)
def test_words_of_the_neighbours_are_understood(prompt: str, scene: str, time: str) -> None:
    brief = describe(prompt)
    assert (brief.scene, brief.time) == (scene, time)


@pytest.mark.parametrize(
    ("prompt", "scene"),
    [
        ("Three glazed vessels on an oak table, morning light", "vessels"),
        ("a bowl of lemons on a marble table", "fruit"),
        ("an oak on a hill", "hill"),
    ],
)
def test_what_a_table_is_made_of_is_not_the_picture(prompt: str, scene: str) -> None:
    assert describe(prompt).scene == scene
