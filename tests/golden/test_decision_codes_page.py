"""The page of decision codes is the table that deciding uses. ``UPDATE_GOLDEN=1`` writes it anew."""

import os
from pathlib import Path

from ai_gateway.policies.codes import MEANINGS, Code, Effect

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "decision-codes.md"
TITLES = {
    Effect.SHARED: "Why an item is shared",
    Effect.WITHHELD: "Why an item is withheld",
    Effect.REFUSED: "Why a call is refused",
}
HEAD = """# Decision codes

Every decision carries a code, the rule it comes from (file and JSON pointer) and that rule's source (a line of the
privacy notice or a statute). Codes are stable: once released, none is renamed. An item that several rules would
withhold tells the first of them, in the order of `ai_gateway.policies.item_rules.ITEM_RULES`; a refused call tells
every reason.
"""


def page() -> str:
    parts = [HEAD]
    for effect, title in TITLES.items():
        rows = [f"| `{code}` | {meaning.detail} |" for code, meaning in MEANINGS.items() if meaning.effect is effect]
        parts.append("\n".join([f"## {title}", "", "| Code | What it means |", "|---|---|", *rows, ""]))
    return "\n".join(parts)


def test_every_code_has_a_meaning() -> None:
    assert set(MEANINGS) == set(Code)


def test_the_page_is_the_table() -> None:
    if os.environ.get("UPDATE_GOLDEN"):
        PAGE.write_text(page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page()
