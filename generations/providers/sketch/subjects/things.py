"""Boats, houses, trees and balloons."""

from __future__ import annotations

import numpy as np

from generations.providers.sketch.canvas import Canvas, Patch
from generations.providers.sketch.colour import lightened, mixed, paint
from generations.providers.sketch.fields import Field, smoothstep
from generations.providers.sketch.palettes import lit, named
from generations.providers.sketch.shapes import Points, across, covered, disc, oval, placed, points, spline, tapered
from generations.providers.sketch.stage import Stage
from generations.providers.sketch.subjects.spots import Spot
from generations.providers.sketch.trees import branches


def own_colour(stage: Stage, usual: str) -> Field:
    """The colour the prompt gives the subject, else its usual one, in the light of the scene."""
    word = stage.brief.subject_colour
    if word == "red" and stage.brief.subject == "fox":  # what people call red in a fox is orange
        word = ""
    return lit(stage.light, named(word) if word else paint(usual))


def _afloat(canvas: Canvas, spot: Spot, parts: list[tuple[Points, Field]]) -> None:
    """Paint parts given round the waterline, and their broken reflection under them."""
    for outline, tone in parts:
        under = placed(outline * np.array([1.0, -0.62]), (spot.x, spot.y), spot.size)
        patch = covered(canvas, [under])
        rows = np.arange(patch.top, patch.top + patch.cover.shape[0], dtype=np.float32)[:, None] - np.float32(spot.y)
        waver = np.sin(rows / np.float32(spot.size * 0.03)) * 2
        broken = 0.5 + 0.5 * np.sin(rows / np.float32(spot.size * 0.014) + waver)
        depth = np.clip(1 - rows / np.float32(spot.size * 0.62), 0, 1)
        fade = depth * (np.float32(0.28) + np.float32(0.32) * broken)
        canvas.paint(patch.times(fade.astype(np.float32)), lightened(tone, -0.05))
    for outline, tone in parts:
        canvas.paint(covered(canvas, [placed(outline, (spot.x, spot.y), spot.size)]), tone)
    line = oval((spot.x, spot.y + spot.size * 0.004), (spot.size * 0.46, spot.size * 0.012))
    canvas.darken(covered(canvas, [line]).times(0.35), paint("#0b1420"))


def boat(stage: Stage, canvas: Canvas, spot: Spot) -> None:
    """A small yacht with mainsail and jib set."""
    t = np.linspace(0, 1, 16)
    luff = np.stack([0.02 + 0 * t, -0.99 + 0.83 * t], axis=1)
    leech = np.stack([0.02 + 0.42 * t + 0.06 * np.sin(np.pi * t), -0.99 + 0.83 * t], axis=1)
    stay = np.stack([-0.02 - 0.34 * t - 0.02 * np.sin(np.pi * t), -0.88 + 0.72 * t], axis=1)
    hull = np.concatenate(
        [
            spline(
                points((-0.47, -0.115), (-0.34, -0.01), (-0.1, 0.012), (0.26, 0.012), (0.38, -0.02), (0.42, -0.115)),
                closed=False,
            ),
            points((0.0, -0.10)),
        ]
    )
    sail = lit(stage.light, paint("#f5efe1"))
    sail = own_colour(stage, "#f5efe1") if stage.brief.subject_colour else mixed(sail, stage.light.horizon, 0.25)
    dark = mixed(lit(stage.light, paint("#5a3426")), stage.light.near, 0.45)
    parts = [
        (np.concatenate([luff, leech[::-1]]), sail),
        (np.concatenate([stay, points((-0.03, -0.16))]), lightened(sail, -0.07)),
        (points((-0.008, -1.03), (0.010, -1.03), (0.014, -0.1), (-0.012, -0.1)), dark),
        (hull, dark),
    ]
    flip = np.array([spot.facing, 1.0])
    _afloat(canvas, spot, [(outline * flip, tone) for outline, tone in parts])


