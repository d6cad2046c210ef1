"""What pictures cost by themselves: decode, hash, two thumbnails. The bound that the studio is compared with."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
import time
from pathlib import Path

import PIL.Image

from tests.emulators.pictures import picture

ROOT = Path(__file__).parent.parent
WIDTHS = (640, 320)


def rate(seconds: float) -> tuple[float, float]:
    """Pictures per second on all cores, and milliseconds of CPU for each."""
    command = [sys.executable, "-m", "bench.imagework", str(seconds)]
    running = [
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(os.cpu_count() or 1)
    ]
    done = [[float(word) for word in process.communicate()[0].split()] for process in running]
    pictures = sum(count for count, _, _ in done)
    return sum(count / elapsed for count, elapsed, _ in done), sum(cpu for _, _, cpu in done) * 1000 / pictures


def ingest(content: bytes) -> None:
    """All that has to be done with a picture, by Pillow as it comes, with nothing around it."""
    hashlib.sha256(content).hexdigest()
    image = PIL.Image.open(io.BytesIO(content))
    image.load()
    small: PIL.Image.Image = image
    for width in WIDTHS:
        size = width, image.height * width // image.width
        small = small.resize(size, PIL.Image.Resampling.BICUBIC, reducing_gap=1.5)
        small.save(io.BytesIO(), "WEBP", quality=82, method=2)


def _measure(seconds: float) -> None:
    content = b"".join(picture(1408, 768, 1))
    ingest(content)
    begun, cpu, count = time.perf_counter(), time.process_time(), 0
    while time.perf_counter() < begun + seconds:
        ingest(content)
        count += 1
    print(count, time.perf_counter() - begun, time.process_time() - cpu)


if __name__ == "__main__":
    _measure(float(sys.argv[1]))
