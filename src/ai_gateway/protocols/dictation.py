"""The text of a reply that a vendor streams, out of the events of its own protocol: what ``answer`` reads, in pieces.

Sources: OpenAI's *Chat completion chunk*, Anthropic's *Streaming messages*, Google's *models.streamGenerateContent*.
"""

from collections.abc import Callable, Iterator, Mapping

from ai_gateway.errors import VendorReplyUnreadable
from ai_gateway.protocols import event_data
from ai_gateway.protocols.account import DONE
from ai_gateway.protocols.channels import Body
from ai_gateway.protocols.protocol import Speech
from ai_gateway.protocols.shape import Json
from ai_gateway.protocols.sse import Event

_MOST_REFUSED = 20_000
_SAYS_NOTHING = frozenset({"", DONE})


class Dictation:
    """One reply. ``refused``: the model said nothing but why it would not; that is then the text, told at the end."""

    def __init__(self, speech: Speech) -> None:
        self._texts = _READERS[speech]
        self._of_openai = speech is Speech.OPENAI
        self._spoken = False
        self._refusal = ""

    @property
    def refused(self) -> bool:
        return bool(self._refusal) and not self._spoken

    def text(self, event: Event) -> str:
        """What ``event`` adds. Raises ``VendorReplyUnreadable`` for one that nobody can read, whose words would be
        missing, and for a refusal longer than any model's."""
        if event.comment or event.data.strip() in _SAYS_NOTHING:
            return ""
        body = event_data.read(event.data)
        if body is None:
            raise VendorReplyUnreadable("An event of the vendor's stream is not a JSON object.")
        if self._of_openai:
            self._refusal += _refusal(body)
            if len(self._refusal) > _MOST_REFUSED:
                raise VendorReplyUnreadable(f"The vendor's refusal is longer than {_MOST_REFUSED} characters.")
        text = "".join(self._texts(body))
        self._spoken = self._spoken or bool(text)
        return text

    def rest(self) -> str:
        """What remains to be told at the end."""
        return self._refusal if self.refused else ""


def _openai(body: Body) -> Iterator[str]:
    content = _delta(body).get("content")
    if isinstance(content, str):
        yield content
    yield from _blocks(content)


def _refusal(body: Body) -> str:
    refusal = _delta(body).get("refusal")
    return refusal if isinstance(refusal, str) else ""


def _delta(body: Body) -> Body:
    """Of the first choice; nobody asked for others."""
    for choice in _list(body.get("choices")):
        if isinstance(choice, dict) and choice.get("index", 0) == 0:
            return _object(choice.get("delta"))
    return {}


def _anthropic(body: Body) -> Iterator[str]:
    held = {"content_block_start": "content_block", "content_block_delta": "delta"}.get(str(body.get("type")), "")
    said = _object(body.get(held))
    text = said.get("text")
    if said.get("type") in ("text", "text_delta") and isinstance(text, str):
        yield text


def _gemini(body: Body) -> Iterator[str]:
    candidates = _list(body.get("candidates"))
    first = _object(candidates[0]) if candidates else {}
    yield from _blocks(_object(first.get("content")).get("parts"))


def _blocks(value: Json) -> Iterator[str]:
    """Of those blocks that are the answer: neither thinking (``thought: true``) nor of another type."""
    for block in _list(value):
        if isinstance(block, dict) and block.get("type", "text") == "text" and block.get("thought") is not True:
            text = block.get("text")
            if isinstance(text, str):
                yield text


def _object(value: Json) -> Body:
    return value if isinstance(value, dict) else {}


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


_READERS: Mapping[Speech, Callable[[Body], Iterator[str]]] = {
    Speech.OPENAI: _openai,
    Speech.ANTHROPIC: _anthropic,
    Speech.GEMINI: _gemini,
}
