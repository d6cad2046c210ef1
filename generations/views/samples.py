"""The pictures on the pages that come before signing in: drawn by our own renderer, and said to be."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Sample:
    """A picture in ``static/samples``."""

    name: str
    ratio: str
    prompt: Promise
    width: int
    height: int

    @property
    def path(self) -> str:
        """Where its file is among the static files."""
        return f"samples/{self.name}.webp"


WALL = (
    Sample("dusk", "4:3", _("A mountain at dusk, thick oil paint, the sun just gone"), 860, 602),
    Sample("planet", "3:4", _("A ringed planet the colour of dry clay, seen from a cold moon"), 602, 860),
    Sample(
        "sea", "16:9", _("Calm sea at the end of the day, long exposure, the sun a hand above the horizon"), 860, 469
    ),
    Sample(
        "ferns",
        "3:4",
        _("Pressed ferns and grasses against a low sun, gouache on cotton paper, wide margins"),
        602,
        860,
    ),
    Sample("cutouts", "4:3", _("Cut paper shapes in a grid, poster colours"), 860, 602),
    Sample("reef", "1:1", _("A reef island from straight above, noon, no clouds, no boats"), 860, 860),
    Sample("arches", "9:16", _("Pink arches with a hard shadow, blue sky"), 469, 860),
    Sample("dunes", "16:9", _("Dunes at noon, long shadows"), 860, 469),
    Sample("marbling", "1:1", _("Marbled paper, teal and cream with a vein of copper"), 860, 860),
    Sample("fields", "4:3", _("Striped fields at harvest, Tuscany, late afternoon"), 860, 602),
    Sample("nebula", "16:9", _("A nebula in violet and ember, deep space"), 860, 469),
    Sample("moonlit", "3:4", _("Moonlit mountains, blue night"), 602, 860),
    Sample("vessels", "4:3", _("Three glazed vessels on a table, morning light from the left, plaster wall"), 860, 602),
    Sample("forest", "4:3", _("A forest in fog, morning, black trunks"), 860, 602),
)
