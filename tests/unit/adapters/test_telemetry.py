"""Spans and counts around a vendor: who, how long, how it ended; never what was said."""

from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from opentelemetry.trace import SpanKind
from prometheus_client import REGISTRY

from ai_gateway.adapters import telemetry
from ai_gateway.adapters.telemetry import ObservedVendor, Telemetry
from ai_gateway.errors import VendorTimeout
from ai_gateway.model import BudgetedPrompt, ClearedOutbound, Completion, Outbound, RecordedShare, ShareId, VendorName
from ai_gateway.protocols.protocol import Protocol
from canaries import traces

pytestmark = pytest.mark.anyio
NEVER = {"gen_ai.input.messages", "gen_ai.output.messages", "gen_ai.system_instructions"}


@dataclass
class Span:
    name: str
    kind: SpanKind
    attributes: dict[str, Any] = field(default_factory=dict)

    def set_attribute(self, name: str, value: object) -> None:
        self.attributes[name] = value

    def set_status(self, _status: object) -> None:
        self.attributes["failed"] = True


@dataclass
class Tracer:
    spans: list[Span] = field(default_factory=list)

    @contextmanager
    def start_as_current_span(
        self, name: str, *, kind: SpanKind, attributes: Mapping[str, Any], record_exception: bool
    ) -> Iterator[Span]:
        assert not record_exception
        self.spans.append(Span(name, kind, dict(attributes)))
        yield self.spans[-1]


class Vendor:
    def __init__(self, answers: Sequence[Completion | Exception]) -> None:
        self.answers = list(answers)

    def prepare(self, prompt: BudgetedPrompt, vendor: VendorName) -> Outbound:
        raise NotImplementedError

    def offers(self, protocol: Protocol, vendor: VendorName) -> bool:
        raise NotImplementedError

    @asynccontextmanager
    async def stream(self, share: RecordedShare) -> AsyncGenerator[AsyncIterator[bytes]]:
        async def pieces() -> AsyncIterator[bytes]:
            yield b"data: [DONE]\n\n"

        assert share.id
        yield pieces()

    async def send(self, share: RecordedShare) -> Completion:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def tracer(monkeypatch: pytest.MonkeyPatch) -> Tracer:
    tracer = Tracer()
    monkeypatch.setattr(telemetry, "_tracer", tracer)
    monkeypatch.setattr(telemetry, "_is_collected", lambda: True)
    return tracer


def count(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


@pytest.fixture
def share() -> RecordedShare:
    from vendor_prompts import prompt

    budgeted = prompt("standin", "standin-1")
    outbound = Outbound(
        vendor=VendorName("standin"), model="standin-1", method="POST", url="http://127.0.0.1", headers={}, body=b"{}"
    )
    return RecordedShare(id=ShareId("shr_1"), cleared=ClearedOutbound(outbound=outbound, prompt=budgeted))


async def test_a_share_is_a_client_span_after_the_conventions(tracer: Tracer, share: RecordedShare) -> None:
    done = Completion(text="Dear Dana Okafor", finish_reason="stop", model="standin-1", input_tokens=7, output_tokens=3)
    before = count("ai_gateway_tokens_total", vendor="standin", direction="output")
    assert await ObservedVendor(Vendor([done])).send(share) is done
    (span,) = tracer.spans
    assert (span.name, span.kind) == ("chat standin-1", SpanKind.CLIENT)
    assert span.attributes["gen_ai.provider.name"] == "standin"
    assert span.attributes["gen_ai.usage.output_tokens"] == 3
    assert span.attributes["ai_gateway.share.id"] == "shr_1"
    assert not NEVER & set(span.attributes)
    assert traces([repr(span)]) == []
    assert count("ai_gateway_tokens_total", vendor="standin", direction="output") == before + 3


async def test_a_stream_is_one_span_and_one_share(tracer: Tracer, share: RecordedShare) -> None:
    before = count("ai_gateway_shares_total", vendor="standin", code="ok")
    async with ObservedVendor(Vendor([])).stream(share) as pieces:
        assert [piece async for piece in pieces] == [b"data: [DONE]\n\n"]
    assert len(tracer.spans) == 1
    assert count("ai_gateway_shares_total", vendor="standin", code="ok") == before + 1


async def test_a_failure_is_counted_by_its_code(tracer: Tracer, share: RecordedShare) -> None:
    before = count("ai_gateway_shares_total", vendor="standin", code="vendor-timeout")
    with pytest.raises(VendorTimeout):
        await ObservedVendor(Vendor([VendorTimeout()])).send(share)
    assert tracer.spans[0].attributes["error.type"] == "vendor-timeout"
    assert count("ai_gateway_shares_total", vendor="standin", code="vendor-timeout") == before + 1


def test_requests_without_an_answer_are_counted_too() -> None:
    labels = {"method": "GET", "route": "/healthz", "status": "none", "code": "internal-error"}
    before = count("ai_gateway_requests_total", **labels)
    Telemetry().visited(
        method="GET", route="/healthz", status=0, code="internal-error", feature=None, reasons=(), ms=1.0
    )
    assert count("ai_gateway_requests_total", **labels) == before + 1
