"""Whether a word is one of everyday English, in any of its forms, and whether people are called so."""

from collections.abc import Mapping

from ai_gateway.treatment.allow import WordLists
from ai_gateway.treatment.normalize import fold
from ai_gateway.treatment.words import split

_ENDINGS = (
    ("ies", "y"), ("ied", "y"), ("ier", "y"), ("iest", "y"), ("ily", "y"), ("iness", "y"), ("s", ""), ("es", ""),
    ("men", "man"), ("d", ""), ("ed", ""), ("ing", ""), ("ing", "e"), ("ings", ""), ("ings", "e"), ("r", ""),
    ("er", ""), ("rs", ""),
    ("ers", ""), ("st", ""), ("est", ""), ("y", ""), ("y", "e"), ("ly", ""), ("ness", ""), ("ment", ""), ("ments", ""),
    ("less", ""), ("ful", ""), ("fully", ""), ("able", ""), ("able", "e"), ("ation", ""), ("ation", "e"), ("ion", ""),
    ("ion", "e"), ("ions", ""), ("ions", "e"), ("ity", ""), ("ity", "e"), ("al", ""), ("ally", ""), ("ive", ""),
    ("ive", "e"), ("or", ""), ("or", "e"), ("ors", ""), ("ors", "e"), ("ance", ""), ("ence", ""), ("ship", ""),
    ("hood", ""), ("wise", ""), ("ish", ""),
)  # fmt: skip
_BEGINNINGS = ("un", "re", "non", "pre", "over", "mis", "out", "dis", "in", "im", "ir", "sub", "inter", "co", "under")
_BY_LAST_LETTER: Mapping[str, list[tuple[str, str]]] = {
    letter: [pair for pair in _ENDINGS if pair[0][-1] == letter] for letter in {ending[-1] for ending, _ in _ENDINGS}
}
_ALL_ENDINGS = tuple({ending for ending, _ in _ENDINGS})
_SHORTEST_STEM, _SHORTEST_DOUBLED = 3, 4
_LONGEST_WORD = 32


def is_common(word: str, lists: WordLists) -> bool:
    """``word`` is folded: ``flew``, ``stopped``, ``reordering``. A given name is not common, whatever else it means."""
    if word in lists.given_names or len(word) > _LONGEST_WORD:
        return False
    return _is_word(word, lists.common, lists.ordinary)


def are_common(value: str, lists: WordLists) -> bool:
    """Whether every word of a text is common or a term of the trade."""
    return all(is_common(word, lists) or word in lists.phrases or word in lists.foreign for word in split(fold(value)))


def _is_word(word: str, common: frozenset[str], ordinary: frozenset[str]) -> bool:
    """Nothing is remembered: what is looked up here may be somebody's name."""
    return _is_form(word, common, ordinary) or (word.startswith(_BEGINNINGS) and _is_begun(word, common, ordinary))


def _is_begun(word: str, common: frozenset[str], ordinary: frozenset[str]) -> bool:
    return any(
        word.startswith(beginning)
        and len(word) - len(beginning) > _SHORTEST_STEM
        and _is_form(word[len(beginning) :], common, ordinary)
        for beginning in _BEGINNINGS
    )


def _is_form(word: str, common: frozenset[str], ordinary: frozenset[str]) -> bool:
    if word in common or word in ordinary:
        return True
    if not word.endswith(_ALL_ENDINGS):
        return False
    for ending, instead in _BY_LAST_LETTER.get(word[-1:], ()):
        if not word.endswith(ending) or len(word) - len(ending) < _SHORTEST_STEM:
            continue
        stem = word[: -len(ending)]
        if stem + instead in common or stem + instead in ordinary:
            return True
        doubled = not instead and len(stem) >= _SHORTEST_DOUBLED and stem[-1] == stem[-2]
        if doubled and (stem[:-1] in common or stem[:-1] in ordinary):
            return True
    return False
