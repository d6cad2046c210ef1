"""The addresses of fal's synchronous plane and of its queue: what is submitted here can be asked after there."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Any, TypeVar
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.views.decorators.csrf import csrf_exempt

from accounts.authentication import KeyAuthentication
from accounts.http import UserApiRequest
from accounts.keys import NOTHING, Beside
from accounts.models import User
from generations import looking, submission
from generations.dialects.pending import Pending
from generations.dialects.troubles import BY_STATUS, Refused, Trouble
from generations.dialects.views import DialectView
from generations.looking import Look
from generations.media import Addresses
from generations.models import Generation
from generations.providers.fal import errors, ordering, standing, streaming, writing
from generations.providers.fal.errors import REQUEST_ID, UNITS, app_of, number_of
from generations.providers.fal.outcome import output
from generations.providers.fal.proxy import PageAuthentication
from generations.providers.fal.reading import Invalid
from generations.providers.fal.standing import Standing
from generations.providers.fal.wire import Job

FOUND = TypeVar("FOUND")
QUEUE = "/fal/queue"
QUEUE_HOST = "queue."  # what the queue's host begins with, for clients that can name it in no other way


class FalView(DialectView):
    """An address of fal's: for a key or, through the proxy, for a page of ours."""

    request: UserApiRequest
    authentication_classes = (KeyAuthentication, PageAuthentication)

    def say(self, trouble: Trouble) -> HttpResponse:
        """As fal does."""
        return errors.say(self.request, trouble)

    def handle_exception(self, error: Exception) -> HttpResponse:  # type: ignore[override]  # DRF takes any response
        """An input that cannot be taken is refused in pydantic's manner."""
        if isinstance(error, Invalid):
            return errors.unprocessable(self.request, error.details)
        return super().handle_exception(error)


class SubmitView(FalView):
    """Into the queue."""

    def beside_key(self, **named: str) -> Beside:
        """How many wait."""
        return standing.LINE

    def post(self, request: UserApiRequest, **named: str) -> HttpResponse:
        """200 with the addresses to follow the request at; or a refusal, before anything is charged."""
        waiting = request.beside if request.auth else standing.waiting()
        generation = ordering.queue(request, waiting)
        body = writing.accepted(_job(request, generation.pk), _queue(request), waiting)
        return JsonResponse(body, headers={REQUEST_ID: str(generation.pk)})


class RunView(FalView):
    """At once."""

    def post(self, request: UserApiRequest, **named: str) -> HttpResponse:
        """The result, when it is made."""
        generation = ordering.submit(request)
        late = partial(_late, request, generation)
        return Pending(generation, settings.WAIT_SECONDS, partial(_made, request, generation, late), late)


class RequestView(FalView):
    """An address of one request, which is read beside the key."""

    def beside_key(self, **named: str) -> Beside:
        """What the statement that finds the key reads too."""
        number = number_of(self.request)
        return self.wanted(number) if number else NOTHING

    def wanted(self, number: UUID) -> Beside:
        """Everything about it."""
        return looking.beside(number)

    def looked(self) -> Look:
        """The caller's own generation; raises ``Refused`` where there is none."""
        return self.found(looking.found, looking.look)

    def found(self, restored: Callable[[Any], FOUND | None], asked: Callable[[User, UUID], FOUND | None]) -> FOUND:
        """What was read with the key or, for a page, is asked for now."""
        number = number_of(self.request)
        if self.request.auth:
            found = restored(self.request.beside)
        else:
            found = asked(self.request.user, number) if number else None
        if found is None:
            raise Refused(BY_STATUS[404])
        return found


class StatusView(RequestView):
    """How a request stands. Nothing limits how often that is asked."""

    def wanted(self, number: UUID) -> Beside:
        """No more than an answer needs."""
        return standing.beside(number, lines=self.wants_logs)

    @property
    def wants_logs(self) -> bool:
        """Python says true, JavaScript 1."""
        return self.request.query_params.get("logs", "").lower() in {"1", "true", "yes"}

    def standing(self) -> Standing:
        """Of the caller's own; raises ``Refused`` where there is none."""
        return self.found(standing.found, partial(standing.standing, lines=self.wants_logs))

    def get(self, request: UserApiRequest, **named: str) -> HttpResponseBase:
        """202 until it is over, then 200."""
        found = self.standing()
        body = writing.status(_job(request, found.generation.pk), _queue(request), found)
        status = HTTPStatus.OK if found.generation.is_finished else HTTPStatus.ACCEPTED
        return JsonResponse(body, status=status, headers={REQUEST_ID: str(found.generation.pk)})


class StatusStreamView(StatusView):
    """The same, told as it changes."""

    def get(self, request: UserApiRequest, **named: str) -> HttpResponseBase:
        """Server-sent events until it is over."""
        number = self.standing().generation.pk
        ask = partial(standing.standing, request.user, number, lines=self.wants_logs)
        write = partial(writing.status, _job(request, number), _queue(request))
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", REQUEST_ID: str(number)}
        told = streaming.updates(number, ask, write)
        return StreamingHttpResponse(told, content_type="text/event-stream", headers=headers)


class ResultView(RequestView):
    """What a request came to."""

    def get(self, request: UserApiRequest, **named: str) -> HttpResponse:
        """The model's own answer, or its error."""
        return _answer(request, self.looked())


class CancelView(RequestView):
    """An end to it."""

    def put(self, request: UserApiRequest, **named: str) -> HttpResponse:
        """202, and what is held goes back; 400 when it had ended before."""
        generation = self.looked().generation
        ended = submission.cancel(generation)
        status = HTTPStatus.ACCEPTED if ended else HTTPStatus.BAD_REQUEST
        body = {"status": "CANCELLATION_REQUESTED" if ended else "ALREADY_COMPLETED"}
        return JsonResponse(body, status=status, headers={REQUEST_ID: str(generation.pk)})


_submit, _run = SubmitView.as_view(), RunView.as_view()


@csrf_exempt
def run_or_submit(request: HttpRequest, **named: str) -> HttpResponseBase:
    """One address for both planes, as at fal, where the host tells them apart."""
    return (_submit if request.get_host().startswith(QUEUE_HOST) else _run)(request, **named)


def _made(request: UserApiRequest, generation: Generation, late: Callable[[], HttpResponse]) -> HttpResponse:
    look = looking.look(request.user, generation.pk)
    return _answer(request, look) if look and look.generation.is_finished else late()


def _late(request: UserApiRequest, generation: Generation) -> HttpResponse:
    """What no client takes for a reason to send it again."""
    address = f"{_queue(request)}{_job(request, generation.pk).home}"
    return errors.overdue(request, generation.pk, address)


def _answer(request: UserApiRequest, look: Look) -> HttpResponse:
    if look.generation.status != Generation.Status.COMPLETED:
        return errors.failed(request, look.generation)
    headers = {REQUEST_ID: str(look.generation.pk), UNITS: str(look.delivered)}
    return JsonResponse(output(look, Addresses(request)), headers=headers)


def _job(request: UserApiRequest, number: UUID) -> Job:
    return Job.of(str(number), app_of(request))


def _queue(request: UserApiRequest) -> str:
    address: str = request.build_absolute_uri(QUEUE)
    return address
