"""Every word that the renderer lists says what it is listed for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from generations.providers.sketch import vocabulary
from generations.providers.sketch.brief import Brief
from generations.providers.sketch.palettes import NAMED
from generations.providers.sketch.scenes.table import SCENES
from generations.providers.sketch.styles import STYLES
from generations.providers.sketch.words import describe

Table = dict[str, str]
TABLES = ("SCENES", "FAINT", "SUBJECTS", "TIMES", "WEATHERS", "SEASONS", "STYLES", "COLOUR_WORDS", "FRUITS")
UNDERSTOOD: list[tuple[Table, Callable[[Brief], object]]] = [
    (vocabulary.SCENES, lambda brief: brief.scene),
    (vocabulary.FAINT, lambda brief: brief.scene),
    (vocabulary.SUBJECTS, lambda brief: brief.subject),
    (vocabulary.TIMES, lambda brief: brief.time),
    (vocabulary.WEATHERS, lambda brief: brief.weather),
    (vocabulary.SEASONS, lambda brief: brief.season),
    (vocabulary.STYLES, lambda brief: brief.style),
]


def entries(table: Table) -> list[tuple[str, str]]:
    return [(word, term) for term, words in table.items() for word in words.split()]


@pytest.mark.parametrize(("table", "read"), UNDERSTOOD, ids=TABLES[: len(UNDERSTOOD)])
def test_each_word_of_a_table_means_its_term(table: Table, read: Callable[[Brief], object]) -> None:
    assert {word: read(describe(word)) for word, _ in entries(table)} == dict(entries(table))


def test_each_colour_is_understood_by_its_name_and_by_its_neighbours_names() -> None:
    words = [*entries(vocabulary.COLOUR_WORDS), *((name, name) for name in NAMED)]
    assert [word for word, colour in words if describe(f"{word} mountains").colours != (colour,)] == []


def test_each_word_for_a_motif_asks_for_it_and_takes_it_away() -> None:
    words = entries(vocabulary.MOTIFS)
    assert [word for word, motif in words if not describe(word).has(motif)] == []
    assert [word for word, motif in words if describe("", word).allows(motif)] == []


def test_each_word_for_a_fruit_lays_it_in_the_bowl() -> None:
    for word, fruit in entries(vocabulary.FRUITS):
        brief = describe(f"a bowl of {word}")
        assert (brief.scene, brief.has(fruit)) == ("fruit", True), word


@pytest.mark.parametrize("word", vocabulary.FRUIT_NAMES)
def test_what_is_a_fruit_and_a_colour_is_a_fruit_with_an_article_and_a_colour_without(word: str) -> None:
    fruit = describe(f"a {word} on a plate")
    assert (fruit.scene, fruit.colours, fruit.has(vocabulary.FRUIT_NAMES[word])) == ("fruit", (), True)
    painted = describe(f"{word} mountains")
    assert (painted.scene, len(painted.colours)) == ("mountains", 1)
    assert not painted.has(vocabulary.FRUIT_NAMES[word])


@pytest.mark.parametrize("word", vocabulary.FRUIT_NAMES)
def test_a_colour_that_is_also_a_fruit_can_be_refused(word: str) -> None:
    colour = describe(f"{word} mountains").colours[0]
    assert describe(f"{word} mountains", colour).colours == ()


@pytest.mark.parametrize("name", TABLES)
def test_no_word_stands_twice_in_a_table(name: str) -> None:
    words = Counter(word for word, _ in entries(getattr(vocabulary, name)))
    assert [word for word, times in words.items() if times > 1] == []


def test_each_set_phrase_becomes_a_word_that_means_something() -> None:
    tables = [getattr(vocabulary, name) for name in (*TABLES, "MOTIFS")]
    meant = {word for table in tables for word, _ in entries(table)}
    assert {word for word in vocabulary.PHRASES.values() if word} <= meant


def test_each_scene_and_each_manner_that_words_name_can_be_drawn() -> None:
    assert {*vocabulary.SCENES, *vocabulary.FAINT} <= set(SCENES)
    assert set(vocabulary.STYLES) == {*STYLES, "minimal"}  # which the scenes themselves keep to


def test_a_rainy_window_has_no_room_for_an_animal() -> None:
    brief = describe("a cat at the window in the rain")
    assert (brief.scene, brief.subject) == ("rainwindow", "")


def test_a_colour_said_twice_is_one_colour() -> None:
    assert describe("blue sky over blue mountains").colours == ("blue",)
