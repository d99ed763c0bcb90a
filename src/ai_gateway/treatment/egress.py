"""The last check: reads the final outbound bytes, and lets nothing go in which an identifier stands.

It believes nothing of what was done before. What it knows to be the gateway's own (the vendor's host, protocol field
names, credentials, the model's name, pseudonyms, and what the prompt's author wrote, where it stands whole) is not what
a person said, and everything else is.
"""

import json
import re
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from ai_gateway.errors import EgressRefused
from ai_gateway.model import BudgetedPrompt, ClearedOutbound, Outbound
from ai_gateway.treatment.identifiers import Hit, Identifiers, identifiers_of, views
from ai_gateway.treatment.markers import redacted
from ai_gateway.treatment.normalize import fold

_MOST_PLACES = 10
_APART = " \n\n "
"""Stands where the gateway's own words were, so that what was around them does not read as neighbours."""

_FIELDS = frozenset(
    "model messages role content type text parts contents system input instructions max_tokens max_output_tokens "  # noqa: SIM905
    "max_completion_tokens temperature top_p top_k seed stream stop store n frequency_penalty presence_penalty "
    "generationConfig maxOutputTokens topP topK frequencyPenalty presencePenalty systemInstruction system_instruction "
    "random_seed safe_prompt stream_options include_usage response_format".split()
)
_OWN_WORDS = frozenset(
    {"system", "user", "assistant", "developer", "model", "text", "input_text", "output_text", "message"}
)
_OWN_HEADERS = frozenset(
    "accept accept-encoding anthropic-version api-key authorization connection content-length content-type host "  # noqa: SIM905
    "user-agent x-api-key x-goog-api-key".split()
)


_OWN = re.compile(r"<[A-Z]{2,16}_[0-9]{1,6}(?:_[A-Z0-9]{1,5})?>|\[redacted: [A-Za-z0-9 ]{2,40}\]")


class _Own:
    """Pseudonyms and markers, exactly as treatment wrote them. Any other that looks like one is a person's word."""

    def __init__(self, prompt: BudgetedPrompt) -> None:
        tokens = (pseudonym.token for pseudonym in prompt.treated.pseudonyms)
        self._words = frozenset((*tokens, *map(redacted, prompt.treated.entities)))

    def apart(self, text: str) -> str:
        return _OWN.sub(self._replaced, text)

    def _replaced(self, match: re.Match[str]) -> str:
        return _APART if match.group() in self._words else match.group()


class _Pairs(list[tuple[str, object]]):
    """A JSON object as it is written: a repeated key hides nothing."""


_PAIRS = json.JSONDecoder(object_pairs_hook=_Pairs, parse_int=str, parse_float=str)


def clear(outbound: Outbound, prompt: BudgetedPrompt) -> ClearedOutbound:
    """The only maker of ``ClearedOutbound``.

    1. Read the body; what is no JSON is refused.  2. Look through every key and value, escapes undone, also those of
    JSON inside texts.  3. Look through the URL and the headers.  Raises ``EgressRefused``, with places and a count.
    """
    identifiers = identifiers_of(prompt.treated.identifiers)
    own = _Own(prompt)
    places = [
        place
        for place, text in (*_leaves(_parsed(outbound.body), ""), *_address(outbound), *_headers(outbound))
        if not _is_own(place, text, outbound) and _speaks(own.apart(text), identifiers, prompt)
    ]
    if places:
        raise EgressRefused(
            "The outbound request still holds an identifier of a person, so nothing was sent; the places say where.",
            places=places[:_MOST_PLACES],
            count=len(places),
        )
    return ClearedOutbound(outbound=outbound, prompt=prompt)


def _parsed(body: bytes) -> object:
    try:
        read: object = _PAIRS.decode(body.decode("utf-8"))
    except (ValueError, RecursionError):
        raise EgressRefused("The outbound body is no JSON that can be read, so nothing was sent.") from None
    return read


def _leaves(value: object, place: str) -> Iterator[tuple[str, str]]:
    """Every text, number and unknown key, each with a JSON pointer that names known fields only."""
    match value:
        case str():
            yield place, value
        case _Pairs():
            for key, inner in value:
                at = f"{place}/{key}" if key in _FIELDS else f"{place}/*"
                if key not in _FIELDS:
                    yield at, key
                yield from _leaves(inner, at)
        case list():
            for index, inner in enumerate(value):
                yield from _leaves(inner, f"{place}/{index}")
        case _:
            pass


def _address(outbound: Outbound) -> Iterator[tuple[str, str]]:
    """All of the URL but its scheme and host, which configuration gives, and the model's name."""
    url = urlsplit(outbound.url)
    host = url.hostname or ""
    yield "url", outbound.url.partition("://")[2].lower().replace(host, " ", 1).replace(outbound.model.lower(), " ")


def _headers(outbound: Outbound) -> Iterator[tuple[str, str]]:
    for number, (name, value) in enumerate(outbound.headers.items()):
        if name.lower() not in _OWN_HEADERS:
            yield f"headers[{number}]", f"{name}\n\n{value}"


def _is_own(place: str, text: str, outbound: Outbound) -> bool:
    return text in _OWN_WORDS or (text == outbound.model and place.endswith("/model"))


def _speaks(text: str, identifiers: Identifiers, prompt: BudgetedPrompt) -> bool:
    """Whether an identifier stands in the text that is not the prompt author's word."""
    for view in views(text):
        for hit in identifiers.hits(view):
            if not _is_authors(hit, view, prompt.fixed_text) or _is_in_items(hit, prompt):
                return True
    return False


def _is_authors(hit: Hit, view: str, fixed_text: Sequence[str]) -> bool:
    """Whether the place lies within a literal of the template, whole, or a parameter's value."""
    for literal in fixed_text:
        written = fold(literal).strip()
        at = view.find(written) if written else -1
        while 0 <= at <= hit.start:
            if hit.end <= at + len(written):
                return True
            at = view.find(written, at + 1)
    return False


def _is_in_items(hit: Hit, prompt: BudgetedPrompt) -> bool:
    """A text that a person wrote is never excused by what the template says."""
    own = _Own(prompt)
    same = Identifiers([("@" if hit.identifier.signed else "") + " ".join(hit.identifier.words)])
    return any(same.are_in(own.apart(item.text)) for item in prompt.items)
