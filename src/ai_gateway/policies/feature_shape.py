"""The shape of ``features/*.yaml``."""

from ai_gateway.model import Coarseness, Purpose, Treatment
from ai_gateway.policies.file_words import DOTTED, SOURCE, name, part, plain, roles
from ai_gateway.policies.policy import ConsentRule, FeatureKind, UnexpectedPersonalData
from ai_gateway.policies.shape import Choice, Flag, Many, Record, Table, Text, Whole
from ai_gateway.policies.vocabulary import (
    ANY_LANGUAGE,
    ENTITY_ACTIONS,
    ENTITY_TYPES,
    INPUT_TREATMENTS,
    LANGUAGES,
    Requests,
)
from ai_gateway.protocols.protocol import Protocol
from ai_gateway.protocols.shape import Uninspected

_HASHED = "a hash of personal data is personal data; use redact"

_ENTITIES = Many(
    says="What is done to detected entities. Types not named here get what the treatment implies.",
    of=Record(
        says="One action for some entity types.",
        required={
            "types": Many(
                says="Entity types.",
                of=Choice(says="An entity type.", kind="entity type", values=ENTITY_TYPES),
                minimum=1,
            ),
            "action": Choice(
                says="The action.",
                kind="action",
                values=tuple(a.value for a in ENTITY_ACTIONS),
                refused={"hash": _HASHED},
            ),
            "source": SOURCE,
        },
        optional={
            "to": Choice(
                says="Of `generalize`: how coarse. Left out: a birth to its year, a date to its month, a place to its"
                " country, an amount to a band, an age to ten years, an employer to its industry.",
                kind="coarser form",
                values=tuple(Coarseness),
            ),
            "industries": Table(
                says="Of `generalize` to `industry`: employers so rare that their names tell who somebody is, and what"
                " is said in their place. Others become pseudonyms.",
                key=plain("An employer's name.", 100),
                of=plain("What kind of employer it is: `a boat rental`.", 100),
            ),
        },
    ),
    maximum=30,
)


def _allowed(says: str, of: Text) -> Record:
    return part(says, names=Many(says="The names.", of=of, minimum=1))


_SOURCE_NAME = Text(says="A source from the taxonomy.", pattern=DOTTED, like="a dotted name such as profile.overview")

_INPUT = Record(
    says="What one input of the prompt may hold and what is done to it.",
    required={
        "category": name("The category of its text, as the taxonomy has it for its sources."),
        "sources": Many(says="Sources that its items may come from.", of=_SOURCE_NAME, minimum=1),
        "treatment": Choice(
            says="What is done to the text. `public_only` also asks that it be public at the moment of sharing.",
            kind="treatment",
            values=tuple(t.value for t in INPUT_TREATMENTS),
            refused={
                "hash": _HASHED,
                Treatment.GENERALIZE.value: "it is an action for single entity types; put it under entities",
            },
        ),
        "consent": Choice(says="Whose consent it needs.", kind="consent rule", values=tuple(ConsentRule)),
        "required": Flag(says="Whether the feature makes sense without it."),
        "max_characters": Whole(says="The longest text of one item.", minimum=1, maximum=200_000),
        "source": SOURCE,
    },
    optional={
        "many": Flag(says="Whether it is a list of items (default: one item)."),
        "max_items": Whole(says="The longest list.", minimum=1, maximum=20_000),
        "entities": _ENTITIES,
    },
    refused={
        "deidentified": "no treatment here de-identifies text in law; a treated share stays on record as personal",
        "public_only": "write treatment: public_only",
    },
)

_VENDOR = Record(
    says="A vendor and one of its models.",
    required={"vendor": name("A vendor's name."), "model": plain("A model.", 100), "source": SOURCE},
    optional={
        "protocols": Many(
            says="Of a feature of the kind exchange: the protocols that this model is for. Left out: all the vendor"
            " speaks.",
            of=Choice(says="A protocol.", kind="protocol", values=tuple(Protocol)),
            minimum=1,
        )
    },
)

FEATURE = Record(
    says="A feature's policy: why, by whom and with whom its inputs may be shared, and what is done to them first.",
    required={
        "feature": name("The feature's name; the file's name too."),
        "description": plain("What the feature does, for whoever reviews this.", 1000),
        "purpose": Choice(says="Why it shares.", kind="purpose", values=tuple(Purpose)),
        "source": SOURCE,
        "significant_decision": Flag(says="Whether its output decides on work, pay or the like about a person."),
        "human_in_loop": Flag(says="Whether a person reviews the output before it has an effect."),
        "callers": _allowed("Services that may run it.", name("The id of a caller.")),
        "vendors": Many(
            says="Vendors in the order they are tried.",
            of=_VENDOR,
            minimum=1,
            maximum=10,
        ),
        "opt_in": part(
            "Who must have chosen to use the feature.",
            actor=Flag(says="The person who pressed the button: always.", only=True),
            roles=roles("Further kinds of people who must have opted in before items about them are shared."),
        ),
        "public_sources": part("Sources that count as public data.", names=Many(says="Sources.", of=_SOURCE_NAME)),
        "entities": _ENTITIES,
        "inputs": Table(says="Inputs by the prompt's name for them.", key=name("An input."), of=_INPUT, maximum=50),
        "output": part(
            "What happens to the reply.",
            unexpected=Choice(
                says="What happens to personal data in a reply that nobody sent in.",
                kind="output rule",
                values=tuple(UnexpectedPersonalData),
            ),
            restore_roles=roles("Whose pseudonyms the actor sees restored, besides their own."),
        ),
        "budget": part(
            "Token budget.",
            max_input_tokens=Whole(says="The longest prompt.", minimum=16, maximum=1_000_000),
            max_output_tokens=Whole(says="The longest reply.", minimum=1, maximum=200_000),
            drop_order=Many(
                says="Inputs whose items are left out first if the prompt is too long.", of=name("An input.")
            ),
        ),
    },
    optional={
        "kind": Choice(
            says="`prompt` (default): the prompt of the feature's name is filled in. `exchange`: clients send their own"
            " messages in a vendor's protocol; the inputs are instructions, user, assistant and tool.",
            kind="kind of feature",
            values=tuple(FeatureKind),
        ),
        "languages": part(
            "Languages that people's texts may be in. Left out: any in a prompt's inputs; in exchanges of nobody, those"
            " in which detection was measured.",
            names=Many(
                says="Languages (ISO 639-1), or `any` alone.",
                of=Choice(says="A language.", kind="language", values=(ANY_LANGUAGE, *LANGUAGES)),
                minimum=1,
            ),
            of=Choice(
                says="Which requests it is about: all, or only those that name no actor.",
                kind="kind of request",
                values=tuple(Requests),
            ),
        ),
        "uninspected": part(
            "Of a feature of the kind exchange: what its requests may hold though nobody can look into it. Whatever it"
            " says of anybody leaves as it is.",
            shapes=Many(
                says="Shapes.",
                of=Choice(says="A shape.", kind="shape", values=tuple(Uninspected)),
                minimum=1,
            ),
        ),
    },
)
