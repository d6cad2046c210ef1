"""fal's queue and its synchronous calls: what is taken and what is answered."""

from __future__ import annotations

import base64
import uuid
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from accounts.models import Entry, Hold, Wallet
from generations import looking, submission
from generations.models import Generation, Model
from generations.providers.base import RequestRejected
from tests.factories import make_catalogue, make_generation, make_user
from tests.fakes import FakeProvider, finished, png
from tests.generations.dialects.fal import APP, INPUT, QUEUE, RUN, Caller, failing, make

pytestmark = pytest.mark.django_db
OWN = "fal-ai/imagen4"


@pytest.fixture(autouse=True)
def model() -> Model:
    return make_catalogue()


@pytest.fixture
def alice() -> Caller:
    return Caller(make_user(balance=1000))


@pytest.fixture
def bob() -> Caller:
    return Caller(make_user(balance=1000))


def test_a_submit_names_the_request_and_its_addresses(alice: Caller) -> None:
    response = alice.post(QUEUE)
    number = str(Generation.objects.get().pk)
    home = f"http://testserver/fal/queue/{OWN}/requests/{number}"
    assert response["x-fal-request-id"] == number
    assert response.json() == {
        "status": "IN_QUEUE",
        "request_id": number,
        "response_url": home,
        "status_url": f"{home}/status",
        "cancel_url": f"{home}/cancel",
        "logs": None,
        "metrics": {},
        "queue_position": 0,
    }


def test_a_request_goes_from_the_queue_to_its_result(alice: Caller) -> None:
    body = alice.submit(num_images=2)
    waiting = alice.get(body["status_url"])
    assert (waiting.status_code, waiting.json()["status"], waiting.json()["queue_position"]) == (202, "IN_QUEUE", 0)
    make(body["request_id"])
    over = alice.get(body["status_url"])
    assert (over.status_code, over.json()["status"], over.json()["logs"]) == (200, "COMPLETED", None)
    assert over.json()["metrics"]["inference_time"] > 0
    assert "error" not in over.json()
    result = alice.get(body["response_url"])
    assert result.status_code == 200
    assert (result["x-fal-request-id"], result["x-fal-billable-units"]) == (body["request_id"], "2")
    [first, second] = result.json()["images"]
    assert first == {
        "url": first["url"],
        "file_name": first["url"].rpartition("/")[2],
        "content_type": "image/png",
        "file_size": len(png(size=(64, 48))),
        "width": 64,
        "height": 48,
    }
    assert Client().get(second["url"]).getvalue() == png(size=(65, 48))
    assert {name: result.json()[name] for name in ("seed", "description", "prompt")} == {
        "seed": 0,
        "description": "",
        "prompt": INPUT["prompt"],
    }


def test_a_request_in_progress_tells_what_happened_to_whoever_asks(alice: Caller) -> None:
    body = alice.submit()
    Generation.objects.update(status=Generation.Status.RUNNING)
    silent = alice.get(body["status_url"])
    assert (silent.status_code, silent.json()["status"], silent.json()["logs"]) == (202, "IN_PROGRESS", None)
    for asked in ("1", "true", "True", "yes"):
        [line] = alice.get(f"{body['status_url']}?logs={asked}").json()["logs"]
        assert line["message"] == "Waiting for a worker"
        assert (line["level"], line["source"], line["timestamp"][-1]) == ("INFO", "USER", "Z")
    for asked in ("0", "false", ""):
        assert alice.get(f"{body['status_url']}?logs={asked}").json()["logs"] is None


def test_the_log_is_what_really_happened(alice: Caller) -> None:
    body = alice.submit(num_images=2)
    make(body["request_id"])
    lines = [line["message"] for line in alice.get(body["status_url"] + "?logs=1").json()["logs"]]
    assert lines == [
        "Waiting for a worker",
        "Started",
        "Attempt 1: asking sketch",
        "Image 1 of 2 is ready",
        "Image 2 of 2 is ready",
        "Completed with 2 of 2 images",
    ]


def test_a_place_in_the_queue_counts_everybody_before(alice: Caller, bob: Caller) -> None:
    bob.submit()
    first, second = alice.submit(), alice.submit()
    assert [first["queue_position"], second["queue_position"]] == [1, 2]
    assert alice.get(second["status_url"]).json()["queue_position"] == 2
    make(first["request_id"])
    assert alice.get(second["status_url"]).json()["queue_position"] == 1


def test_a_stream_says_once_more_what_is_over_and_ends(alice: Caller) -> None:
    body = alice.submit()
    make(body["request_id"])
    [silent] = alice.events(body["status_url"] + "/stream")
    assert (silent["status"], silent["logs"]) == ("COMPLETED", None)
    [told] = alice.events(body["status_url"] + "/stream?logs=1")
    assert told == alice.get(body["status_url"] + "?logs=1").json()


