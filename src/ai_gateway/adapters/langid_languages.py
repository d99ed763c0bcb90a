"""The one door to py3langid (BSD-3-Clause, its model in its wheel): which language a text is in.

Says nothing rather than something doubtful: a request is refused on what it says. Code, numbers, links and a few words
tell no language.
"""

import re
from functools import cached_property
from typing import Any

from ai_gateway.policies.vocabulary import LANGUAGES

_WORD = re.compile(r"[^\W\d_]+")
_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`|https?://\S+|\S+@\S+", re.DOTALL)
_READ_AT_MOST = 2_000
"""Characters; more do not make it surer."""
_LEAST_LETTERS, _LEAST_WORDS = 60, 10
_LEAST_OTHER_LETTERS = 4
_SURE = 0.98
_LATIN_END = 0x250


class LangidLanguages:
    """See ``ports.Languages``. The model is loaded when first asked for, or by ``warm``, in about a second."""

    def warm(self) -> None:
        self._classified(["warm"])

    def of(self, text: str) -> str | None:
        words = _WORD.findall(_CODE.sub(" ", text[:_READ_AT_MOST]))
        letters = "".join(words)
        others = sum(ord(letter) >= _LATIN_END for letter in letters)
        if others * 2 > len(letters) and others >= _LEAST_OTHER_LETTERS:  # another script tells by itself
            return self._classified(words)[0]
        if len(letters) < _LEAST_LETTERS or len(words) < _LEAST_WORDS:
            return None
        language, sureness = self._classified(words)
        return language if sureness >= _SURE else None

    def _classified(self, words: list[str]) -> tuple[str, float]:
        language, sureness = self._identifier.classify(" ".join(words))
        return str(language), float(sureness)

    @cached_property
    def _identifier(self) -> Any:  # noqa: ANN401 - the library has no types
        from py3langid.langid import MODEL_FILE, LanguageIdentifier

        identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
        identifier.set_languages([language for language in LANGUAGES if language in identifier.labels])
        # What it keeps to choose other languages later is never used, and takes 20 MB of every worker.
        identifier._full_model = identifier.nb_ptc, identifier.nb_pc, identifier.nb_classes  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
        return identifier
