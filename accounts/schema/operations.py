"""One operation of our API: its name, its scope, its headers, and every problem that it can answer with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from http import HTTPStatus
from inspect import cleandoc
from typing import Any

from drf_spectacular.openapi import AutoSchema
from rest_framework.permissions import IsAuthenticated

from accounts.permissions import SAFE
from accounts.problems import PROBLEMS
from accounts.rest import ApiView
from accounts.schema import callers, examples, headers, problems, shapes  # noqa: F401 - some of these are known by being loaded

ROOT = "/api/v1"
STREAM = "text/event-stream"
TAGGED = ("ETag", "Cache-Control")
VERBS = {"GET": "get", "POST": "create", "PUT": "replace", "PATCH": "update", "DELETE": "delete"}


class Operation(AutoSchema):
    """Described by its view's docstrings, ``resource`` and ``problems``."""

    view: ApiView  # type: ignore[override]  # it may be None to the base, while there is nothing to describe

    def get_operation(self, *args: Any) -> dict[str, Any] | None:
        """As the view describes it, and what goes for all."""
        operation: dict[str, Any] | None = super().get_operation(*args)
        if operation:
            answers = operation["responses"]
            for status, answer in answers.items():
                answer["headers"] = answer.get("headers", {}) | headers.given(
                    status, *self._given(status, answer, answers)
                )
                answer["description"] = answer["description"] or HTTPStatus(int(status)).phrase
            answers |= self._more_answers()
            operation["responses"] = dict(sorted(answers.items()))
            operation.setdefault("parameters", []).extend(headers.sent(*self._sent(answers)))
        return operation

    def get_operation_id(self) -> str:
        """A verb and what it is done to: ``listImages``, ``createGeneration``, ``cancelGeneration``."""
        *parents, last = self._words()
        of = "".join(_singular(word) for word in parents if not _is_name(word))
        if _is_name(last):
            return VERBS[self.method] + of
        if self.method == "POST":
            return f"create{of}{_singular(last)}" if last.endswith("s") else f"{_lower(last)}{of}"
        verb = "list" if self._is_page() else VERBS[self.method]
        return f"{verb}{of}{_capital(last)}"

    def get_tags(self) -> list[str]:
        """The first word of the address."""
        return [self._words()[0]]

    def get_summary(self) -> str:
        """The first line of the method's docstring."""
        return self._doc().partition("\n")[0].removesuffix(".").replace("`", "")

    def get_description(self) -> str:  # type: ignore[override]  # as the base of this one does
        """The rest of it, and the scope."""
        rest = self._doc().partition("\n")[2].strip()
        return f"{rest}\n\nScope: `{callers.scope_of(self)}`.".strip()

    def get_auth(self) -> list[dict[str, list[str]]]:
        """Nothing has to be sent where nobody has to be signed in."""
        auths: list[dict[str, list[str]]] = super().get_auth()
        return auths if self._needs_somebody() else [*auths, {}]

    def _words(self) -> list[str]:
        return [word for word in self.path.removeprefix(ROOT).split("/") if word] or ["root"]

    def _doc(self) -> str:
        return cleandoc(getattr(self.view, self.method.lower()).__doc__).replace("``", "`")

    def _is_page(self) -> bool:
        return type(self.get_response_serializers()).__name__.endswith("Page")

    def _needs_somebody(self) -> bool:
        return any(isinstance(permission, IsAuthenticated) for permission in self.view.get_permissions())

    def _sent(self, answers: Collection[str]) -> Iterator[str]:
        if self.method == "GET":
            yield "If-None-Match"
        if "changed_meanwhile" in self._codes():
            yield "If-Match"
        if "idempotency_conflict" in self._codes():
            yield "Idempotency-Key"
        if _may_wait(answers):
            yield "Prefer"

    def _given(self, status: str, answer: dict[str, Any], answers: Collection[str]) -> Iterator[str]:
        if self.method == "GET" and status == "200" and STREAM not in answer.get("content", {}):
            yield from TAGGED
        if "idempotency_conflict" in self._codes():
            yield "Idempotent-Replayed"
        if _may_wait(answers):
            yield "Preference-Applied"

    def _more_answers(self) -> dict[str, Any]:
        """The problems that it can answer with, by status, and what is not sent again."""
        found = defaultdict(list)
        for code in dict.fromkeys(self._codes()):
            found[str(int(PROBLEMS[code].status))].append(code)
        answers = {status: problems.answer(codes, self.registry) for status, codes in found.items()}
        if self.method == "GET":
            given = headers.given("304", *TAGGED)
            answers["304"] = {"description": "What the client has is still so.", "headers": given}
        return answers

    def _codes(self) -> Iterator[str]:
        yield from self._codes_of_sent()
        yield from ("not_authenticated", "rate_limited") if self._needs_somebody() else ()
        yield from ("invalid_key", "account_blocked", "account_leaving", "invalid_session", "missing_scope")
        yield from ["permission_denied"] if self.method not in SAFE else []
        yield from ["not_found"] if "{" in self.path else []
        yield from ("bad_request", "https_required", "not_acceptable", "internal", "unavailable")
        yield from self.view.problems.get(self.method.lower(), ())

    def _codes_of_sent(self) -> Iterator[str]:
        if self._get_request_body():  # type: ignore[no-untyped-call]
            yield from ("invalid", "parse_error", "too_large", "unsupported_media_type")
        elif any(parameter["in"] == "query" for parameter in self._get_parameters()):
            yield "invalid"


def complete(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """A hook of drf-spectacular's: the components that operations refer to, and examples."""
    components = result["components"]
    components["headers"] = headers.HEADERS
    components["parameters"] = headers.PARAMETERS
    examples.show(result)
    components["schemas"] |= {"Problem": problems.SHAPE, "ProblemError": problems.ERROR}
    return result


def _may_wait(answers: Collection[str]) -> bool:
    """Whether it answers at once or, to those who prefer that, when all is done."""
    return "200" in answers and "202" in answers


def _is_name(word: str) -> bool:
    return word.startswith("{")


def _capital(word: str) -> str:
    return "".join(part.capitalize() for part in word.replace("-", "_").split("_"))


def _lower(word: str) -> str:
    return word[0] + _capital(word)[1:]


def _singular(word: str) -> str:
    return _capital(f"{word[:-3]}y" if word.endswith("ies") else word.removesuffix("s"))
