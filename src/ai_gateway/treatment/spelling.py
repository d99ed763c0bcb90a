"""How people write the names, organisations, addresses and accounts that the marketplace knows of them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum

from ai_gateway.model import EntityType, Known, SubjectId
from ai_gateway.treatment.allow import WordLists
from ai_gateway.treatment.normalize import fold
from ai_gateway.treatment.transliterate import transliterations
from ai_gateway.treatment.words import is_unspaced, split

PERSON, EMAIL, HANDLE = EntityType("PERSON"), EntityType("EMAIL_ADDRESS"), EntityType("HANDLE")
ORGANIZATION, URL, ADDRESS = EntityType("ORGANIZATION"), EntityType("URL"), EntityType("ADDRESS")

_PARTICLES = frozenset("de da di do du dos das la le el al del della der den van von vom zu zur ter ten bin ibn abu bint y e".split())
_TITLES = frozenset("mr mrs ms miss mx dr prof sir dame jr sr ii iii iv phd md esq".split())
_GENERIC_MAILBOXES = frozenset(
    "info contact hello admin sales support office mail team hi help jobs careers billing accounts noreply me web".split()
)
_STREET_WORDS = (
    ("street", "st"), ("avenue", "ave"), ("road", "rd"), ("boulevard", "blvd"), ("drive", "dr"), ("lane", "ln"),
    ("court", "ct"), ("place", "pl"), ("square", "sq"), ("highway", "hwy"), ("parkway", "pkwy"), ("apartment", "apt"),
    ("suite", "ste"), ("north", "n"), ("south", "s"), ("east", "e"), ("west", "w"), ("strasse", "str"),
)  # fmt: skip

_SHORTEST_PART, _SHORTEST_JOINED, _SHORTEST_HANDLE, _SHORTEST_MAILBOX = 3, 6, 4, 5
_FEWEST_ACRONYM_WORDS = 3


class Needs(IntEnum):
    """What must be seen beside the words themselves; the less, the lower."""

    NOTHING = 0
    CAPITAL = 1
    AT_SIGN = 2


@dataclass(frozen=True, slots=True)
class Spelling:
    words: tuple[str, ...] = field(repr=False)
    entity: EntityType
    subject: SubjectId | None
    needs: Needs = Needs.NOTHING


def spellings_of(known: Known, subject: SubjectId, lists: WordLists) -> Iterator[Spelling]:
    """Every spelling of one person's identifiers, phones excepted (``phones`` compares those by digit)."""

    def spelled(words: tuple[str, ...], entity: EntityType, needs: Needs) -> Spelling:
        return Spelling(words, entity, subject, needs)

    for name in known.names:
        for words in _names(name, lists):
            yield spelled(words, PERSON, _needs_of_name(words, lists))
    for organization in known.organizations:
        for words in _organizations(organization, lists):
            yield spelled(words, ORGANIZATION, _needs_of_name(words, lists))
        if acronym := _acronym(organization, lists):
            yield spelled((acronym,), ORGANIZATION, Needs.CAPITAL)
    for email in known.emails:
        for words, entity in _emails(email, lists):
            yield spelled(words, entity, Needs.NOTHING)
    for handle in known.handles:
        for words in _handles(handle):
            yield spelled(words, HANDLE, _needs_of_handle(words, lists))
    for url in known.urls:
        for words, entity in _urls(url, lists):
            yield spelled(words, entity, Needs.NOTHING)
    for address in known.addresses:
        for words in _addresses(address):
            yield spelled(words, ADDRESS, Needs.NOTHING)


def _needs_of_name(words: tuple[str, ...], lists: WordLists) -> Needs:
    """Ordinary words and very short ones count only where they are written as a name."""
    if any(word not in lists.ordinary for word in words) and sum(map(len, words)) >= _SHORTEST_PART:
        return Needs.NOTHING
    return Needs.NOTHING if is_unspaced("".join(words)) and len(words) > 1 else Needs.CAPITAL


def _needs_of_handle(words: tuple[str, ...], lists: WordLists) -> Needs:
    if len(words) == 1 and (words[0] in lists.ordinary or len(words[0]) < _SHORTEST_HANDLE):
        return Needs.AT_SIGN
    return Needs.NOTHING


def _names(name: str, lists: WordLists) -> Iterator[tuple[str, ...]]:
    for writing in (name, *transliterations(name)):
        chunks = [chunk for chunk in (split(fold(c)) for c in writing.replace(",", " ").split()) if chunk]
        chunks = [c for c in chunks if c[0] not in _TITLES or len(chunks) == 1]
        if len(chunks) == 1 and is_unspaced("".join(chunks[0])):
            yield from _unspaced_names(writing)
        elif chunks:
            yield from _spaced_names(chunks, lists)


def _unspaced_names(name: str) -> Iterator[tuple[str, ...]]:
    """A family name of one character and a given name of two, as in China and Korea: the given name stands alone too."""
    bare = name.strip()
    yield split(fold(bare))
    if len(bare) == 3:  # noqa: PLR2004  the shape itself
        yield split(fold(bare[1:]))


