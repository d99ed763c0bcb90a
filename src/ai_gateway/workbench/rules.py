"""What ``prompts lint`` knows: every code, how grave it is, and how it is mended."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

ERROR, WARNING = "error", "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """``suggestion`` is what to do; ``level`` is ``error`` (a gateway does not start, or must not) or ``warning``."""

    code: str
    title: str
    suggestion: str
    level: str = ERROR


def _rules(*rules: Rule) -> Mapping[str, Rule]:
    return MappingProxyType({rule.code: rule for rule in rules})


RULES = _rules(
    Rule(
        code="file-unreadable",
        title="The file cannot be read, or is no YAML",
        suggestion="Write it in UTF-8 as docs/reference/prompt-files.md shows; quote texts with : or # in them.",
    ),
    Rule(
        code="key-unknown",
        title="A key that means nothing here",
        suggestion="Correct its spelling, or take it out.",
    ),
    Rule(
        code="value-invalid",
        title="A value of another kind than its key takes",
        suggestion="Give a value as the message says.",
    ),
    Rule(
        code="variable-undeclared",
        title="A name that input.schema does not declare",
        suggestion="Declare it under input.schema, or correct its spelling.",
    ),
    Rule(
        code="input-unused",
        title="A declared name that no section uses",
        suggestion="Print it between two lines of {{ fence }}, or take it out of input.schema and the policy.",
    ),
    Rule(
        code="template-invalid",
        title="A body that is no template",
        suggestion="Close what is open: {{ … }}, {% if … %} … {% endif %}, {% for … %} … {% endfor %}.",
    ),
    Rule(
        code="template-forbidden",
        title="A body that does more than print, if and for",
        suggestion="Use {{ name }}, {% if … %} and {% for one in many %}; nothing changes a text on its way in.",
    ),
    Rule(
        code="template-long",
        title="A section that is too long",
        suggestion="Split it, or take out what the model does not need.",
    ),
    Rule(
        code="section-empty",
        title="A section that may come out empty",
        suggestion="Begin it with words that are always there.",
    ),
    Rule(
        code="role-marker",
        title="A role that is not fixed in the file",
        suggestion='Write {{role "system"}}, {{role "user"}} or {{role "assistant"}} alone on its line.',
    ),
    Rule(
        code="examples-missing",
        title="A prompt without examples",
        suggestion="Add examples: one with the least that a call gives, one with everything.",
    ),
    Rule(
        code="tests-missing",
        title="A prompt without tests",
        suggestion="Add tests: vars, and under assert what must come of them.",
    ),
    Rule(
        code="test-without-assertions",
        title="A test that can never fail",
        suggestion="Add assert: [{type: icontains, value: …}], or move it to examples.",
    ),
    Rule(
        code="assertion-unknown",
        title="An assertion that does not exist",
        suggestion="Use one of docs/reference/prompt-files.md.",
    ),
    Rule(
        code="assertion-unsupported",
        title="An assertion of promptfoo that is left out on purpose",
        suggestion="Say it with contains, regex or is-json.",
    ),
    Rule(
        code="assertion-value",
        title="An assertion whose value it cannot use",
        suggestion="Give a value as the message says.",
    ),
    Rule(
        code="call-refused",
        title="An example or test that is no call of this prompt",
        suggestion="Give every required input and parameter under vars, within their bounds.",
    ),
    Rule(
        code="case-duplicate",
        title="Two cases of one name",
        suggestion="Give each case a name of its own.",
    ),
    Rule(
        code="person-unknown",
        title="Somebody who is none of the people",
        suggestion="Describe them under people, or correct the id.",
    ),
    Rule(
        code="label-version",
        title="A label that points at no version",
        suggestion="Point it at a version that is there: ai-gateway prompts label <feature> <label> v<n>.",
    ),
    Rule(
        code="label-unreleased",
        title="Production points at a version that is not released",
        suggestion="Release it with its digest: ai-gateway prompts label <feature> production v<n>.",
    ),
    Rule(
        code="label-production",
        title="A prompt without a production version",
        suggestion="A gateway does not start with it. When its tests pass, release it: ai-gateway prompts label.",
        level=WARNING,
    ),
    Rule(
        code="released-missing",
        title="A released version whose file is gone",
        suggestion="Bring the file back; a released version stays.",
    ),
    Rule(
        code="released-changed",
        title="A released version that was changed",
        suggestion="Undo the change, and make it in a new version.",
    ),
    Rule(
        code="policy-mismatch",
        title="Prompt and policy do not mean the same inputs",
        suggestion="Declare the same inputs in input.schema and in the policy, required and many alike.",
    ),
    Rule(
        code="policy-invalid",
        title="The policies are not valid",
        suggestion="Mend them first: ai-gateway policies check.",
    ),
    Rule(
        code="personal-data",
        title="Personal data written into the prompt",
        suggestion="Take it out: whatever stands in a prompt goes to the vendor with every call, untreated.",
    ),
    Rule(
        code="sample-data-real",
        title="A contact of an example that could be somebody's",
        suggestion="Use domains that end in .example, and telephone numbers with 555 in them.",
        level=WARNING,
    ),
    Rule(
        code="people-missing",
        title="Nobody in particular in the examples",
        suggestion="Add people.yaml beside the versions, so that examples show how people's data are treated.",
        level=WARNING,
    ),
    Rule(
        code="input-unfenced",
        title="A text of people outside fences",
        suggestion="Put it on a line of its own between two lines of {{ fence }}: no text can then end its own block.",
        level=WARNING,
    ),
    Rule(
        code="input-in-system",
        title="A text of people in the system section",
        suggestion="Move it into the user's section: models follow what the system section says.",
        level=WARNING,
    ),
    Rule(
        code="placeholder-untold",
        title="A model that is not told to keep placeholders",
        suggestion="Say in the system section that placeholders such as <CLIENT_1> are to be copied exactly.",
        level=WARNING,
    ),
    Rule(
        code="input-never-given",
        title="An input that no example and no test gives",
        suggestion="Add an example that gives it, so that its treatment is seen.",
        level=WARNING,
    ),
    Rule(
        code="budget-risk",
        title="Calls that the policy permits may not fit",
        suggestion="Lower max_characters or max_items, raise max_input_tokens, or let the input go under drop_order.",
        level=WARNING,
    ),
    Rule(
        code="budget-fixed",
        title="The prompt's own words take much of the budget",
        suggestion="Shorten the instructions, or raise max_input_tokens.",
        level=WARNING,
    ),
    Rule(
        code="recordings-unreadable",
        title="The recordings cannot be read",
        suggestion="Remove recordings.json and record again: ai-gateway prompts test <feature> --live.",
        level=WARNING,
    ),
)
