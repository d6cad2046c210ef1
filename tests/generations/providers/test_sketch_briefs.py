"""What each part of a brief does to a picture that is otherwise the same."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from generations.providers.sketch.brief import Brief
from generations.providers.sketch.canvas import Canvas
from generations.providers.sketch.palettes import EARTHS, HOURS, NAMED
from generations.providers.sketch.renderer import drawn
from generations.providers.sketch.scenes import fruitbowl, meadow, vessels
from generations.providers.sketch.scenes.table import SCENES
from generations.providers.sketch.scenes.tabletop import room_for
from generations.providers.sketch.stage import Stage
from generations.providers.sketch.styles import STYLES
from generations.providers.sketch.subjects.casting import cast
from generations.providers.sketch.subjects.spots import Spot
from generations.providers.sketch.words import _HOMES

Picture = NDArray[np.float64]

WIDE, TALL, SQUARE = (96, 64), (64, 96), (64, 64)
OUTDOORS = sorted(name for name, scene in SCENES.items() if scene.outdoors)
LIT = sorted(set(SCENES) - {"nebula", "planet", "cutouts", "marbling"})  # where the hour is seen
PLACES = [(subject, place) for subject, (_, places) in _HOMES.items() for place in sorted(places)]
CAST = [(subject, place) for subject, place in PLACES if subject != "lighthouse"]  # a headland is never without


@cache
def seen(brief: Brief, turn: int = 0, size: tuple[int, int] = WIDE, key: str = "a picture") -> Picture:
    return drawn(brief, size, key, turn) / 255


def apart(one: Picture, other: Picture) -> float:
    return float(np.abs(one - other).mean())


def changed(one: Picture, other: Picture) -> NDArray[np.bool_]:
    """Where two pictures differ so that one sees it."""
    return np.asarray(np.abs(one - other).max(axis=2) > 0.02)


def leaning(picture: Picture, channel: int) -> float:
    """How far a channel's mean lies above the mean of all three."""
    means = picture.reshape(-1, 3).mean(axis=0)
    return float(means[channel] - means.mean())


@pytest.mark.parametrize(("subject", "place"), CAST)
def test_a_subject_is_added_to_its_place_and_the_rest_stays(subject: str, place: str) -> None:
    touched = changed(seen(Brief(place, subject)), seen(Brief(place))).mean()
    assert 0.005 < touched < 0.25


@pytest.mark.parametrize("size", [WIDE, TALL])
@pytest.mark.parametrize("place", ["sea", "lake", "hill", "branch", "farmland"])
def test_a_subject_is_seen_in_sheets_of_every_shape(place: str, size: tuple[int, int]) -> None:
    subject = next(subject for subject, found in CAST if found == place)
    assert changed(seen(Brief(place, subject), 1, size), seen(Brief(place), 1, size)).any()


@pytest.mark.parametrize("subject", sorted(set(_HOMES)))
def test_a_subject_wears_the_colour_it_is_given(subject: str) -> None:
    place = _HOMES[subject][0]
    usual = seen(Brief(place, subject, time="noon"))
    blue = seen(Brief(place, subject, time="noon", subject_colour="blue"))
    green = seen(Brief(place, subject, time="noon", subject_colour="green"))
    where = changed(blue, usual)
    assert 0 < where.mean() < 0.2
    assert leaning(blue[where], 2) > leaning(usual[where], 2)
    assert leaning(green[where], 1) > leaning(usual[where], 1)


def test_a_red_fox_is_as_orange_as_any_fox() -> None:
    assert apart(seen(Brief("hill", "fox", subject_colour="red")), seen(Brief("hill", "fox"))) == 0


def test_a_tree_follows_the_season_and_stands_bare_in_the_cold() -> None:
    seasons = {season: seen(Brief("hill", "tree", season=season)) for season in EARTHS}
    empty = {season: seen(Brief("hill", season=season)) for season in EARTHS}
    leaves = {season: changed(seasons[season], empty[season]).sum() for season in EARTHS}
    assert leaves["winter"] < min(leaves["spring"], leaves["summer"], leaves["autumn"])
    snowed_on = changed(seen(Brief("hill", "tree", weather="snow")), seen(Brief("hill", weather="snow")))
    in_leaf = changed(seen(Brief("hill", "tree")), seen(Brief("hill")))
    assert snowed_on.sum() < in_leaf.sum()


