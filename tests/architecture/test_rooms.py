"""Modules are rooms one would want to live in: small, and named by what the product deals with."""

import ast
import statistics
from pathlib import Path

SOURCE = Path(__file__).parent.parent.parent / "src" / "ai_gateway"
LARGEST = 300
LARGER = {
    "verifier.py": "an outsider gets one file",
}
"""Only ever gets shorter."""
THEIRS = {"get_route_handler"}
"""Names that a framework gives."""
NOT_OURS = ("guardrail", "manager", "helper", "handler", "scrub", "sanitize", "payload", "utils")


def lines() -> dict[str, int]:
    return {
        path.relative_to(SOURCE).as_posix(): len(path.read_text().splitlines())
        for path in SOURCE.rglob("*.py")
        if path.name != "__init__.py"
    }


def test_the_median_module_is_short() -> None:
    assert statistics.median(lines().values()) < 150


def test_no_module_is_long_without_a_reason() -> None:
    assert {name for name, count in lines().items() if count > LARGEST} <= set(LARGER)


def test_nothing_is_named_by_words_that_say_nothing() -> None:
    named = {
        (path.relative_to(SOURCE).as_posix(), node.name)
        for path in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and node.name not in THEIRS
        and any(word in node.name.lower() for word in NOT_OURS)
    }
    assert named == set()
