"""The writings of one person or thing, and which of them are of the same third person."""

from collections.abc import Callable, Iterable, Mapping, Sequence


class Family:
    """The writings of one person or thing."""

    def __init__(self, stem: str, wholes: Iterable[tuple[str, ...]] = ()) -> None:
        self.stem = stem
        self.manner = ""
        self.wholes: list[tuple[str, ...]] = [whole for whole in wholes if len(whole) > 1]
        self._forms: dict[str, str] = {}

    def token(self, value: str, words: tuple[str, ...]) -> str:
        if value not in self._forms:
            self._forms[value] = self._next_form(words)
        form = self._forms[value]
        return f"<{self.stem}_{form}>" if form else f"<{self.stem}>"

    def _next_form(self, words: tuple[str, ...]) -> str:
        if not self._forms:
            return ""
        told = next((form for whole in self.wholes if (form := _form(words, whole))), "")
        return told if told and told not in self._forms.values() else f"V{len(self._forms) + 1}"


def _form(words: tuple[str, ...], whole: tuple[str, ...]) -> str:
    return {whole: "FULL", whole[:1]: "FIRST", whole[-1:]: "LAST"}.get(words, "")


class ShortForms:
    """Which given names are the same one, of ``nicknames``: given names, folded, to their short forms. Made once."""

    def __init__(self, nicknames: Mapping[str, tuple[str, ...]]) -> None:
        self._also: dict[str, list[str]] = {name: list(shorts) for name, shorts in nicknames.items()}
        for name, shorts in nicknames.items():
            for short in shorts:
                self._also.setdefault(short, []).append(name)

    def of(self, given: str) -> Sequence[str]:
        """What else somebody of this given name is called."""
        return self._also.get(given, ())


class Others:
    """Third persons. ``Maria`` and ``Maria Gomez`` are one person while there is only one such Maria; so are *Sam*,
    *Samuel Lee* and *Sam Lee*."""

    def __init__(self, stem: Callable[[str], str], short_forms: ShortForms) -> None:
        self._stem = stem
        self._also = short_forms.of
        self._known: dict[tuple[str, ...], Family] = {}
        self._single: dict[str, Family] = {}
        self._by_end: dict[str, Family | None] = {}
        self._addressed: dict[tuple[tuple[str, ...], str], Family] = {}

    def family(self, words: tuple[str, ...], manner: str = "") -> Family:
        """``manner``, where a title tells it: *Mr. Vale* and *Mrs. Vale* are two, and *Vale* is the first of them."""
        family = self._addressed.get((words, manner)) or self._linked(words)
        if manner and family.manner not in ("", manner):
            family = Family(self._stem("PERSON"))
        if manner:
            family.manner = manner
            self._addressed[words, manner] = family
        return family

    def _linked(self, words: tuple[str, ...]) -> Family:
        if words not in self._known:
            linked = self._of_single(words) if len(words) == 1 else self._of_whole(words)
            self._known[words] = linked
        return self._known[words]

    def _of_single(self, words: tuple[str, ...]) -> Family:
        known = self._by_end.get(words[0])
        if known is None and words[0] not in self._by_end:
            known = _only(self._by_end.get(other) for other in self._also(words[0]))
        if known is None:
            known = self._single[words[0]] = Family(self._stem("PERSON"))
        return known

    def _of_whole(self, words: tuple[str, ...]) -> Family:
        same = _only(self._known.get((other, *words[1:])) for other in self._also(words[0]))
        ends = dict.fromkeys((words[0], words[-1]))
        singles = [self._single[end] for end in ends if end in self._single]
        if not singles and same is None:
            called = [other for other in self._also(words[0]) if other in self._single]
            singles = [self._single.pop(called[0])] if len(called) == 1 else []
        family = same or (singles[0] if len(singles) == 1 else Family(self._stem("PERSON")))
        family.wholes.append(words)
        for end in ends:
            self._single.pop(end, None)
            self._by_end[end] = None if self._by_end.get(end, family) is not family else family
        return family


def _only(families: Iterable[Family | None]) -> Family | None:
    """The one among them, if they are one."""
    found = {id(family): family for family in families if family is not None}
    return next(iter(found.values())) if len(found) == 1 else None
