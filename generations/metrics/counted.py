"""What is counted as it happens. A model is counted by its id, because no step looks its name up."""

from __future__ import annotations

from functools import partial

from django.db import transaction
from django.utils import timezone

from accounts.telemetry.counts import LONG, counter, histogram
from generations.models import Generation

SUBMITS = counter("submits", "Generations that were accepted; replayed ones were there before.", ["source", "result"])
ENDINGS = counter("endings", "Generations that ended.", ["status", "code", "model", "provider"])
GENERATION_SECONDS = histogram("generation_seconds", "From submit to ending.", ["model", "status"], LONG)
CALLS = counter("vendor_calls", "Calls to providers.", ["provider", "kind", "result"])
CALL_SECONDS = histogram("vendor_call_seconds", "What a call to a provider took.", ["provider", "kind"], LONG)
TRIES = counter("delivery_tries", "Tries to tell a receiver or a browser something.", ["format", "result"])


def ended(generation: Generation, status: str, code: str, provider: str) -> None:
    """Count an ending, once it is committed."""
    transaction.on_commit(partial(_ended, generation, status, code, provider))


def _ended(generation: Generation, status: str, code: str, provider: str) -> None:
    model = str(generation.model_id)
    ENDINGS.labels(status, code, model, provider).inc()
    GENERATION_SECONDS.labels(model, status).observe((timezone.now() - generation.created).total_seconds())