def test_a_cabin_has_snow_on_its_roof_and_its_windows_lit_when_it_is_late() -> None:
    spot = changed(seen(Brief("hill", "cabin", "noon")), seen(Brief("hill", "", "noon")))
    noon, winter = (seen(Brief("hill", "cabin", "noon", season=season)) for season in ("summer", "winter"))
    assert winter[spot].mean() > noon[spot].mean()
    late, dark = (seen(Brief("hill", "cabin", "night", without=frozenset(none))) for none in ((), ("lights",)))
    windows = changed(late, dark)
    assert 0 < windows.mean() < 0.2
    assert leaning(late[windows], 0) > leaning(dark[windows], 0)


@pytest.mark.parametrize(
    ("time", "motifs", "without", "glows"),
    [
        ("night", (), (), True),
        ("night", (), ("lights",), False),
        ("dusk", (), (), False),
        ("dusk", ("lantern",), (), True),
    ],
)
def test_a_paper_boat_glows_in_the_dark_or_with_a_lantern(
    time: str, motifs: tuple[str, ...], without: tuple[str, ...], *, glows: bool
) -> None:
    def boat(asked: tuple[str, ...], refused: tuple[str, ...]) -> Picture:
        return seen(Brief("sea", "paperboat", time, motifs=frozenset(asked), without=frozenset(refused)))

    unlit = boat((), ("lights",))
    assert bool(boat(motifs, without).sum() > unlit.sum()) is glows


@pytest.mark.parametrize("subject", sorted({subject for subject, _ in CAST}))
def test_what_stands_outside_the_sheet_leaves_it_as_it_was(subject: str) -> None:
    canvas = Canvas.filled(96, 64, np.array([0.5, 0.4, 0.3], dtype=np.float32))
    stage = Stage(Brief("hill", subject), HOURS["night"][0], 96, 64, "a picture")
    for x, y in ((-900, 32), (900, 32), (48, -900), (48, 900)):
        cast(stage, canvas, Spot(x, y, 24))
    assert np.ptp(canvas.planes, axis=(1, 2)).max() == 0


@pytest.mark.parametrize("place", LIT)
def test_night_is_darker_than_noon(place: str) -> None:
    assert seen(Brief(place, time="night")).mean() < 0.7 * seen(Brief(place, time="noon")).mean()


def test_every_hour_is_another_light() -> None:
    hours = [seen(Brief("sea", time=time)) for time in HOURS]
    assert min(apart(one, other) for one, other in combinations(hours, 2)) > 0.01


def test_sunset_is_warmer_than_noon() -> None:
    sunset, noon = (seen(Brief("mountains", time=time)) for time in ("sunset", "noon"))
    assert leaning(sunset, 0) - leaning(sunset, 2) > leaning(noon, 0) - leaning(noon, 2)


@pytest.mark.parametrize("place", OUTDOORS)
def test_weather_is_seen_in_every_place_under_the_sky(place: str) -> None:
    assert apart(seen(Brief(place, weather="fog")), seen(Brief(place))) > 0.02


@pytest.mark.parametrize("place", ["branch", "city", "headland"])
def test_each_weather_is_another_picture(place: str) -> None:
    weathers = [seen(Brief(place, weather=weather)) for weather in ("fog", "rain", "snow", "storm")]
    assert min(apart(one, other) for one, other in combinations(weathers, 2)) > 0.02


@pytest.mark.parametrize(
    ("place", "weather"), [("sea", "clear"), ("sea", "clouds"), ("sea", "wind"), ("islands", "clouds")]
)
def test_a_clear_sky_and_a_cloudy_one_and_wind_are_seen(place: str, weather: str) -> None:
    assert apart(seen(Brief(place, weather=weather)), seen(Brief(place))) > 0.001


def test_fog_takes_contrast_away() -> None:
    assert seen(Brief("mountains", time="dusk", weather="fog")).std() < seen(Brief("mountains", time="dusk")).std()


