"""What a template may do, and where it is told what it may not."""

import pytest

from ai_gateway.prompts.template import account, fill, literals
from prompt_samples import BODY, problems

TOP = '{{role "system"}}\nWrite. {{ tone }}\n{{role "user"}}\n'
USES = "{{ topic }}{% for note in notes %}{{ note }}{% endfor %}"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (TOP + "Text\n" + USES + "\n{{ topic.__class__ }}", ":25:10: #: only loop.first"),
        (TOP + "Text\n" + USES + "\n{{ topic.upper() }}", ":25:1: #: call is not among"),
        (TOP + "Text\n" + USES + "\n{{ topic[0] }}", ":25:1: #: getitem is not among"),
        (TOP + "Text\n" + USES + "\n{{ topic ~ topic }}", ":25:1: #: concat is not among"),
        (TOP + "Text\n" + USES + "\n{{ topic * 99999 }}", ":25:1: #: mul is not among"),
        (TOP + "Text\n" + USES + "\n{{ topic|upper }}", "No filter named 'upper'"),
        (TOP + "Text\n" + USES + "\n{% set x = 1 %}", ":25:1: #: assign is not among"),
        (TOP + "Text\n" + USES + "\n{% include 'a' %}", ":25:1: #: include is not among"),
        (TOP + "Text\n" + USES + "\n{% macro m() %}{% endmacro %}", ":25:1: #: macro is not among"),
        (TOP + "Text\n" + USES + "\n{% if topic is defined %}x{% endif %}", ":25:1: #: test is not among"),
        (TOP + "Text\n" + USES + "\n{{ notes }}", ":25:4: #: notes holds many texts; loop over it"),
        (TOP + "Text\n" + USES + "\n{% for letter in topic %}{% endfor %}", ":25:1: #: a loop goes over one declared"),
        (TOP + "Text\n" + USES + "\n{% for a, b in notes %}{% endfor %}", ":25:1: #: a loop names one text"),
        (TOP + "Text\n" + USES + "\n{% for n in notes if n %}{% endfor %}", ":25:1: #: a loop goes over one declared"),
        (TOP + "Text\n" + USES + "\n{{ note }}", ':25:4: #: "note" is not declared (did you mean "notes"?)'),
        (TOP + "Text\n" + USES + "\n{% if topic %}", "is not a template"),
        (TOP + USES, ":23:1: #: a section needs some text that is there whatever the inputs are"),
        (TOP + "{% if topic %}Text{% endif %}" + USES, "a section needs some text"),
        (TOP + 'Text {{role "user"}}\n' + USES, ":23:6: #: a role marker stands alone on its line"),
        (TOP.replace("system", "sytem") + "Text" + USES, ":20:1: #: the role must be one of system, user, assistant"),
        ("Hello\n" + TOP + "Text" + USES, ":20:1: #: text before the first role marker"),
        (TOP + "Text" + USES + '\n{{role "system"}}\nMore', ":25:1: #: the system section comes first, and only once"),
        (TOP + "Text" + USES + '\n{{role "assistant"}}\nSure.', ":25:1: #: the last section must be the user's"),
        ("", ":20:1: #: the body has no role marker"),
    ],
)
def test_what_a_template_may_not_do_is_told_with_its_place(body: str, expected: str) -> None:
    found = problems(body=body)

    assert any(expected in problem for problem in found), found


def test_what_a_template_may_do_is_enough_to_write_prompts() -> None:
    body = (
        TOP
        + 'Text {# aside #}{% if tone == "warm" and not notes %}dear {{ topic }}'
        + "{% elif notes|length > 2 %}many{% endif %}\n"
        + "{% for note in notes %}{{ loop.index }} of {{ loop.length }}: {{ note }}{% else %}none{% endfor %}\n"
        + '{{ "yes" if topic else "no" }}{% raw %}{{ as it is }}{% endraw %}'
    )

    assert problems(body=body) == ()


def test_literals_are_what_the_author_wrote_and_nothing_else() -> None:
    template = 'Dear {{ topic }},{% if tone == "warm" %} hugs{% endif %}{# aside #}{% raw %} {{x}}{% endraw %}'

    assert set(literals(template)) == {"Dear ", ",", " hugs", " {{x}}", "warm"}


def test_an_account_says_which_names_are_read_and_on_which_line() -> None:
    found = account("A\n{{ topic }}\n{% for note in notes %}{{ note }}{% endfor %}", frozenset({"notes"}))

    assert dict(found.names) == {"topic": 2, "notes": 3}
    assert found.always
    assert found.findings == ()


def test_a_name_that_is_not_there_is_an_error_and_not_an_empty_text() -> None:
    with pytest.raises(ValueError, match="not declared"):
        fill("Dear {{ topic }}", {})


def test_the_body_of_these_tests_is_sound() -> None:
    assert problems(body=BODY) == ()
