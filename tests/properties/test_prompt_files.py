"""Whatever an author's files hold, they load or say what is wrong in lines with places; nothing else ever happens."""

import re
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ai_gateway.adapters.yaml_documents import read_yaml
from ai_gateway.documents import Problem
from ai_gateway.errors import ConfigurationError
from ai_gateway.prompts.load import load_labels, load_people, load_prompt, read_prompt
from ai_gateway.workbench.findings import finding, finding_of_line
from ai_gateway.workbench.habits import habits
from ai_gateway.workbench.recordings import read_recordings
from ai_gateway.workbench.releasing import read_history

PROMPTS = Path(__file__).parents[2] / "prompts"
V2 = (PROMPTS / "proposal_draft" / "v2.prompt").read_text()
PEOPLE = (PROMPTS / "proposal_draft" / "people.yaml").read_text()
LABELS = (PROMPTS / "proposal_draft" / "labels.yaml").read_text()
_PLACED = re.compile(r".+:\d+:\d+: #.*: .+")

BITS = st.sampled_from(
    (
        *("{{ fence }}", "{{ profile }}", "{{", "}}", "{% for x in messages %}", "{% endfor %}", "{% if", "%}", "{#"),
        *(
            '{{role "system"}}',
            "{{role tone}}",
            "---\n",
            "\n",
            "  ",
            "- ",
            ": ",
            "[",
            "]",
            "{",
            "}",
            "'",
            '"',
            "&a",
            "*a",
            "!!x",
        ),
        *(
            "vars:",
            "assert:",
            "type: regex",
            "value: '('",
            "type: decision",
            "people:",
            "pro_1",
            "true",
            "null",
            "1e999",
            "-1",
        ),
        *("\x00", "\ufeff", "\u2028", "\ud7ff", "é", "x" * 300),
    )
)


@st.composite
def changed(draw: Any, text: str) -> str:
    """The text with some lines taken out, doubled or swapped, and bits put in anywhere."""
    lines = text.split("\n")
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(lines) - 1))
        match draw(st.integers(0, 3)):
            case 0:
                del lines[at]
                lines = lines or [""]
            case 1:
                lines.insert(at, lines[at])
            case 2:
                other = draw(st.integers(0, len(lines) - 1))
                lines[at], lines[other] = lines[other], lines[at]
            case _:
                where = draw(st.integers(0, len(lines[at])))
                lines[at] = lines[at][:where] + draw(BITS) + lines[at][where:]
    return "\n".join(lines)


def told(error: ConfigurationError) -> None:
    assert error.problems
    assert all(_PLACED.fullmatch(line) for line in error.problems), error.problems
    assert all(finding_of_line(line, "file-unreadable").suggestion for line in error.problems)


@settings(deadline=None)
@given(changed(V2))
def test_any_prompt_file_loads_or_says_what_is_wrong(text: str) -> None:
    data, problems = text.encode(), list[Problem]()
    try:
        prompt = read_prompt(data, "proposal_draft/v2.prompt", read_yaml, problems)
    except ConfigurationError as error:
        told(error)
        return
    assert all(finding(one).suggestion for one in problems)
    if problems:
        try:
            load_prompt(data, "proposal_draft/v2.prompt", read_yaml)
        except ConfigurationError as error:
            told(error)
        else:
            raise AssertionError("a prompt with problems was loaded")
    else:
        assert all(finding(one).suggestion for one in habits(prompt))


@settings(deadline=None)
@given(changed(PEOPLE))
def test_any_file_of_people_loads_or_says_what_is_wrong(text: str) -> None:
    try:
        people = load_people(text.encode(), "proposal_draft/people.yaml", read_yaml)
    except ConfigurationError as error:
        told(error)
    else:
        assert people.actor in people.persons


@settings(deadline=None)
@given(changed(LABELS))
def test_any_file_of_labels_loads_or_says_what_is_wrong(text: str) -> None:
    try:
        load_labels(text.encode(), "proposal_draft/labels.yaml", read_yaml, {})
    except ConfigurationError as error:
        told(error)
    else:
        raise AssertionError("labels without versions were loaded")


@settings(deadline=None)
@given(st.binary(max_size=400) | changed((PROMPTS / "proposal_draft" / "recordings.json").read_text()).map(str.encode))
def test_any_recordings_and_any_history_load_or_say_what_is_wrong(data: bytes) -> None:
    try:
        read_recordings(data, "letter/recordings.json")
    except ConfigurationError as error:
        told(error)
    try:
        read_history(data.decode("utf-8", "replace"), "letter/history.jsonl")
    except ConfigurationError as error:
        told(error)
