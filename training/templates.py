"""Templates as they are written: family files with slots, choices and marks. README.md has the notation."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Protocol

from training.pieces import Piece

TEXTS = Path(__file__).parent / "texts"
HEADERS = ("family", "kind", "lang", "trap", "verbatim", "each")
_VALUES = {"trap": ("yes", "no"), "verbatim": ("yes", "no"), "each": ("line",)}
LANGUAGES = ("en", "es", "fr", "de", "pt", "nl", "it", "pl", "uk", "hi", "tl", "tr", "sv", "ro", "cs", "vi", "id")

_CHOICE = re.compile(r"<([^<>]*\|[^<>]*)>")
_OPEN = re.compile(r"<[^<>\n]*\|")
_PART = re.compile(
    r"\{(?:(?P<party>\d)\.)?(?P<slot>[a-z][a-z_]*(?:\.[a-z_]+)?)\}|\[\[(?P<label>[A-Z_]+) (?P<value>.*?)\]\]",
    re.DOTALL,
)


class BadTemplate(ValueError):
    """A family file that does not read; the message names file and line, and what to do."""


@dataclass(frozen=True, slots=True)
class Template:
    """``source`` with ``{slots}``, ``<choices|of phrases>`` and ``[[TYPE marks]]``; ``at`` is file and line."""

    family: str
    kind: str
    lang: str
    trap: bool
    verbatim: bool
    source: str
    at: str

    def slots(self) -> set[str]:
        """Names of all slots, without the number of the party."""
        return {found["slot"] for found in _PART.finditer(self.source) if found["slot"]}


class Filler(Protocol):
    """What a slot becomes."""

    def fill(self, slot: str, party: str | None) -> Piece:
        """Raises ``KeyError`` for a slot that does not exist."""
        ...


def render(template: Template, filler: Filler, chance: Random) -> list[Piece]:
    """The pieces of one text made of this template."""
    source = template.source
    while choice := _CHOICE.search(source):
        source = source[: choice.start()] + chance.choice(choice[1].split("|")) + source[choice.end() :]
    pieces, done = [], 0
    for part in _PART.finditer(source):
        pieces.append(Piece(source[done : part.start()]))
        done = part.end()
        pieces.append(filler.fill(part["slot"], part["party"]) if part["slot"] else Piece(part["value"], part["label"]))
    return [*pieces, Piece(source[done:])]


def read_all(folder: Path = TEXTS) -> list[Template]:
    """Every template of every file, in a fixed order."""
    return [template for file in sorted(folder.glob("*.txt")) for template in read(file)]


def read(file: Path) -> Iterator[Template]:
    """The templates of one file.

    Raises:
        BadTemplate: a header that lacks something or says what no header says, a language nobody knows, a choice
            that is left open.
    """
    header: dict[str, str] = {}
    lines: list[str] = []
    began = 0
    for number, line in enumerate([*file.read_text("utf-8").splitlines(), "%%"], 1):
        if line.startswith("%%"):
            yield from _templates(file, began, header, lines)
            header = header | dict(_said(file, number, item.partition("=")) for item in line[2:].split())
            lines, began = [], number
        elif began == 0 and line.strip():
            name, value = _said(file, number, line.partition(":"))
            if name in header:
                raise BadTemplate(f"{file.name}:{number}: {name} is said twice; write '%%' before the first text")
            header[name] = value
        elif began:
            lines.append(line)


def _said(file: Path, number: int, parts: tuple[str, str, str]) -> tuple[str, str]:
    """A name and a value of a header. Texts that lack their %% are read as one, and must not be lost without a word."""
    name, value = parts[0].strip(), parts[2].strip()
    if name not in HEADERS or not value:
        raise BadTemplate(f"{file.name}:{number}: a header says {', '.join(HEADERS)}; write '%%' before the first text")
    if value not in _VALUES.get(name, (value,)):
        raise BadTemplate(f"{file.name}:{number}: {name} is {' or '.join(_VALUES[name])}")
    return name, value


def _templates(file: Path, began: int, header: Mapping[str, str], lines: list[str]) -> Iterator[Template]:
    """Under ``each: line`` every line is a text of its own; otherwise they are one."""
    for need in ("family", "kind", "lang"):
        if need not in header:
            raise BadTemplate(f"{file.name}:{began + 1}: write '{need}: …' into the header")
    if header["lang"] not in LANGUAGES:
        raise BadTemplate(f"{file.name}:{began + 1}: lang must be one of {', '.join(LANGUAGES)}")
    texts = lines if header.get("each") == "line" else ["\n".join(lines).strip("\n")]
    for offset, text in enumerate(texts, 1):
        if text.strip():
            at = f"{file.name}:{began + offset}"
            if not _closed(text):
                raise BadTemplate(f"{at}: a choice ends in '>', a mark is '[[TYPE value]]'")
            yield Template(
                family=header["family"],
                kind=header["kind"],
                lang=header["lang"],
                trap=header.get("trap") == "yes",
                verbatim=header.get("verbatim") == "yes",
                source=text.replace("\\n", "\n").replace("\\t", "\t"),
                at=at,
            )


def _closed(text: str) -> bool:
    while (rest := _CHOICE.sub("", text)) != text:
        text = rest
    rest = _PART.sub("", text)
    return _OPEN.search(rest) is None and "[[" not in rest and "]]" not in rest
