"""The shape of ``taxonomy.yaml``."""

from ai_gateway.model import Purpose
from ai_gateway.policies.file_words import DOTTED, SOURCE, name, part, plain, purposes, words
from ai_gateway.policies.shape import Choice, Either, Flag, Record, Table, Text, Whole
from ai_gateway.policies.vocabulary import ENTITY_TYPES, NOT_STATED, SourceVisibility, StandingRule

_CATEGORY = Record(
    says="One category of personal information: the notice's row for it, cell by cell.",
    required={
        "name": plain("The category's name in the table of what is collected."),
        "examples": words("The cell that says what belongs to it."),
        "sources": words("The cell that says where it comes from."),
        "purposes": purposes("The cell that says what it is processed for."),
        "recipients": Either(
            says="Who may receive it, or `not_stated` where the notice has no row.",
            shapes=(words("The kinds of recipient."), Choice(says="Not stated.", kind="value", values=(NOT_STATED,))),
        ),
        "sold_or_shared": Either(
            says="Whether it is sold or shared for advertising, or `not_stated`.",
            shapes=(Flag(says="Yes or no."), Choice(says="Not stated.", kind="value", values=(NOT_STATED,))),
        ),
        "source": SOURCE,
    },
    optional={
        "alias": plain("Its name in the table of recipients, where that differs."),
        "recipients_source": SOURCE,
        "with_consent": part(
            "Purposes that need the consent of whoever wrote the text.",
            of=plain("What the consent is about."),
            purposes=purposes("The purposes that consent opens."),
        ),
        "sensitive": part("Makes the category sensitive.", of=plain("What in it is sensitive.")),
    },
)

TAXONOMY = Record(
    says="The privacy notice's categories, and which of the marketplace's data and of detected entities each holds.",
    required={
        "notice": Record(
            says="The notice that `policy L…` refers to.",
            required={
                "version": plain("What the notice calls its version or year."),
                "lines": Whole(says="How many lines it has.", minimum=1, maximum=9999),
                "sha256": Text(
                    says="SHA-256 of its text, in hex.", pattern=r"[0-9a-f]{64}", like="64 hexadecimal digits"
                ),
            },
        ),
        "purposes": Table(
            says="The notice's words for each purpose.",
            key=Choice(says="A purpose.", kind="purpose", values=tuple(Purpose)),
            of=plain("The notice's words."),
            complete=True,
        ),
        "rules": Table(
            says="Rules that hold for every feature. Their sources may be corrected here; they cannot be switched off.",
            key=Choice(says="A standing rule.", kind="standing rule", values=tuple(StandingRule)),
            of=part("One rule.", says=plain("The rule in one sentence.")),
            complete=True,
        ),
        "categories": Table(says="Categories by code.", key=name("A category's code."), of=_CATEGORY),
        "sources": Table(
            says="Where items come from on the marketplace.",
            key=Text(says="A source.", pattern=DOTTED, like="a dotted name such as profile.overview", maximum=130),
            of=part(
                "One source of items.",
                category=name("The category that its text belongs to."),
                visibility=Choice(
                    says="What makes an item public: the `item` itself, also the `profile` of whoever it is about,"
                    " nothing (`private`); `never` keeps it out of every feature.",
                    kind="visibility",
                    values=tuple(SourceVisibility),
                ),
            ),
        ),
        "entities": Table(
            says="The category of each detected entity type.",
            key=Choice(says="An entity type.", kind="entity type", values=ENTITY_TYPES),
            of=part("One entity type.", category=name("A category's code.")),
            complete=True,
        ),
    },
)
