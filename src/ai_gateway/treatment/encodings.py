r"""What a text says once programs' escapes are undone: ``\u0053`` (JSON), ``%53`` (URL), ``&#83;`` (HTML)."""

import html
import re
from urllib.parse import unquote

_ROUNDS = 3
_ESCAPE = re.compile(r'\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([nrtbf/"\\]))')
_CONTROL = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}


def decoded(text: str) -> str:
    """The text with escapes undone, also escapes of escapes, three deep; the text itself when there are none."""
    for _ in range(_ROUNDS):
        plainer = _once(text)
        if plainer == text:
            break
        text = plainer
    return text


def _once(text: str) -> str:
    if "\\" in text:
        text = _ESCAPE.sub(_unescape, text)
    if "%" in text:
        text = unquote(text, errors="replace")
    if "&" in text:
        text = html.unescape(text)
    return text


def _unescape(match: re.Match[str]) -> str:
    four, two, letter = match.groups()
    if letter is not None:
        return _CONTROL.get(letter, letter)
    return chr(int(four or two, 16))
