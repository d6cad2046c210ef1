"""Apiframe's addresses: what is taken, what is answered, and what is said when it cannot be."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.utils.dateparse import parse_datetime
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from accounts import keys
from accounts.models import Hold, User, Wallet
from generations import remembered, submission
from generations.models import Delivery, Generation, Model
from generations.providers.apiframe import wire
from generations.providers.base import RequestRejected
from tests.factories import make_catalogue, make_generation, make_user
from tests.fakes import FakeProvider, accepted, finished
from tests.generations.steps import take_steps

pytestmark = pytest.mark.django_db
GENERATE, JOBS, ME, MODELS = "/v2/images/generate", "/v2/jobs", "/v2/me", "/v2/models"
ORDER = {"model": "sketch", "prompt": "a lighthouse at dusk"}
NOBODYS = "018f0000-0000-7000-8000-000000000000"
RECEIVER = "https://hooks.example/told"


class Program:
    """A client with a key."""

    def __init__(self, user: User) -> None:
        self.user = user
        self.key, self.text = keys.create(user, "tests")
        self.client = Client(headers={"X-API-Key": self.text})

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(path, query)

    def post(self, body: Any, path: str = GENERATE, **headers: str) -> Any:
        sent = body if isinstance(body, str | bytes) else json.dumps(body)
        return self.client.post(path, sent, content_type="application/json", headers=headers)

    def job(self, **fields: Any) -> Generation:
        """What a request became."""
        response = self.post({**ORDER, **fields})
        assert response.status_code == 202, response.content
        return Generation.objects.get(pk=response.json()["jobId"])

    def seen(self, generation: Generation) -> dict[str, Any]:
        """The job as its address tells it."""
        response = self.get(f"{JOBS}/{generation.pk}")
        assert response.status_code == 200, response.content
        body: dict[str, Any] = response.json()
        return body


@pytest.fixture
def model() -> Model:
    return make_catalogue()


@pytest.fixture
def alice(model: Model, files: object) -> Program:
    return Program(make_user(balance=100))


@pytest.fixture
def bob(model: Model) -> Program:
    return Program(make_user(balance=100))


def refused(response: Any, status: int, text: str | None = None, **details: Any) -> dict[str, Any]:
    """The body of a refusal; its client reads nothing but a text."""
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/json"
    assert response["X-Request-Id"]
    body: dict[str, Any] = response.json()
    assert isinstance(body["error"], str)
    assert body["error"]
    assert text is None or body["error"] == text
    assert "Traceback" not in response.content.decode()
    return body


def nothing_left(user: User) -> None:
    assert not Generation.objects.filter(user=user).exists()
    assert not Hold.objects.filter(wallet__user=user).exists()
    assert Wallet.objects.get(user=user).held == 0


def test_a_submit_is_accepted_with_the_id_of_its_job(alice: Program) -> None:
    response = alice.post(ORDER)
    assert response.status_code == 202
    assert set(response.json()) == {"jobId", "status"}
    assert response.json()["status"] == "QUEUED"
    assert response["X-Request-Id"]
    generation = Generation.objects.get(pk=response.json()["jobId"])
    assert (generation.source, generation.api_key_id) == ("apiframe", alice.key.pk)
    assert (generation.count, generation.aspect_ratio, generation.resolution) == (1, "1:1", "1K")
    assert generation.output_format == "jpeg", "as it is there, unless told"


@pytest.mark.parametrize(("said", "ours"), [("png", "png"), ("jpg", "jpeg")])
def test_what_is_asked_for_is_ordered(alice: Program, said: str, ours: str) -> None:
    parameters = {"aspect_ratio": "16:9", "image_size": "2K", "output_format": said}
    generation = alice.job(imagenParams=parameters)
    assert (generation.aspect_ratio, generation.resolution, generation.output_format) == ("16:9", "2K", ours)


@pytest.mark.parametrize("name", ["imagen-4", "imagen-4-fast", "imagen-4-ultra", "google/imagen-4", "sketch"])
def test_every_model_is_taken_by_each_of_its_names(alice: Program, name: str) -> None:
    generation = alice.job(model=name)
    assert alice.seen(generation)["model"] == name


def test_a_model_that_makes_no_jpeg_makes_what_it_does(alice: Program) -> None:
    Model.objects.filter(slug="sketch").update(formats=["webp", "png"])
    remembered.find_anew("sketch")
    assert alice.job().output_format == "webp"


def test_a_model_whose_heirs_are_gone_since_it_was_remembered(alice: Program) -> None:
    able = {
        "status": "retired",
        "ratios": ["1:1"],
        "resolutions": ["1K"],
        "formats": ["png"],
        "price_1k": 1,
        "price_2k": 1,
    }
    last = Model.objects.create(slug="last", **able)
    heir = Model.objects.create(slug="heir", successor=last, **able)
    Model.objects.create(slug="first", successor=heir, **able)
    remembered.find_anew("first")
    last.delete()
    refused(alice.post({**ORDER, "model": "first"}), 400, "Validation failed")


def test_a_job_tells_how_it_stands(alice: Program) -> None:
    generation = alice.job(imagenParams={"aspect_ratio": "3:4"})
    body = alice.seen(generation)
    expected = {
        "id": str(generation.pk),
        "status": "QUEUED",
        "model": "sketch",
        "progress": 0,
        "input": {**ORDER, "imagenParams": {"aspect_ratio": "3:4"}},
        "result": None,
        "error": None,
        "creditCost": 1,
        "webhookStatus": None,
        "completedAt": None,
        "expired": False,
    }
    created = body.pop("createdAt")
    assert body == expected
    assert created.endswith("Z")
    assert parse_datetime(created)

    take_steps(generation.pk, FakeProvider([accepted()], polls=[finished(1)]))
    assert alice.seen(generation)["status"] == "PROCESSING"


def test_a_completed_job_has_a_picture_that_anybody_with_its_address_can_fetch(alice: Program) -> None:
    generation = alice.job()
    take_steps(generation.pk, FakeProvider([finished(1)]))
    body = alice.seen(generation)
    assert (body["status"], body["progress"], body["creditCost"]) == ("COMPLETED", 100, 1)
    assert len(body["completedAt"]) == len("2026-03-15T10:00:32.000Z")
    [url] = body["result"]["images"]
    assert url.startswith("http://testserver/media/")
    picture = Client().get(url)
    assert (picture.status_code, picture["Content-Type"]) == (200, "image/png")
    picture.close()


def test_our_own_client_reads_what_we_serve(alice: Program) -> None:
    generation = alice.job()
    assert wire.job(alice.seen(generation)).state == "unfinished"
    take_steps(generation.pk, FakeProvider([finished(1)]))
    job = wire.job(alice.seen(generation))
    assert (job.state, job.credits, job.shortfall) == ("completed", 1, "")
    refusal = alice.job()
    take_steps(refusal.pk, FakeProvider([RequestRejected("Too rude.", code="content_policy")]))
    assert wire.job(alice.seen(refusal)).against_policy
    assert wire.models(alice.get(MODELS).json()) >= {"sketch", "imagen-4"}
    assert wire.credits_left(alice.get(ME).json()) == 99


def test_a_failed_job_says_why_and_costs_nothing(alice: Program) -> None:
    generation = alice.job()
    take_steps(generation.pk, FakeProvider([RequestRejected("No such ratio.", code="bad_request")]))
    body = alice.seen(generation)
    assert (body["status"], body["error"], body["creditCost"]) == ("FAILED", "No such ratio.", 0)
    assert body["result"] is None
    assert body["completedAt"]
    assert Wallet.objects.get(user=alice.user).spendable == 100


def test_a_job_can_be_cancelled_while_it_is_not_over(alice: Program, bob: Program) -> None:
    generation = alice.job()
    path = f"{JOBS}/{generation.pk}/cancel"
    refused(bob.post("", path), 404, "Job not found")
    body = alice.post("", path).json()
    assert (body["status"], body["creditCost"]) == ("CANCELLED", 0)
    assert Wallet.objects.get(user=alice.user).spendable == 100
    refused(alice.post("", path), 409, "Job already finished")
    refused(alice.post("", f"{JOBS}/{NOBODYS}/cancel"), 404)
    refused(alice.post("", f"{JOBS}/x/cancel"), 400)


def test_jobs_of_other_entrances_are_jobs_too(alice: Program) -> None:
    generation = make_generation(alice.user, count=3, output_format="jpeg")
    take_steps(generation.pk, FakeProvider([finished(3)]))
    body = alice.seen(generation)
    parameters = {"aspect_ratio": "1:1", "image_size": "1K", "output_format": "jpg"}
    assert body["input"] == {**ORDER, "imagenParams": parameters}
    assert len(body["result"]["images"]) == body["creditCost"] == 3


def test_a_job_of_somebody_else_is_nobodys(alice: Program, bob: Program) -> None:
    refused(bob.get(f"{JOBS}/{alice.job().pk}"), 404, "Job not found")
    refused(bob.get(f"{JOBS}/{NOBODYS}"), 404, "Job not found")


@pytest.mark.parametrize("pk", ["1", "x" * 300, "018f0000000070008000000000000000", "{018f}", "%00", "nul%C0"])
def test_an_id_that_is_no_uuid_is_refused(alice: Program, pk: str) -> None:
    assert refused(alice.get(f"{JOBS}/{pk}"), 400, "Validation failed")["details"] == {"id": ["Not a UUID."]}


def test_a_poll_costs_one_statement(alice: Program, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    generation = alice.job(webhookUrl=RECEIVER)
    take_steps(generation.pk, FakeProvider([finished(1)]))
    alice.seen(generation)
    with django_assert_num_queries(1):
        alice.seen(generation)


def test_a_submit_costs_no_more_for_its_webhook(
    alice: Program, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    alice.job()
    with django_assert_num_queries(6):  # the key, the look for an earlier one, two that write, in a savepoint
        alice.post({**ORDER, "webhookUrl": RECEIVER}, **{"Idempotency-Key": "once"})


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"model": "sketch"}, "prompt"),
            ({"prompt": "x"}, "model"),
            ({**ORDER, "prompt": ""}, "prompt"),
            ({**ORDER, "prompt": "   "}, "prompt"),
            ({**ORDER, "prompt": None}, "prompt"),
            ({**ORDER, "prompt": 7}, "prompt"),
            ({**ORDER, "prompt": ["x"]}, "prompt"),
            ({**ORDER, "prompt": "x" * 2001}, "prompt"),
            ({**ORDER, "prompt": "🏮" * 1001}, "prompt"),
            ({**ORDER, "prompt": "a\x00b"}, "prompt"),
            ({**ORDER, "prompt": "a\x1bb"}, "prompt"),
            ({**ORDER, "prompt": "\ud800"}, "prompt"),
            ({**ORDER, "model": "dall-e-9"}, "model"),
            ({**ORDER, "model": ""}, "model"),
            ({**ORDER, "model": {}}, "model"),
            ({**ORDER, "model": "x" * 121}, "model"),
            ({**ORDER, "seed": 7}, "seed"),
            ({**ORDER, "n": 2}, "n"),
            ({**ORDER, "imagenParams": []}, "imagenParams"),
            ({**ORDER, "imagenParams": None}, "imagenParams"),
            ({**ORDER, "imagenParams": {"seed": 7}}, "imagenParams.seed"),
            ({**ORDER, "imagenParams": {"aspect_ratio": "2:1"}}, "imagenParams.aspect_ratio"),
            ({**ORDER, "imagenParams": {"aspect_ratio": 1}}, "imagenParams.aspect_ratio"),
            ({**ORDER, "imagenParams": {"image_size": "4K"}}, "imagenParams.image_size"),
            ({**ORDER, "imagenParams": {"output_format": "webp"}}, "imagenParams.output_format"),
            ({**ORDER, "model": "imagen-4-fast", "imagenParams": {"image_size": "2K"}}, "imagenParams.image_size"),
            ({**ORDER, "webhookUrl": "not one"}, "webhookUrl"),
            ({**ORDER, "webhookUrl": "ftp://a.example/"}, "webhookUrl"),
            ({**ORDER, "webhookUrl": "http://a:b@c.example/"}, "webhookUrl"),
            ({**ORDER, "webhookUrl": "https://c.example/" + "x" * 2000}, "webhookUrl"),
            ({**ORDER, "webhookUrl": 7}, "webhookUrl"),
            ({**ORDER, "webhookEvents": []}, "webhookEvents"),
            ({**ORDER, "webhookEvents": "completed"}, "webhookEvents"),
            ({**ORDER, "webhookEvents": ["completed", "begun"]}, "webhookEvents.1"),
        ],
    )
    def test_by_its_place_in_the_body(self, alice: Program, body: dict[str, Any], field: str) -> None:
        details = refused(alice.post(body), 400, "Validation failed")["details"]
        assert set(details) == {field}
        assert all(isinstance(text, str) and text for text in details[field])
        nothing_left(alice.user)

    @pytest.mark.parametrize("length", [(2000, "x"), (1000, "🏮")])
    def test_not_the_longest_prompt_as_javascript_counts(self, alice: Program, length: tuple[int, str]) -> None:
        assert alice.post({**ORDER, "prompt": length[1] * length[0]}).status_code == 202

    @pytest.mark.parametrize("body", ["", "{", "null", "[]", '"x"', "7", "[" * 50_000, b"\xff\xfe", '{"a":1'])
    def test_a_body_that_is_no_object(self, alice: Program, body: str | bytes) -> None:
        refused(alice.post(body), 400)
        nothing_left(alice.user)

    def test_a_body_that_is_too_large(self, alice: Program) -> None:
        refused(alice.post({**ORDER, "prompt": "x" * 70_000}), 413)
        nothing_left(alice.user)

    def test_a_retired_model(self, alice: Program) -> None:
        Model.objects.filter(slug="imagen-4").update(status="retired")
        remembered.find_anew("imagen-4")
        details = refused(alice.post({**ORDER, "model": "imagen-4"}), 400, "Validation failed")["details"]
        assert "is retired" in details["model"][0]

    def test_more_than_the_credits_allow(self, model: Model) -> None:
        poor = Program(make_user(balance=3))
        body = refused(poor.post({**ORDER, "model": "imagen-4"}), 402, "Insufficient credits")
        assert (body["creditsRequired"], body["creditsAvailable"]) == (7, 3)
        nothing_left(poor.user)

    @pytest.mark.parametrize("path", [JOBS, f"{JOBS}/{NOBODYS}", ME])
    def test_no_key_and_a_wrong_one(self, alice: Program, path: str) -> None:
        refused(Client().get(path), 401, "API key is required")
        refused(Client(headers={"X-API-Key": "afk_abc123def456"}).get(path), 401, "Invalid API key")
        keys.revoke(alice.key)
        refused(alice.get(path), 401, "Invalid API key")

    def test_no_key_and_a_wrong_one_at_a_submit(self, alice: Program) -> None:
        refused(Client().post(GENERATE, ORDER, content_type="application/json"), 401, "API key is required")
        keys.revoke(alice.key)
        refused(alice.post(ORDER), 401, "Invalid API key")
        nothing_left(alice.user)

    def test_more_than_the_limit_with_the_time_to_wait(self, alice: Program, settings: Settings) -> None:
        settings.SUBMITS_PER_MINUTE = 1
        assert alice.post(ORDER).status_code == 202
        response = alice.post(ORDER)
        refused(response, 429, "Rate limit exceeded")
        assert 1 <= int(response["Retry-After"]) <= 61

    @pytest.mark.parametrize("path", ["/v2/", "/v2/videos/generate", "/v2/images", f"{JOBS}/{NOBODYS}/x"])
    def test_what_is_not_there(self, alice: Program, path: str) -> None:
        refused(alice.get(path), 404)

    @pytest.mark.parametrize(("method", "path"), [("get", GENERATE), ("post", JOBS), ("put", ME), ("delete", MODELS)])
    def test_what_is_not_done_there(self, alice: Program, method: str, path: str) -> None:
        refused(getattr(alice.client, method)(path), 405)

    def test_everything_while_the_database_is_away(self, alice: Program) -> None:
        def refuse(*_: Any) -> None:
            raise OperationalError("connection refused")

        with connection.execute_wrapper(refuse):
            response = alice.post(ORDER)
        refused(response, 503)
        assert response["Retry-After"]

    def test_what_only_we_can_mend(self, alice: Program) -> None:
        def break_down(*_: Any) -> None:
            raise RuntimeError("a secret")

        alice.client.raise_request_exception = False
        with connection.execute_wrapper(break_down):
            body = refused(alice.post(ORDER), 500)
        assert "secret" not in body["error"]


class TestRepeats:
    def test_are_answered_with_the_job_as_it_stands_now(self, alice: Program) -> None:
        first = alice.post(ORDER, **{"Idempotency-Key": "once"})
        assert "Idempotent-Replayed" not in first
        take_steps(UUID(first.json()["jobId"]), FakeProvider([finished(1)]))
        again = alice.post(ORDER, **{"Idempotency-Key": "once"})
        assert again.status_code == 202
        assert again["Idempotent-Replayed"] == "true"
        assert again.json() == {"jobId": first.json()["jobId"], "status": "COMPLETED"}
        assert Wallet.objects.get(user=alice.user).spendable == 99

    @pytest.mark.parametrize("other", [{"prompt": "a reef"}, {"webhookUrl": RECEIVER}, {"imagenParams": {}}])
    def test_with_another_body_are_refused(self, alice: Program, other: dict[str, Any]) -> None:
        alice.post(ORDER, **{"Idempotency-Key": "once"})
        text = "Idempotency-Key was already used with a different request body"
        refused(alice.post({**ORDER, **other}, **{"Idempotency-Key": "once"}), 409, text)
        assert Generation.objects.count() == 1

    def test_of_somebody_else_are_no_repeats(self, alice: Program, bob: Program) -> None:
        ours, theirs = (program.post(ORDER, **{"Idempotency-Key": "once"}).json() for program in (alice, bob))
        assert ours["jobId"] != theirs["jobId"]

    def test_after_a_refusal_are_taken(self, alice: Program) -> None:
        refused(alice.post({**ORDER, "seed": 1}, **{"Idempotency-Key": "once"}), 400)
        assert alice.post(ORDER, **{"Idempotency-Key": "once"}).status_code == 202

    @pytest.mark.parametrize("key", ["x" * 256, "schlüssel"])
    def test_by_a_key_that_is_none_are_refused(self, alice: Program, key: str) -> None:
        refused(alice.post(ORDER, **{"Idempotency-Key": key}), 400)
        assert alice.post(ORDER, **{"Idempotency-Key": "x" * 255}).status_code == 202


class TestTheList:
    def test_is_walked_by_its_cursor_newest_first(self, alice: Program, bob: Program) -> None:
        bob.job()
        made = [str(alice.job().pk) for _ in range(5)]
        found: list[str] = []
        query: dict[str, Any] = {"limit": 2}
        while True:
            page = alice.get(JOBS, **query).json()
            found += [job["id"] for job in page["jobs"]]
            assert page["hasMore"] == (page["nextCursor"] is not None)
            if not page["hasMore"]:
                break
            query["cursor"] = page["nextCursor"]
        assert found == made[::-1]

    def test_has_jobs_without_what_was_asked(self, alice: Program) -> None:
        generation = alice.job()
        take_steps(generation.pk, FakeProvider([finished(1)]))
        page = alice.get(JOBS).json()
        [job] = page["jobs"]
        whole = alice.seen(generation)
        del whole["input"]
        assert job == whole
        assert "models" not in page

    def test_is_filtered(self, alice: Program) -> None:
        sketch, imagen = alice.job(), alice.job(model="imagen-4")
        submission.cancel(sketch)

        def found(**query: str) -> list[str]:
            return [job["id"] for job in alice.get(JOBS, **query).json()["jobs"]]

        assert found(status="CANCELLED") == [str(sketch.pk)]
        assert found(status="QUEUED") == found(model="imagen-4") == found(model="google/imagen-4") == [str(imagen.pk)]
        assert found(search=str(sketch.pk)) == [str(sketch.pk)]
        assert found(scope="team") == [str(imagen.pk), str(sketch.pk)]
        assert found(model="nothing") == []
        assert alice.get(JOBS, include_models="true").json()["models"] == ["imagen-4", "sketch"]

    @pytest.mark.parametrize(
        "query",
        [
            {"limit": "0"},
            {"limit": "101"},
            {"limit": "x"},
            {"status": "completed"},
            {"cursor": "x"},
            {"cursor": "eyJpZCI6IDd9"},
            {"cursor": "W10="},
            {"scope": "world"},
            {"search": "x"},
            {"include_models": "1"},
        ],
    )
    def test_refuses_what_it_does_not_know(self, alice: Program, query: dict[str, str]) -> None:
        assert set(refused(alice.get(JOBS, **query), 400, "Validation failed")["details"]) == set(query)

    def test_costs_as_much_for_many_as_for_one(
        self, alice: Program, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        for _ in range(4):
            take_steps(alice.job(webhookUrl=RECEIVER).pk, FakeProvider([finished(1)]))
        with django_assert_max_num_queries(4):  # the key; jobs, images and attempts
            assert len(alice.get(JOBS).json()["jobs"]) == 4


class TestWebhooks:
    def test_are_pending_until_they_are_told(self, alice: Program) -> None:
        generation = alice.job(webhookUrl=RECEIVER)
        assert alice.seen(generation)["webhookStatus"] == "pending"
        take_steps(generation.pk, FakeProvider([finished(1)]))
        assert alice.seen(generation)["webhookStatus"] == "pending"
        for state in ("delivered", "failed"):
            Delivery.objects.update(state=state)
            assert alice.seen(generation)["webhookStatus"] == state
            assert alice.get(JOBS).json()["jobs"][0]["webhookStatus"] == state

    @pytest.mark.parametrize(
        ("events", "told"),
        [
            (None, ["failed"]),
            (["failed"], ["failed"]),
            (["completed"], []),
            (["progress", "completed"], ["progress"]),
            (["progress", "failed"], ["failed", "progress"]),
        ],
    )
    def test_tell_what_was_asked_for(self, alice: Program, events: list[str] | None, told: list[str]) -> None:
        generation = alice.job(webhookUrl=RECEIVER, **({"webhookEvents": events} if events else {}))
        take_steps(generation.pk, FakeProvider([RequestRejected("No.", code="bad_request")]))
        assert sorted(Delivery.objects.values_list("event", flat=True)) == told
        status = "pending" if "failed" in told else None
        assert alice.seen(generation)["webhookStatus"] == status


def test_the_account_is_a_team_of_one(alice: Program) -> None:
    body = alice.get(ME).json()
    assert body["user"] == {"id": str(UUID(int=alice.user.pk)), "email": alice.user.email, "role": "OWNER"}
    assert body["team"]["credits"] == 100
    assert {"id", "name", "plan", "customerId", "maxConcurrentJobs"} < set(body["team"])
    assert body["apiKey"]["prefix"] == alice.text[:12]
    assert body["apiKey"]["name"] == "tests"


def test_models_are_listed_without_a_key(model: Model) -> None:
    response = Client().get(MODELS)
    assert response.status_code == 200
    listed = {row["id"]: row for row in response.json()["models"]}
    assert listed["imagen-4"]["label"] == "Imagen 4"
    assert (listed["imagen-4"]["costMin"], listed["imagen-4"]["costMax"]) == (7, 10)
    assert all(row["modality"] == "image" for row in listed.values())
    assert Client().get(MODELS, {"modality": "image"}).json() == response.json()
    assert Client().get(MODELS, {"modality": "video"}).json() == {"models": []}
    refused(Client().get(MODELS, {"modality": "smell"}), 400, "Validation failed")
    assert Client(headers={"X-API-Key": "nonsense"}).get(MODELS).status_code == 200


@pytest.mark.parametrize("path", [JOBS, ME, MODELS])
def test_a_slash_at_the_end_makes_no_difference(alice: Program, path: str) -> None:
    assert alice.get(f"{path}/").json() == alice.get(path).json()


def test_a_slash_at_the_end_of_a_submit_makes_no_difference(alice: Program) -> None:
    job = alice.post(ORDER, f"{GENERATE}/").json()["jobId"]
    assert alice.get(f"{JOBS}/{job}/").json() == alice.get(f"{JOBS}/{job}").json()
    assert alice.post("", f"{JOBS}/{job}/cancel/").status_code == 200


@pytest.mark.parametrize("header", ["Authorization: Bearer {}", "Authorization: Key {}", "X-API-Key: {}"])
def test_the_key_is_taken_in_every_spelling(alice: Program, header: str) -> None:
    name, _, value = header.format(alice.text).partition(": ")
    assert Client(headers={name: value}).get(ME).status_code == 200
