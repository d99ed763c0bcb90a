"""The reference of prompt files names every rule and every assertion there is."""

from pathlib import Path

from ai_gateway.prompts.assertions import IS_JSON, ON_FLOW, ONE_TEXT, TEXTS
from ai_gateway.workbench.rules import RULES

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "prompt-files.md").read_text()


def test_every_rule_of_lint_is_in_the_table() -> None:
    rows = [f"| `{rule.code}` | {rule.level} | {rule.title} |" for rule in RULES.values()]
    assert "\n".join(rows) in PAGE


def test_every_assertion_is_named() -> None:
    assert [kind for kind in (*ONE_TEXT, *TEXTS, IS_JSON, *ON_FLOW) if f"`{kind}`" not in PAGE] == []
