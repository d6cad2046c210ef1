"""Marbled paper: inks that floated on water and were drawn apart."""

from __future__ import annotations

import numpy as np

from generations.providers.sketch.canvas import Canvas, Patch
from generations.providers.sketch.colour import lightened, looked_up, mixed, paint
from generations.providers.sketch.fields import Field, fractal, lattice, resized, smoothstep, warped
from generations.providers.sketch.stage import Stage

_MARGIN = 72
_INKS = (
    "#0c2430 #10404a #176a6d #1f7f7c #f1ead8 #e87a3d #14313c",
    "#1a1530 #3a2a5e #6a4a8c #c98ab0 #f6e6dc #e7a74f #221b3f",
    "#f3ece0 #d9c7b0 #b7674a #7a2f2c #2a1a1e #e0a94e #efe3d2",
    "#eef0ee #c4d2d6 #6f93a3 #2c5169 #10233a #d8b15a #e6e9e6",
    "#102a22 #1d4d3c #4b8463 #a9c79a #f5f0dc #d6a13c #143528",
)


def marbling(stage: Stage) -> Canvas:
    """Bands of ink with sharp contours, thin bright veins between broad calm areas."""
    height = _flow(stage)
    inks = _inks(stage)
    canvas = Canvas(looked_up(_bands(stage, inks), height))
    sheen = resized(stage.noise("sheen", 160, 1.7, (1.5, 0.7)), stage.width, stage.height)
    canvas.lift(sheen * np.float32(0.012))
    rim = np.abs(np.gradient(height, axis=0)) * np.float32(stage.unit / 18)
    canvas.darken(Patch(np.clip(rim, 0, 0.16).astype(np.float32)), inks[0])
    return canvas


def _flow(stage: Stage) -> Field:
    shown, tall = lattice(stage.width, stage.height, 360)
    width, height = shown + 2 * _MARGIN, tall + 2 * _MARGIN
    rng = stage.random("flow")
    calm = fractal(rng, width, height, slope=3.4, low=float(rng.uniform(0.7, 1.3)))
    first = fractal(rng, width, height, slope=3.4, low=1.1)
    second = fractal(rng, width, height, slope=3.4, low=1.1)
    pull = np.float32(tall * rng.uniform(0.10, 0.17))
    drawn = warped(calm, first * pull, second * pull)
    drawn = warped(drawn, second * pull * np.float32(0.5), drawn * pull * np.float32(0.32))
    inner = drawn[_MARGIN:-_MARGIN, _MARGIN:-_MARGIN]
    full = resized(np.ascontiguousarray(inner), stage.width, stage.height)
    return np.asarray(0.5 + full * np.float32(0.19), dtype=np.float32)


def _inks(stage: Stage) -> list[Field]:
    if stage.brief.style == "ink" and not stage.brief.colours:
        return [paint(c) for c in ["#f4f0e6", "#dcd7cb", "#8d8b88", "#3d3d42", "#15161b", "#b5432f", "#efeadf"]]
    inks = [paint(code) for code in _INKS[stage.cycled("inks", len(_INKS))].split()]
    hues = stage.hues()
    if hues:
        main, accent = hues[0], hues[-1]
        inks = [
            lightened(main, -0.3),
            lightened(main, -0.16),
            main,
            lightened(main, 0.05),
            paint("#f3ecdc"),
            accent if len(hues) > 1 else mixed(inks[5], main, 0.2),
            lightened(main, -0.24),
        ]
    return inks


def _bands(stage: Stage, inks: list[Field]) -> Field:
    """Which ink lies at which level: broad fields cut by a few narrow bright veins."""
    rng = stage.random("bands")
    count = 4096
    at = np.linspace(0, 1, count, dtype=np.float32)
    table = np.empty((count, 3), dtype=np.float32)
    table[:] = inks[0]
    edges = np.cumsum(rng.uniform(0.03, 0.11, 16))
    edges = 0.08 + (edges - edges[0]) / (edges[-1] - edges[0]) * 0.84
    broad = [0, 1, 2, 3, 6, 2, 1]
    for i, edge in enumerate(edges):
        vein = i % 4 == 2
        tone = inks[(4, 5)[i // 4 % 2]] if vein else inks[broad[int(rng.integers(len(broad)))]]
        _step(table, at, (float(edge), tone))
        if vein:
            _step(table, at, (float(edge) + 0.014, inks[(5, 4)[i // 4 % 2]]))
            _step(table, at, (float(edge) + 0.022, inks[0]))
            _step(table, at, (float(edge) + 0.034, inks[2]))
    return table


def _step(table: Field, at: Field, change: tuple[float, Field]) -> None:
    edge, tone = change
    over = smoothstep(edge - 0.0022, edge + 0.0022, at)[:, None]
    table += over * (tone[None] - table)
