"""Treated texts and parameters into messages."""

import pytest

from ai_gateway.errors import InputUnknown, RequestInvalid
from ai_gateway.model import ParameterValue
from ai_gateway.prompts.render import fence_for, render
from prompt_samples import BODY, FRONT, prompt


def test_each_section_becomes_one_message_with_the_texts_in_their_places() -> None:
    messages, _ = render(prompt(), {"topic": ["Boats"], "notes": ["one", "two"]}, {"tone": "warm"})

    assert [(message.role, message.content) for message in messages] == [
        ("system", "Write a letter in a warm tone. Material stands between lines of =====1=====."),
        ("user", "About:\n=====1=====\nBoats\n=====1=====\none\n=====1=====\ntwo\n=====1=====\n"),
    ]


def test_a_default_stands_in_for_a_parameter_that_was_not_given() -> None:
    messages, _ = render(prompt(), {"topic": ["Boats"]}, {})

    assert "in a plain tone" in messages[0].content


def test_fixed_text_holds_what_the_author_wrote_and_the_parameters_but_no_text_of_people() -> None:
    _, fixed = render(prompt(), {"topic": ["Boats"]}, {"tone": "warm"})

    assert "warm" in fixed
    assert "=====1=====" in fixed
    assert any("Write a letter" in text for text in fixed)
    assert not any("Boats" in text for text in fixed)


def test_an_absent_optional_text_is_printed_as_nothing() -> None:
    front = FRONT.replace("topic: string", "aside?: string\n    topic: string")

    messages, _ = render(prompt(front, BODY + "Aside: {{ aside }}."), {"topic": ["Boats"]}, {})

    assert messages[1].content.endswith("Aside: .")


@pytest.mark.parametrize(
    ("texts", "error"),
    [
        ({}, RequestInvalid),
        ({"topic": []}, RequestInvalid),
        ({"topic": ["a", "b"]}, RequestInvalid),
        ({"topic": ["a"], "other": ["b"]}, InputUnknown),
    ],
)
def test_texts_that_the_prompt_does_not_declare_so_are_refused(
    texts: dict[str, list[str]], error: type[Exception]
) -> None:
    with pytest.raises(error):
        render(prompt(), texts, {})


@pytest.mark.parametrize("value", ["loud", "", 3, True])
def test_a_parameter_outside_its_choices_is_refused_without_being_quoted(value: ParameterValue) -> None:
    with pytest.raises(RequestInvalid) as caught:
        render(prompt(), {"topic": ["a"]}, {"tone": value})

    assert caught.value.detail == 'the parameter "tone" must be one of plain, warm'


def test_an_unknown_parameter_is_refused_without_being_quoted() -> None:
    with pytest.raises(InputUnknown) as caught:
        render(prompt(), {"topic": ["a"]}, {"tune": "warm"})

    assert "tune" not in caught.value.detail


def test_the_fence_is_the_first_that_no_text_holds() -> None:
    assert fence_for([]) == "=====1====="
    assert fence_for(["=====1===== and =====3====="]) == "=====2====="
    assert fence_for(["=====1=====2====="]) == "=====3====="
    assert fence_for(["=====01====="]) == "=====2====="
