"""A marketplace's own recognizers as a tier: its expressions through RE2, so that no text and no expression takes more
than linear time; its lists by their words.
"""

import hashlib
from collections.abc import Sequence

import re2

from ai_gateway.adapters.pattern_detector import PatternDetector
from ai_gateway.adapters.patterns.checksums import luhn, mod_97_10, verhoeff
from ai_gateway.adapters.patterns.rule import Candidate, Rule
from ai_gateway.model import Span
from ai_gateway.policies.recognizer import COUNTS_ALONE, Recognizer, Recognizers, Validator
from ai_gateway.treatment.listed import listed
from ai_gateway.treatment.normalize import fold

_MOST_MEMORY = 1 << 20
"""Bytes that one compiled expression may take: keeps repetitions of repetitions out."""
_CHECKS = {Validator.LUHN: luhn, Validator.MOD_97_10: mod_97_10, Validator.VERHOEFF: verhoeff}


def wrong_with(expression: str) -> str | None:
    """See ``policies.recognizers.CheckExpression``."""
    if not expression.isascii():
        return "must be ASCII: texts are matched with their accents taken off (write e for é)"
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.log_errors = False
    options.max_mem = _MOST_MEMORY
    try:
        compiled = re2.compile(_whole(expression).encode(), options)
    except re2.error as error:
        said = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error.args[0])
        return f"is no RE2 expression ({said}); look-around and back-references take more than linear time"
    return "matches the empty text" if compiled.search(b"") is not None else None


class OwnRecognizers:
    """See ``adapters.stack_detector.Tier``."""

    def __init__(self, recognizers: Recognizers) -> None:
        self._patterns = PatternDetector(tuple(rule for one in recognizers.each for rule in _rules(one)))
        self._listed = listed(recognizers.each)
        digest = hashlib.sha256(repr([_told(one) for one in recognizers.each]).encode()).hexdigest()[:12]
        self.identity = f"own:{digest}"

    async def warm(self) -> None:
        self._patterns.read("Warm.")

    async def close(self) -> None:
        """Nothing is held."""

    async def find(self, text: str) -> Sequence[Span]:
        return [*await self._patterns.find(text), *self._listed.find(text)]


def _told(recognizer: Recognizer) -> tuple[object, ...]:
    """All that makes a difference; the ``repr`` leaves the words out."""
    return (
        recognizer.name,
        recognizer.entity,
        recognizer.expressions,
        recognizer.context,
        recognizer.words,
        recognizer.words_score,
        recognizer.validator,
    )


def _whole(expression: str) -> str:
    """The whole match is the span, whatever groups the expression has."""
    return f"(?ims)({expression})"


def _rules(recognizer: Recognizer) -> list[Rule]:
    context = tuple(fold(word) for word in recognizer.context)
    rules: list[Rule] = []
    for expression, score in recognizer.expressions:
        needs_context = score < COUNTS_ALONE

        def accept(candidate: Candidate, *, needs_context: bool = needs_context) -> bool:
            if recognizer.validator is not None and not _checks(recognizer.validator, candidate):
                return False
            around = f"{candidate.before} {candidate.after.lower()}"
            return not needs_context or any(word in around for word in context)

        rules.append(Rule(entity=recognizer.entity, expression=_whole(expression), accept=accept, score=score))
    return rules


def _checks(validator: Validator, candidate: Candidate) -> bool:
    if validator is Validator.MOD_97_10:
        return mod_97_10("".join(c for c in candidate.value if c.isalnum()).upper())
    return bool(candidate.digits) and _CHECKS[validator](candidate.digits)
