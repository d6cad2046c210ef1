"""``python -m bench``: every figure of the studio, in one run."""

from __future__ import annotations

import argparse
from pathlib import Path

from bench import accepting, exporting, fulfilling, machine, pages, restarts, scrolling, searching, waiting
from bench.figures import Figures
from bench.studio import Studio, Vendor

PARTS = (
    "idle",
    "overhead",
    "submits",
    "throughput",
    "inflight",
    "waiting",
    "restarts",
    "gallery",
    "search",
    "export",
    "pages",
    "scrolling",
)


def main() -> None:
    """Measure what was asked for and print it as it comes."""
    options = _options()
    facts, figures = machine.facts(), Figures()
    vendor, painter = Vendor(), Vendor("openai", "OPENAI_BASE_URL")
    try:
        with Studio(vendor, painter) as studio:
            facts["PostgreSQL"] = studio.seed("postgres")
            for name, value in facts.items():
                print(f"{name:<22} {value}", flush=True)
            _measure(studio, vendor, painter, figures, options)
    finally:
        vendor.stop()
        painter.stop()
    if options.json:
        figures.save(options.json, facts)


def _measure(studio: Studio, vendor: Vendor, painter: Vendor, figures: Figures, options: argparse.Namespace) -> None:
    keys = studio.seed("people", "128")
    if "idle" in options.parts:
        fulfilling.idle(studio, figures, options.seconds)
    if "overhead" in options.parts:
        fulfilling.overhead(studio, vendor, figures, keys, 20)
    if "submits" in options.parts:
        _submits(studio, figures, keys, options)
    if "throughput" in options.parts:
        fulfilling.throughput(studio, vendor, figures, keys, options.backlog)
    if "inflight" in options.parts:
        fulfilling.in_flight(studio, vendor, figures, keys, options.in_flight)
    if "waiting" in options.parts:
        waiting.alone(studio, painter, figures, keys[0], options.seconds)
        waiting.crowd(studio, vendor, figures, keys, options.waiting)
    if "restarts" in options.parts:
        restarts.rolling(studio, vendor, painter, figures, keys, options.restarts)
    _galleries(studio, figures, options)
    figures.head("Afterwards")
    fulfilling.memory(studio, figures)
    ledger = studio.manage("verifyledger")
    breaches = [line for line in ledger.stdout.splitlines() if line.split()[1:2] not in ([], ["0"])]
    figures.add("verifyledger", result=f"exit code {ledger.returncode}", breaches="; ".join(breaches) or "none")


def _galleries(studio: Studio, figures: Figures, options: argparse.Namespace) -> None:
    if "gallery" in options.parts:
        accepting.gallery(studio, figures, options.images, options.seconds)
    if "search" in options.parts:
        searching.searches(studio, figures, max(options.images), options.seconds)
    if "export" in options.parts:
        exporting.archives(studio, figures, options.pictures)
    if "pages" in options.parts:
        pages.weights(studio, figures)
    if "scrolling" in options.parts:
        scrolling.far(studio, figures, max(options.images))


def _submits(studio: Studio, figures: Figures, keys: list[str], options: argparse.Namespace) -> None:
    accepting.by_two(studio, figures, keys, options.seconds)
    accepting.submits(studio, figures, keys, options.seconds, options.litellm)
    accepting.status_polls(studio, figures, keys[0], options.seconds)
    studio.seed("cancel")
    studio.seed("forget")
    studio.thaw()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("parts", nargs="*", default=PARTS, metavar="PART", help=f"some of: {' '.join(PARTS)}")
    parser.add_argument("--seconds", type=float, default=5, help="how long each rate is measured")
    parser.add_argument(
        "--backlog", type=int, default=150, help="generations completed against the vendor without latency"
    )
    parser.add_argument("--in-flight", type=int, default=500, help="generations at the vendor that takes 20 s")
    parser.add_argument("--waiting", type=int, default=1_000, help="clients that wait for their pictures at once")
    parser.add_argument("--restarts", type=int, default=10, help="how often every process is replaced")
    parser.add_argument("--pictures", type=int, nargs="+", default=[200, 2_000], help="sizes of archive")
    parser.add_argument("--images", type=int, nargs="+", default=[1_000, 100_000], help="sizes of gallery")
    parser.add_argument(
        "--litellm", type=Path, metavar="VENV", help="an environment with litellm[proxy], to compare with"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure there too")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    return options


if __name__ == "__main__":
    main()
