r"""How a pseudonym is written, and every way a model may write it back.

A token is ``<KIND_number>`` or ``<KIND_number_FORM>``. Models lower its case, put spaces or escapes inside, write it in
HTML or JSON, in square brackets, or drop the brackets: ``< Client 1 >``, ``<CLIENT\_1>``, ``&lt;CLIENT_1&gt;``,
``[CLIENT_1]``, ``CLIENT_1``. The last, bare, counts only in capitals with underscores, delimited on both sides:
``client 1`` is prose. Every pattern is bounded, so a reader need never wait for more than ``LONGEST`` characters.
"""

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass
from enum import Enum

_ANY_CASE = re.IGNORECASE | re.ASCII  # the Kelvin sign is no K
_SPACE, _SEPARATOR = r"[ \t\u00a0]{0,2}", r"(?:\\?[ _\-\u00a0\u2011])"
_OPEN = r"(?:\\?<|[＜‹⟨]|&lt;|%3c|\\u003c)"  # noqa: RUF001 - models write them
_CLOSE = r"(?:\\?>|[＞›⟩]|&gt;|%3e|\\u003e)"  # noqa: RUF001
_FORM = r"(?:full|first|last|v[0-9]{1,4})"
_INNER = rf"{_SPACE}([a-z]{{2,16}}){_SEPARATOR}{{0,2}}([1-9][0-9]{{0,5}})(?:{_SEPARATOR}{{1,2}}({_FORM}))?{_SPACE}"
_ANGLED = re.compile(rf"{_OPEN}{_INNER}/?{_CLOSE}", _ANY_CASE)
_SQUARE = re.compile(rf"\\?\[{_INNER}\\?\](?!\()", _ANY_CASE)  # not a Markdown link's text
_BARE = re.compile(r"([A-Z]{2,16})\\?_([1-9][0-9]{0,5})(?:\\?_(FULL|FIRST|LAST|V[0-9]{1,4}))?(?!\w|\\_)")

# Whatever could still become one of the above: as far as the pieces came, in order.
_FORM_PART = rf"(?:{_SEPARATOR}{{0,2}}\\?(?:[a-z]{{1,5}}[0-9]{{0,4}})?)?{_SPACE}"
_OPEN_PART = r"\\|\\u|\\u0|\\u00|\\u003|&|&l|&lt|%|%3"
_SQUARE_CLOSE_PART = r"\\?\]?"
_CLOSE_PART = r"/?(?:\\u?0{0,2}3?|&g?t?|%3?)?"


def _inner_part(close: str) -> str:
    number = rf"[1-9][0-9]{{0,5}}{_FORM_PART}{close}"
    return rf"{_SPACE}(?:[a-z]{{1,16}}(?:{_SEPARATOR}{{0,2}}\\?(?:{number})?)?)?"


_ANGLED_PART = re.compile(rf"(?:{_OPEN_PART}|{_OPEN}{_inner_part(_CLOSE_PART)})\Z", _ANY_CASE)
_SQUARE_PART = re.compile(rf"(?:\\|\\?\[{_inner_part(_SQUARE_CLOSE_PART)})\Z", _ANY_CASE)
_BARE_PART = re.compile(r"[A-Z]{1,16}\\?_?[0-9]{0,6}\\?_?[A-Z]{0,5}[0-9]{0,4}\\?\Z")

_MAY_START = re.compile(r"[<＜‹⟨&%\\\[A-Z]")  # noqa: RUF001 - one class alone is searched for many times faster
_ESCAPED_EXACT = re.compile(r"\\<[A-Z]+_[0-9]+(?:_[A-Z0-9]+)?>")

LONGEST = 64
"""No writing of a pseudonym has more characters than this."""


class Undecided(Enum):
    """The text ends before one can tell."""

    UNDECIDED = "undecided"


UNDECIDED = Undecided.UNDECIDED


@dataclass(frozen=True, slots=True)
class Placeholder:
    """One writing of a pseudonym, from ``start`` to ``end``. ``stem`` is its key without the form."""

    start: int
    end: int
    key: str
    stem: str


def key_of(token: str) -> str:
    """``<CLIENT_1>`` without its delimiters."""
    return token[1:-1]


def stem_of(token: str) -> str:
    """``CLIENT_1`` of ``<CLIENT_1_FIRST>``."""
    kind, number, *_ = key_of(token).split("_")
    return f"{kind}_{number}"


def next_start(text: str, at: int) -> int:
    """Where the next placeholder could begin, at or after ``at``; the text's length when nowhere."""
    while found := _MAY_START.search(text, at):
        at = found.start()
        if not text[at].isalpha() or _begins_bare(text, at):
            return at
        at += 1
    return len(text)


def _begins_bare(text: str, at: int) -> bool:
    """Whether a capital may be the first of a bare one: no word's end before it, and a capital or nothing behind."""
    before, behind = text[at - 1 : at] if at else "", text[at + 1 : at + 2]
    return (not behind or "A" <= behind <= "Z") and not (before.isalnum() or before == "_")


def read_at(text: str, at: int, *, complete: bool) -> Placeholder | Undecided | None:
    """What stands at a place that ``next_start`` gave. Decided by the text from there on and the character before."""
    if text[at].isalpha():
        match, part, needs_more = _BARE.match(text, at), _BARE_PART, True
    elif text[at] == "[" or text[at : at + 2] == "\\[":
        match, part, needs_more = _SQUARE.match(text, at), _SQUARE_PART, True
    else:
        match, part, needs_more = _ANGLED.match(text, at), _ANGLED_PART, False
    if not complete and (match is None or (needs_more and _at_end(text, match.end()))) and part.match(text, at):
        return UNDECIDED
    return _placeholder(match) if match else None


def _at_end(text: str, end: int) -> bool:
    return end == len(text) or (text[end] == "\\" and end + 1 == len(text))


def _placeholder(match: re.Match[str]) -> Placeholder:
    kind, number, form = match.groups()
    stem = f"{kind}_{number}".upper()
    # A backslash that stood before the name is not part of an otherwise exact token: ``C:\\Users\\<CLIENT_1>``.
    start = match.start() + (1 if _ESCAPED_EXACT.fullmatch(match.group()) else 0)
    return Placeholder(start, match.end(), f"{stem}_{form}".upper() if form else stem, stem)


def placeholders(text: str, stems: Container[str]) -> Iterator[Placeholder]:
    """Those in a whole text whose stem is one of ``stems``, in order."""
    at = next_start(text, 0)
    while at < len(text):
        found = read_at(text, at, complete=True)
        if isinstance(found, Placeholder) and found.stem in stems:
            yield found
            at = next_start(text, found.end)
        else:
            at = next_start(text, at + 1)
