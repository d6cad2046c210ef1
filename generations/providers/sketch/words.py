"""From a prompt to a brief: which words were used, and what they ask for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from generations.providers.sketch import vocabulary
from generations.providers.sketch.brief import Brief
from generations.providers.sketch.palettes import NAMED
from generations.providers.sketch.stage import chance

_WORD = re.compile(r"[^\W_]+")
_JOINTS = frozenset({"", "on", "in", "at", "and", "or", "with", "by", "under", "beside", "from", "cut", "slice"})
_ARTICLES = frozenset({"a", "an", "one", "two", "three", "some", "of", "the", "single"})


def _inverted(*tables: dict[str, str]) -> dict[str, str]:
    """From each word to the term it means; earlier terms win."""
    found: dict[str, str] = {}
    for table in tables:
        for term, words in table.items():
            for word in words.split():
                found.setdefault(word, term)
    return found


_SCENE = _inverted(vocabulary.SCENES)
_FAINT = _inverted(vocabulary.FAINT)
_SUBJECT = _inverted(vocabulary.SUBJECTS)
_TIME = _inverted(vocabulary.TIMES)
_WEATHER = _inverted(vocabulary.WEATHERS)
_SEASON = _inverted(vocabulary.SEASONS)
_STYLE = _inverted(vocabulary.STYLES)
_FRUIT = _inverted(vocabulary.FRUITS)
_COLOUR = {**_inverted(vocabulary.COLOUR_WORDS), **{word: word for word in NAMED}}

# Where a subject stands when the prompt names no place that could hold it, and the places that can.
_HOMES: dict[str, tuple[str, frozenset[str]]] = {
    "fox": ("hill", frozenset({"hill", "forest", "meadow", "dunes"})),
    "cat": ("hill", frozenset({"hill", "meadow"})),
    "deer": ("forest", frozenset({"hill", "forest", "meadow", "lake"})),
    "bird": ("branch", frozenset({"branch"})),
    "boat": ("sea", frozenset({"sea", "lake"})),
    "paperboat": ("sea", frozenset({"sea", "lake"})),
    "lighthouse": ("headland", frozenset({"headland"})),
    "cabin": ("hill", frozenset({"hill", "lake", "meadow", "aurora"})),
    "tree": ("hill", frozenset({"hill", "meadow"})),
    "balloon": ("farmland", frozenset({"farmland", "mountains", "dunes", "sea", "lake", "meadow"})),
    "person": ("hill", frozenset({"hill", "dunes", "meadow", "forest", "arches"})),
}

# What an unknown prompt may become: scenes that please whatever was meant.
_OPEN = (
    "mountains",
    "marbling",
    "sea",
    "botanicals",
    "colourfield",
    "dunes",
    "cutouts",
    "arches",
    "lake",
    "nebula",
    "vessels",
    "forest",
)


def words_of(text: str) -> list[str]:
    """The words of a text: lower case, accents removed, set phrases joined."""
    plain = unicodedata.normalize("NFKD", text.lower().replace("ß", "ss").replace("-", " "))
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    spaced = f" {' '.join(_WORD.findall(plain))} "
    for phrase in sorted(vocabulary.PHRASES, key=len, reverse=True):
        spaced = spaced.replace(f" {phrase} ", f" {vocabulary.PHRASES[phrase]} ")
    return spaced.split()


def describe(prompt: str, negative_prompt: str = "") -> Brief:
    """Read a prompt: the scene, the subject, light, weather, colours and manner it asks for."""
    wanted, refused = _parted(words_of(prompt))
    without = _motifs([*refused, *words_of(negative_prompt)])
    motifs = _shown(wanted) - without
    subject = "" if "people" in without else _first(wanted, _SUBJECT)
    subject = _first([w for w in wanted if _SUBJECT.get(w) != "person"], _SUBJECT) or subject
    scene, known = _scene(wanted, subject, prompt)
    colours, own = _colours(wanted, subject, without)
    if subject and scene not in _HOMES[subject][1]:
        subject = ""
    weather = _first([w for w in wanted if _WEATHER.get(w) not in without], _WEATHER)
    return Brief(
        scene=scene,
        subject=subject,
        time=_time(wanted, colours, without),
        weather=weather,
        season=_first(wanted, _SEASON),
        style=_style(wanted, scene),
        colours=colours,
        subject_colour=own,
        motifs=frozenset(motifs),
        without=frozenset(without),
        known=known,
    )


def _parted(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """What the prompt wants, and what follows its "no" and "without"."""
    wanted: list[str] = []
    refused: list[str] = []
    for i, word in enumerate(words):
        before = words[i - 1] if i else ""
        if before in vocabulary.NEGATIONS:
            refused.append(word)
        elif word not in vocabulary.NEGATIONS:
            wanted.append(word)
    return wanted, refused


def _stems(word: str) -> Iterable[str]:
    yield word
    if word.endswith("ies"):
        yield word[:-3] + "y"
    if word.endswith("es"):
        yield word[:-2]
    if word.endswith("s"):
        yield word[:-1]


def _meaning(word: str, table: dict[str, str]) -> str:
    return next((table[stem] for stem in _stems(word) if stem in table), "")


def _first(words: Iterable[str], table: dict[str, str]) -> str:
    return next((meaning for meaning in (_meaning(word, table) for word in words) if meaning), "")


def _motifs(words: Sequence[str]) -> set[str]:
    found = set()
    for word in words:
        for term, names in vocabulary.MOTIFS.items():
            if not set(_stems(word)).isdisjoint([term, *names.split()]):
                found.add(term)
        found |= {term for term in (_meaning(word, _TIME), _meaning(word, _COLOUR)) if term}
    return found


def _shown(words: Sequence[str]) -> set[str]:
    """The motifs of a picture: what could be a colour or a fruit is a fruit only where the words say so."""
    return _motifs(words) - set(vocabulary.FRUIT_NAMES) | _fruits(words)


def _fruits(words: Sequence[str]) -> set[str]:
    found = {fruit for fruit in (_meaning(word, _FRUIT) for word in words) if fruit}
    for i, word in enumerate(words):
        single = next((stem for stem in _stems(word) if stem in vocabulary.FRUIT_NAMES), "")
        follows = words[i + 1] if i + 1 < len(words) else ""
        alone = follows in _JOINTS
        if single and (word != single or (alone and i > 0 and words[i - 1] in _ARTICLES)):
            found.add(vocabulary.FRUIT_NAMES[single])
    return found


def _scene(words: Sequence[str], subject: str, prompt: str) -> tuple[str, bool]:
    named = [meaning for meaning in (_meaning(word, _SCENE) for word in words) if meaning]
    if _fruits(words):
        named.append("fruit")
    if "rain" in {_meaning(word, _WEATHER) for word in words} and "rainwindow" in named:
        return "rainwindow", True
    if subject:
        home, places = _HOMES[subject]
        return next((scene for scene in named if scene in places), home), True
    if named:
        return _preferred(named), True
    faint = _first(words, _FAINT)
    if faint:
        return faint, True
    return _OPEN[int(chance("scene", prompt.strip()).integers(len(_OPEN)))], False


def _preferred(named: Sequence[str]) -> str:
    """The place that holds the others: a lake holds its mountains, an aurora the land under it."""
    for scene in ("aurora", "planet", "fruit", "lake", "city"):
        if scene in named:
            return scene
    return named[0]


def _colours(words: Sequence[str], subject: str, without: set[str]) -> tuple[tuple[str, ...], str]:
    """The colours the picture takes, and the one that belongs to the subject alone."""
    colours: list[str] = []
    own = ""
    fruits = _fruits(words)
    for i, word in enumerate(words):
        colour = _meaning(word, _COLOUR) if word in _COLOUR or word.rstrip("s") in NAMED else ""
        if not colour or colour in without or (word.rstrip("s") in vocabulary.FRUIT_NAMES and fruits):
            continue
        nouns = [_meaning(after, _SUBJECT) for after in words[i + 1 : i + 3]]
        if subject and subject in nouns:
            own = own or colour
        elif colour not in colours:
            colours.append(colour)
    return tuple(colours[:4]), own


def _time(words: Sequence[str], colours: Sequence[str], without: set[str]) -> str:
    time = _first([word for word in words if _TIME.get(word) not in without], _TIME)
    dark = {"stars", "moon", "lantern"} & (_motifs(words) - without) or "black" in colours
    return time or ("night" if dark and "night" not in without else "")


def _style(words: Sequence[str], scene: str) -> str:
    style = _first(words, _STYLE)
    return "" if style == "papercut" and scene == "cutouts" else style
