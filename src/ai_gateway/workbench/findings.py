"""What ``prompts lint`` found, and the ways it is told: to people, to programs, and to code hosts."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ai_gateway.documents import Position, Problem
from ai_gateway.workbench.rules import ERROR, RULES

_LINE = re.compile(r"(?P<file>.*?)(?::(?P<line>\d+):(?P<column>\d+))?: #(?P<pointer>[^:]*): (?P<what>.*)", re.DOTALL)
_NEAR = re.compile(r' \(did you mean (".*?")(?: instead of ".*?")?\?\)')
_SARIF = "https://json.schemastore.org/sarif-2.1.0.json"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Finding:
    """``line`` and ``column`` count from 1; ``pointer`` is a JSON pointer into front matter, or empty."""

    file: str
    line: int
    column: int
    code: str
    what: str
    suggestion: str
    level: str
    pointer: str = ""

    def __str__(self) -> str:
        line = f"{self.file}:{self.line}:{self.column}: {self.level}: {self.what} [{self.code}]\n    {self.suggestion}"
        return "".join(char if char.isprintable() or char == "\n" else f"\\u{ord(char):04x}" for char in line)


def finding(problem: Problem) -> Finding:
    """A near name, where there is one, comes before the rule's own suggestion."""
    rule = RULES[problem.code]
    near = _NEAR.search(problem.what)
    suggestion = f"Did you mean {near[1]}? {rule.suggestion}" if near else rule.suggestion
    return Finding(
        file=problem.file,
        line=problem.position.line,
        column=problem.position.column,
        code=problem.code,
        what=f"{problem.pointer.removeprefix('/')} {_NEAR.sub('', problem.what)}".strip(),
        suggestion=suggestion,
        level=rule.level,
        pointer=problem.pointer,
    )


def finding_of_line(line: str, code: str) -> Finding:
    """Of a problem that comes as ``ConfigurationError`` tells it."""
    match = _LINE.fullmatch(line)
    if match is None:
        return finding(Problem("", Position(1, 1), "", line, code))
    position = Position(int(match["line"] or 1), int(match["column"] or 1))
    return finding(Problem(match["file"], position, match["pointer"], match["what"], code))


def as_json(findings: Sequence[Finding]) -> list[Mapping[str, Any]]:
    return [
        {
            "file": one.file,
            "line": one.line,
            "column": one.column,
            "pointer": one.pointer,
            "code": one.code,
            "level": one.level,
            "what": one.what,
            "suggestion": one.suggestion,
        }
        for one in findings
    ]


def as_github(findings: Sequence[Finding]) -> str:
    """Workflow commands, which GitHub shows beside the lines of a pull request."""
    return "\n".join(
        f"::{one.level} file={_property(one.file)},line={one.line},col={one.column},title={one.code}::"
        f"{_escaped(f'{one.what}. {one.suggestion}')}"
        for one in findings
    )


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")


def as_sarif(findings: Sequence[Finding], version: str) -> Mapping[str, Any]:
    """SARIF 2.1.0 (OASIS), which code hosts and editors read."""
    rules = [
        {
            "id": rule.code,
            "shortDescription": {"text": rule.title},
            "help": {"text": rule.suggestion},
            "defaultConfiguration": {"level": rule.level},
        }
        for rule in RULES.values()
    ]
    driver = {"name": "ai-gateway prompts lint", "semanticVersion": version, "rules": rules}
    return {
        "$schema": _SARIF,
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": list(map(_result, findings))}],
    }


def _result(one: Finding) -> Mapping[str, Any]:
    region = {"startLine": one.line, "startColumn": one.column}
    location = {"physicalLocation": {"artifactLocation": {"uri": one.file}, "region": region}}
    text = f"{one.what}. {one.suggestion}"
    return {"ruleId": one.code, "level": one.level, "message": {"text": text}, "locations": [location]}


def failing(findings: Sequence[Finding], *, strict: bool) -> bool:
    return any(strict or one.level == ERROR for one in findings)
