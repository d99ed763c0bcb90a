"""Known identifiers: the marketplace says who the parties are, and none of their identifiers may leave.

An index maps the first word of every spelling to the spellings that start with it, so finding takes one look-up per
word of the text. Building one takes a millisecond or two, so callers may keep it for a short while: whoever keeps one
keeps personal text in memory, and lets it go in time.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ai_gateway.model import EntityType, Span, SubjectId
from ai_gateway.ports import Party
from ai_gateway.treatment.allow import WordLists
from ai_gateway.treatment.normalize import fold
from ai_gateway.treatment.phones import KnownPhone, find_phones, known_phones, written_forms
from ai_gateway.treatment.spelling import Needs, Spelling, spellings_of
from ai_gateway.treatment.words import Reading
from ai_gateway.treatment.writing import is_written_as_a_name

_AT_SIGNS = "@\uff20\ufe6b"
_PHONE = EntityType("PHONE_NUMBER")


@dataclass(frozen=True, slots=True)
class KnownIndex:
    by_first_word: Mapping[str, Sequence[Spelling]] = field(repr=False)
    phones: Sequence[KnownPhone] = field(repr=False)


def index(parties: Sequence[Party], lists: WordLists) -> KnownIndex:
    """A spelling that two people share belongs to neither: its ``subject`` is None."""
    spellings: dict[tuple[str, ...], Spelling] = {}
    phones: dict[str, KnownPhone] = {}
    for party in parties:
        for spelling in spellings_of(party.known, party.id, lists):
            if spelling.words:
                spellings[spelling.words] = _joined(spellings.get(spelling.words), spelling)
        for phone in known_phones(party.known.phones, party.id):
            shared = phone.digits in phones and phones[phone.digits].subject != phone.subject
            phones[phone.digits] = KnownPhone(phone.digits, None) if shared else phone
    by_first_word: dict[str, list[Spelling]] = {}
    for spelling in sorted(spellings.values(), key=lambda s: -len(s.words)):
        by_first_word.setdefault(spelling.words[0], []).append(spelling)
    return KnownIndex(by_first_word, tuple(phones.values()))


def _joined(before: Spelling | None, new: Spelling) -> Spelling:
    if before is None:
        return new
    subject = before.subject if before.subject == new.subject else None
    return Spelling(new.words, before.entity, subject, min(before.needs, new.needs))


def find(text: str, reading: Reading, known: KnownIndex) -> list[Span]:
    """Spans in the original text; longest at each place, overlaps left to ``resolve``."""
    return [*find_words(text, reading, known.by_first_word), *_find_phones(reading, known.phones)]


def find_words(
    text: str, reading: Reading, by_first_word: Mapping[str, Sequence[Spelling]], *, found_by: str = "known"
) -> Iterator[Span]:
    """Where the spellings stand, each list of them longest first; spans are in the original text."""
    for at in reading.where(by_first_word):
        for spelling in by_first_word[reading.words[at]]:
            if not reading.stands(at, spelling.words):
                continue
            start, stop = reading.start(at), reading.end(at + len(spelling.words) - 1)
            start, end = reading.view.original(start, stop)
            signed = start > 0 and text[start - 1] in _AT_SIGNS
            if spelling.needs == Needs.CAPITAL and not is_written_as_a_name(text, start, end):
                continue
            if spelling.needs == Needs.AT_SIGN and not signed:
                continue
            if spelling.entity == "HANDLE" and signed:
                start -= 1
            yield Span(start=start, end=end, entity=spelling.entity, found_by=found_by, subject=spelling.subject)
            break


def _find_phones(reading: Reading, phones: Sequence[KnownPhone]) -> Iterator[Span]:
    folded = reading.view.text
    for start, stop, subject in find_phones(folded, phones):
        begin, end = reading.view.original(_with_sign(folded, start), stop)
        yield Span(start=begin, end=end, entity=_PHONE, found_by="known", subject=subject)


def _with_sign(folded: str, start: int) -> int:
    while start and folded[start - 1] in "+(":
        start -= 1
    return start


def spellings(parties: Sequence[Party], known: KnownIndex) -> frozenset[str]:
    """Every string that may not leave, folded; only such as ``find`` finds wherever they stand as whole words.

    ``known`` is the index of these parties.
    """
    found: set[str] = set()
    for spelling in _always(known.by_first_word.values()):
        sign = "@" if spelling.needs == Needs.AT_SIGN else ""
        found.add(sign + " ".join(spelling.words))
    for party in parties:
        found.update(fold(form) for number in party.known.phones for form in written_forms(number))
        found.update(fold(email.strip()) for email in party.known.emails if email.partition("@")[2].strip())
    return frozenset(found)


def _always(groups: Iterable[Sequence[Spelling]]) -> Iterator[Spelling]:
    return (s for group in groups for s in group if s.needs != Needs.CAPITAL)


def subject_of(spans: Iterable[Span]) -> SubjectId | None:
    """The one person all known spans among these belong to, if it is one."""
    subjects = {span.subject for span in spans if span.subject is not None}
    return subjects.pop() if len(subjects) == 1 else None
