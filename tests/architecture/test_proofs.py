"""Each proof has one maker: nobody else can claim that something was decided, treated, budgeted, cleared, recorded."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent.parent / "src" / "ai_gateway"
MAKERS = {
    "Permission": "policies/decide.py",
    "TreatedPrompt": "treatment/treat.py",
    "BudgetedPrompt": "budget.py",
    "ClearedOutbound": "treatment/egress.py",
    "RecordedShare": "sharelog/log.py",
}


def calls() -> Iterator[tuple[str, str]]:
    """``(name called, module)`` for every call in the source."""
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                called = node.func
                name = called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")
                yield name, path.relative_to(SOURCE).as_posix()


@pytest.mark.parametrize(("proof", "maker"), MAKERS.items())
def test_a_proof_is_made_in_one_module_alone(proof: str, maker: str) -> None:
    assert {module for name, module in calls() if name == proof} == {maker}


def test_no_proof_is_made_by_changing_another() -> None:
    """``dataclasses.replace`` on a proof would make a second maker; it is used on other values only, here listed."""
    users = {
        path.relative_to(SOURCE).as_posix()
        for path in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "replace"
        and node.args
        and isinstance(node.args[0], ast.Name)
        and node.args[0].id in {"permission", "treated", "budgeted", "cleared", "share"}
    }
    assert users == set()
