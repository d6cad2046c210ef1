"""How long the sketch renderer takes for each scene, on one core: milliseconds to standard output.

The ratio is to what Pillow takes to write a picture of that size as PNG, in the same run: the figures of two machines,
or of two hours on a busy one, can be compared by it.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from functools import partial
from io import BytesIO
from pathlib import Path
from statistics import median, quantiles

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"  # before numpy is imported, which reads them once
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

SIZES = ((1408, 768), (2816, 1536))
ROUNDS = 9

PROMPTS: dict[str, str] = {
    "mountains": "mountains",
    "sea": "the sea",
    "lake": "a lake",
    "dunes": "dunes",
    "farmland": "striped fields",
    "meadow": "a meadow in flower",
    "forest": "a foggy forest",
    "hill": "a red fox in the snow",
    "branch": "a bird",
    "headland": "a lighthouse at dusk",
    "city": "a city at night in the rain",
    "aurora": "northern lights",
    "rainwindow": "bokeh",
    "islands": "islands from above",
    "nebula": "a nebula",
    "planet": "a ringed planet",
    "botanicals": "pressed leaves",
    "cutouts": "a geometric pattern",
    "marbling": "marbling",
    "arches": "arches",
    "vessels": "vases",
    "fruit": "a bowl of lemons",
    "colourfield": "rothko",
    "oil paint": "mountains at dusk, oil paint",
    "watercolour": "mountains at dusk, watercolour",
    "gouache": "mountains at dusk, gouache",
    "ink": "mountains, ink",
    "papercut": "mountains at dusk, papercut",
    "pencil": "mountains, pencil",
    "pixel": "mountains at dusk, pixel art",
    "film": "mountains at dusk, film",
    "exposure": "the sea at dusk, long exposure",
    "print": "mountains at dusk, linocut",
}


def milliseconds(work: Callable[[], object]) -> float:
    """Processor time of one call."""
    start = time.process_time()
    work()
    return (time.process_time() - start) * 1000


def main() -> None:
    """Print one line for each scene and each style."""
    from PIL import Image  # noqa: PLC0415  # like numpy, after the threads are set

    from generations.providers.sketch.renderer import render  # noqa: PLC0415

    measures = []
    for width, height in SIZES:
        picture = Image.open(BytesIO(render("mountains", width=width, height=height, seed=0)))
        picture.load()
        measures.append(median(milliseconds(partial(picture.save, BytesIO(), "PNG")) for _ in range(ROUNDS)))
    print(f"{'':14}" + "".join(f"{f'{width}×{height}':>12} median     p95  ratio" for width, height in SIZES))
    print(f"{'Pillow, PNG':14}" + "".join(f"{measure:19.0f}{'':8}   1.00" for measure in measures))
    for name, prompt in PROMPTS.items():
        line = f"{name:14}"
        for (width, height), measure in zip(SIZES, measures, strict=True):
            times = [milliseconds(partial(render, prompt, width=width, height=height, seed=n)) for n in range(ROUNDS)]
            cuts = quantiles(times, n=20, method="inclusive")
            line += f"{cuts[9]:19.0f} {cuts[18]:7.0f} {cuts[9] / measure:6.2f}"
        print(line, flush=True)


if __name__ == "__main__":
    main()
