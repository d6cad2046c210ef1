"""How the schema speaks of errors: one shape, and for each set of codes an answer with an example of each."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from drf_spectacular.plumbing import ComponentRegistry, ResolvedComponent

from accounts.http import PROBLEM
from accounts.problems import PROBLEMS
from accounts.schema import headers

REQUEST_ID = "3f2b8f0c6d4e4b0f9a3f1c2d4e5f6a7b"
SHAPE = {
    "type": "object",
    "description": "An error as RFC 9457 describes it. Some kinds have members of their own.",
    "required": ["type", "title", "status", "code", "detail", "request_id"],
    "properties": {
        "type": {"type": "string", "description": "`about:blank`: `code` says which kind it is."},
        "title": {"type": "string", "description": "The phrase of the status."},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "code": {"type": "string", "description": "Which kind it is, for programs; new ones may come."},
        "detail": {"type": "string", "description": "What happened, for people."},
        "request_id": {"type": "string", "description": "By which our log knows the request."},
        "errors": {
            "type": "array",
            "description": "Of `invalid`: everything that is wrong.",
            "items": {"$ref": "#/components/schemas/ProblemError"},
        },
    },
    "additionalProperties": True,
}
ERROR = {
    "type": "object",
    "description": "One thing that is wrong with what was sent.",
    "required": ["pointer", "code", "detail"],
    "properties": {
        "pointer": {"type": "string", "description": "Where, as a JSON pointer: `#/prompt`."},
        "code": {"type": "string"},
        "detail": {"type": "string"},
    },
}


NAMED = 3


def answer(codes: list[str], registry: ComponentRegistry) -> dict[str, Any]:
    """What is one of these, all of one status: a reference, unless there are too many of them for a name."""
    if len(codes) > NAMED:
        return _answer(codes)
    name = "Or".join("".join(word.capitalize() for word in code.split("_")) for code in codes)
    component = ResolvedComponent(name, ResolvedComponent.RESPONSE, _answer(codes), object=name)  # type: ignore[no-untyped-call]
    registry.register_on_missing(component)
    return component.ref


def _answer(codes: list[str]) -> dict[str, Any]:
    status = PROBLEMS[codes[0]].status
    content = {
        "schema": {"$ref": "#/components/schemas/Problem"},
        "examples": {code: {"summary": PROBLEMS[code].sentence, "value": _example(code)} for code in codes},
    }
    sentences = "\n".join(f"- `{code}`: {PROBLEMS[code].sentence}" for code in codes)
    return {
        "description": sentences,
        "headers": headers.given(str(int(status))),
        "content": {PROBLEM: content},
    }


def _example(code: str) -> dict[str, Any]:
    status, sentence = PROBLEMS[code]
    errors = [{"pointer": "#/count", "code": "max_value", "detail": "Ensure this value is less than or equal to 4."}]
    return {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": int(status),
        "code": code,
        "detail": sentence,
        "request_id": REQUEST_ID,
        **({"errors": errors} if code == "invalid" else {}),
    }
