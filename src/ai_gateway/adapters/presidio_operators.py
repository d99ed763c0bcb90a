"""The door to presidio-anonymizer: its engine performs every replacement."""

import logging
from collections.abc import Sequence

from presidio_anonymizer import AnonymizerEngine
from presidio_anonymizer.entities import OperatorConfig, RecognizerResult

logging.getLogger("presidio-anonymizer").setLevel(logging.WARNING)  # at debug level it formats a line per span and step


class PresidioOperators:
    """``ports.Operators``. Each span has an entity type of its own here, because the engine merges neighbours of one
    type, and one operator serves one type."""

    def __init__(self) -> None:
        self._engine = AnonymizerEngine()  # type: ignore[no-untyped-call]

    def apply(self, text: str, replacements: Sequence[tuple[int, int, str]]) -> str:
        """As ``ports.Operators``. Raises ``ValueError`` for spans that are empty, overlap or lie outside the text,
        rather than choose among them; the error tells offsets alone."""
        if not replacements:
            return text
        _check(len(text), replacements)
        found = [RecognizerResult(str(n), start, end, 1.0) for n, (start, end, _) in enumerate(replacements)]
        operators = {str(n): _putting(new) for n, (_, _, new) in enumerate(replacements)}
        result = self._engine.anonymize(text, found, operators, merge_entities_with_spaces=False)
        return str(result.text)


def _putting(new: str) -> OperatorConfig:
    """``replace`` takes an empty value for none and writes the type's name; ``custom`` puts exactly this."""
    if new:
        return OperatorConfig("replace", {"new_value": new})
    return OperatorConfig("custom", {"lambda": _nothing})


def _nothing(_: str) -> str:
    return ""


def _check(length: int, replacements: Sequence[tuple[int, int, str]]) -> None:
    last = 0
    for start, end in sorted((start, end) for start, end, _ in replacements):
        if not last <= start < end <= length:
            raise ValueError(
                f"the span {start} to {end} is empty, overlaps or lies outside a text of {length} characters"
            )
        last = end
