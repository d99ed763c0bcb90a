"""New words like those of a list: each letter drawn from what follows the two before it there.

A tagger that meets the same few thousand names again and again learns the names; of names that nobody has written down
it learns where names stand and how they are built.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from random import Random

_BEFORE, _END = "\0\0", "\0"
_FEWEST_WORDS, _FEWEST_LETTERS, _MOST_LETTERS = 8, 4, 13
_TRIES = 40


def like(words: tuple[str, ...], chance: Random, *, none_of: frozenset[str] = frozenset()) -> str | None:
    """One that sounds like ``words``, capital first, and is none of them nor, in small letters, of ``none_of``; None
    where they are too few or too short to learn from."""
    follows, known = _follows(words)
    for _ in range(_TRIES if follows else 0):
        made = _drawn(follows, chance)
        if _FEWEST_LETTERS <= len(made) <= _MOST_LETTERS and made not in known and made not in none_of:
            return made[0].upper() + made[1:]
    return None


def _drawn(follows: Mapping[str, Sequence[str]], chance: Random) -> str:
    made = _BEFORE
    while len(made) <= _MOST_LETTERS + len(_BEFORE):
        letter = chance.choice(follows[made[-2:]])
        if letter == _END:
            break
        made += letter
    return made[2:]


@cache
def _follows(words: tuple[str, ...]) -> tuple[dict[str, list[str]], frozenset[str]]:
    """What follows each two letters, as often as it does, and the words themselves; nothing where they are too few."""
    single = [word.lower() for word in words if " " not in word and len(word) >= _FEWEST_LETTERS]
    if len(single) < _FEWEST_WORDS:
        return {}, frozenset()
    follows: dict[str, list[str]] = defaultdict(list)
    for word in single:
        spelled = _BEFORE + word + _END
        for at in range(len(spelled) - 2):
            follows[spelled[at : at + 2]].append(spelled[at + 2])
    return dict(follows), frozenset(single)