def _spaced_names(chunks: list[tuple[str, ...]], lists: WordLists) -> Iterator[tuple[str, ...]]:
    """``chunks`` are the name's space-separated words; a chunk holds several where a hyphen or apostrophe stands."""
    whole = _flat(chunks)
    yield whole
    first, last = chunks[0], chunks[-1]
    if len(chunks) > 1:
        yield from _shortened_names(chunks)
    for chunk in chunks:
        yield from _parts(chunk)
    for nickname in lists.nicknames.get("".join(first), ()):
        if nickname not in lists.phrases:
            yield (nickname,)
        if len(chunks) > 1:
            yield (nickname, *last)


def _shortened_names(chunks: list[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    first, last = chunks[0], chunks[-1]
    one, other = "".join(first), "".join(last)
    yield (*first, *last)
    yield (*last, *first)
    yield (*last, *_flat(chunks[:-1]))
    yield (one[0], *last)
    if last[0][0] not in "ai":  # "Dana a …", "Dana I …" are sentences
        yield (*first, last[0][0])
    if len(chunks) > 2:  # noqa: PLR2004  there is a middle
        middle = chunks[1:-1]
        yield (*first, *(c[0][0] for c in middle), *last)
        yield (one[0], *(c[0][0] for c in middle), *last)
        if any(c[0] in _PARTICLES for c in middle):
            yield _flat(chunks[1:])
            yield (one[0], *_flat(chunks[1:]))
    for joined in (one + other, other + one, one[0] + other, one + other[0], "".join(_flat(chunks))):
        if len(joined) >= _SHORTEST_JOINED:
            yield (joined,)


def _parts(chunk: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    joined = "".join(chunk)
    if joined in _PARTICLES or len(joined) < _SHORTEST_PART - 1:
        return
    yield chunk
    if len(chunk) > 1:
        yield (joined,)
        for word in chunk:
            if len(word) >= _SHORTEST_PART:
                yield (word,)


def _organizations(organization: str, lists: WordLists) -> Iterator[tuple[str, ...]]:
    for writing in (organization, organization.replace("&", " and "), organization.replace(" and ", " ")):
        words = split(fold(writing))
        if not words:
            continue
        yield words
        core = _without_form(words, lists)
        yield core
        if len(core) > 1 and len("".join(core)) >= _SHORTEST_JOINED:
            yield ("".join(core),)


def _without_form(words: tuple[str, ...], lists: WordLists) -> tuple[str, ...]:
    """Without ``LLC``, ``GmbH`` … at the end and ``The`` at the start; never nothing."""
    core = words[1:] if words[0] == "the" and len(words) > 1 else words
    while len(core) > 1 and (core[-1] in lists.organization_suffixes or core[-1] in ("and", "l", "c")):
        core = core[:-1]
    return core


def _acronym(organization: str, lists: WordLists) -> str | None:
    core = _without_form(split(fold(organization)) or ("",), lists)
    letters = "".join(word[0] for word in core if word not in ("and", "of", "the"))
    return letters if len(letters) >= _FEWEST_ACRONYM_WORDS and letters not in lists.phrases else None


def _emails(email: str, lists: WordLists) -> Iterator[tuple[tuple[str, ...], EntityType]]:
    mailbox, _, domain = fold(email.strip()).rpartition("@")
    local, host = split(mailbox), split(domain)
    if not local or not host:
        return
    yield (*local, *host), EMAIL
    dotted = split(domain.replace(".", " dot "))
    yield (*local, "at", *dotted), EMAIL
    yield (*split(mailbox.replace(".", " dot ")), "at", *dotted), EMAIL
    if "".join(local) not in _GENERIC_MAILBOXES and len("".join(local)) >= _SHORTEST_MAILBOX:
        if len(local) > 1 or local[0] not in lists.ordinary:
            yield local, HANDLE
    if domain not in lists.mail_providers and domain not in lists.platforms and len(host) > 1:
        yield host, URL


def _handles(handle: str) -> Iterator[tuple[str, ...]]:
    words = split(fold(handle.strip().lstrip("@")))
    if words:
        yield words
        if len(words) > 1:
            yield ("".join(words),)


def _urls(url: str, lists: WordLists) -> Iterator[tuple[tuple[str, ...], EntityType]]:
    bare = fold(url.strip())
    bare = bare.partition("://")[2] or bare
    bare = bare.removeprefix("www.").rstrip("/")
    host, _, path = bare.partition("/")
    if words := split(bare):
        yield words, URL
    if host not in lists.platforms:
        if len(split(host)) > 1:
            yield split(host), URL
        return
    account = split(path.split("?", 1)[0].split("/")[-1])
    if account and len("".join(account)) >= _SHORTEST_HANDLE and not lists.ordinary.issuperset(account):
        yield account, HANDLE


def _addresses(address: str) -> Iterator[tuple[str, ...]]:
    short = dict(_STREET_WORDS)
    long = {abbreviation: word for word, abbreviation in _STREET_WORDS}
    street = address.replace("\n", ",").split(",", 1)[0]
    for writing in (address, street):
        words = split(fold(writing))
        if len(words) > 1 and (writing is address or any(w.isdigit() for w in words)):
            yield words
            yield tuple(short.get(w, w) for w in words)
            yield tuple(long.get(w, w) for w in words)


def _flat(chunks: list[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(word for chunk in chunks for word in chunk)
