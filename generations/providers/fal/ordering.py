"""From a request of fal's to an order of ours."""

from __future__ import annotations

from accounts.http import UserApiRequest
from generations import remembered, webhooks
from generations.dialects import views
from generations.dialects.troubles import Kind, Refused, Trouble
from generations.models import Generation
from generations.providers.fal import wire
from generations.providers.fal.errors import app_of
from generations.providers.fal.reading import Input, Invalid, Wrong, detail, read, whole
from generations.submission import Order
from generations.webhooks import Webhook

OWNER = "fal-ai/"
LONGEST_LIMIT = 2**31 - 1


def submit(request: UserApiRequest, webhook: Webhook | None = None) -> Generation:
    """Submit what the body asks of the application that the address names."""
    asked = read(views.body_of(request))
    spoken = {"sync_mode": asked.sync_mode}
    order = _order(request, asked)
    return views.submit(request, order, Generation.Source.FAL, spoken, webhook=webhook).generation


def queue(request: UserApiRequest, waiting: int) -> Generation:
    """The same by way of the queue, in which ``waiting`` are before it: it may be too long, and calls back."""
    most = _most(request)
    if most is not None and waiting > most:
        raise Refused(Trouble(Kind.TOO_MANY, f"{waiting} requests wait, and at most {most} were to.", wait=1))
    return submit(request, _webhook(request))


def _order(request: UserApiRequest, asked: Input) -> Order:
    app = app_of(request)
    return Order(
        model=_model(app),
        prompt=asked.prompt,
        negative_prompt=asked.negative_prompt,
        aspect_ratio=asked.aspect_ratio,
        resolution=asked.resolution if wire.takes_resolution(app) else "1K",
        count=asked.num_images,
        seed=asked.seed,
        output_format=asked.output_format,
        allow_successor=False if "x-app-fal-disable-fallback" in request.headers else None,
    )


def _model(app: str) -> str:
    """What we call it: every model of ours is an application of fal's by any of its names."""
    return next((name for name in (app, app.removeprefix(OWNER)) if remembered.find(name)), app)


def _most(request: UserApiRequest) -> int | None:
    text = request.query_params.get("fal_max_queue_length")
    try:
        return None if text is None else whole(text, 0, LONGEST_LIMIT)
    except Wrong as wrong:
        raise Invalid([detail(("query", "fal_max_queue_length"), wrong)]) from wrong


def _webhook(request: UserApiRequest) -> Webhook | None:
    """Whom to tell how it ends."""
    url = request.query_params.get("fal_webhook", "")
    if url and (problem := webhooks.problem(url)):
        raise Invalid([detail(("query", "fal_webhook"), Wrong("url_parsing", problem))])
    return Webhook("fal", url, request.build_absolute_uri("/")) if url else None
