"""What fal's queue answers, from what we know."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from generations.dialects import troubles
from generations.dialects.moments import zulu
from generations.models import Generation
from generations.providers.fal import errors
from generations.providers.fal.standing import Line, Standing
from generations.providers.fal.wire import STATES, Job

NAMES = {state: name for name, state in STATES.items()}
LOGS = {
    "queued": "Waiting for a worker",
    "running": "Started",
    "attempt": "Attempt {number}: asking {provider}",
    "image": "Image {ready} of {count} is ready",
    "completed": "Completed with {ready} of {count} images",
    "failed": "Failed with {ready} of {count} images",
    "cancelled": "Cancelled",
}


def accepted(job: Job, queue: str, before: int) -> dict[str, Any]:
    """The answer to a submit; ``queue`` is the address that ours has."""
    return {
        "status": NAMES["waiting"],
        **addresses(job, queue),
        "logs": None,
        "metrics": {},
        "queue_position": before,
    }


def status(job: Job, queue: str, standing: Standing) -> dict[str, Any]:
    """How a request stands. Failure and cancellation end in COMPLETED too: only the result tells them apart."""
    body: dict[str, Any] = {"status": NAMES["waiting"], **addresses(job, queue)}
    if standing.generation.status == Generation.Status.QUEUED:
        return {**body, "queue_position": standing.before}
    body["logs"] = None if standing.lines is None else logs(standing.lines)
    if not standing.generation.is_finished:
        return {**body, "status": NAMES["painting"]}
    metrics = {} if standing.seconds is None else {"inference_time": standing.seconds}
    return {**body, "status": NAMES["over"], "metrics": metrics, **_error(standing.generation)}


def addresses(job: Job, queue: str) -> dict[str, str]:
    """The id of a request, and where to follow it."""
    home = f"{queue}{job.home}"
    return {
        "request_id": job.number,
        "response_url": home,
        "status_url": f"{home}/status",
        "cancel_url": f"{home}/cancel",
    }


def logs(lines: Iterable[Line]) -> list[dict[str, str]]:
    """What happened, as an application's output."""
    return [
        {
            "message": LOGS.get(line.kind, line.kind).format(**line.data),
            "level": "INFO",
            "source": "USER",
            "timestamp": zulu(dt.datetime.fromisoformat(line.at)),
        }
        for line in lines
    ]


def _error(generation: Generation) -> dict[str, str]:
    if generation.status == Generation.Status.COMPLETED:
        return {}
    trouble = troubles.failure(generation)
    return {"error": trouble.text, "error_type": errors.type_of(trouble)}
