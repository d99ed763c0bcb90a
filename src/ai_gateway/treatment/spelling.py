"""A spelling of an identifier: the words, whose it is, and what else must be seen to count it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum

from ai_gateway.model import EntityType, Known, SubjectId
from ai_gateway.treatment.account_spellings import email_words, handle_words, url_words
from ai_gateway.treatment.address_spellings import address_words
from ai_gateway.treatment.allow import WordLists
from ai_gateway.treatment.name_spellings import acronym, name_words, organization_words
from ai_gateway.treatment.normalize import fold
from ai_gateway.treatment.phones import is_comparable
from ai_gateway.treatment.words import is_unspaced, split

_PERSON, _ORGANIZATION = EntityType("PERSON"), EntityType("ORGANIZATION")
_HANDLE, _ADDRESS = EntityType("HANDLE"), EntityType("ADDRESS")
_EMAIL, _PHONE = EntityType("EMAIL_ADDRESS"), EntityType("PHONE_NUMBER")
_SHORTEST_NAME, _SHORTEST_HANDLE, _SHORTEST_AS_WRITTEN = 3, 4, 5


class Needs(IntEnum):
    """What must be seen beside the words themselves; the less, the lower."""

    NOTHING = 0
    CAPITAL = 1
    AT_SIGN = 2


@dataclass(frozen=True, slots=True)
class Spelling:
    """``words`` are folded and at least one."""

    words: tuple[str, ...] = field(repr=False)
    entity: EntityType
    subject: SubjectId | None
    needs: Needs = Needs.NOTHING


def spellings_of(known: Known, subject: SubjectId, lists: WordLists) -> Iterator[Spelling]:
    """Every spelling of one person's identifiers, phones excepted (``phones`` compares those by digit)."""
    for words, entity, needs in _told(known, lists):
        if words:
            yield Spelling(words, entity, subject, needs)


def _told(known: Known, lists: WordLists) -> Iterator[tuple[tuple[str, ...], EntityType, Needs]]:
    yield from _names(known, lists)
    for email in known.emails:
        yield from ((words, entity, Needs.NOTHING) for words, entity in email_words(email, lists))
        if "@" not in fold(email):
            yield from ((words, _EMAIL, Needs.NOTHING) for words in _as_written(email, lists))
    for phone in known.phones:
        if not is_comparable(phone):
            yield from ((words, _PHONE, Needs.NOTHING) for words in _as_written(phone, lists))
    for handle in known.handles:
        yield from ((words, _HANDLE, _needs_of_handle(words, lists)) for words in handle_words(handle))
    for url in known.urls:
        yield from ((words, entity, Needs.NOTHING) for words, entity in url_words(url, lists))
    for address in known.addresses:
        yield from ((words, _ADDRESS, Needs.NOTHING) for words in address_words(address))


def _as_written(value: str, lists: WordLists) -> Iterator[tuple[str, ...]]:
    """What cannot be read as what it is told to be, if it tells anything: not *email*, not *2024*."""
    words = split(fold(value))
    joined = "".join(words)
    if len(joined) >= _SHORTEST_AS_WRITTEN and not lists.ordinary.issuperset(words):
        yield words


def _names(known: Known, lists: WordLists) -> Iterator[tuple[tuple[str, ...], EntityType, Needs]]:
    for name in known.names:
        yield from ((words, _PERSON, _needs_of_name(words, lists)) for words in name_words(name, lists))
    for organization in known.organizations:
        yield from (
            (words, _ORGANIZATION, _needs_of_name(words, lists)) for words in organization_words(organization, lists)
        )
        if letters := acronym(organization, lists):
            yield (letters,), _ORGANIZATION, Needs.CAPITAL


def _needs_of_name(words: tuple[str, ...], lists: WordLists) -> Needs:
    """Ordinary words and very short ones count only where they are written as a name."""
    if any(word not in lists.ordinary for word in words) and sum(map(len, words)) >= _SHORTEST_NAME:
        return Needs.NOTHING
    return Needs.NOTHING if is_unspaced("".join(words)) and len(words) > 1 else Needs.CAPITAL


def _needs_of_handle(words: tuple[str, ...], lists: WordLists) -> Needs:
    if len(words) == 1 and (words[0] in lists.ordinary or len(words[0]) < _SHORTEST_HANDLE):
        return Needs.AT_SIGN
    return Needs.NOTHING
