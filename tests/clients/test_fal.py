"""fal's clients, old and new, against a studio: only the address that they speak to is another."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.test import RequestFactory

from generations.dialects.troubles import Kind, Trouble
from generations.providers.fal import errors
from generations.providers.fal.callbacks import Inbox, KeyRing
from tests import studios
from tests.clients.conftest import Account
from tests.clients.proxy import Lossy
from tests.emulators.server import Reply, Request, Server
from tests.generations.test_streams import signed_in
from tests.test_studio import Studio, eventually

pytestmark = pytest.mark.studio
PROGRAMS = Path(__file__).parent / "programs"
NEWEST, OLD = "fal-client==1.0.3", "fal-client==0.5.9"
PACKAGE = "@fal-ai/client@1.10.1"
PNG = b"\x89PNG\r\n\x1a\n".hex()
APP = "fal-ai/sketch"
SEED = "fal-ai/imagen4/preview/ultra"
PROMPT = {"prompt": "a lighthouse at dusk"}
SECONDS = 300
Call = tuple[str, Any]
Told = list[dict[str, Any]]


class Library:
    """One version of a client, and what comes of its calls."""

    def __init__(self, command: list[str]) -> None:
        self.command = command

    def call(self, base_url: str, key: str, *calls: Call, **options: Any) -> Told:
        """What came of each call."""
        done = subprocess.run(  # noqa: S603
            self.command,
            input=json.dumps({"base_url": base_url, "calls": calls, **options}),
            capture_output=True,
            text=True,
            env=os.environ | {"FAL_KEY": key},
            timeout=SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        told: Told = json.loads(done.stdout)
        return told


@pytest.fixture(scope="module", params=[NEWEST, OLD])
def python(request: pytest.FixtureRequest, python_with: Callable[..., str]) -> Library:
    return Library([python_with(request.param), str(PROGRAMS / "fal_calls.py")])


@pytest.fixture(scope="module")
def newest(python_with: Callable[..., str]) -> Library:
    return Library([python_with(NEWEST), str(PROGRAMS / "fal_calls.py")])


@pytest.fixture(scope="module")
def javascript(node_with: Callable[..., Path]) -> Library:
    program = node_with(PACKAGE) / "fal_calls.mjs"  # Node looks for packages beside the program
    program.write_text((PROGRAMS / program.name).read_text())
    return Library(["node", str(program)])


def base(port: int) -> str:
    return f"http://127.0.0.1:{port}"


def asked(**given: Any) -> dict[str, Any]:
    return {"application": APP, "arguments": PROMPT, **given}


def made(studio: Studio, key: str) -> Told:
    """The generations of whoever has the key, newest first."""
    with studios.client(studio, key) as client:
        generations: Told = client.get("/api/v1/generations?limit=100").json()["results"]
    return generations


def spendable(studio: Studio, key: str) -> int:
    with studios.client(studio, key) as client:
        credits_left: int = client.get("/api/v1/me").json()["credits"]["spendable"]
    return credits_left


def over(told: dict[str, Any]) -> dict[str, Any]:
    """The last update of all, which says that it is over."""
    last: dict[str, Any] = told["updates"][-1]
    return last


class TestPython:
    def test_every_way_to_a_result(self, python: Library, studio: Studio, account: Callable[[int], Account]) -> None:
        key = account(30).key
        ways = ["run", "run_async", "subscribe", "subscribe_async", "submit", "submit_async"]
        given = asked(arguments=PROMPT | {"num_images": 2, "seed": 7})
        for way, told in zip(ways, python.call(base(studio.port), key, *((way, given) for way in ways)), strict=True):
            assert told["heads"] == [PNG, PNG], (way, told)
            answer = told["answer"]
            assert (answer["prompt"], answer["description"]) == (PROMPT["prompt"], "")
            assert {image["content_type"] for image in answer["images"]} == {"image/png"}
        assert len(made(studio, key)) == len(ways)
        assert spendable(studio, key) == 30 - 2 * len(ways)

    def test_what_is_told_on_the_way(self, python: Library, studio: Studio, account: Callable[[int], Account]) -> None:
        [told] = python.call(base(studio.port), account(5).key, ("subscribe", asked()))
        number, *states = told["updates"] if isinstance(told["updates"][0], str) else [None, *told["updates"]]
        assert {state["state"] for state in states} <= {"Queued", "InProgress", "Completed"}
        assert states[-1]["state"] == "Completed"
        assert states[-1]["logs"][-1] == "Completed with 1 of 1 images"
        assert states[-1]["metrics"]["inference_time"] > 0
        assert number is not None

    def test_a_request_can_be_asked_after_by_its_id(
        self, python: Library, studio: Studio, account: Callable[[int], Account]
    ) -> None:
        key = account(5).key
        [queued] = python.call(base(studio.port), key, ("enqueue", asked()))
        number = {"application": APP, "request_id": queued["answer"]["request_id"]}
        unknown = {**number, "request_id": "0193c0de-0000-7000-8000-000000000000"}
        result, status, nowhere = python.call(
            base(studio.port),
            key,
            ("result", number),
            ("status", {**number, "with_logs": True}),
            ("status", unknown),
        )
        assert result["heads"] == [PNG]
        assert status["answer"]["state"] == "Completed"
        assert "NOT_FOUND" in nowhere["answer"]["text"]
        assert nowhere["answer"]["error"].startswith("FalClient")

    def test_cancelling_is_over_at_once(
        self, python: Library, studio: Studio, account: Callable[[int], Account]
    ) -> None:
        key = account(5).key
        with studios.paused(studio, "worker"):
            by_handle, by_id = python.call(base(studio.port), key, ("cancel", asked()), ("cancel_async", asked()))
        for told in (by_handle, by_id):
            assert told["answer"]["error"].startswith("FalClient"), told
            assert "ALREADY_COMPLETED" in told["answer"]["text"], "a second time it is too late"
        assert [update["state"] for update in by_handle["updates"]] == ["Queued", "Completed"]
        assert {one["status"] for one in made(studio, key)} == {"cancelled"}
        assert spendable(studio, key) == 5

    def test_what_goes_wrong_is_raised_in_its_own_words(
        self, python: Library, studio: Studio, account: Callable[[int], Account]
    ) -> None:
        poor = account(0).key
        wrong, unknown, broke = python.call(
            base(studio.port),
            poor,
            ("run", asked(arguments={"num_images": 9})),
            ("subscribe", asked(application="fal-ai/nothing")),
            ("subscribe", asked()),
        )
        assert all(f"'type': '{kind}'" in wrong["answer"]["text"] for kind in ("missing", "less_than_equal"))
        assert 'Application "fal-ai/nothing" not found' in unknown["answer"]["text"]
        assert "Exhausted balance" in broke["answer"]["text"]
        [nobody] = python.call(base(studio.port), "an-id:a-secret", ("run", asked()))
        assert "invalid key credentials" in nobody["answer"]["text"]

    def test_a_client_that_waits_no_longer_cancels_and_can_end(
        self, newest: Library, studio: Studio, account: Callable[[int], Account]
    ) -> None:
        key = account(5).key
        with studios.paused(studio, "worker"):
            [told] = newest.call(base(studio.port), key, ("subscribe", asked(client_timeout=2)))
        assert told["answer"]["error"] == "FalClientTimeoutError"
        assert [one["status"] for one in made(studio, key)] == ["cancelled"]
        assert spendable(studio, key) == 5

    def test_all_that_a_submit_may_say(
        self, newest: Library, studio: Studio, account: Callable[[int], Account]
    ) -> None:
        given = asked(
            hint="lora:a", priority="low", start_timeout=30, headers={"X-Fal-Store-IO": "0", "Idempotency-Key": "once"}
        )
        key = account(5).key
        first, again = newest.call(base(studio.port), key, ("submit", given), ("submit", given))
        assert first["heads"] == again["heads"] == [PNG]
        assert first["answer"]["request_id"] == again["answer"]["request_id"]
        assert spendable(studio, key) == 4

    def test_who_asked_for_it_is_called_back_and_can_tell_by_whom(
        self, newest: Library, studio: Studio, account: Callable[[int], Account]
    ) -> None:
        calls: list[Request] = []

        def heard(request: Request) -> Reply:
            calls.append(request)
            return Reply()

        with Server(heard) as receiver:
            given = asked(webhook_url=f"{base(receiver.port)}/hook?a=1&b=2")
            [told] = newest.call(base(studio.port), account(5).key, ("submit", given))
            eventually(lambda: calls)
        [call] = calls
        ring = KeyRing(f"{base(studio.port)}/fal/rest/.well-known/jwks.json")
        inbox = Inbox(call.headers["x-fal-webhook-user-id"], ring)
        assert inbox.proven(call.headers, call.body, time.time()) == told["answer"]["request_id"]
        ring.close()
        assert call.query == {"a": "1", "b": "2"}
        assert call.json()["status"] == "OK"
        assert call.json()["payload"]["seed"] == told["answer"]["seed"]

    def test_there_is_no_stream_of_pictures(
        self, newest: Library, studio: Studio, account: Callable[[int], Account]
    ) -> None:
        key = account(5).key
        [told] = newest.call(base(studio.port), key, ("stream", asked()))
        assert told["answer"]["error"]
        assert made(studio, key) == []

    @pytest.mark.parametrize("what", ["run", "subscribe"])
    def test_a_lost_answer_is_sent_again_and_made_once_for_one_key(
        self, newest: Library, studio: Studio, account: Callable[[int], Account], what: str
    ) -> None:
        key = account(5).key
        with Lossy(studio.port) as proxy:
            [told] = newest.call(base(proxy.port), key, (what, asked(headers={"Idempotency-Key": "once"})))
        assert told["heads"] == [PNG], told
        assert proxy.posts == 2
        assert len(made(studio, key)) == 1
        assert spendable(studio, key) == 4

    def test_without_a_key_a_lost_answer_is_another_request(
        self, newest: Library, studio: Studio, account: Callable[[int], Account]
    ) -> None:
        key = account(5).key
        with Lossy(studio.port) as proxy:
            [told] = newest.call(base(proxy.port), key, ("run", asked()))
        assert told["heads"] == [PNG]
        assert len(made(studio, key)) == 2


class TestJavaScript:
    @pytest.fixture(params=["redirected", "through the proxy", "as a page"])
    def ways(self, request: pytest.FixtureRequest, studio: Studio) -> tuple[dict[str, Any], Account]:
        """How the client is pointed here, and as whom."""
        someone: Account = request.getfixturevalue("account")(10)
        if request.param == "as a page":
            return {"cookie": signed_in(studio, someone.email)}, someone
        return {"proxy": request.param == "through the proxy"}, someone

    def test_every_way_to_a_result(
        self, javascript: Library, studio: Studio, ways: tuple[dict[str, Any], Account]
    ) -> None:
        options, someone = ways
        ran, polled, streamed, told = javascript.call(
            base(studio.port),
            someone.key,
            ("run", [APP, {"input": PROMPT}]),
            ("subscribe", [APP, {"input": PROMPT, "logs": True}]),
            ("subscribe", [APP, {"input": PROMPT, "logs": True, "mode": "streaming"}]),
            ("stream", [APP, {"input": PROMPT}]),
            **options,
        )
        for one in (ran, polled, streamed, told):
            assert one["heads"] == [PNG], one
            assert one["answer"]["requestId"]
        numbers = [one["id"] for one in made(studio, someone.key)]
        assert [one["answer"]["requestId"] for one in (ran, polled, streamed, told)] == numbers[::-1]
        lines = [[line["message"] for line in over(one)["logs"]] for one in (polled, streamed)]
        assert lines[0] == lines[1], "a stream's lines are added up by the client"
        assert lines[0][-1] == "Completed with 1 of 1 images"

    def test_a_submit_and_what_follows(
        self, javascript: Library, studio: Studio, account: Callable[[int], Account]
    ) -> None:
        key = account(5).key
        options = {
            "input": PROMPT,
            "webhookUrl": "https://example.com/hook?a=1&b=2",
            "priority": "low",
            "hint": "lora:a",
            "startTimeout": 30,
            "headers": {"X-Fal-Store-IO": "0"},
            "storageSettings": {"expiresIn": "1h"},
        }
        with studios.paused(studio, "worker"):
            [queued] = javascript.call(base(studio.port), key, ("submit", [APP, options]))
            number = {"requestId": queued["answer"]["request_id"]}
            waiting, early = javascript.call(
                base(studio.port), key, ("status", [APP, number | {"logs": True}]), ("result", [APP, number])
            )
        assert waiting["answer"]["status"] == "IN_QUEUE"
        assert waiting["answer"]["queue_position"] >= 0
        assert (early["answer"]["error"], early["answer"]["status"]) == ("ApiError", 400)
        assert early["answer"]["body"]["detail"] == "Request is still in progress"
        [late] = javascript.call(base(studio.port), key, ("follow", [APP, number]))
        assert late["heads"] == [PNG]

    def test_cancelling_and_a_timeout_are_over_at_once(
        self, javascript: Library, studio: Studio, account: Callable[[int], Account]
    ) -> None:
        key = account(5).key
        with studios.paused(studio, "worker"):
            cancelled, late = javascript.call(
                base(studio.port),
                key,
                ("cancel", [APP, {"input": PROMPT}]),
                ("timeout", [APP, {"input": PROMPT, "timeout": 1500}]),
            )
        assert [update["status"] for update in cancelled["updates"]] == ["IN_QUEUE", "COMPLETED"]
        assert cancelled["answer"]["body"] == {"status": "ALREADY_COMPLETED"}
        assert "Client timed out" in late["answer"]["text"]
        assert over(late)["error_type"] == "client_cancelled"
        assert {one["status"] for one in made(studio, key)} == {"cancelled"}
        assert spendable(studio, key) == 5

    def test_what_goes_wrong_is_thrown_in_its_own_words(
        self, javascript: Library, studio: Studio, account: Callable[[int], Account]
    ) -> None:
        no_input, wrong, unknown, broke = javascript.call(
            base(studio.port),
            account(0).key,
            ("run", [APP, {}]),
            ("run", [APP, {"input": {**PROMPT, "seed": "x"}}]),
            ("run", ["fal-ai/nothing", {"input": PROMPT}]),
            ("submit", [APP, {"input": PROMPT}]),
        )
        for told, field in ((no_input, "prompt"), (wrong, "seed")):
            assert (told["answer"]["error"], told["answer"]["status"]) == ("ValidationError", 422)
            assert [one["loc"] for one in told["answer"]["fields"]] == [["body", field]]
            assert told["answer"]["request_id"]
        assert (unknown["answer"]["error"], unknown["answer"]["status"]) == ("ApiError", 404)
        assert broke["answer"]["status"] == 403

    @pytest.mark.parametrize("what", ["run", "submit"])
    def test_a_lost_answer_is_sent_again_and_made_once_for_one_key(
        self, javascript: Library, studio: Studio, account: Callable[[int], Account], what: str
    ) -> None:
        key = account(5).key
        with Lossy(studio.port) as proxy:
            [told] = javascript.call(
                base(proxy.port), key, (what, [APP, {"input": PROMPT}]), headers={"idempotency-key": "once"}
            )
        [generation] = made(studio, key)
        assert generation["id"] in {told["answer"].get("requestId"), told["answer"].get("request_id")}
        assert proxy.posts == 2

    def test_without_a_key_a_lost_answer_is_another_request(
        self, javascript: Library, studio: Studio, account: Callable[[int], Account]
    ) -> None:
        key = account(5).key
        with Lossy(studio.port) as proxy:
            [told] = javascript.call(base(proxy.port), key, ("run", [APP, {"input": PROMPT}]))
        assert told["heads"] == [PNG]
        assert len(made(studio, key)) == 2


def refusing(received: list[str]) -> Callable[[Request], Reply]:
    """A server that says what the application's name asks for, or a synchronous call that waited long enough."""

    def refuse(request: Request) -> Reply:
        what = request.path.rpartition("/")[2]
        received.append(what)
        sent = RequestFactory().post(request.path)
        sent.id = "0" * 32  # type: ignore[attr-defined]
        sent.resolver_match = None
        if what == "overdue":
            response = errors.overdue(sent, UUID(int=1), "https://studio.example")
        else:
            response = errors.say(sent, Trouble(Kind(what), f"what {what} is", wait=1))
        return Reply(response.status_code, response.content, dict(response.headers))

    return refuse


def test_only_what_was_not_accepted_is_sent_again(newest: Library, javascript: Library) -> None:
    for library, repeated in ((newest, set()), (javascript, {Kind.TOO_MANY, Kind.UNAVAILABLE})):
        # Python sends what was too many ten times, which takes it a minute.
        kinds = [*(kind for kind in Kind if library is javascript or kind != Kind.TOO_MANY), "overdue"]
        received: list[str] = []
        with Server(refusing(received)) as server:
            given: list[Call] = [
                ("run", asked(application=kind) if library is newest else [f"x/{kind}", {"input": PROMPT}])
                for kind in kinds
            ]
            told = library.call(base(server.port), "key", *given)
        assert all("error" in one["answer"] for one in told)
        assert {kind for kind in kinds if received.count(kind) > 1} == repeated
        assert set(received) == set(kinds)
