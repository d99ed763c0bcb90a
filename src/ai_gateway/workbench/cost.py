"""What a call would cost at a vendor's list price."""

from dataclasses import dataclass
from typing import Protocol

from ai_gateway.policies.policy import Policies, VendorChoice

_MILLION = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """List prices, US dollars per million tokens. ``table`` says which table, ``source`` where its maker read them."""

    per_million_in: float
    per_million_out: float
    table: str
    source: str = ""

    def of(self, input_tokens: int, output_tokens: int) -> float:
        """US dollars."""
        return (input_tokens * self.per_million_in + output_tokens * self.per_million_out) / _MILLION


class Prices(Protocol):
    """A table of list prices on this machine."""

    def price(self, provider: str, model: str) -> Price | None:
        """None: the table does not know this model (a server of one's own, the stand-in)."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """``prompt`` is for the input alone, ``most`` with as long a reply as the policy lets; None without a price."""

    vendor: str
    model: str
    input_tokens: int
    max_output_tokens: int
    price: Price | None

    @property
    def prompt(self) -> float | None:
        return None if self.price is None else self.price.of(self.input_tokens, 0)

    @property
    def most(self) -> float | None:
        return None if self.price is None else self.price.of(self.input_tokens, self.max_output_tokens)


def cost(policies: Policies, choice: VendorChoice, tokens: tuple[int, int], prices: Prices) -> Cost:
    """``tokens``: of the prompt, counted, and of the longest reply."""
    provider = policies.vendors[choice.vendor].provider
    return Cost(
        vendor=choice.vendor,
        model=choice.model,
        input_tokens=tokens[0],
        max_output_tokens=tokens[1],
        price=prices.price(provider, choice.model),
    )