@pytest.mark.parametrize("place", ["dunes", "farmland", "hill", "headland"])
def test_snow_whitens_the_ground(place: str) -> None:
    snowy, bare = (seen(Brief(place, time="morning", weather=weather))[-16:] for weather in ("snow", "clear"))
    assert snowy.mean() > bare.mean()


@pytest.mark.parametrize("place", ["botanicals", "farmland", "hill", "islands"])
def test_the_four_seasons_are_four_pictures(place: str) -> None:
    seasons = [seen(Brief(place, season=season)) for season in EARTHS]
    assert min(apart(one, other) for one, other in combinations(seasons, 2)) > 0.004


@pytest.mark.parametrize("place", ["branch", "meadow"])
def test_spring_and_autumn_are_two_pictures(place: str) -> None:
    assert apart(seen(Brief(place, season="spring")), seen(Brief(place, season="autumn"))) > 0.01


@pytest.mark.parametrize("place", sorted(SCENES))
def test_a_colour_moves_every_picture_towards_it(place: str) -> None:
    assert leaning(seen(Brief(place, colours=("blue",))), 2) > leaning(seen(Brief(place)), 2)


@pytest.mark.parametrize(("colour", "channel"), [("crimson", 0), ("emerald", 1), ("cobalt", 2)])
def test_a_picture_leans_to_the_colour_that_is_named(colour: str, channel: int) -> None:
    for place in ("arches", "marbling", "mountains", "sea"):
        assert leaning(seen(Brief(place, colours=(colour,))), channel) > leaning(seen(Brief(place)), channel)


@pytest.mark.parametrize("place", sorted(set(SCENES) - {"planet"}))
def test_a_second_colour_is_seen_beside_the_first(place: str) -> None:
    assert apart(seen(Brief(place, colours=("blue", "red"))), seen(Brief(place, colours=("blue",)))) > 0.002


@pytest.mark.parametrize("place", ["meadow", "colourfield", "cutouts", "aurora", "sea"])
def test_a_third_colour_is_seen_between_the_others(place: str) -> None:
    assert (
        apart(seen(Brief(place, colours=("blue", "green", "red"))), seen(Brief(place, colours=("blue", "red")))) > 0.01
    )


def test_black_and_white_are_light_and_not_hue() -> None:
    black, plain, white = (seen(Brief("sea", time="dusk", colours=c)).mean() for c in (("black",), (), ("white",)))
    assert black < plain < white


def test_each_named_colour_is_another_colour() -> None:
    assert len(set(NAMED.values())) == len(NAMED)


@pytest.mark.parametrize("style", sorted(STYLES))
def test_each_manner_is_seen(style: str) -> None:
    assert apart(seen(Brief("mountains", style=style)), seen(Brief("mountains"))) > 0.004


@pytest.mark.parametrize("place", ["mountains", "lake", "dunes", "farmland", "forest", "cutouts", "vessels"])
def test_a_minimal_picture_holds_less(place: str) -> None:
    assert apart(seen(Brief(place, style="minimal"), 3), seen(Brief(place), 3)) > 0.01


@pytest.mark.parametrize("style", ["ink", "pencil", "print"])
def test_a_manner_without_colours_takes_the_one_that_is_asked_for(style: str) -> None:
    plain, red = seen(Brief("vessels", style=style)), seen(Brief("vessels", style=style, colours=("red",)))
    assert leaning(red, 0) > leaning(plain, 0)


def test_a_second_ink_is_printed_over_the_first() -> None:
    one, two = (
        seen(Brief("sea", style="print", colours=("red",))),
        seen(Brief("sea", style="print", colours=("red", "blue"))),
    )
    assert leaning(two, 2) > leaning(one, 2)


@pytest.mark.parametrize("place", ["sea", "marbling"])
def test_ink_without_a_colour_is_nearly_grey(place: str) -> None:
    picture = seen(Brief(place, style="ink"))
    assert float((picture.max(axis=2) - picture.min(axis=2)).mean()) < 0.08


def test_a_sheet_of_cut_paper_that_nothing_falls_on_is_no_black_hole() -> None:
    flat = seen(Brief("colourfield", style="papercut", colours=("white",)))
    assert flat.min() > 0.3


