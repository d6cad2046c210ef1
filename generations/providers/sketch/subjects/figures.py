"""Outlines of animals and people, drawn in a frame one unit tall that stands on y = 0 and looks left."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from generations.providers.sketch.shapes import Points, oval, spline, tapered

# Each piece: what it is coloured as, how its numbers are read, and the numbers, back to front.
# soft: points of a closed curve; hard: corners; limb: width at either end, then joints; oval: centre, radii.
_PIECES: dict[str, tuple[tuple[str, str, str], ...]] = {
    "cat": (
        ("coat", "limb", ".042 .026 .1 -.03 .34 -.015 .5 -.06 .56 -.19 .49 -.3"),
        ("coat", "oval", ".492 -.3 .027 .027"),
        (
            "coat",
            "soft",
            "-.09 -.66 -.17 -.52 -.245 -.3 -.275 -.12 -.22 0 0 .012 .22 0 .275 -.12 .245 -.3 .17 -.52 .09 -.66",
        ),
        ("coat", "soft", "-.155 -.745 -.125 -.82 0 -.845 .125 -.82 .155 -.745 .1 -.655 0 -.63 -.1 -.655"),
        ("coat", "hard", "-.152 -.765 -.15 -.985 -.025 -.838"),
        ("coat", "hard", ".152 -.765 .15 -.985 .025 -.838"),
        ("deep", "hard", "-.134 -.8 -.134 -.93 -.062 -.842"),
        ("deep", "hard", ".134 -.8 .134 -.93 .062 -.842"),
        ("deep", "limb", ".004 .002 0 -.6 .012 -.4 0 -.16"),
        ("deep", "limb", ".003 .005 -.16 -.26 -.2 -.13 -.12 -.02"),
        ("deep", "limb", ".003 .005 .16 -.26 .2 -.13 .12 -.02"),
    ),
    "fox": (
        ("coat", "soft", ".14 -.05 .34 .012 .58 -.03 .76 -.17 .88 -.38 .72 -.345 .56 -.27 .38 -.2 .2 -.19"),
        ("pale", "soft", ".88 -.38 .795 -.372 .715 -.343 .735 -.27 .735 -.195 .82 -.25"),
        (
            "coat",
            "soft",
            (
                "-.17 -.66 -.215 -.5 -.19 -.3 -.175 -.12 -.2 0 -.06 .008 .08 .004 .25 .006 .325 -.1 .31 -.26 .22 "
                "-.43 .11 -.58 .05 -.7"
            ),
        ),
        ("shade", "soft", ".05 -.02 .04 -.16 .13 -.29 .27 -.27 .322 -.12 .25 0"),
        ("pale", "soft", "-.175 -.63 -.217 -.5 -.195 -.34 -.165 -.25 -.12 -.36 -.08 -.52 -.1 -.62"),
        ("dark", "soft", "-.19 -.26 -.175 -.12 -.205 -.005 -.1 .006 -.085 -.1 -.1 -.24"),
        ("coat", "hard", "-.075 -.855 .035 -1.03 .055 -.775"),
        ("dark", "hard", "-.035 -.855 .026 -.965 .037 -.81"),
        (
            "coat",
            "soft",
            "-.475 -.655 -.4 -.705 -.31 -.79 -.2 -.865 -.06 -.865 .04 -.79 .05 -.66 -.06 -.59 -.2 -.6 -.36 -.625",
        ),
        ("coat", "hard", "-.225 -.83 -.205 -1.05 -.085 -.86"),
        ("dark", "hard", "-.195 -.855 -.19 -.985 -.115 -.865"),
        ("pale", "soft", "-.47 -.652 -.36 -.685 -.24 -.69 -.12 -.665 -.04 -.6 -.14 -.585 -.36 -.622"),
        ("dark", "oval", "-.47 -.656 .021 .017"),
        ("dark", "oval", "-.285 -.735 .017 .014"),
    ),
    "deer": (
        ("deep", "limb", ".04 .013 -.13 -.4 -.115 -.21 -.135 -0"),
        ("deep", "limb", ".058 .014 .28 -.47 .345 -.26 .315 -.12 .325 -.005"),
        ("dark", "limb", ".013 .005 -.3 -.855 -.25 -.96 -.155 -1.04 -.165 -1.17"),
        ("dark", "limb", ".009 .004 -.262 -.93 -.335 -.99 -.335 -1.06"),
        ("dark", "limb", ".009 .004 -.205 -.995 -.245 -1.08 -.235 -1.14"),
        ("dark", "limb", ".012 .005 -.32 -.86 -.395 -.95 -.435 -1.05 -.385 -1.16"),
        ("dark", "limb", ".009 .004 -.41 -.985 -.485 -1.015 -.5 -1.08"),
        ("coat", "limb", ".042 .014 -.2 -.42 -.205 -.22 -.205 -.01"),
        ("coat", "limb", ".062 .014 .25 -.46 .285 -.25 .245 -.12 .255 -0"),
        (
            "coat",
            "soft",
            "-.25 -.47 -.21 -.575 -.06 -.6 .12 -.585 .26 -.595 .335 -.52 .31 -.41 .2 -.375 .02 -.355 -.16 -.365",
        ),
        (
            "coat",
            "soft",
            (
                "-.12 -.58 -.235 -.72 -.265 -.83 -.315 -.865 -.37 -.835 -.465 -.765 -.462 -.738 -.4 -.735 -.345 "
                "-.725 -.325 -.62 -.265 -.45 -.16 -.42"
            ),
        ),
        ("coat", "hard", "-.285 -.84 -.185 -.9 -.235 -.8"),
        ("pale", "soft", ".32 -.56 .375 -.52 .365 -.44 .33 -.47"),
    ),
    "bird": (
        ("dark", "limb", ".012 .01 -.04 -.06 -.05 .05"),
        ("dark", "limb", ".012 .01 .06 -.06 .05 .05"),
        ("deep", "soft", ".22 -.34 .44 -.17 .7 .06 .655 .13 .42 0 .18 -.12"),
        ("dark", "hard", "-.365 -.725 -.52 -.645 -.375 -.605"),
        (
            "coat",
            "soft",
            (
                "-.375 -.665 -.3 -.8 -.16 -.845 -.03 -.76 .06 -.6 .22 -.4 .36 -.22 .24 -.09 .04 -.02 -.16 -.06 "
                "-.31 -.22 -.385 -.45"
            ),
        ),
        ("accent", "soft", "-.375 -.62 -.395 -.45 -.315 -.22 -.17 -.065 -.1 -.16 -.14 -.36 -.24 -.55"),
        ("deep", "soft", "-.13 -.5 .03 -.52 .2 -.36 .4 -.13 .5 .02 .26 -.08 .04 -.16 -.11 -.3"),
        ("dark", "oval", "-.275 -.695 .026 .026"),
    ),
    "person": (
        ("dark", "limb", ".05 .034 -.055 -.36 -.062 -.18 -.07 0"),
        ("dark", "limb", ".05 .034 .055 -.36 .06 -.18 .072 0"),
        ("deep", "limb", ".042 .03 -.135 -.77 -.19 -.58 -.175 -.42"),
        ("deep", "limb", ".042 .03 .135 -.77 .19 -.58 .175 -.42"),
        (
            "coat",
            "soft",
            (
                "-.075 -.835 -.15 -.77 -.165 -.6 -.155 -.42 -.175 -.24 0 -.225 .175 -.24 .155 -.42 .165 -.6 .15 "
                "-.77 .075 -.835"
            ),
        ),
        ("dark", "oval", "0 -.925 .07 .082"),
        ("accent", "soft", "-.085 -.865 0 -.885 .085 -.865 .095 -.82 0 -.8 -.095 -.82"),
    ),
}


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of a figure: what it is coloured as (coat, shade, deep, pale, dark, accent), and its outline."""

    role: str
    outline: Points


def figure(name: str, *, left: bool) -> list[Part]:
    """The pieces of a figure, back to front, looking left or mirrored to look right."""
    flip = np.array([1.0 if left else -1.0, 1.0])
    return [Part(role, _outline(form, numbers) * flip) for role, form, numbers in _PIECES[name]]


def _outline(form: str, numbers: str) -> Points:
    values = np.array([float(number) for number in numbers.split()])
    if form == "oval":
        return oval((values[0], values[1]), (values[2], values[3]), count=32)
    if form == "limb":
        return tapered(spline(values[2:].reshape(-1, 2), closed=False, steps=8), values[0], values[1])
    corners = values.reshape(-1, 2)
    return spline(corners, steps=10) if form == "soft" else corners
