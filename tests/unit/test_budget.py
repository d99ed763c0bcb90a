"""A prompt is made to fit by leaving whole items out, and every one that is left out is named."""

import pytest

from ai_gateway.budget import TOKENS_BEFORE_REPLY, TOKENS_PER_MESSAGE, count_messages, fit
from ai_gateway.errors import PromptTooLong
from ai_gateway.model import Action, Message, Treatment
from prompt_samples import FRONT, Words, budget, model, prompt, treated

LONG = " ".join(["word"] * 50)


def test_what_fits_is_left_whole() -> None:
    given = treated({"topic": "Boats", "notes": ["one", "two"]})

    fitted = fit(given, prompt(), budget(1000, "notes"), model(), Words())

    assert fitted.items == given.items
    assert fitted.decisions == given.permission.items
    assert fitted.input_tokens == count_messages(fitted.messages, "o200k_base", Words())


def test_the_last_item_of_the_first_input_in_the_order_goes_first() -> None:
    given = treated({"topic": "Boats", "notes": [LONG, LONG, LONG]})
    whole = fit(given, prompt(), budget(1000, "notes"), model(), Words()).input_tokens

    fitted = fit(given, prompt(), budget(whole - 1, "notes"), model(), Words())

    assert [item.path for item in fitted.items] == ["topic", "notes[0]", "notes[1]"]
    assert [decision.item for decision in fitted.decisions] == ["topic", "notes[0]", "notes[1]", "notes[2]"]
    dropped = fitted.decisions[-1]
    assert (dropped.action, dropped.treatment) == (Action.WITHHELD, Treatment.WITHHOLD)
    assert (dropped.reason.code, dropped.reason.item) == ("budget-dropped", "notes[2]")
    assert (dropped.reason.rule, dropped.reason.source) == ("features/letter.yaml#/budget", "policy L85")
    assert all(decision.action is Action.SHARED for decision in fitted.decisions[:-1])


def test_no_more_items_go_than_must() -> None:
    given = treated({"topic": "Boats", "notes": [LONG] * 8})
    at = {
        n: fit(treated({"topic": "Boats", "notes": [LONG] * n}), prompt(), budget(9999), model(), Words())
        for n in range(9)
    }

    for kept in range(9):
        fitted = fit(given, prompt(), budget(at[kept].input_tokens, "notes"), model(), Words())
        assert len(fitted.items) == kept + 1


def test_an_input_outside_the_order_never_goes() -> None:
    given = treated({"topic": "Boats", "notes": [LONG]})

    with pytest.raises(PromptTooLong) as caught:
        fit(given, prompt(), budget(30), model(), Words())

    assert caught.value.facts == {"tokens": 79, "limit": 30, "dropped": 0}


def test_a_required_input_keeps_its_first_item() -> None:
    given = treated({"topic": LONG, "notes": [LONG]})

    with pytest.raises(PromptTooLong) as caught:
        fit(given, prompt(), budget(30, "notes", "topic"), model(), Words())

    assert caught.value.facts["dropped"] == 1


def test_of_a_required_list_all_but_the_first_may_go() -> None:
    given = treated({"topic": "Boats", "notes": [LONG, LONG]})
    required = prompt(
        FRONT.replace("notes?(array)", "notes(array)").replace("{topic: Boats}", "{topic: Boats, notes: [a]}")
    )

    fitted = fit(given, required, budget(100, "notes"), model(), Words())

    assert [item.path for item in fitted.items] == ["topic", "notes[0]"]


def test_room_for_the_reply_is_kept_free_in_the_models_context() -> None:
    given = treated({"topic": "Boats", "notes": [LONG]})

    fitted = fit(given, prompt(), budget(1000, "notes", max_output=60), model(context=130), Words())

    assert fitted.input_tokens + fitted.max_output_tokens <= 130
    assert [item.path for item in fitted.items] == ["topic"]


def test_a_text_is_never_cut() -> None:
    given = treated({"topic": "Boats", "notes": [LONG, "short", LONG]})

    fitted = fit(given, prompt(), budget(110, "notes"), model(), Words())

    assert [item.path for item in fitted.items] == ["topic", "notes[0]", "notes[1]"]
    assert all(item.text in fitted.messages[-1].content for item in fitted.items)


def test_hundreds_of_items_are_counted_a_handful_of_times() -> None:
    words = Words()

    fit(treated({"topic": "Boats", "notes": [LONG] * 400}), prompt(), budget(2000, "notes"), model(), words)

    assert words.counted <= 12


def test_messages_are_counted_as_the_model_sees_them() -> None:
    messages = (Message(role="system", content="one two"), Message(role="user", content="three"))

    assert count_messages(messages, "any", Words()) == (1 + 2) + (1 + 1) + 2 * TOKENS_PER_MESSAGE + TOKENS_BEFORE_REPLY