REFUSED = [
    *((Brief(place, time="dawn"), "sun") for place in ("arches", "botanicals", "branch", "forest", "headland", "hill")),
    *((Brief(place), "trees") for place in ("aurora", "farmland", "hill", "lake", "mountains")),
    *((Brief(place), "clouds") for place in ("islands", "sea")),
    *((Brief(place, time="night"), "lights") for place in ("city", "headland")),
    *((Brief(place, time="night"), "stars") for place in ("nebula", "planet", "sea")),
    *((Brief(place, time="night"), "moon") for place in ("lake", "hill")),
    (Brief("planet"), "rings"),
    (Brief("forest"), "fog"),
    (Brief("mountains", weather="fog"), "fog"),
    (Brief("mountains", weather="snow"), "snow"),
    (Brief("hill", season="winter"), "snow"),
    (Brief("sea", weather="rain"), "rain"),
    (Brief("rainwindow"), "rain"),
    (Brief("arches", style="film"), "grain"),
]
ASKED = [
    (Brief("sea"), "calm"),
    (Brief("branch"), "flowers"),
    (Brief("hill"), "snow"),
    (Brief("sea", time="dusk", weather="rain"), "sun"),
]


@pytest.mark.parametrize(("brief", "motif"), REFUSED, ids=[f"{brief.scene}-{motif}" for brief, motif in REFUSED])
def test_what_is_refused_is_taken_out_and_the_rest_stays(brief: Brief, motif: str) -> None:
    without = replace(brief, without=frozenset({motif}))
    assert 0 < apart(seen(brief, 1, SQUARE), seen(without, 1, SQUARE)) < 0.2


@pytest.mark.parametrize(("brief", "motif"), ASKED, ids=[f"{brief.scene}-{motif}" for brief, motif in ASKED])
def test_what_is_asked_for_is_added(brief: Brief, motif: str) -> None:
    assert apart(seen(replace(brief, motifs=frozenset({motif}))), seen(brief)) > 0.0001


def test_a_crescent_is_less_than_a_full_moon() -> None:
    full, crescent = (
        seen(Brief("sea", time="night", motifs=frozenset(m)), key="full moon") for m in ((), ("crescent",))
    )
    assert 0 < changed(crescent, full).mean() < 0.02
    assert crescent.sum() < full.sum()


def test_leaves_take_the_colour_when_they_are_what_is_coloured() -> None:
    sun, leaves = (seen(Brief("botanicals", colours=("red",), motifs=frozenset(m))) for m in ((), ("leaves",)))
    assert leaning(leaves, 0) > leaning(sun, 0)


def test_each_flower_is_another_meadow() -> None:
    flowers = [seen(Brief("meadow", motifs=frozenset({kind}))) for kind in meadow._KINDS]
    assert min(apart(one, other) for one, other in combinations(flowers, 2)) > 0.002


def test_lavender_stays_as_it_grows_and_roses_are_dyed() -> None:
    lavender, rose = (
        seen(Brief("meadow", motifs=frozenset({kind}), colours=("lavender",))) for kind in ("lavender", "rose")
    )
    assert apart(lavender, seen(Brief("meadow", motifs=frozenset({"lavender"})))) < 0.05
    assert apart(lavender, rose) > 0


def test_each_fruit_is_another_bowl() -> None:
    bowls = [seen(Brief("fruit", motifs=frozenset({kind}))) for kind in fruitbowl._FRUITS]
    assert min(apart(one, other) for one, other in combinations(bowls, 2)) > 0.002


def test_a_tall_vessel_is_always_among_the_others() -> None:
    stages = [Stage(Brief("vessels"), HOURS["noon"][0], 64, 96, f"group {i}", i) for i in range(40)]
    groups = [{vessel.kind for vessel in vessels._group(stage, room_for(stage))} for stage in stages]
    assert all(group & {"bottle", "tall", "amphora"} for group in groups)
    assert len({frozenset(group) for group in groups}) > 8


@pytest.mark.parametrize("key", [f"city {i}" for i in range(4)])
def test_by_day_a_city_shows_its_walls_and_after_dark_its_lamps(key: str) -> None:
    def city(time: str, *without: str) -> Picture:
        return seen(Brief("city", time=time, without=frozenset(without)), key=key)

    assert apart(city("noon"), city("noon", "lights")) == 0
    assert city("night").sum() > city("night", "lights").sum()
