"""What it takes to find pictures in a large account, by each of the things that they can be found by."""

from __future__ import annotations

from urllib.parse import urlencode

from bench import load
from bench.figures import Figures
from bench.load import Load
from bench.studio import Studio

ADDRESS = "/api/v1/images"
# What many pictures have, what few have, and what none has: the last is read to the end of the account.
SEARCHES: dict[str, dict[str, str]] = {
    "everything": {},
    "oldest first": {"sort": "oldest"},
    "words of many": {"q": "lighthouse"},
    "words of few": {"q": '"lighthouse at dusk" gouache'},
    "words of none": {"q": "zeppelin"},
    "words of many, by relevance": {"q": "lighthouse", "sort": "relevance"},
    "words of few, by relevance": {"q": '"lighthouse at dusk" gouache', "sort": "relevance"},
    "a model that made none": {"model": "imagen-4"},
    "a provider that made none": {"provider": "fal"},
    "a shape": {"aspect_ratio": "16:9"},
    "a seed": {"seed": "3"},
    "a seed of none": {"seed": "99999"},
    "a span of time": {"from": "2000-01-01", "to": "2000-01-02"},
    "starred": {"starred": "true"},
    "published": {"visibility": "published"},
    "the trash": {"status": "trashed"},
    "words, shape and model": {"q": "lighthouse", "aspect_ratio": "1:1", "model": "sketch"},
}


def searches(studio: Studio, figures: Figures, images: int, seconds: float) -> None:
    """A page of thirty of each search, over REST, by one client."""
    figures.head(f"Searches among {images:,} images, a page of 30")
    email = f"search-{images}@atelier.local"
    key = studio.seed("person", email)
    filled = studio.manage("fillgallery", email, "--images", str(images))
    if filled.returncode:
        figures.add("searches", not_measured=(filled.stderr.strip() or "?").splitlines()[-1])
        return
    album = {"an album": {"album": studio.seed("arrange", email)}}
    for name, query in (SEARCHES | album).items():
        request = load.get(f"{ADDRESS}?{urlencode({**query, 'limit': '30'})}", key=key)
        load.run(Load(studio.port, [request], 1, 1))
        result = load.run(Load(studio.port, [request], 1, seconds))
        wrong = {} if result.of_status(200) == result.answered else {"answers": str(result.statuses)}
        figures.add(name, per_s=result.rate, p50_ms=result.p50, p95_ms=result.p95, p99_ms=result.p99, **wrong)