def test_a_synchronous_call_is_answered_with_the_result_itself(alice: Caller) -> None:
    response = alice.run(num_images=2)
    number = str(Generation.objects.get().pk)
    assert response.status_code == 200
    assert response["x-fal-request-id"] == number
    same = alice.get(f"/fal/queue/{OWN}/requests/{number}").json()
    assert [image["file_name"] for image in response.json()["images"]] == [
        image["file_name"] for image in same["images"]
    ]


def test_a_call_that_waited_long_enough_says_where_the_result_will_be(alice: Caller, settings: Settings) -> None:
    settings.WAIT_SECONDS = 0.01
    response = alice.post(RUN)
    number = str(Generation.objects.get().pk)
    assert response.status_code == 504
    assert response["X-Fal-Request-Timeout-Type"] == "user", "or JavaScript sends it again"
    assert response["x-fal-request-id"] == number
    assert response.json()["error_type"] == "request_timeout"
    assert f"http://testserver/fal/queue/{OWN}/requests/{number}" in response.json()["detail"]
    assert Generation.objects.get().status == Generation.Status.QUEUED


def test_what_was_accepted_is_not_sent_again_because_a_part_is_away(
    alice: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any) -> Any:
        raise OperationalError

    make(alice.post(QUEUE, **{"Idempotency-Key": "once"}).json()["request_id"])
    monkeypatch.setattr(looking, "look", away)
    response = alice.post(RUN, **{"Idempotency-Key": "once"})
    assert (response.status_code, response["X-Fal-Request-Timeout-Type"]) == (504, "user")


def test_pictures_can_come_in_the_answer_itself(alice: Caller) -> None:
    for response in (alice.run(sync_mode=True), alice.get(f"/fal/queue/{OWN}/requests/{Generation.objects.get().pk}")):
        [image] = response.json()["images"]
        kind, _, content = image["url"].partition(",")
        assert kind == "data:image/png;base64"
        assert base64.b64decode(content) == png()


@pytest.mark.parametrize(
    ("address", "slug"),
    [
        ("fal-ai/imagen4/preview", "imagen-4"),
        ("fal-ai/imagen4/preview/fast", "imagen-4-fast"),
        ("fal-ai/imagen4/preview/ultra", "imagen-4-ultra"),
        ("fal-ai/sketch", "sketch"),
        ("fal-ai/imagen-4", "imagen-4"),
        ("sketch", "sketch"),
        ("atelier/sketch", "sketch"),
    ],
)
@pytest.mark.parametrize("slash", ["", "/"])
def test_every_model_is_an_application_by_any_of_its_names(alice: Caller, address: str, slug: str, slash: str) -> None:
    response = alice.post(f"/fal/queue/{address}{slash}")
    assert response.status_code == 200, response.content
    assert Generation.objects.get().model.slug == slug
    owner = "/".join(address.split("/")[:2])
    assert response.json()["response_url"].endswith(f"/fal/queue/{owner}/requests/{response.json()['request_id']}")


@pytest.mark.parametrize(
    "home",
    [
        f"/fal/queue/{OWN}",
        f"/fal/queue/{APP}",
        "/fal/queue/fal-ai/another/application",
        f"/fal/run/{OWN}",
        f"/{OWN}",
        f"/{APP}",
    ],
)
@pytest.mark.parametrize("slash", ["", "/"])
def test_the_id_alone_finds_a_request(alice: Caller, home: str, slash: str) -> None:
    number = alice.submit()["request_id"]
    request = f"{home}/requests/{number}"
    assert alice.get(f"{request}/status{slash}").json()["status"] == "IN_QUEUE"
    assert alice.get(f"{request}{slash}").status_code == 400
    assert alice.put(f"{request}/cancel{slash}").status_code == 202
    assert alice.get(f"{request}/response{slash}").status_code == 499
    assert [event["status"] for event in alice.events(f"{request}/status/stream{slash}")] == ["COMPLETED"]


def test_a_generation_that_came_in_another_way_can_be_asked_after(alice: Caller) -> None:
    generation = make_generation(alice.user)
    make(str(generation.pk))
    assert len(alice.get(f"/fal/queue/{OWN}/requests/{generation.pk}").json()["images"]) == 1


def test_the_host_tells_the_planes_apart_where_a_client_can_name_nothing_else(
    alice: Caller, settings: Settings
) -> None:
    settings.WAIT_SECONDS = 0.01
    for address in (f"/{APP}", RUN):
        queued = alice.post(address, host="queue.127.0.0.1:8000")
        assert queued.status_code == 200
        assert queued.json()["status_url"].startswith("http://queue.127.0.0.1:8000/fal/queue/fal-ai/imagen4/requests/")
        assert alice.post(address, host="127.0.0.1:8000").status_code == 504


