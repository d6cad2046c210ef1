"""Texts as they are compared: what looks the same, or is written only a little otherwise, is the same."""

from __future__ import annotations

import re
import unicodedata

# Letters of other alphabets, and signs, that stand in for the Latin ones in what is to get past a list.
LOOKALIKES = str.maketrans(
    {
        **dict(zip("авеёкмнорстухіјѕԁһԛԝ", "abeekmhopctyxijsdhqw", strict=True)),
        **dict(zip("αβεηικνορτυχγ", "abeniknoptuxy", strict=True)),
        **dict(zip("013457@$", "oieastas", strict=True)),
        "ß": "ss",
        "\u0131": "i",
        "ł": "l",
        "ø": "o",
        "đ": "d",
    }
)
LATIN = re.compile(r"[a-z]")
WORD = re.compile(r"[^\W_]+")
PATTERN = re.compile(r"[^\W_]+\*?")
SPELT = re.compile(r"\S+")


def words(text: str) -> list[str]:
    """The words of a text, as they are compared."""
    return WORD.findall(_flat(text))


def pattern(text: str) -> list[str]:
    """The words of a rule; one that ends in a star stands for every word that begins so."""
    return PATTERN.findall(_flat(text))


def _flat(text: str) -> str:
    """Compatible forms are one (NFKC), capitals are small, marks and what has no width are gone."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    plain = "".join(sign for sign in folded if unicodedata.category(sign) not in {"Mn", "Cf"})
    return SPELT.sub(lambda spelt: _latin(spelt[0]), plain)


def _latin(spelt: str) -> str:
    """A word with lookalikes as the Latin one it looks like; a number, or a word of another alphabet, as it is."""
    return spelt.translate(LOOKALIKES) if LATIN.search(spelt) else spelt
