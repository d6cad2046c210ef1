"""Jobs, and all that Apiframe's clients ask besides, for its unmodified clients: at the root of the host, as there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import HttpResponse, JsonResponse
from rest_framework import serializers
from rest_framework.request import Request

from accounts import keys
from accounts.http import KeyApiRequest, UserApiRequest
from accounts.models import User
from generations import looking, routing, submission
from generations.dialects.troubles import Kind, Refused, Trouble
from generations.dialects.views import DialectView, body_of, submit
from generations.looking import Look
from generations.media import Addresses
from generations.models import Delivery, Generation, Model
from generations.providers.apiframe import errors, jobs, wire
from generations.providers.apiframe.serializers import (
    GENERATE,
    JobsQuerySerializer,
    ModelsQuerySerializer,
    order_of,
    problems,
)
from generations.webhooks import Webhook

Status = Generation.Status

# What its events mean here.
HEARD: dict[str, tuple[str, ...]] = {
    "progress": (Delivery.PROGRESS,),
    "completed": (Status.COMPLETED,),
    "failed": (Status.FAILED, Status.CANCELLED),
}
OURS = {theirs: ours for ours, theirs in wire.STATUSES.items()}


class ApiframeView(DialectView):
    """One address of Apiframe's."""

    def say(self, trouble: Trouble) -> HttpResponse:
        """In Apiframe's shape and status."""
        return errors.say(self.request, trouble)


class GenerateView(ApiframeView):
    """Submit."""

    def post(self, request: UserApiRequest) -> HttpResponse:
        """202 with the id of the job; a repeat is answered with the job that was made before, as it stands now."""
        body = body_of(request)
        values = checked(GENERATE, body)
        submitted = submit(request, order_of(values), Generation.Source.APIFRAME, body, webhook=_webhook(self, values))
        generation = submitted.generation
        if submitted.replayed and generation.spoken != body:
            raise submission.IdempotencyConflict
        headers = {"Idempotent-Replayed": "true"} if submitted.replayed else {}
        return JsonResponse(wire.taken(str(generation.pk), generation.status), status=202, headers=headers)


class JobView(ApiframeView):
    """One job."""

    @staticmethod
    def beside_key(pk: str) -> keys.Beside:
        """The job, if this is the id of one."""
        return looking.beside(UUID(pk)) if wire.is_id(pk) else keys.NOTHING

    def get(self, request: UserApiRequest, pk: str) -> HttpResponse:
        """As it stands now."""
        _identified(pk)
        return JsonResponse(jobs.job(_there(looking.found(request.beside)), Addresses(request)))


class CancelView(ApiframeView):
    """Stopping a job: no address of Apiframe's, which has the status alone."""

    def post(self, request: UserApiRequest, pk: str) -> HttpResponse:
        """The job, cancelled; 409 when it was over already."""
        if not submission.cancel(_own(request.user, pk).generation):
            return JsonResponse(wire.refused("Job already finished", {}), status=409)
        return JsonResponse(jobs.job(_own(request.user, pk), Addresses(request)))


class JobsView(ApiframeView):
    """One's own jobs."""

    def get(self, request: UserApiRequest) -> HttpResponse:
        """A page of them, newest first."""
        query = checked(JobsQuerySerializer(), request.query_params.dict())
        own = Generation.objects.of(request.user).filter(_wanted(query)).annotate(told=TOLD)
        found = list(own[: query["limit"] + 1])
        shown, more = found[: query["limit"]], len(found) > query["limit"]
        addresses = Addresses(request)
        body = {
            "jobs": [jobs.listed(Look.at(one), addresses) for one in shown],
            "nextCursor": wire.cursor(shown[-1].pk) if more else None,
            "hasMore": more,
        }
        if query["include_models"] == "true":
            body["models"] = list(_used(request).values_list("slug", flat=True))
        return JsonResponse(body)


class MeView(ApiframeView):
    """Who is asking, with what is left. A person here is a team of one."""

    resources = ("account", "generations")

    def get(self, request: KeyApiRequest) -> HttpResponse:
        """The person, their credits and the key that was sent."""
        user, key = request.user, request.auth
        key.refresh_from_db(fields=["name", "prefix"])
        named = str(UUID(int=user.pk))  # ids are UUIDs there
        team = {
            "id": named,
            "name": user.name or user.email,
            "plan": "studio",
            "credits": user.wallet.spendable,
            "customerId": None,
            "maxConcurrentJobs": None,
        }
        used = {"id": str(UUID(int=key.pk)), "name": key.name, "prefix": key.prefix}
        return JsonResponse({"user": {"id": named, "email": user.email, "role": "OWNER"}, "team": team, "apiKey": used})


class ModelsView(ApiframeView):
    """The catalogue, for everybody."""

    authentication_classes = ()
    permission_classes = ()

    def get(self, request: Request) -> HttpResponse:
        """Every model that can be chosen; all of them make images."""
        query = checked(ModelsQuerySerializer(), request.query_params.dict())
        found = routing.offered() if query.get("modality", "image") == "image" else []
        return JsonResponse({"models": [_model(model) for model in found]})


NO_JOB = Trouble(Kind.NOT_FOUND, "Job not found")
TOLD = Subquery(
    Delivery.objects.filter(
        generation=OuterRef("pk"), event=OuterRef("status"), endpoint=None, subscription=None
    ).values("state")[:1]
)


def checked(serializer: serializers.Serializer[Any], data: Mapping[str, Any]) -> dict[str, Any]:
    """The values that were sent; raises ``Refused`` with all that is wrong with them."""
    try:
        values: dict[str, Any] = serializer.run_validation(data)
    except serializers.ValidationError as error:
        raise Refused(Trouble(Kind.INVALID, errors.INVALID, dict(problems(error.detail)))) from error
    return values


def _webhook(view: ApiframeView, values: Mapping[str, Any]) -> Webhook | None:
    if "webhookUrl" not in values:
        return None
    wanted = values.get("webhookEvents", wire.EVENTS)
    heard = sorted({happening for event in wanted for happening in HEARD[event]})
    return Webhook("apiframe", values["webhookUrl"], view.request.build_absolute_uri("/"), heard)


def _identified(pk: str) -> UUID:
    if not wire.is_id(pk):
        raise Refused(Trouble(Kind.INVALID, errors.INVALID, {"id": "Not a UUID."}))
    return UUID(pk)


def _own(user: User, pk: str) -> Look:
    return _there(looking.look(user, _identified(pk)))


def _there(look: Look | None) -> Look:
    if look is None:
        raise Refused(NO_JOB)
    return look


def _wanted(query: Mapping[str, Any]) -> Q:
    wanted = Q()
    if "status" in query:
        wanted &= Q(status=OURS[query["status"]])
    if "model" in query:
        wanted &= Q(model__in=Model.objects.named(query["model"]))
    if "search" in query:
        wanted &= Q(pk=query["search"])
    if "cursor" in query:
        wanted &= Q(pk__lt=query["cursor"])
    return wanted


def _used(request: UserApiRequest) -> QuerySet[Model]:
    own = Generation.objects.filter(user=request.user)
    return Model.objects.filter(pk__in=own.order_by().values("model").distinct()).order_by("slug")


def _model(model: Model) -> dict[str, Any]:
    prices = [model.price(resolution) for resolution in model.resolutions]
    return {
        "id": model.slug,
        "label": model.name,
        "modality": "image",
        "description": model.note,
        "costMin": min(prices),
        "costMax": max(prices),
        "pricingMode": "per-output",
    }
