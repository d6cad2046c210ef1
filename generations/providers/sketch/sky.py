"""Skies: gradient, glow, cloud, sun or moon, stars."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from generations.providers.sketch.canvas import Canvas, Patch
from generations.providers.sketch.colour import lightened, mixed
from generations.providers.sketch.fields import Field, fractal, grid, lattice, sampled, smoothstep
from generations.providers.sketch.shapes import Points, across, disc
from generations.providers.sketch.stage import Stage

_DETAIL = 288  # the short side of the small canvas on which the soft parts are painted


@dataclass(frozen=True, slots=True)
class Lamp:
    """Where the sun or moon stands, in shares of width and height, and its radius in short sides."""

    x: float
    y: float
    radius: float


@dataclass(frozen=True, slots=True)
class Sky:
    """A sky to paint: the horizon as a share of the height, how much cloud (0 to 1), the lamp if any."""

    horizon: float
    cloud: float
    lamp: Lamp | None
    glow: float = 1.0


def lamp_for(stage: Stage, horizon: float, *, lift: float = 0.0) -> Lamp | None:
    """The lamp at its hour's height above the horizon, or None when the prompt or the weather hides it."""
    brief = stage.brief
    moon = stage.light.is_dark or brief.has("moon")
    if not brief.allows("moon" if moon else "sun"):
        return None
    rng = stage.random("lamp")
    if brief.weather in {"storm", "rain"} and not (brief.has("sun") or brief.has("moon")):
        return None
    height = stage.light.height * rng.uniform(0.7, 1.25) + lift
    y = horizon * (1 - min(height, 0.82))
    radius = rng.uniform(0.030, 0.046) * (1.1 if moon else 1.0)
    return Lamp(stage.third("lamp-x"), y, radius)


def cloud_amount(stage: Stage, usual: float) -> float:
    """How cloudy the words want the sky, else about as much as usual."""
    brief = stage.brief
    plain = brief.style in {"papercut", "minimal"} and brief.weather != "clouds"
    if brief.weather == "clear" or plain or not brief.allows("clouds"):
        return 0.0
    wanted = {"clouds": 0.85, "storm": 1.0, "rain": 0.9, "snow": 0.5, "fog": 0.2}.get(brief.weather)
    return wanted if wanted is not None else usual * float(stage.random("cloud-amount").uniform(0.5, 1.5))


def painted_sky(stage: Stage, sky: Sky) -> Canvas:
    """The whole canvas filled with the sky, as if nothing stood before it."""
    width, height = lattice(stage.width, stage.height, _DETAIL)
    small = Canvas.filled(width, height, stage.light.zenith)
    small.planes[:] = stage.sky_rows(height, sky.horizon).T[:, :, None]
    if sky.lamp:
        _glow(stage, small, sky, sky.lamp)
    if sky.cloud > 0:
        _clouds(stage, small, sky)
    canvas = small.enlarged(stage.width, stage.height)
    if stage.light.stars and stage.brief.allows("stars"):
        stars(stage, canvas, stage.light.stars, sky.horizon)
    if sky.lamp:
        lamp(stage, canvas, sky.lamp)
    return canvas


def _glow(stage: Stage, canvas: Canvas, sky: Sky, at: Lamp) -> None:
    xs, ys = grid(canvas.width, canvas.height)
    dx, dy = xs - np.float32(at.x * stage.aspect), ys - np.float32(at.y)
    scale = min(1.0, stage.aspect)
    away = np.sqrt(dx * dx * np.float32(0.75) + dy * dy * np.float32(1.25)) / np.float32(scale)
    wide = np.exp(-away * np.float32(3.1)) * np.float32(0.62 * sky.glow)
    tight = np.exp(-away * np.float32(11)) * np.float32(0.55 * sky.glow)
    dim = 0.55 if stage.light.is_dark else 1.0
    canvas.paint(Patch((wide * np.float32(dim)).astype(np.float32)), stage.light.glow)
    canvas.shine(Patch((tight * np.float32(dim)).astype(np.float32)), stage.light.glow)


def _clouds(stage: Stage, canvas: Canvas, sky: Sky) -> None:
    width, height = canvas.width, canvas.height
    body = _cloud_body(stage, width, height, sky.horizon)
    cut = 1.25 - 1.5 * sky.cloud
    cover = smoothstep(cut, cut + 1.9, body) * np.float32(0.55 + 0.4 * sky.cloud)
    rows = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    cover *= smoothstep(sky.horizon + 0.02, sky.horizon * 0.72, rows) * np.float32(0.8) + np.float32(0.2)
    cover *= rows < sky.horizon + 0.05
    lit, shade = _cloud_colours(stage)
    slope = np.roll(body, (-2, 3 if not sky.lamp or sky.lamp.x > 0.5 else -3), (0, 1)) - body
    face = np.clip(np.float32(0.52) - slope * np.float32(0.75), 0, 1)
    tones = shade[:, None, None] + (lit - shade)[:, None, None] * face[None]
    canvas.paint(Patch(cover.astype(np.float32)), tones)


