"""What can be wrong with a prompt beyond its shape: its template and its versions."""

import re
from collections.abc import Iterator, Mapping

from ai_gateway.documents import Document, Position, Problem, did_you_mean, pointer
from ai_gateway.prompts.fields import Fields
from ai_gateway.prompts.picoschema import FENCE
from ai_gateway.prompts.prompt import Prompt, Section
from ai_gateway.prompts.template import MAX_TEMPLATE, TemplateInvalid, account


def check_template(prompt: Prompt, front: Fields) -> None:
    """Adds every problem of the template to the front matter's."""
    front.problems.extend(list(template_problems(prompt, front)))


def template_problems(prompt: Prompt, front: Fields) -> Iterator[Problem]:
    many = frozenset(name for name, declared in prompt.inputs.items() if declared.many)
    declared = {*prompt.inputs, *prompt.parameters, FENCE}
    used: set[str] = set()
    readable = True
    for section in prompt.sections:
        if len(section.template) > MAX_TEMPLATE:
            yield _at(prompt, section, 1, "", f"a section has at most {MAX_TEMPLATE} characters", "template-long")
        try:
            found = account(section.template, many)
        except TemplateInvalid as invalid:
            readable = False
            yield _at(prompt, section, invalid.line, "", f"is not a template: {invalid.what}", "template-invalid")
            continue
        used.update(found.names)
        for finding in found.findings:
            yield _at(prompt, section, finding.line, finding.word, finding.what, "template-forbidden")
        for name, line in found.names.items():
            if name not in declared:
                what = f'"{name}" is not declared{did_you_mean(name, declared)}'
                yield _at(prompt, section, line, name, what, "variable-undeclared")
        if not found.always:
            what = "a section needs some text that is there whatever the inputs are"
            yield _at(prompt, section, 1, "", what, "section-empty")
    if readable:
        yield from _unused(declared - used - {FENCE}, front)


def _unused(names: set[str], front: Fields) -> Iterator[Problem]:
    schema = front.mapping("input").mapping("schema")
    for key in schema.data:
        name = re.split(r"[?(]", key, maxsplit=1)[0]
        if name in names:
            what = "is declared, but no section uses it; what is not needed is not asked for"
            yield schema.document.problem(schema.at + pointer(key), what, at_key=True, code="input-unused")


def version_problems(
    labels: Document, pointed: Mapping[str, int], released: Mapping[int, str], prompts: Mapping[int, Prompt]
) -> Iterator[Problem]:
    """Labels point at versions that exist; a released version is the file it was, byte for byte."""
    known = [f"v{version}" for version in sorted(prompts)]
    for label, version in pointed.items():
        at = pointer("labels", label)
        if version not in prompts:
            what = f"points at a version that does not exist; there are {', '.join(known) or 'none'}"
            yield labels.problem(at, what, code="label-version")
        elif label == "production" and version not in released:
            digest = prompts[version].digest
            what = f"points at a version that is not released; add released: v{version}: {digest}"
            yield labels.problem(at, what, code="label-unreleased")
    if "production" not in pointed:
        near = next((f' (did you mean "production" instead of "{one}"?)' for one in pointed if _near(one)), "")
        what = f"has no production label{near}"
        yield labels.problem("/labels", what, code="label-production")
    for version, digest in released.items():
        at = pointer("released", f"v{version}")
        if version not in prompts:
            what = "was released, but its file is missing; bring it back"
            yield labels.problem(at, what, code="released-missing")
        elif prompts[version].digest != digest:
            what = f"was changed after its release; put the change into v{max(prompts) + 1}.prompt"
            yield labels.problem(at, what, code="released-changed")


def _near(label: str) -> bool:
    return bool(did_you_mean(label, ("production",)))


def _at(prompt: Prompt, section: Section, line: int, word: str, what: str, code: str) -> Problem:
    written = section.template.split("\n")[line - 1 : line]
    column = max(written[0].find(word), 0) + 1 if written and word else 1
    return Problem(prompt.file, Position(section.line + line - 1, column), "", what, code)