def test_all_of_the_input_is_honoured(alice: Caller) -> None:
    alice.submit(
        negative_prompt="people",
        aspect_ratio="16:9",
        num_images=3,
        seed=7,
        resolution="2K",
        output_format="webp",
        safety_tolerance="2",
        sync_mode=False,
        of_another_model=True,
    )
    order = submission.order_of(Generation.objects.get())
    assert order == submission.Order("imagen-4-ultra", INPUT["prompt"], "people", "16:9", "2K", 3, 7, "webp")


def test_the_fast_model_takes_no_resolution(alice: Caller) -> None:
    assert alice.post("/fal/queue/fal-ai/imagen4/preview/fast", INPUT | {"resolution": "2K"}).status_code == 200
    assert Generation.objects.get().resolution == "1K"


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "text/plain", "application/json"])
def test_a_body_is_json_whatever_it_is_called(alice: Caller, kind: str) -> None:
    assert alice.post(QUEUE, type=kind).status_code == 200


def test_cancelling_gives_the_credits_back_and_is_over_at_once(alice: Caller) -> None:
    body = alice.submit(num_images=4)
    response = alice.put(body["cancel_url"])
    assert (response.status_code, response.json()) == (202, {"status": "CANCELLATION_REQUESTED"})
    assert response["x-fal-request-id"] == body["request_id"]
    over = alice.get(body["status_url"])
    assert (over.status_code, over.json()["status"]) == (200, "COMPLETED")
    assert over.json()["error_type"] == "client_cancelled"
    again = alice.put(body["cancel_url"])
    assert (again.status_code, again.json()) == (400, {"status": "ALREADY_COMPLETED"})
    assert Wallet.objects.get(user=alice.user).spendable == 1000
    result = alice.get(body["response_url"])
    assert (result.status_code, result.json()["error_type"]) == (499, "client_cancelled")


def test_a_completed_request_cannot_be_cancelled(alice: Caller) -> None:
    body = alice.submit()
    make(body["request_id"])
    assert alice.put(body["cancel_url"]).json() == {"status": "ALREADY_COMPLETED"}
    assert alice.get(body["response_url"]).status_code == 200


def test_what_a_model_refuses_is_completed_and_an_error_of_the_result(alice: Caller) -> None:
    body = alice.submit()
    make(body["request_id"], failing(RequestRejected("It shows a person.", code="content_policy")))
    over = alice.get(body["status_url"])
    assert (over.status_code, over.json()["status"]) == (200, "COMPLETED")
    assert (over.json()["error"], over.json()["error_type"]) == ("It shows a person.", "content_policy_violation")
    result = alice.get(body["response_url"])
    assert result.status_code == 422
    assert result["x-fal-billable-units"] == "0"
    assert result.json() == {
        "detail": [
            {
                "loc": ["body", "prompt"],
                "msg": "It shows a person.",
                "type": "content_policy_violation",
                "url": "https://docs.fal.ai/errors#content_policy_violation",
            }
        ]
    }
    assert Wallet.objects.get(user=alice.user).spendable == 1000


@pytest.mark.parametrize("at_once", [True, False])
def test_a_failure_is_an_error_that_no_client_repeats(alice: Caller, at_once: bool) -> None:  # noqa: FBT001
    provider = failing(RequestRejected("The vendor does not like it.", code="bad_request"))
    if at_once:
        response = alice.run(provider)
    else:
        body = alice.submit()
        make(body["request_id"], provider)
        response = alice.get(body["response_url"])
    assert response.status_code == 500
    assert response["x-fal-request-id"] == str(Generation.objects.get().pk)
    [detail] = response.json()["detail"]
    assert detail["type"] == "downstream_service_unavailable"
    assert detail["msg"] == "The vendor does not like it."


def test_some_of_the_pictures_are_a_result(alice: Caller) -> None:
    body = alice.submit(num_images=3)
    make(body["request_id"], FakeProvider([finished(2)]))
    result = alice.get(body["response_url"])
    assert (result.status_code, len(result.json()["images"]), result["x-fal-billable-units"]) == (200, 2, "2")


def test_nobody_sees_what_is_somebody_elses(alice: Caller, bob: Caller) -> None:
    body = alice.submit()
    make(body["request_id"])
    for response in (
        bob.get(body["status_url"]),
        bob.get(body["status_url"] + "/stream"),
        bob.get(body["response_url"]),
        bob.put(body["cancel_url"]),
    ):
        assert (response.status_code, response.json()) == (404, {"status": "NOT_FOUND"})


