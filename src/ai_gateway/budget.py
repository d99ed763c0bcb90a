"""Makes a treated prompt fit its token budget: whole items go, in the policy's order; no text is ever cut."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256

from ai_gateway.errors import PromptTooLong
from ai_gateway.exchanges import rebuilt
from ai_gateway.model import (
    Action,
    BudgetedPrompt,
    ItemDecision,
    Message,
    Reason,
    TreatedItem,
    TreatedPrompt,
    Treatment,
)
from ai_gateway.policies.policy import Budget, VendorModel
from ai_gateway.ports import TokenCounter
from ai_gateway.prompts.prompt import Prompt
from ai_gateway.prompts.render import Rendered, render
from ai_gateway.protocols.protocol import Protocol

TOKENS_PER_MESSAGE = 3
TOKENS_BEFORE_REPLY = 3
"""What a chat model sees around each message and before its own, as OpenAI's cookbook counts it for every chat model
since gpt-3.5-turbo-0613 ("How to count tokens with tiktoken"). Other vendors publish no figure; theirs is near."""

DROPPED = "budget-dropped"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Attempt:
    items: tuple[TreatedItem, ...]
    rendered: Rendered
    tokens: int


def fit(
    treated: TreatedPrompt, prompt: Prompt | None, budget: Budget, model: VendorModel, counter: TokenCounter
) -> BudgetedPrompt:
    """What a vendor is to be sent, within its budget. The only maker of ``BudgetedPrompt``: of a prompt filled in, or
    (without one) of the client's own exchange. Raises ``PromptTooLong``."""
    if prompt is None:
        return _fit_exchange(treated, budget, model, counter)
    return _fit_prompt(treated, prompt, budget, model, counter)


def _fit_prompt(
    treated: TreatedPrompt, prompt: Prompt, budget: Budget, model: VendorModel, counter: TokenCounter
) -> BudgetedPrompt:
    """The rendered prompt with as few items dropped as possible.

    Both limits hold: the policy's for input, and the model's context less the policy's reserve for output. Raises
    ``PromptTooLong`` with the counts when dropping all that may be dropped is not enough.
    """
    limit = min(budget.max_input_tokens, model.context_tokens - budget.max_output_tokens)
    order = droppable(treated.items, prompt, budget)
    fitting = _Fitting(treated, prompt, model.encoding, counter, order)

    def fits(dropped: int) -> bool:
        return fitting.tokens(dropped) <= limit

    # Fewer items never make a longer prompt, so the fewest that must go are found by halving: about log2(items) counts.
    dropped = 0 if fits(0) else bisect_left(range(len(order) + 1), x=True, lo=1, key=fits)
    if dropped > len(order):
        raise PromptTooLong(
            "The prompt does not fit, even without every item that the policy lets go; send less.",
            tokens=fitting.tokens(len(order)),
            limit=limit,
            dropped=len(order),
        )
    attempt = fitting.attempt(dropped)
    gone = {item.path for item in order[:dropped]}
    messages, fixed_text = attempt.rendered
    return BudgetedPrompt(
        treated=treated,
        prompt_name=prompt.name,
        prompt_version=prompt.version,
        prompt_digest=prompt.digest,
        messages=messages,
        items=attempt.items,
        decisions=tuple(_decided(one, gone, budget) for one in treated.permission.items),
        input_tokens=attempt.tokens,
        max_output_tokens=budget.max_output_tokens,
        config=prompt.config,
        fixed_text=fixed_text,
    )


def _fit_exchange(treated: TreatedPrompt, budget: Budget, model: VendorModel, counter: TokenCounter) -> BudgetedPrompt:
    """The client's request with its texts treated. Nothing is left out of it but what the policy withheld."""
    exchange = rebuilt(treated)
    messages = tuple(Message(role=item.input, content=item.text) for item in treated.items)
    tokens = count_messages(messages, model.encoding, counter)
    limit = budget.max_input_tokens
    if exchange.protocol.writes:
        limit = min(limit, model.context_tokens - budget.max_output_tokens)
    if tokens > limit:
        raise PromptTooLong("The request is longer than its policy allows; send less.", tokens=tokens, limit=limit)
    return BudgetedPrompt(
        treated=treated,
        prompt_name=exchange.protocol,
        prompt_version=1,
        prompt_digest=_digest_of(exchange.protocol),
        messages=messages,
        items=treated.items,
        decisions=treated.permission.items,
        input_tokens=tokens,
        max_output_tokens=budget.max_output_tokens,
        config={},
        fixed_text=(),
        exchange=exchange,
    )


@cache
def _digest_of(protocol: Protocol) -> str:
    """Stands where a prompt's digest would: there is no prompt."""
    return sha256(f"exchange:{protocol}".encode()).hexdigest()


def droppable(items: Sequence[TreatedItem], prompt: Prompt, budget: Budget) -> tuple[TreatedItem, ...]:
    """The items that may go, in the order they go: input by input, the last item first, never all of a required one."""
    order: list[TreatedItem] = []
    for name in budget.drop_order:
        own = [item for item in items if item.input == name]
        kept = 1 if prompt.inputs[name].required else 0
        order.extend(reversed(own[kept:]))
    return tuple(order)


def count_messages(messages: Sequence[Message], encoding: str, counter: TokenCounter) -> int:
    """Tokens as the model will see them: roles and contents, and what stands around them."""
    texts = [text for message in messages for text in (message.role, message.content)]
    return counter.count(texts, encoding) + TOKENS_PER_MESSAGE * len(messages) + TOKENS_BEFORE_REPLY


class _Fitting:
    """Tries without the first so many items of the order; each try is rendered and counted once."""

    def __init__(
        self,
        treated: TreatedPrompt,
        prompt: Prompt,
        encoding: str,
        counter: TokenCounter,
        order: tuple[TreatedItem, ...],
    ) -> None:
        self._treated = treated
        self._prompt = prompt
        self._encoding = encoding
        self._counter = counter
        self._order = order
        self._attempts: dict[int, _Attempt] = {}

    def tokens(self, dropped: int) -> int:
        return self.attempt(dropped).tokens

    def attempt(self, dropped: int) -> _Attempt:
        if dropped not in self._attempts:
            self._attempts[dropped] = self._try(dropped)
        return self._attempts[dropped]

    def _try(self, dropped: int) -> _Attempt:
        gone = {item.path for item in self._order[:dropped]}
        items = tuple(item for item in self._treated.items if item.path not in gone)
        texts: defaultdict[str, list[str]] = defaultdict(list)
        for item in items:
            texts[item.input].append(item.text)
        rendered = render(self._prompt, texts, self._treated.permission.call.parameters)
        return _Attempt(
            items=items, rendered=rendered, tokens=count_messages(rendered[0], self._encoding, self._counter)
        )


def _decided(decision: ItemDecision, gone: set[str], budget: Budget) -> ItemDecision:
    if decision.item not in gone:
        return decision
    reason = Reason(
        code=DROPPED,
        rule=budget.ref.rule,
        source=budget.ref.source,
        item=decision.item,
        detail="Left out whole, so that the prompt fits its token budget.",
    )
    return replace(decision, action=Action.WITHHELD, treatment=Treatment.WITHHOLD, reason=reason)
