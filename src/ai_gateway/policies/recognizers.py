"""A marketplace's own recognizers, as ``recognizers.yaml`` says: patterns, words that are always found, and terms that
never are. The file takes what Presidio's recognizer files say, as far as it means something here.
"""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from ai_gateway.documents import pointer as point
from ai_gateway.model import EntityType
from ai_gateway.policies.agree import Finding
from ai_gateway.policies.file_words import plain
from ai_gateway.policies.parts import Part
from ai_gateway.policies.recognizer import COUNTS_ALONE, Recognizer, Recognizers, Validator
from ai_gateway.policies.shape import Choice, Either, Flag, Many, Number, Record, Table, Text
from ai_gateway.policies.vocabulary import ENTITY_TYPES, QUASI_IDENTIFIERS

CheckExpression = Callable[[str], str | None]
"""What is wrong with a regular expression that is to be matched in linear time; None if nothing is."""

_FOUND = tuple(kind for kind in ENTITY_TYPES if kind not in QUASI_IDENTIFIERS)
_PREDEFINED = "only recognizers that are written out; the gateway has its own for the usual types"


_SCORE = Number(says="How sure a match is, from 0 to 1.", minimum=0.0, maximum=1.0)
_NAME = plain("A name for reports and for whoever reads this.", 100)
_WORDS = Many(says="Words.", of=plain("A word or two.", 100), minimum=1, maximum=2_000)
_LANGUAGE = Text(says="A language's code.", pattern=r"[a-z]{2,3}", like="a language's code, such as en", maximum=3)

_RECOGNIZER = Record(
    says="One recognizer.",
    required={
        "name": _NAME,
        "supported_entity": plain("An entity type, or a name that `entities` maps to one.", 60),
    },
    optional={
        "type": Choice(says="Presidio's word.", kind="type", values=("custom",), refused={"predefined": _PREDEFINED}),
        "enabled": Flag(says="Whether it is used (default: true)."),
        "patterns": Many(
            says="Regular expressions, matched without regard to case, on text without accents.",
            of=Record(
                says="One expression.",
                required={"regex": plain("An RE2 expression: no look-around, no back-reference.", 1_000)},
                optional={"name": _NAME, "score": _SCORE},
            ),
            minimum=1,
        ),
        "context": _WORDS,
        "deny_list": _WORDS,
        "deny_list_score": _SCORE,
        "validator": Choice(says="Check digits of a match.", kind="validator", values=tuple(Validator)),
        "supported_language": _LANGUAGE,
        "supported_languages": Many(
            says="Presidio's languages. Patterns and lists here read every language; context words join those above.",
            of=Either(
                says="A language, with context words of its own.",
                shapes=(
                    _LANGUAGE,
                    Record(says="A language.", required={"language": _LANGUAGE}, optional={"context": _WORDS}),
                ),
            ),
            minimum=1,
        ),
    },
    refused={
        "global_regex_flags": "expressions are always matched without regard to case, over several lines",
        "module": "a recognizer cannot bring code",
    },
)

RECOGNIZERS = Record(
    says="What this marketplace finds beside what the gateway finds, and what it never takes for personal data.",
    required={},
    optional={
        "entities": Table(
            says="What other names for entity types mean here.",
            key=plain("A name, such as ZIP.", 60),
            of=Choice(says="An entity type.", kind="entity type", values=_FOUND),
        ),
        "recognizers": Many(says="Recognizers.", of=_RECOGNIZER, maximum=200),
        "allow_list": Many(
            says="Values that are nobody's personal data: a support address, the marketplace's own name.",
            of=plain("A value, whole.", 200),
            maximum=2_000,
        ),
    },
)


def recognizers(part: Part) -> Recognizers:
    """The file's values; it must have its shape and no findings."""
    meanings = _meanings(part)
    each = tuple(
        _recognizer(one, meanings) for one in part.listed("recognizers") if "enabled" not in one or one.flag("enabled")
    )
    return Recognizers(each=each, allowed=part.texts("allow_list") if "allow_list" in part else ())


def recognizers_findings(part: Part, check: CheckExpression) -> Iterable[Finding]:
    """What the shape cannot see: names that mean nothing, expressions that are none or are not linear."""
    meanings = _meanings(part)
    for one in part.listed("recognizers"):
        entity = one.text("supported_entity")
        if entity not in _FOUND and entity not in meanings:
            yield (
                f"{one.pointer}/supported_entity",
                f'"{entity}" is no entity type; say under entities which of the gateway\'s types it is',
            )
        if "patterns" not in one and "deny_list" not in one:
            yield one.pointer, "finds nothing: give it patterns or a deny_list"
        for index, pattern in enumerate(one.listed("patterns")):
            wrong = check(pattern.text("regex"))
            if wrong is not None:
                yield one.pointer + point("patterns", index, "regex"), wrong
            elif _score(pattern, "score") < COUNTS_ALONE and not _context(one):
                yield (
                    one.pointer + point("patterns", index),
                    f"never counts: a score below {COUNTS_ALONE} needs context words",
                )


def _meanings(part: Part) -> Mapping[str, EntityType]:
    table = part.part("entities").values if "entities" in part else {}
    return MappingProxyType({name: EntityType(str(kind)) for name, kind in table.items()})


def _recognizer(part: Part, meanings: Mapping[str, EntityType]) -> Recognizer:
    entity = part.text("supported_entity")
    return Recognizer(
        name=part.text("name"),
        entity=meanings.get(entity, EntityType(entity)),
        expressions=tuple((one.text("regex"), _score(one, "score")) for one in part.listed("patterns")),
        context=_context(part),
        words=part.texts("deny_list") if "deny_list" in part else (),
        words_score=_score(part, "deny_list_score"),
        validator=Validator(part.text("validator")) if "validator" in part else None,
    )


def _context(part: Part) -> tuple[str, ...]:
    own = part.texts("context") if "context" in part else ()
    languages = part.values.get("supported_languages")
    more: list[str] = []
    for entry in languages if isinstance(languages, list) else ():
        words = entry.get("context") if isinstance(entry, dict) else None
        more += [str(word) for word in words] if isinstance(words, list) else []
    return (*own, *more)


def _score(part: Part, key: str) -> float:
    value = part.values.get(key, 1.0)
    return float(value) if isinstance(value, int | float) else 1.0