def paperboat(stage: Stage, canvas: Canvas, spot: Spot) -> None:
    """A folded paper boat, a lantern in it if the words or the dark ask for one."""
    sheet = mixed(own_colour(stage, "#fdf8ee"), stage.light.disc, 0.35)
    if stage.light.is_dark:
        sheet = mixed(sheet, paint("#f6e9cf"), 0.62)
    shade, deep = lightened(sheet, -0.10), lightened(sheet, -0.19)
    parts = [
        (points((-0.50, -0.30), (-0.20, -0.215), (-0.24, -0.10)), deep),
        (points((0.50, -0.30), (0.20, -0.215), (0.24, -0.10)), deep),
        (points((0.0, -0.56), (-0.225, -0.18), (0.0, -0.12)), sheet),
        (points((0.0, -0.56), (0.225, -0.18), (0.0, -0.12)), shade),
        (points((-0.50, -0.30), (-0.30, 0.0), (0.0, 0.0), (0.0, -0.135)), lightened(sheet, 0.015)),
        (points((0.50, -0.30), (0.30, 0.0), (0.0, 0.0), (0.0, -0.135)), lightened(sheet, -0.055)),
    ]
    glowing = stage.brief.has("lantern") or (stage.light.is_dark and stage.brief.allows("lights"))
    if glowing:
        halo(canvas, (spot.x, spot.y - spot.size * 0.26), spot.size * 0.9, 0.42)
        _glimmer(stage, canvas, spot)
    _afloat(canvas, spot, parts)
    if glowing:
        centre = (spot.x - spot.size * 0.26, spot.y - spot.size * 0.27)
        halo(canvas, centre, spot.size * 0.42, 0.85)
        canvas.paint(disc(canvas, centre, spot.size * 0.034, spot.size * 0.02), paint("#fff3cf"))


def halo(canvas: Canvas, centre: tuple[float, float], radius: float, strength: float) -> None:
    """Warm lamplight round a point."""
    patch = disc(canvas, centre, radius, 1.0)
    xs, ys = across(patch)
    away = np.sqrt((xs - np.float32(centre[0])) ** 2 + (ys - np.float32(centre[1])) ** 2) / np.float32(radius)
    glow = np.clip(1 - away, 0, 1) ** 2.4 * np.float32(strength)
    canvas.shine(Patch(glow.astype(np.float32), patch.left, patch.top), paint("#ffbf6b"))


def _glimmer(stage: Stage, canvas: Canvas, spot: Spot) -> None:
    """The lantern's own light on the water."""
    rng = stage.random("glimmer")
    streaks = []
    for _ in range(46):
        drop = rng.random() ** 1.4
        x = spot.x - spot.size * 0.26 + rng.normal(0, 0.05 + 0.10 * drop) * spot.size
        y = spot.y + spot.size * (0.03 + 0.85 * drop)
        streaks.append(oval((x, y), (spot.size * rng.uniform(0.03, 0.10), spot.size * 0.0055), count=16))
    canvas.shine(covered(canvas, streaks).times(0.5), paint("#ffc878"))


