"""The one list of scenes: a new scene is a module and a line here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from generations.providers.sketch.canvas import Canvas
from generations.providers.sketch.scenes.arches import arches
from generations.providers.sketch.scenes.aurora import aurora
from generations.providers.sketch.scenes.botanicals import botanicals
from generations.providers.sketch.scenes.branch import branch
from generations.providers.sketch.scenes.city import city
from generations.providers.sketch.scenes.colourfield import colourfield
from generations.providers.sketch.scenes.cutouts import cutouts
from generations.providers.sketch.scenes.dunes import dunes
from generations.providers.sketch.scenes.farmland import farmland
from generations.providers.sketch.scenes.forest import forest
from generations.providers.sketch.scenes.fruitbowl import fruit
from generations.providers.sketch.scenes.headland import headland
from generations.providers.sketch.scenes.hill import hill
from generations.providers.sketch.scenes.islands import islands
from generations.providers.sketch.scenes.lake import lake
from generations.providers.sketch.scenes.marbling import marbling
from generations.providers.sketch.scenes.meadow import meadow
from generations.providers.sketch.scenes.mountains import mountains
from generations.providers.sketch.scenes.rainwindow import rainwindow
from generations.providers.sketch.scenes.sea import sea
from generations.providers.sketch.scenes.space import nebula, planet
from generations.providers.sketch.scenes.vessels import vessels
from generations.providers.sketch.stage import Stage


@dataclass(frozen=True, slots=True)
class Scene:
    """How to draw a scene, the hours it suits, whether weather falls in it, how far colour words dye its air."""

    draw: Callable[[Stage], Canvas]
    hours: tuple[str, ...] = ("noon",)
    outdoors: bool = False
    dye: float = 1.0


_WIDE = ("dusk", "sunset", "morning", "night", "dawn", "golden")
_LOW = ("sunset", "dusk", "dawn", "golden", "night")

SCENES: dict[str, Scene] = {
    "mountains": Scene(mountains, _WIDE, outdoors=True),
    "sea": Scene(sea, _LOW, outdoors=True),
    "lake": Scene(lake, _WIDE, outdoors=True),
    "dunes": Scene(dunes, ("noon", "golden", "sunset", "dawn", "dusk"), outdoors=True, dye=0.6),
    "farmland": Scene(farmland, ("morning", "golden", "noon", "dawn", "sunset"), outdoors=True, dye=0.35),
    "meadow": Scene(meadow, ("morning", "noon", "golden", "dawn", "sunset"), outdoors=True, dye=0.2),
    "forest": Scene(forest, ("dawn", "morning", "dusk", "golden"), outdoors=True),
    "hill": Scene(hill, _LOW, outdoors=True, dye=0.7),
    "branch": Scene(branch, _LOW, outdoors=True),
    "headland": Scene(headland, ("dusk", "sunset", "night", "dawn"), outdoors=True),
    "city": Scene(city, ("dusk", "night", "sunset", "dawn"), outdoors=True),
    "aurora": Scene(aurora, ("night",), outdoors=True),
    "rainwindow": Scene(rainwindow, ("night", "dusk")),
    "islands": Scene(islands),
    "nebula": Scene(nebula, ("night",)),
    "planet": Scene(planet, ("night",)),
    "botanicals": Scene(botanicals),
    "cutouts": Scene(cutouts),
    "marbling": Scene(marbling),
    "arches": Scene(arches),
    "vessels": Scene(vessels),
    "fruit": Scene(fruit),
    "colourfield": Scene(colourfield),
}
