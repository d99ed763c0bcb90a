"""How people write each other's names, and those of companies."""

from collections.abc import Iterator

from ai_gateway.treatment.allow import WordLists
from ai_gateway.treatment.normalize import fold
from ai_gateway.treatment.transliterate import transliterations
from ai_gateway.treatment.words import is_unspaced, split

_PARTICLES = frozenset(
    """
    de da di do du dos das la le el al del della der den van von vom zu zur ter ten bin ibn abu bint y e
    """.split()  # noqa: SIM905  words read best as words
)
_TITLES = frozenset(
    ("mr", "mrs", "ms", "miss", "mx", "dr", "prof", "sir", "dame", "jr", "sr", "ii", "iii", "phd", "md")
)
_SHORTEST_PART, _SHORTEST_WORD, _SHORTEST_JOINED = 2, 3, 6
_FEWEST_ACRONYM_WORDS = 3
_UNSPACED_NAME = 3

Chunks = list[tuple[str, ...]]
"""A name's space-separated words; a chunk holds several where a hyphen or an apostrophe stands."""


def name_words(name: str, lists: WordLists) -> Iterator[tuple[str, ...]]:
    """A person's name whole and shortened, its parts, nicknames, initials; also as transliterated."""
    for writing in (name, *transliterations(name)):
        chunks = [chunk for chunk in (split(fold(c)) for c in writing.replace(",", " ").split()) if chunk]
        titled = chunks
        chunks = [c for c in chunks if c[0] not in _TITLES or len(chunks) == 1]
        if 0 < len(chunks) < len(titled):
            yield from _titled(titled, chunks)
        if len(chunks) == 1 and is_unspaced("".join(chunks[0])):
            yield from _unspaced_names(writing.strip())
        elif chunks:
            yield from _spaced_names(chunks, lists)


def _titled(told: Chunks, bare: Chunks) -> Iterator[tuple[str, ...]]:
    """As the marketplace tells it, and how such people are addressed: what is told with its title goes with it."""
    yield _flat(told)
    if told[0][0] in _TITLES:
        yield (*told[0], *bare[-1])
        yield (*told[0], *bare[0], *bare[-1])


def _unspaced_names(name: str) -> Iterator[tuple[str, ...]]:
    """A family name of one character, a given name of two, as in China and Korea: the given name stands alone too."""
    yield split(fold(name))
    if len(name) == _UNSPACED_NAME:
        yield split(fold(name[1:]))


def _spaced_names(chunks: Chunks, lists: WordLists) -> Iterator[tuple[str, ...]]:
    yield _flat(chunks)
    if len(chunks) > 1:
        yield from _shortened(chunks)
    for chunk in chunks:
        yield from _parts(chunk)
    for nickname in lists.nicknames.get("".join(chunks[0]), ()):
        if nickname not in lists.phrases:
            yield (nickname,)
        if len(chunks) > 1:
            yield (nickname, *chunks[-1])


def _shortened(chunks: Chunks) -> Iterator[tuple[str, ...]]:
    first, last = chunks[0], chunks[-1]
    one, other = "".join(first), "".join(last)
    yield (*first, *last)
    yield (*last, *first)
    yield (*last, *_flat(chunks[:-1]))
    yield (one[0], *last)
    if other[0] not in "ai":  # "Dana a …", "Dana I …" are sentences
        yield (*first, other[0])
    if len(chunks) > 2:  # noqa: PLR2004  there is a middle
        yield from _with_middle(chunks)
    for joined in (one + other, other + one, one[0] + other, one + other[0], "".join(_flat(chunks))):
        if len(joined) >= _SHORTEST_JOINED:
            yield (joined,)


def _with_middle(chunks: Chunks) -> Iterator[tuple[str, ...]]:
    first, middle, last = chunks[0], chunks[1:-1], chunks[-1]
    initials = tuple(c[0][0] for c in middle)
    yield (*first, *initials, *last)
    yield (first[0][0], *initials, *last)
    if any(c[0] in _PARTICLES for c in middle):
        yield _flat(chunks[1:])
        yield (first[0][0], *_flat(chunks[1:]))


def _parts(chunk: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    joined = "".join(chunk)
    if joined in _PARTICLES or len(joined) < _SHORTEST_PART:
        return
    yield chunk
    if len(chunk) > 1:
        yield (joined,)
        yield from ((word,) for word in chunk if len(word) >= _SHORTEST_WORD)


def organization_words(organization: str, lists: WordLists) -> Iterator[tuple[str, ...]]:
    """With and without its legal form, ``&`` or ``and``, in one word."""
    joined = (organization, organization.replace("&", " and "), organization.replace(" and ", " "))
    for writing in dict.fromkeys((*joined, *transliterations(organization))):
        words = split(fold(writing))
        if not words:
            continue
        core = _without_form(words, lists)
        yield words
        yield core
        if words[-1] == "llc":
            yield (*core, *"llc")
        if len(core) > 1 and len("".join(core)) >= _SHORTEST_JOINED:
            yield ("".join(core),)


def acronym(organization: str, lists: WordLists) -> str | None:
    """``bwl`` for Bright Water Labs; None for fewer than three words and for terms of the trade."""
    words = split(fold(organization))
    core = _without_form(words, lists) if words else ()
    letters = "".join(word[0] for word in core if word not in ("and", "of", "the"))
    return letters if len(letters) >= _FEWEST_ACRONYM_WORDS and letters not in lists.phrases else None


def _without_form(words: tuple[str, ...], lists: WordLists) -> tuple[str, ...]:
    """Without ``LLC``, ``GmbH`` … at the end and ``The`` at the start; never nothing."""
    core = words[1:] if words[0] == "the" and len(words) > 1 else words
    while len(core) > 1 and (core[-1] in lists.organization_suffixes or core[-1] == "and"):
        core = core[:-1]
    return core


def _flat(chunks: Chunks) -> tuple[str, ...]:
    return tuple(word for chunk in chunks for word in chunk)
