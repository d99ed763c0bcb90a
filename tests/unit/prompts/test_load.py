"""A prompt file becomes a value, or says everything that is wrong with it."""

import hashlib

import pytest

from ai_gateway.adapters.yaml_documents import read_yaml
from ai_gateway.errors import ConfigurationError
from ai_gateway.prompts.load import MAX_BYTES, load_prompt
from ai_gateway.prompts.prompt import ParameterKind
from prompt_samples import BODY, FRONT, problems, prompt, source


def test_a_string_is_an_input_and_everything_else_a_parameter() -> None:
    front = FRONT.replace(
        "    tone?(enum",
        "    pages?: integer, how many\n    weight: number\n    signed: boolean\n    tone?(enum",
    ).replace(
        "    tone: plain\n", "    tone: plain\n    pages: 2\nai_gateway.ranges:\n  pages: [1, 9]\n  weight: [0, 1.5]\n"
    )
    body = BODY + "{{ pages }} {{ weight }} {% if signed %}Sign it.{% endif %}"
    front = front.replace("{topic: Boats}", "{topic: Boats, weight: 1, signed: true}")

    loaded = prompt(front, body)

    assert [(i.name, i.many, i.required) for i in loaded.inputs.values()] == [
        ("topic", False, True),
        ("notes", True, False),
    ]
    assert loaded.inputs["topic"].description == "what it is about"
    assert {name: p.kind for name, p in loaded.parameters.items()} == {
        "pages": ParameterKind.INTEGER,
        "weight": ParameterKind.NUMBER,
        "signed": ParameterKind.BOOLEAN,
        "tone": ParameterKind.ENUM,
    }
    assert (loaded.parameters["pages"].minimum, loaded.parameters["pages"].maximum) == (1, 9)
    assert loaded.parameters["tone"].choices == ("plain", "warm")
    assert loaded.parameters["tone"].default == "plain"
    assert loaded.parameters["weight"].default is None


def test_the_digest_is_of_the_bytes_of_the_file() -> None:
    assert prompt().digest == hashlib.sha256(source()).hexdigest()


def test_windows_line_ends_are_read_as_line_ends() -> None:
    loaded = load_prompt(source().replace(b"\n", b"\r\n"), "letter/v1.prompt", read_yaml)

    assert [section.template for section in loaded.sections] == [section.template for section in prompt().sections]


