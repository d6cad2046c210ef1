"""The catalogues of ``config/locale``: ``python -m tests.words`` brings them up to date, ``--check`` judges them.

Django's own commands need GNU gettext, which a bare machine has not; this does the same in Python, by Babel. What is
compiled is kept beside its catalogue, so that a studio runs without either.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).parent.parent
CATALOGUES = ROOT / "config" / "locale"
CODE = ("accounts", "config", "generations")
SHIPPED = ROOT / "generations" / "catalogue.toml"  # whose notes are shown on the models' cards
TEMPLATES = (".html", ".txt")
KEYWORDS = DEFAULT_KEYWORDS | {f"{name}_lazy": spec for name, spec in DEFAULT_KEYWORDS.items()} | {"gettext_noop": None}
KEYWORDS |= {"pgettext_noop": KEYWORDS["pgettext"]}
# What Django's admin says, in pages and in scripts, and does not say in German yet.
OF_DJANGO = {
    "django": (
        "After you’ve created a user, you’ll be able to edit more user options.",  # noqa: RUF001 - Django's
        "This action will <strong>enable</strong> password-based authentication for this user.",
        "Disable password-based authentication",
        "Enable password-based authentication",
        "Password-based authentication was disabled.",
        "Set password: %s",
        "Reset password",
        "Set password",
        (
            "Whether the user will be able to authenticate using a password or not. If disabled, they may still be "
            "able to authenticate using other backends, such as Single Sign-On or LDAP."
        ),
        "Password-based authentication",
        "Enabled",
        "Disabled",
        "Raw passwords are not stored, so there is no way to see the user’s password.",  # noqa: RUF001
        "Enable password-based authentication for this user by setting a password.",
    ),
    "djangojs": (
        'Choose %s by selecting them and then select the "Choose" arrow button.',
        "Choose all %s",
        "Choose selected %s",
        "Remove selected %s",
        'Remove %s by selecting them and then select the "Remove" arrow button.',
        "(click to clear)",
        "Remove all %s",
    ),
}
FILLED = re.compile(r"%\(\w+\)[sd]|%%|\{\w*\}|<[^>]+>")  # what a translation has to have as its original has it


def template(domain: str = "django") -> Catalog:
    """Everything that is said anywhere, in the order of its files; in ``djangojs`` what scripts of Django's say."""
    found = Catalog(charset="utf-8")
    for message in OF_DJANGO[domain]:
        found.add(message, None, [("django", 1)])
    if domain == "django":
        _add_ours(found)
    return found


def _add_ours(found: Catalog) -> None:
    for path in _sources():
        for _line, message, comments, context in _said(path):
            where = path.relative_to(ROOT).as_posix()
            found.add(message, None, [(where, 1)], auto_comments=comments, context=context)
    for model in tomllib.loads(SHIPPED.read_text(encoding="utf-8"))["models"]:
        if model.get("note"):
            found.add(model["note"], None, [(SHIPPED.relative_to(ROOT).as_posix(), 1)])


def catalogues() -> Iterator[Path]:
    """The catalogues of each language."""
    yield from sorted(CATALOGUES.glob("*/LC_MESSAGES/django*.po"))


def read(path: Path) -> Catalog:
    """A catalogue as it is kept."""
    with path.open("rb") as file:
        return read_po(file, locale=path.parent.parent.name)


def compiled(catalogue: Catalog) -> bytes:
    """What Django reads of it."""
    made = BytesIO()
    write_mo(made, catalogue)
    return made.getvalue()


def update(path: Path, said: Catalog) -> None:
    """Add what is new, untranslated; drop what nobody says any more; compile the rest."""
    catalogue = read(path)
    catalogue.update(said, no_fuzzy_matching=True, update_creation_date=False)
    catalogue.obsolete.clear()
    with path.open("wb") as file:
        write_po(file, catalogue, width=110, include_lineno=False, sort_by_file=True)
    path.with_suffix(".mo").write_bytes(compiled(read(path)))


def complaints(path: Path, said: Catalog) -> Iterator[str]:
    """What a catalogue lacks, a line each."""
    catalogue = read(path)
    for message in said:
        if message.id and (kept := catalogue.get(message.id, message.context)) is None:
            yield f"missing: {message.id!r}"
        elif message.id and kept is not None:
            yield from (f"{reason}: {message.id!r}" for reason in _faults(kept))
    yield from (
        f"said nowhere: {kept.id!r}" for kept in catalogue if kept.id and said.get(kept.id, kept.context) is None
    )
    mo = path.with_suffix(".mo")
    if not mo.exists() or mo.read_bytes() != compiled(catalogue):
        yield f"{mo.name} is not what {path.name} makes"


def _sources() -> Iterator[Path]:
    for folder in CODE:
        yield from sorted(path for path in (ROOT / folder).rglob("*.py") if "migrations" not in path.parts)
    yield from sorted(path for path in (ROOT / "templates").rglob("*") if path.suffix in TEMPLATES)


def _said(path: Path) -> Iterator[tuple[int, str | tuple[str, ...], list[str], str | None]]:
    text = path.read_text(encoding="utf-8")
    if path.suffix in TEMPLATES:  # as Django turns one into something like Python; in brackets, indents mean nothing
        text = f"({templatize(text, origin=str(path))})"
    yield from extract("python", BytesIO(text.encode()), KEYWORDS, comment_tags=("Translators:",))


def _faults(message: Message) -> Iterator[str]:
    originals, texts = _forms(message.id), _forms(message.string)
    if message.fuzzy:
        yield "fuzzy"
    if not texts or not all(texts):
        yield "not translated"
        return
    may_be = [_filled(original) for original in originals]
    if any(_filled(text) not in may_be for text in texts):
        yield "filled in otherwise"
    if any(_edges(text) != _edges(originals[-1]) for text in texts):
        yield "begins or ends otherwise"


def _forms(text: str | Sequence[str] | None) -> list[str]:
    return [text] if isinstance(text, str) else list(text or ())


def _filled(text: str) -> set[str]:
    return set(FILLED.findall(text))


def _edges(text: str) -> tuple[str, str]:
    stripped = text.strip()
    return text[: text.find(stripped)], text[len(text.rstrip()) :]


def main(arguments: list[str]) -> int:
    """Update the catalogues, or with ``--check`` print what they lack; 1 when that is anything."""
    checked, lacking = "--check" in arguments, 0
    for path in catalogues():
        said = template(path.stem)
        if not checked:
            update(path, said)
        for complaint in complaints(path, said):
            print(f"{path.relative_to(ROOT)}: {complaint}")  # noqa: T201
            lacking += 1
    return int(lacking > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
