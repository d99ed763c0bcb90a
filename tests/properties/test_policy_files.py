"""Whatever is written into policy files, loading ends with policies or with problems that say where."""

import copy
import re
from functools import cache
from typing import Any

import jsonschema
from hypothesis import given, settings
from hypothesis import strategies as st

from ai_gateway.adapters.yaml_documents import read_yaml
from ai_gateway.documents import Document
from ai_gateway.errors import ConfigurationError
from ai_gateway.policies.file_shapes import FILE_SHAPES
from ai_gateway.policies.load import load
from ai_gateway.policies.schema import json_schema
from ai_gateway.policies.shape import Report, check
from builders_policies import POLICIES_FOLDER

FILES = {
    "taxonomy.yaml": "taxonomy",
    "vendors.yaml": "vendors",
    "features/proposal_draft.yaml": "feature",
    "features/profile_summary.yaml": "feature",
    "features/assistant.yaml": "feature",
    "callers.yaml": "callers",
    "retention.yaml": "retention",
}
PROBLEM = re.compile(r"[a-z_/]+\.yaml:\d+:\d+: #(?:|/.*): \S.*")
SCRAPS = st.sampled_from(
    ["", " ", ":", "- ", "'", "[", "}", "\n", "\t", "&a ", "*a", "!!x ", "null", "7", "~", "x: y\n", "\x00", "é"]
)


@cache
def text_of(file: str) -> str:
    return (POLICIES_FOLDER / file).read_text(encoding="utf-8")


@cache
def data_of(file: str) -> Any:
    return read_yaml(text_of(file), file).data


def loads_or_says_why(texts: dict[str, str]) -> None:
    try:
        load(texts, read_yaml)
    except ConfigurationError as error:
        problems = error.problems
    else:
        return
    assert problems
    assert [problem for problem in problems if not PROBLEM.fullmatch(problem)] == []


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(sorted(FILES)), st.data())
def test_a_damaged_file_is_loaded_or_refused_and_never_a_crash(file: str, data: st.DataObject) -> None:
    text = text_of(file)
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text)))
        end = min(len(text), start + data.draw(st.integers(0, 40)))
        text = text[:start] + data.draw(SCRAPS) + text[end:]
    loads_or_says_why({name: text_of(name) for name in FILES} | {file: text})


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(FILES)), st.text(max_size=200))
def test_any_text_at_all_is_refused_and_never_a_crash(file: str, text: str) -> None:
    loads_or_says_why({file: text})


_LINES = st.lists(st.integers(0, 400), min_size=2, max_size=2)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(sorted(FILES)), _LINES, st.sampled_from(["drop", "twice", "swap", "indent", "outdent", "cut"]))
def test_lines_that_an_editor_moved_drop_or_doubled_are_loaded_or_refused_at_their_place(
    file: str, places: list[int], deed: str
) -> None:
    lines = text_of(file).splitlines(keepends=True)
    a, b = (place % len(lines) for place in places)
    match deed:
        case "drop":
            del lines[a]
        case "twice":
            lines.insert(b, lines[a])
        case "swap":
            lines[a], lines[b] = lines[b], lines[a]
        case "indent":
            lines[a] = f"  {lines[a]}"
        case "outdent":
            lines[a] = lines[a].removeprefix("  ")
        case _:
            del lines[min(a, b) : max(a, b)]
    loads_or_says_why({name: text_of(name) for name in FILES} | {file: "".join(lines)})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 10**6) | st.text(alphabet="abAB_.:/-7 ", max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(alphabet="ab_", max_size=4), inner, max_size=3),
    max_leaves=6,
)


def places(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, entry in inner for place in places(entry, (*path, key)))]


@cache
def validator(kind: str) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json_schema(FILE_SHAPES[kind], kind))


@settings(max_examples=250, deadline=None)
@given(st.sampled_from(sorted(FILES)), st.data())
def test_the_loader_and_the_published_schema_agree_on_every_changed_file(file: str, data: st.DataObject) -> None:
    """One value replaced, removed or added anywhere: editor and loader say the same of its shape."""
    kind, changed = FILES[file], copy.deepcopy(data_of(file))
    path = data.draw(st.sampled_from(places(changed)[1:]))
    parent = changed
    for step in path[:-1]:
        parent = parent[step]
    deed = data.draw(st.sampled_from(["replace", "remove", "add"]))
    if deed == "remove":
        del parent[path[-1]]
    elif deed == "add" and isinstance(parent, dict):
        parent[data.draw(st.sampled_from(["sauce", "source", "many", "x"]))] = data.draw(JSON)
    else:
        parent[path[-1]] = data.draw(JSON)
    report = Report(Document(file=file, data=changed, values={"": read_yaml("x", file).position("")}, keys={}))
    check(FILE_SHAPES[kind], changed, "", report)
    assert validator(kind).is_valid(changed) is (not report.problems), report.problems