def cabin(stage: Stage, canvas: Canvas, spot: Spot) -> None:
    """A gabled house with a chimney, its windows warm when the light is low."""
    wall = own_colour(stage, "#8a5a3c")
    wall = mixed(wall, stage.light.near, 0.28)
    snowy = stage.brief.season == "winter" or stage.brief.weather == "snow"
    white = mixed(lit(stage.light, paint("#eef3f7")), stage.light.glow, 0.35)
    roof = white if snowy else mixed(lit(stage.light, paint("#4a3a3a")), stage.light.near, 0.45)
    late = stage.light.height < 0.25 or stage.light.is_dark
    pane = (
        paint("#ffd07a") if late and stage.brief.allows("lights") else mixed(stage.light.near, stage.light.horizon, 0.3)
    )
    parts: list[tuple[Points, Field]] = [
        (points((0.30, -0.98), (0.39, -0.98), (0.39, -0.60), (0.30, -0.60)), lightened(wall, -0.10)),
        (points((-0.10, 0.02), (-0.10, -0.44), (0.66, -0.44), (0.66, 0.02)), lightened(wall, -0.055)),
        (points((-0.62, 0.02), (-0.62, -0.44), (-0.36, -0.80), (-0.10, -0.44), (-0.10, 0.02)), wall),
        (points((-0.40, -0.86), (0.46, -0.86), (0.74, -0.41), (-0.09, -0.41)), roof),
        (points((-0.37, -0.885), (-0.32, -0.82), (-0.63, -0.385), (-0.70, -0.41)), lightened(roof, -0.05)),
        (points((-0.44, 0.02), (-0.44, -0.27), (-0.29, -0.27), (-0.29, 0.02)), lightened(wall, -0.16)),
        (points((-0.425, -0.40), (-0.425, -0.54), (-0.305, -0.54), (-0.305, -0.40)), pane),
        (points((0.05, -0.15), (0.05, -0.32), (0.21, -0.32), (0.21, -0.15)), pane),
        (points((0.37, -0.15), (0.37, -0.32), (0.53, -0.32), (0.53, -0.15)), pane),
    ]
    flip = np.array([spot.facing, 1.0])
    for outline, tone in parts:
        canvas.paint(covered(canvas, [placed(outline * flip, (spot.x, spot.y), spot.size)]), tone)
    if late and stage.brief.allows("lights"):
        for x, y in ((-0.365, -0.47), (0.13, -0.23), (0.45, -0.23)):
            halo(canvas, (spot.x + x * spot.facing * spot.size, spot.y + y * spot.size), spot.size * 0.42, 0.5)
    _smoke(stage, canvas, spot)


def _smoke(stage: Stage, canvas: Canvas, spot: Spot) -> None:
    rng = stage.random("smoke")
    tone = mixed(stage.light.horizon, stage.light.disc, 0.4)
    x, y, drift = spot.x + 0.345 * spot.size * spot.facing, spot.y - spot.size, float(rng.choice([-1.0, 1.0]))
    for k in range(14):
        share = k / 13
        centre = (
            x + drift * spot.size * 0.5 * share**1.6 + np.sin(k * 1.3) * spot.size * 0.03,
            y - spot.size * 0.85 * share,
        )
        radius = spot.size * (0.03 + 0.10 * share)
        canvas.paint(disc(canvas, centre, radius * 0.5, radius * 1.6).times(0.17 * (1 - share)), tone)


_CROWNS = {"spring": "#e7a9bd", "summer": "#4f7f43", "autumn": "#cf7a2c", "winter": ""}


def tree(stage: Stage, canvas: Canvas, spot: Spot) -> None:
    """One old tree: in leaf, in blossom, in autumn colour, or bare."""
    rng = stage.random("tree")
    bark = mixed(lit(stage.light, paint("#4a3426")), stage.light.near, 0.6)
    limbs = branches(rng, (spot.x, spot.y + spot.size * 0.02), spot.size * 0.84)
    season = stage.brief.season or ("summer", "autumn", "spring")[stage.cycled("tree", 3)]
    usual = _CROWNS[season]
    if stage.brief.weather == "snow":
        usual = ""
    if usual or stage.brief.subject_colour:
        leaf = mixed(own_colour(stage, usual or "#5d8a45"), stage.light.near, 0.22)
        tips = np.array([limb.mean(axis=0) for limb in limbs[-28:]])
        shape = tips.mean(axis=0)
        for by, size, count in ((-0.07, 0.150, 30), (0.0, 0.115, 26), (0.06, 0.07, 15)):
            blobs = []
            for tip in tips:
                centre = tip + (shape - tip) * 0.10 + rng.normal(0, spot.size * 0.03, 2) - (0, by * spot.size * 0.5)
                blobs += _foliage(rng, centre, spot.size * size * rng.uniform(0.7, 1.15), count)
            canvas.paint(covered(canvas, blobs), lightened(leaf, by))
            if by < 0:
                canvas.paint(covered(canvas, limbs), bark)
    else:
        canvas.paint(covered(canvas, limbs), bark)
    canvas.paint(covered(canvas, limbs[:3]), bark)


