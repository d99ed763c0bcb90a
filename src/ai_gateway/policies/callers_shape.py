"""The shape of ``callers.yaml``."""

from ai_gateway.policies.file_words import SOURCE, name, part
from ai_gateway.policies.policy import Unattributed
from ai_gateway.policies.shape import Choice, Record, Table, Text

_MODEL = Text(
    says="A model's name as a client writes it.",
    pattern=r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}",
    like="a model's name",
)

_CALLER = Record(
    says="What one caller's requests in a vendor's protocol (chat completions, messages and the like) may do.",
    required={
        "unattributed": Choice(
            says="What happens to a request that names no actor. `refuse` is what holds for a caller not listed here.",
            kind="rule for unattributed requests",
            values=tuple(Unattributed),
        ),
        "source": SOURCE,
    },
    optional={
        "default_feature": part(
            "The feature that a request runs as when its model is the name of no feature and no alias. Without it, such"
            " a request is refused.",
            feature=name("A feature of the kind exchange."),
        ),
        "models": Table(
            says="Aliases: names of models, and the feature that a request for each runs as.",
            key=_MODEL,
            of=part("A feature.", feature=name("A feature of the kind exchange.")),
            minimum=0,
        ),
    },
)

CALLERS = Record(
    says="How services that speak a vendor's protocol are mapped to features.",
    required={"callers": Table(says="Callers by id.", key=name("The id of a caller."), of=_CALLER)},
)
