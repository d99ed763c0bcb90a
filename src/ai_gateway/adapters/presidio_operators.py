"""The door to presidio-anonymizer: its operators make every replacement.

Its engine around them would sort, merge and choose among findings, which treatment has done, and copy the whole text
once for each: most of what it costs.
"""

from collections.abc import Sequence

from presidio_anonymizer.operators import Custom, Operator, Replace


class PresidioOperators:
    """``ports.Operators``."""

    def __init__(self) -> None:
        self._replace = Replace()
        self._remove = Custom()

    def apply(self, text: str, replacements: Sequence[tuple[int, int, str]]) -> str:
        """As ``ports.Operators``. Raises ``ValueError`` for spans that are empty, overlap or lie outside the text,
        rather than choose among them; the error tells offsets alone."""
        pieces: list[str] = []
        last = 0
        for start, end, new in sorted(replacements):
            if not last <= start < end <= len(text):
                raise ValueError(
                    f"the span {start} to {end} is empty, overlaps or lies outside a text of {len(text)} characters"
                )
            operator, params = self._putting(new)
            pieces += (text[last:start], operator.operate(text[start:end], params))
            last = end
        return "".join((*pieces, text[last:]))

    def _putting(self, new: str) -> tuple[Operator, dict[str, object]]:
        """``replace`` takes an empty value for none and writes the type's name; ``custom`` puts exactly this."""
        return (self._replace, {"new_value": new}) if new else (self._remove, {"lambda": _nothing})


def _nothing(_: str) -> str:
    return ""
