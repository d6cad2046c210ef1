"""Every word that people read can be said in another language, and is."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from tests import words

TEMPLATES = words.ROOT / "templates"
TAGS = re.compile(
    r"\{%\s*blocktrans(?:late)?\b.*?%\}.*?\{%\s*endblocktrans(?:late)?\s*%\}"
    r"|\{%\s*block (?:\w+_class|bodyclass|coltype|here_\w+)\s*%\}.*?\{%\s*endblock\b.*?%\}"  # part of a tag
    r"|\{%\s*comment\b.*?%\}.*?\{%\s*endcomment\s*%\}|\{#.*?#\}|\{\{.*?\}\}|\{%.*?%\}",
    re.DOTALL,
)
READ_OUT = {"alt", "aria-description", "aria-label", "content", "label", "placeholder", "summary", "title"}
TRANSLATION = "django.utils.translation"
SPELT = {"code", "kbd", "pre", "script", "style"}  # programs' words
WORD = re.compile(r"[^\W\d_]{2,}")
NAMES = {
    *("Atelier", "CSV", "ID", "JPEG", "JSON", "PNG", "URL", "USD", "WebP", "POST", "px", "API", "JavaScript", "Python"),
    *("curl", "Imagen", "MO", "Sketch", "Webhooks", "Prompt", "REST", "OpenAPI"),
}


class Bare(HTMLParser):
    """Collects what a page says by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._spelt = 0

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Attributes that are read out, or shown."""
        self._spelt += tag in SPELT
        named = dict(attributes)
        if tag == "meta" and named.get("name") != "description":
            return
        for name, value in attributes:
            if name in READ_OUT or (tag, name) == ("input", "value"):
                self._look(value or "")

    def handle_endtag(self, tag: str) -> None:
        """Where programs' words end."""
        self._spelt -= tag in SPELT

    def handle_data(self, data: str) -> None:
        """Text."""
        if not self._spelt:
            self._look(data)

    def _look(self, text: str) -> None:
        self.words += [word for word in WORD.findall(text) if word not in NAMES]


def bare_words(template: str) -> list[str]:
    """What a template says in one language only."""
    page = Bare()
    page.feed(TAGS.sub("", template))
    page.close()
    return page.words


@pytest.mark.parametrize(
    "path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.relative_to(TEMPLATES).as_posix()
)
def test_templates_say_nothing_that_cannot_be_translated(path: Path) -> None:
    assert bare_words(path.read_text(encoding="utf-8")) == []


def at_once(tree: ast.Module) -> Iterator[ast.AST]:
    """What a module does as it is loaded: everything but the insides of its functions."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            waiting += ast.iter_child_nodes(node)


def frozen_words(module: str) -> list[int]:
    """The lines that translate as the module is loaded: in whatever language somebody reads at that moment."""
    tree = ast.parse(module)
    imports = [node for node in tree.body if isinstance(node, ast.ImportFrom) and node.module == TRANSLATION]
    named = {alias.asname or alias.name: alias.name for node in imports for alias in node.names}
    found = []
    for node in at_once(tree):
        filled = isinstance(node, ast.BinOp | ast.FormattedValue | ast.Attribute)  # and lazy no more
        call = getattr(node, "left", getattr(node, "value", None)) if filled else node
        said = named.get(getattr(getattr(call, "func", None), "id", ""), "")
        if said and (filled or not said.endswith(("_lazy", "_noop"))):
            found.append(getattr(node, "lineno", 0))
    return sorted(set(found))


@pytest.mark.parametrize("folder", words.CODE)
def test_modules_translate_nothing_as_they_are_loaded(folder: str) -> None:
    modules = {path: frozen_words(path.read_text(encoding="utf-8")) for path in (words.ROOT / folder).rglob("*.py")}
    assert {path: lines for path, lines in modules.items() if lines} == {}


@pytest.mark.parametrize(
    ("line", "frozen"),
    [
        ('LABEL = _("Open")', []),
        ('LABELS = {"open": [_("Open")]}', []),
        ('LABEL = _("At most %(n)s") % {"n": 4}', [2]),
        ('LABEL = f"{_(1)} it"', [2]),
        ('LABEL = _("Open {n}").format(n=4)', [2]),
        ('LABEL = gettext("Open")', [2]),
        ('class Form:\n    label = gettext("Open")', [3]),
        ('def label():\n    return gettext("Open") % 4', []),
    ],
)
def test_words_that_are_frozen_are_found(line: str, frozen: list[int]) -> None:
    head = "from django.utils.translation import gettext, gettext_lazy as _\n"
    assert frozen_words(head + line) == frozen


@pytest.mark.parametrize(
    ("template", "found"),
    [
        ("<p>Open it</p>", ["Open", "it"]),
        ('<button title="Close">{% icon "x" %}</button>', ["Close"]),
        ('<p>{% translate "Open it" %} · {{ name }}</p>', []),
        ("<p>{% blocktranslate %}Open it{% endblocktranslate %}</p>", []),
        ("<code>curl -s</code>{# Context: none. #}", []),
        ("{% block body_class %}studio{% endblock %}", []),
    ],
)
def test_bare_words_are_found(template: str, found: list[str]) -> None:
    assert bare_words(template) == found


def judged(tmp_path: Path, translation: str, *, flags: str = "", original: str = "%(n)s left") -> list[str]:
    """What is wrong with a catalogue of one message."""
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    path = folder / "django.po"
    path.write_text(f'msgid ""\nmsgstr "Language: de\\n"\n{flags}\nmsgid "{original}"\nmsgstr "{translation}"\n')
    path.with_suffix(".mo").write_bytes(words.compiled(words.read(path)))
    said = Catalog()
    said.add("%(n)s left")
    return [complaint.partition(":")[0] for complaint in words.complaints(path, said)]


@pytest.mark.parametrize(
    ("translation", "flags", "wrong"),
    [
        ("%(n)s übrig", "", []),
        ("", "", ["not translated"]),
        ("%(n)s übrig", "#, fuzzy", ["fuzzy"]),
        ("%(m)s übrig", "", ["filled in otherwise"]),
        ("übrig", "", ["filled in otherwise"]),
        ("<b>%(n)s</b> übrig", "", ["filled in otherwise"]),
        ("%(n)s übrig ", "", ["begins or ends otherwise"]),
    ],
)
def test_a_catalogue_is_judged(tmp_path: Path, translation: str, flags: str, wrong: list[str]) -> None:
    assert judged(tmp_path, translation, flags=flags) == wrong


def test_a_catalogue_lacks_what_is_new_and_keeps_nothing_old(tmp_path: Path) -> None:
    assert judged(tmp_path, "übrig", original="left") == ["missing", "said nowhere"]


def test_what_is_compiled_is_what_is_written(tmp_path: Path) -> None:
    judged(tmp_path, "%(n)s übrig")
    path = tmp_path / "de" / "LC_MESSAGES" / "django.po"
    path.with_suffix(".mo").write_bytes(b"")
    assert list(words.complaints(path, Catalog())) == [
        "said nowhere: '%(n)s left'",
        "django.mo is not what django.po makes",
    ]
