"""Who submits are compared between, in one run: the studio, the least that Django can do, and LiteLLM's proxy."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import load
from bench.machine import Processes
from bench.studio import ROOT, Studio, free_port, ready
from config import embedded
from tests.emulators.server import Server, json_reply

ORDER = {"model": "imagen-4", "prompt": "A lighthouse at dusk", "aspect_ratio": "16:9", "count": 1}
LITELLM_KEY = "sk-bench"
READY_SECONDS = 90


@dataclass(frozen=True)
class Contender:
    """A server that accepts orders for pictures, and its processes by what they do."""

    name: str
    port: int
    requests: list[str]
    good: int
    processes: Mapping[str, Processes]


def studio(running: Studio, keys: list[str], name: str = "the studio") -> Contender:
    """Every check, the hold, the ledger, the event and the hint included."""
    requests = [load.post("/api/v1/generations", key, ORDER) for key in keys]
    parts = {role: processes for role, processes in running.parts().items() if role in {"web", "database", "redis"}}
    return Contender(name, running.port, requests, 202, parts)


@contextmanager
def minimal(running: Studio) -> Iterator[Contender]:
    """``bench.minimal`` on the studio's own database."""
    environment = {**os.environ, "BENCH_DATABASE_HOST": str(embedded.database(running.var)["HOST"])}
    subprocess.run([sys.executable, "-m", "bench.minimal"], cwd=ROOT, env=environment, check=True)
    port = free_port()
    words = ["-m", "uvicorn", "bench.minimal:application", "--port", str(port), "--no-access-log", "--lifespan", "off"]
    process = subprocess.Popen([sys.executable, *words, "--log-level", "critical"], cwd=ROOT, env=environment)
    requests = [load.post("/submit", f"key{number}", ORDER) for number in range(128)]
    with _running(process, port, "/ready"):
        yield Contender("least Django + DRF", port, requests, 202, {"web": Processes(process.pid)})


@contextmanager
def litellm(environment: Path) -> Iterator[Contender]:
    """Its proxy, one process, in front of a vendor without latency: nothing durable, nothing charged, no picture."""
    answer = {"created": 1, "data": [{"url": "https://example.com/1.png"}]}
    order = {"model": "imagen-4", "prompt": ORDER["prompt"], "n": 1}
    requests = [load.post("/v1/images/generations", LITELLM_KEY, order)]
    with Server(lambda request: json_reply(answer)) as vendor, tempfile.TemporaryDirectory() as folder:
        port = free_port()
        process = _litellm(environment, Path(folder), vendor, port)
        with _running(process, port, "/health/liveliness"):
            yield Contender("LiteLLM's proxy", port, requests, 200, {"web": Processes(process.pid)})


def _litellm(environment: Path, folder: Path, vendor: Server, port: int) -> subprocess.Popen[bytes]:
    parameters = {"model": "openai/dall-e-3", "api_base": f"{vendor.origin}/v1", "api_key": "none"}
    models = [{"model_name": "imagen-4", "litellm_params": parameters, "model_info": {"mode": "image_generation"}}]
    config = folder / "config.yaml"
    settings = {"model_list": models, "general_settings": {"master_key": LITELLM_KEY}}
    config.write_text(json.dumps(settings), encoding="utf-8")  # JSON is YAML too
    words = ["--config", str(config), "--port", str(port), "--host", "127.0.0.1"]
    offline = {**os.environ, "LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_LOG": "ERROR"}
    with (folder / "output").open("wb") as output:
        command = [str(environment / "bin" / "litellm"), *words]
        return subprocess.Popen(command, cwd=folder, env=offline, stdout=output, stderr=subprocess.STDOUT)


@contextmanager
def _running(process: subprocess.Popen[bytes], port: int, path: str) -> Iterator[None]:
    try:
        until = time.monotonic() + READY_SECONDS
        while not ready(port, path):
            if process.poll() is not None or time.monotonic() > until:
                raise SystemExit(f"{process.args!r} did not come up")
            time.sleep(0.2)
        yield
    finally:
        process.terminate()
        process.wait()
