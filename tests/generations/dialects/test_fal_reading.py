"""fal's input and what is wrong with it, in pydantic's words."""

from __future__ import annotations

from typing import Any

import pytest

from generations.providers.fal.reading import Input, Invalid, read

PROMPT = {"prompt": "a lighthouse at dusk"}
RATIOS = "'1:1', '3:4', '4:3', '9:16' or '16:9'"


def wrong(body: dict[str, Any]) -> list[dict[str, Any]]:
    with pytest.raises(Invalid) as raised:
        read(body)
    return raised.value.details


def test_only_the_prompt_is_required() -> None:
    assert read(PROMPT) == Input("a lighthouse at dusk")


@pytest.mark.parametrize(
    ("given", "read_as"),
    [
        ({"num_images": "2"}, {"num_images": 2}),
        ({"num_images": 2.0}, {"num_images": 2}),
        ({"num_images": True}, {"num_images": 1}),
        ({"seed": None}, {"seed": None}),
        ({"seed": 0}, {"seed": 0}),
        ({"seed": 2**32 - 1}, {"seed": 2**32 - 1}),
        ({"sync_mode": "true"}, {"sync_mode": True}),
        ({"sync_mode": 0}, {"sync_mode": False}),
        ({"sync_mode": "No"}, {"sync_mode": False}),
        ({"safety_tolerance": "6"}, {"safety_tolerance": "6"}),
        ({"enable_safety_checker": object()}, {}),
    ],
)
def test_a_value_is_taken_as_pydantic_takes_it(given: dict[str, Any], read_as: dict[str, Any]) -> None:
    assert read(PROMPT | given) == Input(**(PROMPT | read_as))


@pytest.mark.parametrize(
    ("given", "kind", "text"),
    [
        ({"prompt": 7}, "string_type", "Input should be a valid string"),
        ({"prompt": None}, "string_type", "Input should be a valid string"),
        ({"prompt": ["a"]}, "string_type", "Input should be a valid string"),
        ({"prompt": ""}, "string_too_short", "String should have at least 1 character"),
        ({"prompt": " \n"}, "string_too_short", "String should have at least 1 character"),
        ({"prompt": "x" * 4001}, "string_too_long", "String should have at most 4000 characters"),
        ({"negative_prompt": False}, "string_type", "Input should be a valid string"),
        ({"aspect_ratio": "2:1"}, "literal_error", f"Input should be {RATIOS}"),
        ({"aspect_ratio": None}, "literal_error", f"Input should be {RATIOS}"),
        ({"aspect_ratio": ["1:1"]}, "literal_error", f"Input should be {RATIOS}"),
        ({"resolution": "8K"}, "literal_error", "Input should be '1K' or '2K'"),
        ({"output_format": "gif"}, "literal_error", "Input should be 'png', 'jpeg' or 'webp'"),
        ({"safety_tolerance": 4}, "literal_error", "Input should be '1', '2', '3', '4', '5' or '6'"),
        ({"num_images": 0}, "greater_than_equal", "Input should be greater than or equal to 1"),
        ({"num_images": 5}, "less_than_equal", "Input should be less than or equal to 4"),
        (
            {"num_images": "two"},
            "int_parsing",
            "Input should be a valid integer, unable to parse string as an integer",
        ),
        ({"num_images": "9" * 5000}, "int_parsing", None),
        ({"num_images": "٢"}, "int_parsing", None),
        (
            {"num_images": 1.5},
            "int_from_float",
            "Input should be a valid integer, got a number with a fractional part",
        ),
        ({"num_images": float("inf")}, "int_from_float", None),
        ({"num_images": float("nan")}, "int_from_float", None),
        ({"num_images": None}, "int_type", "Input should be a valid integer"),
        ({"num_images": {}}, "int_type", None),
        ({"seed": -1}, "greater_than_equal", None),
        ({"seed": 2**32}, "less_than_equal", None),
        ({"seed": 10**400}, "less_than_equal", None),
        ({"sync_mode": "maybe"}, "bool_type", "Input should be a valid boolean"),
        ({"sync_mode": 2}, "bool_type", None),
        ({"sync_mode": []}, "bool_type", None),
    ],
)
def test_a_value_that_cannot_be_is_named(given: dict[str, Any], kind: str, text: str | None) -> None:
    [detail] = wrong(PROMPT | given)
    assert detail["loc"] == ["body", *given]
    assert detail["type"] == kind
    assert text in {None, detail["msg"]}
    assert detail["url"] == f"https://docs.fal.ai/errors#{kind}"


def test_limits_are_told_to_programs_too() -> None:
    assert wrong(PROMPT | {"num_images": 9})[0]["ctx"] == {"le": 4}
    assert wrong(PROMPT | {"resolution": "8K"})[0]["ctx"] == {"expected": "'1K' or '2K'"}


def test_everything_that_is_wrong_is_said_at_once_and_no_prompt_is_repeated() -> None:
    details = wrong({"num_images": 9, "seed": "x", "negative_prompt": "secret " * 1000})
    assert [(detail["loc"][1], detail["type"]) for detail in details] == [
        ("prompt", "missing"),
        ("negative_prompt", "string_too_long"),
        ("num_images", "less_than_equal"),
        ("seed", "int_parsing"),
    ]
    assert "secret" not in str(details)
