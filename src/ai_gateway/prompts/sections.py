"""A prompt file's parts: the front matter between ``---`` lines, then one section per role marker.

The body is cut at role markers before any value is known, so that no value can ever be one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ai_gateway.documents import Position, Problem, did_you_mean
from ai_gateway.prompts.prompt import Section

ROLES = ("system", "user", "assistant")
MAX_SECTIONS = 20
_FENCE = "---"
_MARKER = re.compile(r'\s*\{\{\s*role\s+"(?P<role>[^"]*)"\s*\}\}\s*')
_ALMOST = re.compile(r"\{\{-?\s*role\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """``front_line`` and ``body_line`` are the file's lines at which each part begins, from 1."""

    front: str
    front_line: int
    body: str
    body_line: int


def divide(text: str) -> Parts | None:
    """Front matter and body, or None when the file does not begin with front matter that ends."""
    lines = text.split("\n")
    if lines[0].rstrip() != _FENCE:
        return None
    for index, line in enumerate(lines[1:], start=1):
        if line.rstrip() == _FENCE:
            front, body = "\n".join(lines[1:index]) + "\n", "\n".join(lines[index + 1 :])
            return Parts(front=front, front_line=2, body=body, body_line=index + 2)
    return None


def cut(body: str, first_line: int, file: str, problems: list[Problem]) -> tuple[Section, ...]:
    """The sections of a body, in order. Their templates begin and end with something other than white space."""
    sections: list[Section] = []
    role, start, lines = "", first_line, list[str]()
    for number, line in enumerate(body.split("\n"), start=first_line):
        marker = _MARKER.fullmatch(line)
        if marker is None:
            lines.append(line)
            if almost := _ALMOST.search(line):
                what = (
                    'a role marker stands alone on its line, its role in quotes and never from a value: {{role "user"}}'
                )
                problems.append(Problem(file, Position(number, almost.start() + 1), "", what, "role-marker"))
            continue
        _close(sections, role, lines, start, file, problems)
        role, start, lines = marker["role"], number + 1, []
        if role not in ROLES:
            what = f"the role must be one of {', '.join(ROLES)}{did_you_mean(role, ROLES)}"
            problems.append(_problem(file, number, what))
    _close(sections, role, lines, start, file, problems)
    problems.extend(_misplaced(sections, first_line, file))
    return tuple(sections)


def _close(
    sections: list[Section], role: str, lines: list[str], start: int, file: str, problems: list[Problem]
) -> None:
    template = "\n".join(lines)
    if not role:
        if template.strip():
            problems.append(_problem(file, start, 'text before the first role marker; begin with {{role "system"}}'))
        return
    blank = len(template) - len(template.lstrip())
    sections.append(Section(role=role, template=template.strip(), line=start + template[:blank].count("\n")))


def _misplaced(sections: list[Section], first_line: int, file: str) -> Iterator[Problem]:
    if not sections:
        yield _problem(file, first_line, 'the body has no role marker; begin with {{role "system"}}')
        return
    if len(sections) > MAX_SECTIONS:
        yield _problem(file, sections[MAX_SECTIONS].line, f"a prompt has at most {MAX_SECTIONS} sections")
    for section in sections[1:]:
        if section.role == "system":
            yield _problem(file, section.line, "the system section comes first, and only once")
    if sections[-1].role != "user":
        yield _problem(file, sections[-1].line, "the last section must be the user's")


def _problem(file: str, line: int, what: str) -> Problem:
    return Problem(file, Position(line, 1), "", what, "role-marker")
