r"""Restoring JSON (RFC 8259) that arrives in pieces: tool-call arguments, structured output.

Only strings are read for pseudonyms, as what they say and not as they are written: ``\u003cCLIENT_1\u003e`` is the same
text as ``<CLIENT_1>``, and a value with quotes stays inside its string. Keys stay as they are, whatever they look like:
they belong to the tool. A pseudonym that stands bare where a value should becomes one (``{"fee": <AMOUNT_1>}``).
"""

import json
import re

from ai_gateway.protocols.restoring import Halves, InText, Restorers

_DEEPEST = 256
"""Below this, one no longer knows a key from a value: both are read."""

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,300})(?:\.[0-9]{1,300})?(?:[eE][+-]?[0-9]{1,2})?")
_BLANK = " \t\r\n"
_MARK = re.compile(r"[{}\[\],:]")
_REST_OF_STRING = re.compile(r'[^"\\]*(?:\\.[^"\\]*)*', re.DOTALL)
_ESCAPE = re.compile(r'\\(?:u([0-9a-fA-F]{4})|(["\\/bfnrt])|(u[0-9a-fA-F]{0,3}\Z|\Z)|)')
_SAYS = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_SURROGATE = re.compile("[\ud800-\udfff]")


class InJson:
    """A restorer for JSON. What begins neither an object, an array nor a string is plain text: models do write that."""

    def __init__(self, restorers: Restorers) -> None:
        self._text = InText(restorers(str))
        self._bare = restorers(_as_value)
        self._halves = Halves()
        self._begin()

    def _begin(self) -> None:
        self._plain: bool | None = None
        self._unread = ""
        self._in_string = False
        self._where = _Where()

    def feed(self, piece: str) -> str:
        return self._feed(self._halves.joined(piece))

    def finish(self) -> str:
        out = self._feed(self._halves.rest())
        rest = self._text.finish()
        if not self._plain:
            rest = _inside(rest) + self._bare.finish() + self._unread
        self._begin()
        return out + rest

    def place(self, at: int) -> int | None:  # noqa: ARG002
        """Values and escapes change lengths in many places, and nobody cites JSON."""
        return None

    def _feed(self, piece: str) -> str:
        if self._plain is None:
            first = piece.lstrip(_BLANK)[:1]
            if not first:
                return piece
            self._plain = first not in '{["'
        if self._plain:
            return self._text.feed(piece)
        raw, self._unread = self._unread + piece, ""
        out: list[str] = []
        at = 0
        while at < len(raw):
            at = self._string(raw, at, out) if self._in_string else self._between(raw, at, out)
        return "".join(out)

    def _between(self, raw: str, at: int, out: list[str]) -> int:
        """What stands outside of strings, as far as the next one's opening quote."""
        quote = raw.find('"', at)
        end = len(raw) if quote < 0 else quote
        self._where.pass_by(raw[at:end])
        out.append(self._bare.feed(raw[at:end]))
        if quote < 0:
            return end
        out += (self._bare.finish(), '"')
        self._in_string = True
        return end + 1

    def _string(self, raw: str, at: int, out: list[str]) -> int:
        """What stands inside a string, as far as its closing quote."""
        found = _REST_OF_STRING.match(raw, at)
        end = found.end() if found else at
        closed = raw[end : end + 1] == '"'
        written = raw[at:end] if closed else raw[at:]
        if self._where.key:
            out.append(self._key(written, closed=closed))
        else:
            out.append(_inside(self._text.feed(self._read(written, closed=closed))))
        if not closed:
            return len(raw)
        if not self._where.key:
            out.append(_inside(self._text.finish()))
        out.append('"')
        self._in_string = False
        return end + 1

    def _key(self, written: str, *, closed: bool) -> str:
        """As it is; but a lone backslash waits for what it escapes."""
        found = _REST_OF_STRING.match(written)
        if closed or not found:
            return written
        self._unread = written[found.end() :]
        return written[: found.end()]

    def _read(self, written: str, *, closed: bool) -> str:
        """What it says. An escape that JSON does not know says its backslash; an unfinished one waits for its rest."""

        def says(escape: re.Match[str]) -> str:
            code, letter, unfinished = escape.groups()
            if code:
                return chr(int(code, 16))
            if letter:
                return _SAYS[letter]
            if unfinished is not None and not closed:
                self._unread = escape.group()
                return ""
            return escape.group()

        return _ESCAPE.sub(says, written) if "\\" in written else written


class _Where:
    """Where in the JSON one is, as far as telling keys from values needs it."""

    def __init__(self) -> None:
        self._objects: list[bool] = []
        self._deeper = 0
        self.key = False

    def pass_by(self, between: str) -> None:
        for mark in _MARK.findall(between):
            if mark in "{[":
                self._enter(within_object=mark == "{")
            elif mark in "}]":
                self._leave()
            else:
                self.key = mark == "," and not self._deeper and bool(self._objects) and self._objects[-1]

    def _enter(self, *, within_object: bool) -> None:
        if len(self._objects) < _DEEPEST:
            self._objects.append(within_object)
            self.key = within_object
        else:
            self._deeper += 1
            self.key = False

    def _leave(self) -> None:
        if self._deeper:
            self._deeper -= 1
        elif self._objects:
            self._objects.pop()
        self.key = False


def _inside(text: str) -> str:
    """A text as it is written inside a JSON string. Halves of surrogate pairs have no other writing."""
    written = json.dumps(text, ensure_ascii=False)[1:-1]
    return _SURROGATE.sub(lambda half: f"\\u{ord(half.group()):04x}", written)


def _as_value(value: str) -> str:
    return value if _NUMBER.fullmatch(value) else f'"{_inside(value)}"'
