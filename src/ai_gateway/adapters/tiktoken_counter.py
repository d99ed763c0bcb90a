"""The one door to tiktoken: tokens as OpenAI's models see them, from encodings that are already on this machine."""

import os
from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b, sha1, sha256
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path
from threading import Lock

import tiktoken

from ai_gateway.errors import ConfigurationError
from ai_gateway.held import Held

ENCODINGS: Mapping[str, str] = {
    "cl100k_base": "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
    "o200k_base": "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
}
"""The SHA-256 (hex) of each encoding's file."""

MAX_PIECE = 16_384
"""Characters given to tiktoken at once. Beyond about a million white-space characters without a break its regular
expression overflows the stack and panics; the time for one long word grows faster than its length."""

_COUNTS_HELD = 8_192
_COUNTS_SECONDS = 3_600.0

_ADDRESS = "https://openaipublic.blob.core.windows.net/encodings/{}.tiktoken"
_FOLDER = "litellm/litellm_core_utils/tokenizers"
_SETTING = "TIKTOKEN_CACHE_DIR"


class TiktokenCounter:
    """``ports.TokenCounter``. The encodings come with litellm's wheel; it is not imported, and nothing is fetched.

    ``encodings`` are loaded at once, others of ``ENCODINGS`` when first asked for: each takes up to 45 MB of a worker.
    Raises ``ConfigurationError`` when made, for a file that is missing or not the one expected.
    """

    def __init__(self, encodings: Sequence[str] = tuple(ENCODINGS)) -> None:
        self._encodings = {name: _load(name) for name in encodings}
        self._key = os.urandom(32)
        self._counts: Held[bytes, int] = Held(most=_COUNTS_HELD, seconds=_COUNTS_SECONDS)

    def count(self, texts: Sequence[str], encoding: str) -> int:
        """As ``ports.TokenCounter``. A text longer than ``MAX_PIECE`` is counted in pieces; a cut may add a token."""
        known = self._encodings.get(encoding) or self._late(encoding)
        return sum(self._counted(known, text) for text in texts)

    def _late(self, encoding: str) -> tiktoken.Encoding:
        if encoding not in ENCODINGS:
            raise ConfigurationError(f"No encoding has this name; there are {', '.join(sorted(ENCODINGS))}.")
        self._encodings[encoding] = loaded = _load(encoding)
        return loaded

    def _counted(self, encoding: tiktoken.Encoding, text: str) -> int:
        """A prompt's own words come with every call, and many texts come again. What is kept is a count by keyed hash,
        never a text."""
        digest = blake2b(text.encode("utf-8", "surrogatepass"), key=self._key, person=_person(encoding), digest_size=16)
        place = digest.digest()
        count = self._counts.get(place)
        if count is None:
            count = sum(len(encoding.encode_ordinary(piece)) for piece in pieces(text))
            self._counts.put(place, count)
        return count


def _person(encoding: tiktoken.Encoding) -> bytes:
    return encoding.name.encode()[:16]


_LOADING = Lock()


def _load(name: str) -> tiktoken.Encoding:
    """Where tiktoken finds its files is read from the environment when it loads, and only then. It would fetch one that
    is missing and replace one that is not as expected, so both are ruled out first. Takes some 0.3 s, once."""
    folder = _folder()
    path = folder / sha1(_ADDRESS.format(name).encode(), usedforsecurity=False).hexdigest()
    if name not in ENCODINGS or not path.is_file():
        raise ConfigurationError(f"The encoding {name} is not in the installed litellm; install the locked version.")
    if sha256(path.read_bytes()).hexdigest() != ENCODINGS[name]:
        raise ConfigurationError(f"The file of the encoding {name} was changed; install litellm again.")
    with _LOADING:
        before = os.environ.get(_SETTING)
        os.environ[_SETTING] = str(folder)
        try:
            return _light(tiktoken.get_encoding(name))
        finally:
            if before is None:
                del os.environ[_SETTING]
            else:
                os.environ[_SETTING] = before


def _light(encoding: tiktoken.Encoding) -> tiktoken.Encoding:
    """Without the table it was made of: counting asks the compiled one, and this one takes 20 MB of every worker."""
    encoding._mergeable_ranks = {}  # noqa: SLF001 - nothing public lets go  # pyright: ignore[reportPrivateUsage]
    return encoding


def _folder() -> Path:
    try:
        listed = files("litellm") or []
    except PackageNotFoundError:
        listed = []
    for file in listed:
        if file.parent.as_posix() == _FOLDER:
            return Path(str(file.locate())).parent
    raise ConfigurationError("litellm is not installed, or without its encodings; install the locked version.")


def pieces(text: str) -> Iterator[str]:
    """The text in pieces of at most ``MAX_PIECE`` characters, cut before a space where there is one."""
    start = 0
    while len(text) - start > MAX_PIECE:
        end = start + MAX_PIECE
        space = text.rfind(" ", start + MAX_PIECE // 2, end)
        end = space if space > start else end
        yield text[start:end]
        start = end
    yield text[start:]
