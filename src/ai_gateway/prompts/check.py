"""What can be wrong with a prompt beyond its shape: its template, examples, tests and versions."""

import re
from collections.abc import Iterator, Mapping
from typing import cast

from ai_gateway.documents import Document, Position, Problem, Value, did_you_mean, pointer
from ai_gateway.errors import InputUnknown, RequestInvalid
from ai_gateway.model import ParameterValue
from ai_gateway.prompts.fields import Fields
from ai_gateway.prompts.picoschema import FENCE
from ai_gateway.prompts.prompt import Prompt, Section
from ai_gateway.prompts.render import render
from ai_gateway.prompts.template import MAX_TEMPLATE, TemplateInvalid, account

ONE_TEXT = ("equals", "contains", "icontains", "starts-with", "regex")
TEXTS = ("contains-any", "contains-all", "icontains-any", "icontains-all")
ASSERTIONS = tuple(f"{negation}{kind}" for negation in ("", "not-") for kind in (*ONE_TEXT, *TEXTS))
"""promptfoo's assertions that need nothing but the reply's text."""

MAX_ASSERTIONS = 50


def check(prompt: Prompt, front: Fields) -> None:
    """Adds every problem to the front matter's: template, examples, tests."""
    broken = list(template_problems(prompt, front))
    front.problems.extend(broken)
    usable = not front.problems
    for key in ("examples", "tests"):
        if not front.data.get(key):
            front.report(key, f"at least one of the {key} is missing: what a caller would send, under vars")
    for example in front.mappings("examples", maximum=len(prompt.examples)):
        example.only("description", "vars")
        _check_vars(prompt, example, usable=usable)
    for test in front.mappings("tests", maximum=len(prompt.tests)):
        test.only("description", "vars", "assert")
        _check_vars(prompt, test, usable=usable)
        _check_assertions(test)


def template_problems(prompt: Prompt, front: Fields) -> Iterator[Problem]:
    many = frozenset(name for name, declared in prompt.inputs.items() if declared.many)
    declared = {*prompt.inputs, *prompt.parameters, FENCE}
    used: set[str] = set()
    readable = True
    for section in prompt.sections:
        if len(section.template) > MAX_TEMPLATE:
            yield _at(prompt, section, 1, "", f"a section has at most {MAX_TEMPLATE} characters")
        try:
            found = account(section.template, many)
        except TemplateInvalid as invalid:
            readable = False
            yield _at(prompt, section, invalid.line, "", f"is not a template: {invalid.what}")
            continue
        used.update(found.names)
        for finding in found.findings:
            yield _at(prompt, section, finding.line, finding.word, finding.what)
        for name, line in found.names.items():
            if name not in declared:
                yield _at(prompt, section, line, name, f'"{name}" is not declared{did_you_mean(name, declared)}')
        if not found.always:
            yield _at(prompt, section, 1, "", "a section needs some text that is there whatever the inputs are")
    if readable:
        yield from _unused(declared - used - {FENCE}, front)


def _unused(names: set[str], front: Fields) -> Iterator[Problem]:
    schema = front.mapping("input").mapping("schema")
    for key in schema.data:
        name = re.split(r"[?(]", key, maxsplit=1)[0]
        if name in names:
            what = "is declared, but no section uses it; what is not needed is not asked for"
            yield schema.document.problem(schema.at + pointer(key), what, at_key=True)


def _check_vars(prompt: Prompt, case: Fields, *, usable: bool) -> None:
    """``vars`` must be a call that the prompt accepts: rendering it is the check."""
    values = case.mapping("vars", required=True)
    for name in values.data:
        known = {*prompt.inputs, *prompt.parameters}
        if name not in known:
            values.report(name, f"is not declared{did_you_mean(name, known)}", at_key=True)
    for name, declared in prompt.inputs.items():
        value = values.data.get(name)
        if value is not None and not (_texts(value) if declared.many else isinstance(value, str)):
            values.report(name, "must be a list of texts" if declared.many else "must be a text")
            usable = False
    if not usable or values.data.keys() - {*prompt.inputs, *prompt.parameters}:
        return
    try:
        render(prompt, *arguments(prompt, values.data))
    except (InputUnknown, RequestInvalid) as error:
        case.report("vars", error.detail)
    except ValueError as error:
        case.report("vars", str(error))


def arguments(prompt: Prompt, values: Mapping[str, object]) -> tuple[dict[str, list[str]], dict[str, ParameterValue]]:
    """An example's ``vars`` as ``render`` takes them: texts by input, and parameters."""
    texts: dict[str, list[str]] = {}
    for name in prompt.inputs.keys() & values.keys():
        value = values[name]
        texts[name] = cast("list[str]", value) if isinstance(value, list) else [cast("str", value)]
    parameters = {name: cast("ParameterValue", values[name]) for name in prompt.parameters.keys() & values.keys()}
    return texts, parameters


def _check_assertions(test: Fields) -> None:
    if not test.data.get("assert"):
        test.report("assert", "a test without assertions can never fail; say what a reply must satisfy")
        return
    for assertion in test.mappings("assert", maximum=MAX_ASSERTIONS):
        assertion.only("type", "value")
        kind = assertion.choice("type", *ASSERTIONS).removeprefix("not-")
        value = assertion.data.get("value")
        if kind in TEXTS and not (_texts(value) and value):
            assertion.report("value", "must be a list of texts")
        elif kind in ONE_TEXT and not (isinstance(value, str) and value):
            assertion.report("value", "must be a text")
        elif kind == "regex" and not _compiles(str(value)):
            assertion.report("value", "is not a regular expression")


def version_problems(
    labels: Document, pointed: Mapping[str, int], released: Mapping[int, str], prompts: Mapping[int, Prompt]
) -> Iterator[Problem]:
    """Labels point at versions that exist; a released version is the file it was, byte for byte."""
    known = [f"v{version}" for version in sorted(prompts)]
    for label, version in pointed.items():
        at = pointer("labels", label)
        if version not in prompts:
            yield labels.problem(at, f"points at a version that does not exist; there are {', '.join(known) or 'none'}")
        elif label == "production" and version not in released:
            digest = prompts[version].digest
            yield labels.problem(at, f"points at a version that is not released; add released: v{version}: {digest}")
    if "production" not in pointed:
        yield labels.problem("/labels", "has no production label")
    for version, digest in released.items():
        at = pointer("released", f"v{version}")
        if version not in prompts:
            yield labels.problem(at, "was released, but its file is missing; bring it back")
        elif prompts[version].digest != digest:
            yield labels.problem(at, f"was changed after its release; put the change into v{max(prompts) + 1}.prompt")


def _at(prompt: Prompt, section: Section, line: int, word: str, what: str) -> Problem:
    written = section.template.split("\n")[line - 1 : line]
    column = max(written[0].find(word), 0) + 1 if written and word else 1
    return Problem(prompt.file, Position(section.line + line - 1, column), "", what)


def _texts(value: Value) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _compiles(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True