def _foliage(rng: np.random.Generator, centre: Points, radius: float, count: int) -> list[Points]:
    """Small pointed leaf sprays thrown about a twig."""
    angle, away = rng.uniform(0, 2 * np.pi, count), np.sqrt(rng.random(count)) * radius
    turn, size = rng.uniform(0, 2 * np.pi, count), radius * rng.uniform(0.13, 0.27, count)
    t = np.linspace(0, 2 * np.pi, 8, endpoint=False)
    u, v = np.cos(t) * size[:, None], np.sin(t) * size[:, None] * 0.62
    x = (centre[0] + np.cos(angle) * away)[:, None] + u * np.cos(turn)[:, None] - v * np.sin(turn)[:, None]
    y = (centre[1] + np.sin(angle) * away * 0.85)[:, None] + u * np.sin(turn)[:, None] + v * np.cos(turn)[:, None]
    return list(np.stack([x, y], axis=2))


_GORES = ("#d9573f #f4e9d2 #2f6f7d #e9b44c", "#b8384a #f2d9b8 #3a4a8a #e88a4a", "#2f7d6b #f3ead6 #e2703a #f0c35a")


def balloon(stage: Stage, canvas: Canvas, spot: Spot) -> None:
    """Three hot-air balloons, one near and two far."""
    rng = stage.random("balloon")
    places = [(0.0, 0.0, 1.0), (-1.9 * spot.facing, -0.28, 0.42), (1.5 * spot.facing, 0.46, 0.28)]
    for i, (dx, dy, scale) in reversed(list(enumerate(places))):
        codes = _GORES[(int(rng.integers(3)) + i) % 3].split()
        tones = [lit(stage.light, paint(code)) for code in codes]
        if stage.brief.subject_colour:
            own = own_colour(stage, codes[0])
            tones = [own, lightened(own, 0.18), lightened(own, -0.1), lightened(own, 0.09)]
        haze = 0.0 if i == 0 else 0.42
        tones = [mixed(tone, stage.light.horizon, haze) for tone in tones]
        _one_balloon(stage, canvas, Spot(spot.x + dx * spot.size, spot.y + dy * spot.size, spot.size * scale), tones)


def _one_balloon(stage: Stage, canvas: Canvas, spot: Spot, tones: list[Field]) -> None:
    t = np.linspace(0, 1, 40)
    half = 0.40 * np.sin(np.pi * np.clip(t, 0, 1) ** 0.78 * 0.955) ** 0.82
    half[-1] = 0.055
    side = np.stack([half, -0.62 + t * 0.98], axis=1)
    outline = np.concatenate([side, side[::-1] * np.array([-1.0, 1.0])])
    patch = covered(canvas, [placed(outline, (spot.x, spot.y), spot.size)])
    xs, ys = across(patch)
    dx, dy = (xs - np.float32(spot.x)) / spot.size, (ys - np.float32(spot.y)) / spot.size
    width = np.interp(dy[:, 0], side[:, 1], half).astype(np.float32)[:, None]
    turn = np.clip(dx / np.maximum(width, 1e-3), -1, 1)
    gore = (np.arcsin(turn) / np.pi + 0.5) * 8
    pick = np.asarray(gore, dtype=np.intp) % 4
    table = np.stack(tones)
    light = np.float32(0.66) + np.float32(0.42) * smoothstep(-1.1, 0.9, -turn * np.float32(0.75) - dy * np.float32(0.7))
    planes = np.stack([np.ascontiguousarray(table[:, i]).take(pick) for i in range(3)])
    canvas.paint(patch, np.clip(planes * light[None], 0, 1).astype(np.float32))
    basket = points((-0.055, 0.50), (0.055, 0.50), (0.045, 0.60), (-0.045, 0.60))
    ropes = [tapered(points((x, 0.35), (x * 0.95, 0.50)), 0.004, 0.004) for x in (-0.05, 0.05, 0.0)]
    dark = mixed(lit(stage.light, paint("#5a3a24")), tones[0], 0.1)
    fit = [placed(shape, (spot.x, spot.y), spot.size) for shape in (basket, *ropes)]
    canvas.paint(covered(canvas, fit), dark)