@pytest.mark.parametrize("number", [str(uuid.UUID(int=7)), "1", "x" * 500, "%00", "ü", str(uuid.UUID(int=0))])
def test_an_unknown_id_is_not_found(alice: Caller, number: str) -> None:
    for response in (
        alice.get(f"/fal/queue/{OWN}/requests/{number}/status"),
        alice.get(f"/fal/queue/{OWN}/requests/{number}/status/stream"),
        alice.get(f"/fal/queue/{OWN}/requests/{number}"),
        alice.put(f"/fal/queue/{OWN}/requests/{number}/cancel"),
    ):
        assert (response.status_code, response.json()) == (404, {"status": "NOT_FOUND"})
        assert len(uuid.UUID(response["x-fal-request-id"]).bytes) == 16


def test_a_repeat_with_the_same_key_is_the_same_request(alice: Caller) -> None:
    first = alice.post(QUEUE, **{"Idempotency-Key": "abc"})
    again = alice.post(QUEUE, **{"Idempotency-Key": "abc"})
    assert first.json()["request_id"] == again.json()["request_id"]
    make(first.json()["request_id"])
    ran = alice.post(RUN, **{"Idempotency-Key": "abc"})
    assert ran["x-fal-request-id"] == first.json()["request_id"]
    assert Hold.objects.count() == 1
    assert Entry.objects.filter(kind=Entry.Kind.CAPTURE).count() == 1
    other = alice.post(QUEUE, {"prompt": "something else"}, **{"Idempotency-Key": "abc"})
    assert other.status_code == 422
    assert other.json()["detail"][0]["loc"] == ["header", "Idempotency-Key"]


def test_a_longer_queue_than_one_would_wait_in_is_refused_before_anything_is_charged(alice: Caller) -> None:
    assert alice.post(f"{QUEUE}?fal_max_queue_length=0").status_code == 200
    refused = alice.post(f"{QUEUE}?fal_max_queue_length=0")
    assert refused.status_code == 429
    assert refused["X-Fal-Needs-Retry"] == "1"
    assert Generation.objects.count() == 1
    assert alice.post(f"{QUEUE}?fal_max_queue_length=1").status_code == 200


def test_the_address_to_call_back_is_kept(alice: Caller) -> None:
    alice.post(f"{QUEUE}?fal_webhook=https%3A%2F%2Fexample.com%2Fhook%3Fa%3D1%26b%3D2")
    assert Generation.objects.get().webhook == {
        "format": "fal",
        "url": "https://example.com/hook?a=1&b=2",
        "root": "http://testserver/",
        "events": ["completed", "failed", "cancelled"],
    }


def test_headers_that_only_fal_can_heed_are_ignored(alice: Caller) -> None:
    headers = {
        "X-Fal-Queue-Priority": "low",
        "X-Fal-Runner-Hint": "lora:a",
        "X-Fal-Request-Timeout": "30.0",
        "X-Fal-Store-IO": "0",
        "X-Fal-Object-Lifecycle-Preference": '{"expiration_duration_seconds":3600}',
    }
    assert alice.post(QUEUE, **headers).status_code == 200


def test_a_caller_who_wants_no_other_model_gets_none(alice: Caller) -> None:
    alice.user.accepts_successors = True
    alice.user.save()
    heir = Model.objects.get(slug="sketch")
    Model.objects.filter(slug="imagen-4-ultra").update(status=Model.Status.RETIRED, successor=heir)
    refused = alice.post(QUEUE, **{"x-app-fal-disable-fallback": "true"})
    assert refused.status_code == 404
    assert refused.json()["detail"] == "Imagen 4 Ultra is retired; use Sketch."
    assert alice.post(QUEUE).status_code == 200
    assert Generation.objects.get().model == heir


@pytest.mark.parametrize("over", [False, True])
@pytest.mark.parametrize("address", ["/status", "/status?logs=true", ""])
def test_asking_costs_one_statement(
    alice: Caller,
    django_assert_num_queries: DjangoAssertNumQueries,
    address: str,
    over: bool,  # noqa: FBT001
) -> None:
    body = alice.submit(num_images=4)
    if over:
        make(body["request_id"])
    with django_assert_num_queries(1):
        alice.get(body["response_url"] + address)


def test_a_submit_costs_three_statements_in_a_transaction(
    alice: Caller, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    alice.submit()
    with django_assert_num_queries(3 + 2):
        alice.submit()


def test_polling_is_never_too_much(alice: Caller, settings: Settings) -> None:
    settings.SUBMITS_PER_MINUTE = 1
    body = alice.submit()
    assert {alice.get(body["status_url"]).status_code for _ in range(30)} == {202}
