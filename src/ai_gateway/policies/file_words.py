"""Parts that the shapes of all policy files are made of."""

from ai_gateway.model import Purpose, Role
from ai_gateway.policies.shape import Choice, Many, Record, Shape, Text

_LINES = r"policy L[1-9]\d{0,3}(?:-L[1-9]\d{0,3})?"
_STATUTE = r"statute \S[^;\n]*"

SOURCE = Text(
    says="Where the rule comes from: lines of the privacy notice (`policy L49`, `policy L13-L16`) or a statute"
    " (`statute GDPR Art. 18`), several separated by `; `.",
    pattern=rf"(?:{_LINES}|{_STATUTE})(?:; (?:{_LINES}|{_STATUTE}))*",
    like='a source such as "policy L49" or "statute GDPR Art. 18"',
    maximum=300,
)
NAME = r"[a-z][a-z0-9_]{0,63}"
DOTTED = rf"{NAME}(?:\.{NAME})+"
ENVIRONMENT = Text(
    says="The name of an environment variable; never its value.",
    pattern=r"[A-Z][A-Z0-9_]{0,99}",
    like="the name of an environment variable, such as OPENAI_API_KEY",
)


def name(says: str) -> Text:
    return Text(says=says, pattern=NAME, like="a name of lower-case letters, digits and underscores", maximum=64)


def plain(says: str, maximum: int = 500) -> Text:
    return Text(says=says, maximum=maximum)


def words(says: str, maximum: int = 60) -> Many:
    return Many(says=says, of=plain("One entry, in the notice's own words.", 300), minimum=1, maximum=maximum)


def purposes(says: str) -> Many:
    purpose = Choice(says="A purpose of processing.", kind="purpose", values=tuple(Purpose))
    return Many(says=says, of=purpose, minimum=1)


def roles(says: str) -> Many:
    return Many(says=says, of=Choice(says="A kind of person.", kind="role", values=tuple(Role)))


def part(says: str, /, **keys: Shape) -> Record:
    return Record(says=says, required={**keys, "source": SOURCE})
