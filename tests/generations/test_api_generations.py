"""Generations over REST, beyond the first: done again, done otherwise, and found among many."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from generations import submission
from generations.gallery import first_id
from generations.models import Generation
from tests.factories import make_generation
from tests.generations.programs import GENERATIONS, Api, problem

pytestmark = pytest.mark.django_db


def test_a_variation_is_the_same_order_with_another_seed(alice: Api) -> None:
    first = make_generation(alice.user, seed=7, count=2, aspect_ratio="16:9")
    answer = alice.post(f"{GENERATIONS}/{first.pk}/vary", "")
    body = answer.json()
    assert answer.status_code == 202
    assert answer["Location"] == body["url"]
    assert body["seed"] not in {7, None}
    assert (body["count"], body["aspect_ratio"], body["prompt"]) == (2, "16:9", first.prompt.text)


@pytest.mark.parametrize("act", ["retry", "vary"])
def test_one_key_makes_one_generation(alice: Api, act: str) -> None:
    first, second = make_generation(alice.user), make_generation(alice.user, prompt="dunes")
    path, key = f"{GENERATIONS}/{first.pk}/{act}", {"Idempotency-Key": "once"}
    made, again = alice.post(path, "", **key), alice.post(path, "", **key)
    assert made.json() == again.json()
    assert again["Idempotent-Replayed"] == "true"
    assert Generation.objects.count() == 3
    assert alice.post(path, "", **{"Idempotency-Key": "twice"}).json()["id"] != made.json()["id"]
    other = f"{GENERATIONS}/{second.pk}/{act}"
    problem(alice.post(other, "", **key), 422, "idempotency_conflict")


def test_a_list_can_be_narrowed_to_a_status_or_a_model(alice: Api) -> None:
    queued, cancelled = make_generation(alice.user), make_generation(alice.user)
    imagen = make_generation(alice.user, model="imagen-4")
    submission.cancel(cancelled)

    def found(query: str) -> list[str]:
        return [one["id"] for one in alice.get(f"{GENERATIONS}?{query}").json()["results"]]

    assert found("status=cancelled") == [str(cancelled.pk)]
    assert found("status=queued&model=sketch") == [str(queued.pk)]
    assert found("model=google/imagen4/preview") == [str(imagen.pk)]
    assert found("model=imagen-4") == [str(imagen.pk)]
    assert found("model=nothing") == []


def test_a_list_can_be_narrowed_to_a_span_of_time(alice: Api) -> None:
    now = timezone.now()
    days = [now - dt.timedelta(days=number) for number in range(4)]
    for day in days:
        Generation.objects.filter(pk=make_generation(alice.user).pk).update(created=day)
    for generation in Generation.objects.all():  # its id is of the moment that it was made
        generation.events.all().delete()
        Generation.objects.filter(pk=generation.pk).update(id=first_id(generation.created))
    query = {"from": days[2].isoformat(), "to": days[0].isoformat(), "limit": "1"}
    page = alice.client.get(GENERATIONS, query).json()
    rest = alice.get(page["next"]).json()
    found = [one["id"] for one in page["results"] + rest["results"]]
    assert found == [str(first_id(day)) for day in days[1:3]]
    assert rest["next"] is None
    today = timezone.now().date().isoformat()
    assert len(alice.client.get(GENERATIONS, {"from": "1971-01-01", "to": today}).json()["results"]) == 4


@pytest.mark.parametrize(
    "query",
    ["status=lost", "from=soon", "to=10000-01-01T00:00:00Z", "from=0001-01-01T00:00:00Z", "model=%00", "since=1"],
)
def test_a_filter_that_cannot_be_is_refused(alice: Api, query: str) -> None:
    problem(alice.get(f"{GENERATIONS}?{query}"), 400, "invalid")


def test_a_filtered_list_takes_as_many_statements_as_any(
    alice: Api, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(3):
        make_generation(alice.user)
    alice.get(GENERATIONS)
    with django_assert_num_queries(4):
        alice.get(f"{GENERATIONS}?status=queued&model=sketch&from=2020-01-01T00:00:00Z")
