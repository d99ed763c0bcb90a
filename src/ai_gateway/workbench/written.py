"""Personal data that an author wrote: into a prompt, where it would go to every vendor, or into examples."""

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field

from ai_gateway.documents import Position, Problem
from ai_gateway.model import EntityType, Span
from ai_gateway.policies.vocabulary import SHAREABLE
from ai_gateway.ports import Detector
from ai_gateway.prompts.prompt import Prompt

_CODE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}|<[A-Z]+(?:_[A-Z0-9]+)+>", re.DOTALL)
_RESERVED = re.compile(r"(?:^|[.@])(?:example|test|invalid|localhost|example\.(?:com|net|org))$", re.IGNORECASE)
_EMAIL, _PHONE = EntityType("EMAIL_ADDRESS"), EntityType("PHONE_NUMBER")


@dataclass(frozen=True, slots=True)
class _Text:
    """A text of the file and where it begins."""

    text: str = field(repr=False)
    at: Position
    pointer: str = ""


async def written(prompt: Prompt, detector: Detector) -> AsyncIterator[Problem]:
    """What no call brings: found in sections and descriptions. What is found is named by its type, never quoted."""
    texts = list(_own(prompt))
    found = await detector.detect([one.text for one in texts], ())
    for one, spans in zip(texts, found, strict=True):
        for span in spans:
            if span.entity not in SHAREABLE:
                what = f"holds what looks like {_named(span.entity)}"
                yield Problem(prompt.file, _place(one, span), one.pointer, what, "personal-data")


async def sampled(prompt: Prompt, detector: Detector) -> AsyncIterator[Problem]:
    """Contacts in examples and tests that are not of the ranges set apart for documentation (RFC 2606; 555 numbers)."""
    texts = [
        _Text(placed.text, Position(case.line, 1), "")
        for case in prompt.cases
        for several in case.texts.values()
        for placed in several
    ]
    texts += [
        _Text(value, Position(case.line, 1), "")
        for case in prompt.cases[:1]
        for person in case.people.values()
        for value in (*person.subject.known.emails, *person.subject.known.phones)
    ]
    found = await detector.detect([one.text for one in texts], ())
    for one, spans in zip(texts, found, strict=True):
        for span in spans:
            if _somebodys(one.text[span.start : span.end], span):
                what = f"an example or test, or its people, has {_named(span.entity)} that may be in use"
                yield Problem(prompt.file, one.at, one.pointer, what, "sample-data-real")


def _somebodys(value: str, span: Span) -> bool:
    if span.entity == _EMAIL:
        return _RESERVED.search(value) is None
    return span.entity == _PHONE and "555" not in "".join(char for char in value if char.isdigit())


def _own(prompt: Prompt) -> Iterator[_Text]:
    yield _Text(prompt.description, Position(2, 1), "/description")
    for section in prompt.sections:
        plain = _CODE.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), section.template)
        yield _Text(plain, Position(section.line, 1))
    for declared in prompt.inputs.values():
        yield _Text(declared.description, declared.at, f"/input/schema/{declared.name}")


def _place(text: _Text, span: Span) -> Position:
    before = text.text[: span.start]
    line = before.count("\n")
    column = span.start - (before.rfind("\n") + 1) + 1
    return Position(text.at.line + line, column if line or not text.pointer else text.at.column)


def _named(entity: EntityType) -> str:
    return f"{'an' if entity[0] in 'AEIO' else 'a'} {entity.replace('_', ' ').lower()}"
