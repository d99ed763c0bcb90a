"""Laws of the budget, for any items and any limit."""

from collections.abc import Mapping

from hypothesis import given, settings
from hypothesis import strategies as st

from ai_gateway.adapters.tiktoken_counter import TiktokenCounter
from ai_gateway.budget import count_messages, droppable, fit
from ai_gateway.errors import Fact, PromptTooLong
from ai_gateway.model import Action, BudgetedPrompt, TreatedPrompt
from ai_gateway.policies.policy import Budget
from ai_gateway.ports import TokenCounter
from prompt_samples import Words, budget, model, prompt, treated

LETTER = prompt()
COUNTERS: tuple[TokenCounter, ...] = (Words(), TiktokenCounter(("o200k_base",)))
TEXTS = st.text(max_size=60) | st.integers(0, 40).map(lambda n: "word " * n)


def fitted_or_facts(
    whole: TreatedPrompt, rules: Budget, context: int, counter: TokenCounter
) -> BudgetedPrompt | Mapping[str, Fact]:
    try:
        return fit(whole, LETTER, rules, model(context), counter)
    except PromptTooLong as error:
        return error.facts


@settings(max_examples=200, deadline=None)
@given(
    topic=TEXTS,
    notes=st.lists(TEXTS, max_size=8),
    limit=st.integers(16, 400),
    context=st.integers(100, 600),
    order=st.sampled_from([(), ("notes",), ("notes", "topic"), ("topic", "notes")]),
    counter=st.sampled_from(COUNTERS),
)
def test_what_is_fitted_keeps_the_laws(
    topic: str, notes: list[str], limit: int, context: int, order: tuple[str, ...], counter: TokenCounter
) -> None:
    whole = treated({"topic": topic, "notes": notes})
    rules = budget(limit, *order, max_output=50)
    sequence = [item.path for item in droppable(whole.items, LETTER, rules)]

    fitted = fitted_or_facts(whole, rules, context, counter)
    if not isinstance(fitted, BudgetedPrompt):
        assert fitted["tokens"] > fitted["limit"]  # type: ignore[operator]
        assert fitted["dropped"] == len(sequence)
        return

    counted = count_messages(fitted.messages, "o200k_base", counter)
    assert fitted.input_tokens == counted <= min(limit, context - 50)
    kept = {item.path for item in fitted.items}
    withheld = [decision.item for decision in fitted.decisions if decision.action is Action.WITHHELD]
    assert set(withheld) == set(sequence[: len(withheld)])
    assert kept | set(withheld) == {item.path for item in whole.items}
    assert not kept & set(withheld)
    assert "topic" in kept
    assert all(item in whole.items and item.text in fitted.messages[1].content for item in fitted.items)
    if withheld:
        one_less = treated({"topic": topic, "notes": notes[: len(notes) - len(withheld) + 1]})
        assert fit(one_less, LETTER, budget(10**6), model(10**7), counter).input_tokens > min(limit, context - 50)


@settings(max_examples=100, deadline=None)
@given(topic=TEXTS, notes=st.lists(TEXTS, min_size=1, max_size=8), counter=st.sampled_from(COUNTERS))
def test_fewer_items_never_count_more(topic: str, notes: list[str], counter: TokenCounter) -> None:
    counts = [
        fit(treated({"topic": topic, "notes": notes[:n]}), LETTER, budget(10**6), model(10**7), counter).input_tokens
        for n in range(len(notes) + 1)
    ]

    assert counts == sorted(counts)