def _cloud_body(stage: Stage, width: int, height: int, horizon: float) -> Field:
    rng = stage.random("clouds")
    noise = fractal(rng, width, height, slope=2.0, low=1.6, stretch=(0.62, 1.15))
    # A flat deck of cloud seen from below: it crowds together towards the horizon.
    rows = np.linspace(0, 1, height, dtype=np.float32)
    distance = 1 / (1.18 - np.clip(rows / max(horizon, 0.1), 0, 1))
    ys = (distance * np.float32(0.42 * height))[:, None]
    columns = np.arange(width, dtype=np.float32) - width / 2
    xs = columns[None, :] * (0.35 + 0.3 * distance[:, None]) + width / 2
    return sampled(noise, xs.astype(np.float32), np.broadcast_to(ys, xs.shape))


def _cloud_colours(stage: Stage) -> tuple[Field, Field]:
    light = stage.light
    if light.is_dark:
        return mixed(light.middle, light.glow, 0.28), mixed(light.zenith, light.middle, 0.55)
    if stage.brief.weather in {"storm", "rain"}:
        return mixed(light.middle, light.horizon, 0.7), lightened(light.zenith, -0.1)
    if light.height > 0.3:
        return mixed(light.disc, light.horizon, 0.25), mixed(light.middle, light.horizon, 0.45)
    return mixed(light.horizon, light.glow, 0.35), mixed(light.zenith, light.middle, 0.6)


def lamp(stage: Stage, canvas: Canvas, at: Lamp) -> None:
    """The disc of the sun or moon with a narrow halo."""
    centre = (at.x * stage.width, at.y * stage.height)
    radius = at.radius * stage.unit
    halo = disc(canvas, centre, radius * 1.1, radius * 2.2)
    canvas.paint(halo.times(halo.cover * np.float32(0.4)), stage.light.glow)
    face = disc(canvas, centre, radius, max(1.0, stage.unit / 700))
    if stage.light.is_dark and (stage.brief.has("crescent") or stage.random("phase").random() < 0.35):
        face = _crescent(face, centre, radius)
    canvas.paint(face, stage.light.disc)
    if stage.light.is_dark:
        _seas(stage, canvas, face, radius)


def _seas(stage: Stage, canvas: Canvas, face: Patch, radius: float) -> None:
    """Grey maria on the moon, so that it is not a hole in the sky."""
    spots = fractal(stage.random("moon"), 64, 64, slope=2.4)
    xs, ys = across(face)
    step = 24 / radius
    grey = sampled(spots, (xs - xs.min()) * step, np.broadcast_to((ys - ys.min()) * step, face.cover.shape))
    canvas.darken(face.times(smoothstep(0.0, 1.6, grey) * np.float32(0.16)), stage.light.middle)


def _crescent(face: Patch, centre: tuple[float, float], radius: float) -> Patch:
    xs, ys = across(face)
    dx, dy = xs - np.float32(centre[0] - radius * 0.5), ys - np.float32(centre[1] - radius * 0.2)
    lit = smoothstep(radius * 0.95, radius * 1.06, np.sqrt(dx * dx + dy * dy))
    return face.times(lit)


def stars(stage: Stage, canvas: Canvas, amount: float, horizon: float = 1.0) -> None:
    """Stars above the horizon, most of them faint."""
    rng = stage.random("stars")
    count = int(520 * amount * max(stage.aspect, 1 / stage.aspect))
    xs, ys = rng.random(count), rng.random(count) * horizon
    power = rng.random(count) ** 5 * 0.9 + 0.08
    power *= np.clip((horizon - ys) / horizon * 2.2, 0, 1) * amount
    sprinkle(canvas, np.stack([xs * canvas.width, ys * canvas.height, power], axis=1), stage.unit / 1150)


def sprinkle(canvas: Canvas, spots: Points, size: float, colour: Field | None = None) -> None:
    """Add round points of light; each spot is x, y in pixels and a strength."""
    reach = int(np.ceil(size * 2.6))
    x0, y0 = np.floor(spots[:, 0]).astype(int), np.floor(spots[:, 1]).astype(int)
    light = np.zeros((canvas.height, canvas.width), dtype=np.float32)
    for dy in range(-reach, reach + 1):
        for dx in range(-reach, reach + 1):
            px, py = x0 + dx, y0 + dy
            away = (px + 0.5 - spots[:, 0]) ** 2 + (py + 0.5 - spots[:, 1]) ** 2
            inside = (px >= 0) & (px < canvas.width) & (py >= 0) & (py < canvas.height)
            value = spots[:, 2] * np.exp(-away / (2 * size * size))
            np.add.at(light, (py[inside], px[inside]), value[inside].astype(np.float32))
    tint = np.ones(3, dtype=np.float32) if colour is None else colour
    foot = int(y0.max()) + reach + 1
    canvas.shine(Patch(np.minimum(light[:foot], 1)), tint)
