"""How fast orders are accepted, and how cheaply they are asked after."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from bench import contenders, load
from bench.contenders import Contender
from bench.figures import Figures
from bench.load import Load, Result
from bench.studio import Studio, call
from tests.proxied import running

CLIENTS = (1, 16, 64)


def submits(studio: Studio, figures: Figures, keys: list[str], seconds: float, litellm: Path | None) -> None:
    """Submits per second with the workers held still, beside those of others, turn by turn."""
    figures.head("Submits, durable and charged, a wallet per client (worker and beat held still)")
    studio.freeze()
    with ExitStack() as stack:
        others = [stack.enter_context(contenders.minimal(studio))]
        if litellm:
            others.append(stack.enter_context(contenders.litellm(litellm)))
        ours = contenders.studio(studio, keys)
        for contender in (ours, *others):
            load.run(Load(contender.port, contender.requests, 8, 2))
        for clients in CLIENTS:
            first = _measured(figures, ours, clients, seconds)
            for other in others:
                _measured(figures, other, clients, seconds, first)
        _measured(figures, contenders.studio(studio, keys[:1], "the studio, one wallet"), 16, seconds)
        memory = {other.name: other.processes["web"].memory() for other in (ours, *others)}
        figures.add("memory of the web process in MB", **memory)


def by_two(studio: Studio, figures: Figures, keys: list[str], seconds: float) -> None:
    """What a second web process adds, on as many cores as there are."""
    figures.head("Submits, one web process and two, 32 clients of each (worker and beat held still)")
    with running(studio.var, studio.environment, 1) as [second]:
        studio.freeze()
        ours = contenders.studio(studio, keys)
        _measured(figures, ours, 32, seconds)
        before = {role: processes.cpu() for role, processes in ours.processes.items()}
        with ThreadPoolExecutor(2) as threads:
            loads = [Load(port, ours.requests, 32, seconds) for port in (ours.port, second.port)]
            results = list(threads.map(load.run, loads))
        answered = sum(result.answered for result in results)
        figures.add(
            "64 clients, two web processes",
            per_s=sum(result.rate for result in results),
            p99_ms=max(result.p99 for result in results),
            refused=answered - sum(result.of_status(202) for result in results),
            database_CPU_ms=(ours.processes["database"].cpu() - before["database"]) / answered,
            connections=studio.connections(),
        )


def status_polls(studio: Studio, figures: Figures, key: str, seconds: float) -> None:
    """What asking after a generation costs."""
    figures.head("Asking after a generation (GET /api/v1/generations/{id})")
    made = call(studio.port, "GET", "/api/v1/generations?limit=1", Authorization=f"Bearer {key}")["results"][0]["id"]
    request = load.get(f"/api/v1/generations/{made}", key=key)
    for clients in (1, 16):
        _measured(figures, _reader(studio, "status", request), clients, seconds)


def gallery(studio: Studio, figures: Figures, sizes: list[int], seconds: float) -> None:
    """A page of thirty at several sizes of gallery, over REST and as HTML."""
    figures.head("A gallery page of 30")
    smallest: dict[str, float] = {}
    for size in sizes:
        email = f"gallery-{size}@atelier.local"
        key = studio.seed("person", email)
        filled = studio.manage("fillgallery", email, "--images", str(size))
        if filled.returncode:
            figures.add(f"{size:,} images", not_measured=(filled.stderr.strip() or "?").splitlines()[-1])
            return
        cookie = studio.seed("session", email)
        pages = {"REST": load.get("/api/v1/images?limit=30", key=key), "HTML": load.get("/gallery", cookie=cookie)}
        for name, request in pages.items():
            contender = _reader(studio, f"{name}, {size:,} images", request)
            load.run(Load(contender.port, contender.requests, 1, 1))
            result = _measured(figures, contender, 1, seconds)
            smallest.setdefault(name, result.p50)
            if size != sizes[0] and smallest[name]:
                figures.add(f"{name}, flatness", times=result.p50 / smallest[name])


def _reader(studio: Studio, name: str, request: str) -> Contender:
    return Contender(name, studio.port, [request], 200, contenders.studio(studio, []).processes)


def _measured(
    figures: Figures, contender: Contender, clients: int, seconds: float, ours: Result | None = None
) -> Result:
    before = {role: processes.cpu() for role, processes in contender.processes.items()}
    result = load.run(Load(contender.port, contender.requests, clients, seconds))
    answered = max(1, result.answered)
    each = {role: (processes.cpu() - before[role]) / answered for role, processes in contender.processes.items()}
    wrong = {} if result.of_status(contender.good) == result.answered else {"answers": str(result.statuses)}
    ratio = {"studio_by_this": ours.rate / result.rate} if ours and result.rate else {}
    figures.add(
        f"{clients:>2} clients, {contender.name}",
        per_s=result.rate,
        p50_ms=result.p50,
        p99_ms=result.p99,
        **{f"{role}_CPU_ms": spent for role, spent in each.items()},
        generator_CPU_ms=result.cpu,
        **ratio,
        **wrong,
    )
    return result
