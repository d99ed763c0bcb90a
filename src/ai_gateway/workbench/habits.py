"""What is no mistake of form and yet unwise: texts outside fences, inputs nobody tries, budgets that may not do."""

import re
from collections.abc import Iterator

from ai_gateway.budget import count_messages
from ai_gateway.documents import Position, Problem
from ai_gateway.model import Message
from ai_gateway.policies.policy import FeaturePolicy, Policies
from ai_gateway.ports import TokenCounter
from ai_gateway.prompts.picoschema import FENCE
from ai_gateway.prompts.prompt import Prompt, Section
from ai_gateway.prompts.template import literals

_PRINT = re.compile(r"\{\{-?\s*([a-z_][a-z0-9_]*)\s*-?\}\}")
_LOOP = re.compile(r"\{%-?\s*for\s+([a-z_][a-z0-9_]*)\s+in\s+([a-z_][a-z0-9_]*)\s*-?%\}")
_CONTROL = re.compile(r"(\s*\{%.*?%\}\s*)+")
_PLACEHOLDER = re.compile(r"placeholder|<[A-Z]+_[0-9]", re.IGNORECASE)
_SMALL_PART = 2
"""The prompt's own words may take one part in two of the budget."""
CHARACTERS_PER_TOKEN = 4
"""Of English prose, about; other languages have fewer."""


def habits(prompt: Prompt) -> Iterator[Problem]:
    """Of a prompt that has no mistake of form."""
    for section in prompt.sections:
        yield from _fences(prompt, section)
    if not any(_PLACEHOLDER.search(section.template) for section in prompt.sections):
        first = prompt.sections[0]
        what = "no section says what placeholders such as <CLIENT_1> are"
        yield Problem(prompt.file, Position(first.line, 1), "", what, "placeholder-untold")
    given = {name for case in prompt.cases for name, texts in case.texts.items() if texts}
    for name, declared in prompt.inputs.items():
        if name not in given:
            what = f"{name} is given by no example and no test"
            yield Problem(prompt.file, declared.at, f"/input/schema/{name}", what, "input-never-given")


def _fences(prompt: Prompt, section: Section) -> Iterator[Problem]:
    lines = section.template.split("\n")
    texts = set(prompt.inputs) | {match[1] for match in _LOOP.finditer(section.template) if match[2] in prompt.inputs}
    for number, line in enumerate(lines):
        for match in _PRINT.finditer(line):
            if match[1] not in texts:
                continue
            at = Position(section.line + number, match.start() + 1)
            if section.role == "system":
                what = f"{match[1]} is printed in the system section"
                yield Problem(prompt.file, at, "", what, "input-in-system")
                continue
            alone = line.strip() == match[0]
            if not (alone and _is_fence(lines[number - 1 :: -1] if number else []) and _is_fence(lines[number + 1 :])):
                what = f"{match[1]} does not stand alone between two lines of {{{{ fence }}}}"
                yield Problem(prompt.file, at, "", what, "input-unfenced")


def _is_fence(lines: list[str]) -> bool:
    """Whether the first line that prints anything is a fence."""
    for line in lines:
        if not _CONTROL.fullmatch(line):
            match = _PRINT.fullmatch(line.strip())
            return match is not None and match[1] == FENCE
    return False


def budget_risks(prompt: Prompt, policies: Policies, policy: FeaturePolicy, counter: TokenCounter) -> Iterator[Problem]:
    """What the policy permits, against what it lets a prompt have. Estimated from characters, told as estimated."""
    budget = policy.budget
    models = [policies.vendors[choice.vendor].models[choice.model] for choice in policy.vendors]
    limit = min(budget.max_input_tokens, *(model.context_tokens - budget.max_output_tokens for model in models))
    own = [Message(role=s.role, content="\n".join(literals(s.template))) for s in prompt.sections]
    fixed = count_messages(own, models[0].encoding, counter)
    first = prompt.sections[0]
    if fixed * _SMALL_PART > limit:
        what = f"the prompt's own words are {fixed} tokens of {limit} that {policy.file} gives"
        yield Problem(prompt.file, Position(first.line, 1), "", what, "budget-fixed")
    kept = {name: _kept(policy, prompt, name) for name in prompt.inputs if name in policy.inputs}
    longest = sum(kept.values()) // CHARACTERS_PER_TOKEN + fixed
    if kept and longest > limit:
        name = max(kept, key=lambda one: kept[one])
        what = (
            f"the longest calls that {policy.file} permits have about {longest} tokens that may not be dropped, and it "
            f"gives {limit}; {name} alone may have {kept[name]} characters"
        )
        yield Problem(prompt.file, prompt.inputs[name].at, f"/input/schema/{name}", what, "budget-risk")


def _kept(policy: FeaturePolicy, prompt: Prompt, name: str) -> int:
    """Characters of an input that stay however long the prompt is."""
    rule = policy.inputs[name]
    items = rule.max_items if rule.many else 1
    if name in policy.budget.drop_order:
        items = 1 if prompt.inputs[name].required else 0
    return items * rule.max_characters
