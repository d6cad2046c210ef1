"""Pictures in the answer to the request for them, as AI/ML API and OpenAI give them, for their unmodified clients."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from functools import partial
from typing import Any

from django.conf import settings
from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.urls import reverse

from accounts.http import KeyApiRequest
from generations import looking, remembered, routing
from generations.dialects.inline import InlineResponse
from generations.dialects.pending import Pending
from generations.dialects.troubles import Kind, Refused, Trouble, failure
from generations.dialects.views import body_of, submit
from generations.looking import Look
from generations.media import Addresses
from generations.models import Generation
from generations.providers.aimlapi import answers, reading, wire
from generations.providers.aimlapi.dialect import AimlapiView
from generations.providers.aimlapi.reading import Asked
from generations.providers.aimlapi.worth import usd
from generations.providers.openai import repeats
from generations.submission import Order

USUAL_MODEL = "imagen-4"  # for those who name none
CLIENT_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")


class GenerationsView(AimlapiView):
    """Submit, wait, answer."""

    fields: Mapping[str, str] = {}
    client_request_id = ""

    def post(self, request: KeyApiRequest) -> HttpResponse:
        """The pictures; a repeat is answered with those that were made before."""
        said = request.headers.get("X-Client-Request-Id", "")
        self.client_request_id = said if CLIENT_REQUEST_ID.fullmatch(said) else ""
        asked = _read(body_of(request))
        self.fields = asked.fields
        order, warnings = _order(asked)
        spoken = {"model": asked.model, "warnings": warnings, "tries": repeats.tries(request.headers)}
        generation = self._tried_before(request, order) or self._submitted(request, order, spoken)
        answer = partial(self.answer, generation, inline=asked.inline)
        return Pending(generation, settings.WAIT_SECONDS, answer, partial(self.late, generation))

    def answer(self, generation: Generation, *, inline: bool) -> HttpResponseBase:
        """The pictures, or why there are none."""
        look = looking.look(generation.user, generation.pk)
        if look is None or not look.generation.is_finished:
            return self.late(generation)
        if not look.images:
            return self._traced(self.say(failure(look.generation)), generation)
        return self._traced(self._pictures(look, inline=inline), generation)

    def late(self, generation: Generation) -> HttpResponse:
        """Where the pictures will be found."""
        url = self.request.build_absolute_uri(reverse("api:generation", args=[generation.pk]))
        text = f"The pictures are still being made. They will be at {url}; nothing has to be sent again."
        response = self.say(Trouble(Kind.STILL_RUNNING, text))
        response["Location"] = url
        self._traced(response, generation)
        return response

    def say(self, trouble: Trouble) -> HttpResponse:
        """With the names that the client has for its fields."""
        said = {self.fields.get(name, name): text for name, text in trouble.fields.items()}
        text = trouble.text
        if trouble.kind == Kind.INVALID and said:
            text = " ".join(["Body validation error.", *(f"{name}: {what}" for name, what in said.items())])
        return super().say(dataclasses.replace(trouble, text=text, fields=said))

    def _tried_before(self, request: KeyApiRequest, order: Order) -> Generation | None:
        tried = repeats.tries(request.headers)
        if not tried or self.client_request_id or "Idempotency-Key" in request.headers:
            return None
        return repeats.claim(request.auth, order.fingerprint, tried)

    def _submitted(self, request: KeyApiRequest, order: Order, spoken: Mapping[str, Any]) -> Generation:
        named = self.client_request_id
        otherwise = f"request:{named}:{order.fingerprint}" if named else ""
        return submit(request, order, Generation.Source.AIMLAPI, spoken, otherwise=otherwise).generation

    def _pictures(self, look: Look, *, inline: bool) -> HttpResponseBase:
        usage = wire.usage(usd(look.generation.price * look.delivered))
        body = answers.answer(look, usage)
        response: HttpResponseBase
        if inline:
            response = InlineResponse(answers.with_pictures(body, look.images))
        else:
            response = JsonResponse(answers.with_addresses(body, look.images, Addresses(self.request)))
        response["x-aimlapi-credits-used"] = str(usage["credits_used"])
        response["x-aimlapi-usd-spent"] = f"{usage['usd_spent']:.9f}"
        return response

    def _traced(self, response: HttpResponseBase, generation: Generation) -> HttpResponseBase:
        response["x-inference-id"] = str(generation.pk)
        if self.client_request_id:
            response["x-client-request-id"] = self.client_request_id
        return response


def _read(body: Mapping[str, Any]) -> Asked:
    try:
        asked = reading.read(body)
    except reading.Unreadable as error:
        raise Refused(Trouble(Kind.INVALID, str(error), {error.field: error.text})) from error
    return asked if asked.model else dataclasses.replace(asked, model=_usual_model())


def _usual_model() -> str:
    names = list(routing.offered().values_list("slug", flat=True))
    return USUAL_MODEL if USUAL_MODEL in names or not names else names[0]


def _order(asked: Asked) -> tuple[Order, list[str]]:
    """The order, at a resolution that the model has, and what was changed for that."""
    order = Order(model=asked.model, **asked.wishes)
    model = remembered.find(asked.model)
    if model is None or order.resolution in model.resolutions:
        return order, []
    resolution = model.resolutions[0]
    warning = f"{model} makes pictures of {resolution}; {order.resolution} was asked for."
    return dataclasses.replace(order, resolution=resolution), [warning]
