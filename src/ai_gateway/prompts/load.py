"""One prompt file's bytes into a ``Prompt``, or every problem with it at once. No I/O: the YAML door is passed in."""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from ai_gateway.documents import Document, Position, Problem
from ai_gateway.errors import ConfigurationError
from ai_gateway.prompts.check import check_template, version_problems
from ai_gateway.prompts.fields import Fields, fields
from ai_gateway.prompts.people import People, read_people, somebody
from ai_gateway.prompts.picoschema import Declarations
from ai_gateway.prompts.prompt import Prompt
from ai_gateway.prompts.read_cases import read_cases
from ai_gateway.prompts.sections import cut, divide

ReadFrontMatter = Callable[[str, str, int], Document]
"""``(text, file, first line) → Document``; raises ``ConfigurationError`` for text that cannot be read."""

MAX_BYTES = 256 * 1024
MAX_VERSION = 9999
NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
LABEL = re.compile(r"[a-z][a-z0-9-]{0,31}")
_VERSION = re.compile(r"v([1-9][0-9]{0,3})")
_DIGEST = re.compile(r"[0-9a-f]{64}")
CONFIG = {
    "temperature": (0.0, 2.0),
    "top_p": (0.0, 1.0),
    "frequency_penalty": (-2.0, 2.0),
    "presence_penalty": (-2.0, 2.0),
    "seed": (0, 2**31 - 1),
}
"""What a prompt may set, with bounds. How long a reply may be is the policy's budget, not the prompt's."""

RANGES = "ai_gateway.ranges"
KEYS = ("name", "version", "description", "config", "input", "output", "examples", "tests", RANGES)


def load_prompt(data: bytes, file: str, read: ReadFrontMatter, people: People | None = None) -> Prompt:
    """The prompt in a file's bytes, without labels. Raises ``ConfigurationError`` with all that is wrong with it."""
    problems: list[Problem] = []
    prompt = read_prompt(data, file, read, problems, people)
    if problems:
        raise ConfigurationError(*map(str, sorted(set(problems))))
    return prompt


def read_prompt(
    data: bytes, file: str, read: ReadFrontMatter, problems: list[Problem], people: People | None = None
) -> Prompt:
    """As far as it can be read; every problem is added to the list, and with one the prompt is not to be used.

    ``people`` are whom its cases speak of (None: somebody). Raises ``ConfigurationError`` for what is no prompt at all.
    """
    text = _text(data, file)
    parts = divide(text)
    if parts is None:
        raise ConfigurationError(f"{file}:1:1: #: must begin with front matter between two lines of ---")
    document = read(parts.front, file, parts.front_line)
    front = fields(document, problems)
    _unknown(front)
    declared = _declared(front)
    prompt = Prompt(
        name=_name(front),
        version=front.whole("version", 1, MAX_VERSION),
        description=front.text("description"),
        sections=cut(parts.body, parts.body_line, file, problems),
        inputs=declared.inputs,
        parameters=declared.parameters,
        config=_config(front.mapping("config")),
        cases=(),
        labels=frozenset(),
        file=file,
        digest=hashlib.sha256(data).hexdigest(),
    )
    _output(front)
    check_template(prompt, front)
    cases = read_cases(prompt, front, people or somebody(prompt.name), usable=not problems)
    return replace(prompt, cases=cases)


def load_people(data: bytes, file: str, read: ReadFrontMatter) -> People:
    """``people.yaml``. Raises ``ConfigurationError`` with all that is wrong with it."""
    problems: list[Problem] = []
    people = people_in(data, file, read, problems)
    if problems:
        raise ConfigurationError(*map(str, sorted(set(problems))))
    return people


def people_in(data: bytes, file: str, read: ReadFrontMatter, problems: list[Problem]) -> People:
    """As far as they can be read; every problem is added to the list. Raises ``ConfigurationError`` for no YAML."""
    return read_people(fields(read(_text(data, file), file, 1), problems))


def _text(data: bytes, file: str) -> str:
    if len(data) > MAX_BYTES:
        raise ConfigurationError(f"{file}:1:1: #: is longer than {MAX_BYTES} bytes")
    try:
        return data.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigurationError(str(Problem(file, Position(line, 1), "", "is not UTF-8"))) from None


def _unknown(front: Fields) -> None:
    if "model" in front.data:
        front.report(
            "model",
            "is for the policy to say: vendors and models, in order; leave it out",
            at_key=True,
            code="key-unknown",
        )
    front.only(*KEYS, *(["model"] if "model" in front.data else []))


def _name(front: Fields) -> str:
    name = front.text("name")
    if name and not NAME.fullmatch(name):
        front.report("name", "must be in lower case letters, digits and _, beginning with a letter")
    return name


def _declared(front: Fields) -> Declarations:
    given = front.mapping("input", required=True)
    given.only("schema", "default")
    declared = Declarations(
        schema=given.mapping("schema", required=True), defaults=given.mapping("default"), ranges=front.mapping(RANGES)
    )
    declared.read()
    return declared


def _config(config: Fields) -> dict[str, float | int]:
    config.only(*CONFIG)
    found: dict[str, float | int] = {}
    for key, (low, high) in CONFIG.items():
        if key in config.data:
            found[key] = config.whole(key, 0, int(high)) if key == "seed" else config.number(key, low, high)
    return found


def _output(front: Fields) -> None:
    output = front.mapping("output")
    output.only("format")
    if output.data:
        output.choice("format", "text")


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """``labels.yaml``: which version each label points at, and the digest each released version had."""

    labels: Mapping[str, int]
    released: Mapping[int, str]


def load_labels(data: bytes, file: str, read: ReadFrontMatter, prompts: Mapping[int, Prompt]) -> Labels:
    """Raises ``ConfigurationError`` with all that is wrong with it, or with the versions it names."""
    problems: list[Problem] = []
    labels = read_labels(data, file, read, problems, prompts)
    if problems:
        raise ConfigurationError(*map(str, sorted(set(problems))))
    return labels


def read_labels(
    data: bytes, file: str, read: ReadFrontMatter, problems: list[Problem], prompts: Mapping[int, Prompt]
) -> Labels:
    """As far as it can be read; problems with the versions it names come only when it has none of its own."""
    document = read(_text(data, file), file, 1)
    before = len(problems)
    front = fields(document, problems)
    front.only("labels", "released")
    labels, released = front.mapping("labels", required=True), front.mapping("released")
    pointed: dict[str, int] = {}
    for label, version in labels.data.items():
        if not LABEL.fullmatch(label):
            labels.report(label, "must be lower case letters, digits and -", at_key=True)
        elif (number := version_number(version)) is None:
            labels.report(label, "must be a version, as its file is named: v1")
        else:
            pointed[label] = number
    digests: dict[int, str] = {}
    for version, digest in released.data.items():
        number = version_number(version)
        if number is None or not isinstance(digest, str) or not _DIGEST.fullmatch(digest):
            released.report(version, "must be a version and the SHA-256 of its file in hex")
        else:
            digests[number] = digest
    if len(problems) == before:
        problems.extend(version_problems(document, pointed, digests, prompts))
    return Labels(labels=pointed, released=digests)


def version_number(value: object) -> int | None:
    """3 of ``v3``; None for all else."""
    match = _VERSION.fullmatch(value) if isinstance(value, str) else None
    return int(match[1]) if match else None