def test_all_problems_come_at_once_each_with_its_place_and_a_suggestion() -> None:
    front = FRONT.replace("description:", "descripton:").replace("  format: text", "  format: txet")
    found = problems(front, BODY.replace("{{ topic }}", "{{ topik }}"))

    assert found == (
        "letter/v1.prompt:2:1: #/description: must be a text of 1 to 20000 characters",
        'letter/v1.prompt:4:1: #/descripton: is not a known key (did you mean "description"?)',
        (
            "letter/v1.prompt:7:5: #/input/schema/topic: is declared, but no section uses it; "
            "what is not needed is not asked for"
        ),
        'letter/v1.prompt:13:11: #/output/format: must be one of text (did you mean "text"?)',
        'letter/v1.prompt:25:4: #: "topik" is not declared (did you mean "topic"?)',
    )


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("version: 1", "version: one", "#/version: must be a whole number from 1 to 9999"),
        ("version: 1", "version: 0", "#/version: must be a whole number"),
        ("version: 1", "version: true", "#/version: must be a whole number"),
        ("name: letter", "name: Letter", "#/name: must be in lower case"),
        ("version: 1", "version: 1\nmodel: gpt-5", "#/model: is for the policy to say"),
        ("version: 1", "version: 1\nconfig: {temperature: 3}", "#/config/temperature: must be a number from 0 to 2"),
        ("version: 1", "version: 1\nconfig: {temprature: 1}", 'did you mean "temperature"?'),
        ("version: 1", "version: 1\nconfig: {max_tokens: 5}", "#/config/max_tokens: is not a known key"),
        ("version: 1", "version: 1\nconfig: [1]", "#/config: must be a mapping"),
        ("input:", "inputs:", "#/input: must be a mapping"),
        ("topic: string", "topic: text", "must be one of string, integer, number, boolean"),
        ("topic: string", "topic: strin", 'did you mean "string"?'),
        ("topic: string, what it is about", "topic: {a: string}", "must be one of string"),
        ("notes?(array): string", "notes?(array): integer", "a list holds texts"),
        ("notes?(array): string", "notes?(object): string", "can only be an array or an enum"),
        ("topic: string", "Topic: string", "in lower case"),
        ("topic: string", "fence: string", "is a reserved name"),
        ("topic: string", "class: string", "is a reserved name"),
        ("topic: string", "topic?: string, why\n    topic: string", "declares this name a second time"),
        ("[plain, warm]", "[plain, 3]", "different short texts"),
        ("[plain, warm]", "[plain, plain]", "different short texts"),
        ("[plain, warm]", "[]", "different short texts"),
        ("[plain, warm]", '["{{ topic }}"]', "different short texts"),
        ("    tone: plain", "    tone: loud", "#/input/default/tone: must be one of plain, warm"),
        ("    tone: plain", "    topic: Boats", "#/input/default/topic: is no parameter"),
        ("  default:\n    tone: plain\n", "", "is optional and has no default"),
        ("    tone?(enum", "    pages: integer\n    tone?(enum", "needs a range"),
        ("output:", "ai_gateway.ranges: {tone: [1, 2]}\noutput:", "only integer and number have one"),
        ("examples:\n  - vars: {topic: Boats}\n", "", "#/examples: at least one of the examples is missing"),
        ("- vars: {topic: Boats}\ntests", "- vars: {topic: 3}\ntests", "#/examples/0/vars/topic: must be a text"),
        ("- vars: {topic: Boats}\ntests", "- vars: {}\ntests", '#/examples/0/vars: the prompt needs the input "topic"'),
        ("- vars: {topic: Boats}\ntests", "- {}\ntests", "#/examples/0/vars: must be a mapping"),
        ("- vars: {topic: Boats}\ntests", "- vars: {topic: B, tone: x}\ntests", 'the parameter "tone" must be one of'),
        ("- vars: {topic: Boats}\ntests", "- vars: {topik: B}\ntests", 'did you mean "topic"?'),
        ("    assert: [{type: icontains, value: boat}]\n", "", "a test without assertions can never fail"),
        ("[{type: icontains, value: boat}]", "[]", "a test without assertions can never fail"),
        ("type: icontains", "type: icontain", 'did you mean "icontains"?'),
        ("value: boat", "value: [boat]", "#/tests/0/assert/0/value: must be a text"),
        ("type: icontains, value: boat", "type: contains-all, value: boat", "must be a list of texts"),
        ("type: icontains, value: boat", "type: regex, value: '('", "is not a regular expression"),
    ],
)
def test_front_matter_that_cannot_mean_what_it_says_is_refused(old: str, new: str, expected: str) -> None:
    assert old in FRONT

    assert any(expected in problem for problem in problems(FRONT.replace(old, new, 1)))


def test_a_number_needs_a_range_whose_ends_are_in_order() -> None:
    front = FRONT.replace("    tone?(enum", "    pages: integer\n    tone?(enum")

    assert any("[lowest, highest]" in p for p in problems(front + "ai_gateway.ranges: {pages: [9, 1]}\n"))


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"Write a letter.", "letter/v1.prompt:1:1: #: must begin with front matter"),
        (b"---\nname: letter\n", "letter/v1.prompt:1:1: #: must begin with front matter"),
        (b"---\n- a\n---\n", "letter/v1.prompt:2:1: #: must be a mapping"),
        (b"---\nname: 'letter\n---\n", "letter/v1.prompt:"),
        (b"---\nname: letter\n\xff\n---\n", "letter/v1.prompt:3:1: #: is not UTF-8"),
        (b"-" * (MAX_BYTES + 1), "letter/v1.prompt:1:1: #: is longer than"),
    ],
)
def test_a_file_that_is_no_prompt_says_so(data: bytes, expected: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_prompt(data, "letter/v1.prompt", read_yaml)

    assert caught.value.problems[0].startswith(expected)
