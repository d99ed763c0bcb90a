"""The doors to prometheus-client and OpenTelemetry: counts, durations and spans, none of them with content.

Labels come from the catalogue, the taxonomy and the code, so their number is bounded. Span and metric names follow
OpenTelemetry's semantic conventions for generative AI; the attributes that carry content are never set.
"""

import os
import time
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Mapping, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, nullcontext
from functools import lru_cache

from opentelemetry import metrics, trace
from opentelemetry.trace import Span, SpanKind, StatusCode
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    multiprocess,
)

from ai_gateway.errors import GatewayError
from ai_gateway.model import BudgetedPrompt, Completion, Outbound, RecordedShare, Reply, VendorName
from ai_gateway.ports import Vendor
from ai_gateway.protocols.protocol import Protocol

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_NONE = "none"

REQUESTS = Counter("ai_gateway_requests", "HTTP requests.", ["method", "route", "status", "code"])
REQUEST_SECONDS = Histogram("ai_gateway_request_seconds", "Duration of HTTP requests.", ["route"], buckets=_SECONDS)
RUNS = Counter("ai_gateway_runs", "Feature runs and previews, by how they ended.", ["feature", "code"])
REFUSALS = Counter("ai_gateway_refusals", "Reasons for which the rules refused.", ["feature", "code"])
DECISIONS = Counter("ai_gateway_decisions", "Decisions on items.", ["feature", "action", "code"])
ENTITIES = Counter("ai_gateway_entities", "Personal data found in inputs.", ["feature", "entity"])
REMOVED = Counter("ai_gateway_reply_entities_removed", "Personal data removed from replies.", ["feature", "entity"])
STEP_SECONDS = Histogram("ai_gateway_step_seconds", "Duration of a run's steps.", ["step"], buckets=_SECONDS)
SHARES = Counter("ai_gateway_shares", "Shares sent to vendors, by how the vendor answered.", ["vendor", "code"])
SHARE_SECONDS = Histogram("ai_gateway_share_seconds", "Waiting for a vendor.", ["vendor"], buckets=_SECONDS)
TOKENS = Counter("ai_gateway_tokens", "Tokens, by direction.", ["vendor", "direction"])
IN_DOUBT = Gauge("ai_gateway_shares_in_doubt", "Shares found without an outcome at start.", multiprocess_mode="max")
CHANGES = Counter("ai_gateway_catalogue_changes", "Changes of policies and prompts: in force, or refused.", ["result"])
REFUSED_CHANGE = Gauge(
    "ai_gateway_catalogue_change_refused", "1 while changed files are refused.", multiprocess_mode="livemax"
)
SHADOWED = Counter("ai_gateway_shadow_decisions", "Decisions that candidate policies were asked for.", ["result"])
SHADOW_DIFFERENCES = Counter(
    "ai_gateway_shadow_differences",
    "What candidate policies would have decided otherwise.",
    ["feature", "vendor", "input", "in_force", "candidate"],
)

_tracer = trace.get_tracer("ai_gateway")
_meter = metrics.get_meter("ai_gateway")
_duration = _meter.create_histogram("gen_ai.client.operation.duration", unit="s")
_usage = _meter.create_histogram("gen_ai.client.token.usage", unit="{token}")


@lru_cache(maxsize=4_096)
def _counter(metric: Counter, *labels: str) -> Counter:
    """The one of these labels; to find it costs the library a lock and a copy each time."""
    return metric.labels(*labels)


@lru_cache(maxsize=4_096)
def _histogram(metric: Histogram, *labels: str) -> Histogram:
    return metric.labels(*labels)


class Telemetry:
    """``api.visit.Observer``."""

    def visited(
        self, *, method: str, route: str, status: int, code: str, feature: str | None, reasons: Sequence[str], ms: float
    ) -> None:
        _counter(REQUESTS, method, route, str(status or _NONE), code).inc()
        _histogram(REQUEST_SECONDS, route).observe(ms / 1000)
        if feature is not None:
            _counter(RUNS, feature, code).inc()
            for reason in reasons:
                _counter(REFUSALS, feature, reason).inc()

    def replied(self, feature: str, reply: Reply) -> None:
        for decision in reply.decisions:
            _counter(DECISIONS, feature, decision.action, decision.reason.code).inc()
        for entity, count in reply.entities.items():
            _counter(ENTITIES, feature, entity).inc(count)
        for entity, count in reply.removed_from_reply.items():
            _counter(REMOVED, feature, entity).inc(count)
        for step, spent in reply.timings.items():
            _histogram(STEP_SECONDS, step).observe(spent / 1000)

    def exposition(self) -> tuple[bytes, str]:
        """Of all workers, when the server set up a folder that they share."""
        registry = REGISTRY
        if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
            registry = CollectorRegistry()
            multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry), CONTENT_TYPE_LATEST


class ObservedVendor:
    """``ports.Vendor`` over another one: a client span and its counts around every exchange."""

    def __init__(self, vendor: Vendor) -> None:
        self._vendor = vendor

    def prepare(self, prompt: BudgetedPrompt, vendor: VendorName) -> Outbound:
        return self._vendor.prepare(prompt, vendor)

    async def send(self, share: RecordedShare) -> Completion:
        with _exchange(share) as span:
            completion = await self._vendor.send(share)
            _tell(span, share.cleared.outbound, completion)
            return completion

    def offers(self, protocol: Protocol, vendor: VendorName) -> bool:
        return self._vendor.offers(protocol, vendor)

    @asynccontextmanager
    async def stream(self, share: RecordedShare) -> AsyncGenerator[AsyncIterator[bytes]]:
        with _exchange(share):
            async with self._vendor.stream(share) as arriving:
                yield arriving


@contextmanager
def _exchange(share: RecordedShare) -> Generator[Span]:
    outbound = share.cleared.outbound
    labels = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": outbound.vendor,
        "gen_ai.request.model": outbound.model,
    }
    started, code = time.perf_counter(), "ok"
    with _span(share, labels) as span:
        try:
            yield span
        except BaseException as error:
            code = error.code if isinstance(error, GatewayError) else type(error).__name__
            span.set_attribute("error.type", code)
            span.set_status(StatusCode.ERROR)
            raise
        finally:
            spent = time.perf_counter() - started
            _counter(SHARES, outbound.vendor, code).inc()
            _histogram(SHARE_SECONDS, outbound.vendor).observe(spent)
            _duration.record(spent, labels if code == "ok" else {**labels, "error.type": code})


def _span(share: RecordedShare, labels: Mapping[str, str]) -> AbstractContextManager[Span]:
    """Where nobody collects spans, none is made: it would be lost, at a cost."""
    if not _is_collected():
        return nullcontext(trace.INVALID_SPAN)
    prompt = share.cleared.prompt
    asked: dict[str, str | int | bool] = {
        **labels,
        "gen_ai.request.stream": prompt.treated.permission.call.stream,
        "gen_ai.request.max_tokens": prompt.max_output_tokens,
        "gen_ai.prompt.name": prompt.prompt_name,
        "gen_ai.prompt.version": str(prompt.prompt_version),
        "ai_gateway.share.id": share.id,
        "ai_gateway.content.modified": bool(prompt.treated.entities),
    }
    name = f"chat {share.cleared.outbound.model}"
    return _tracer.start_as_current_span(name, kind=SpanKind.CLIENT, attributes=asked, record_exception=False)


def _is_collected() -> bool:
    return not isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider)


def _tell(span: Span, outbound: Outbound, completion: Completion) -> None:
    span.set_attribute("gen_ai.response.model", completion.model)
    span.set_attribute("gen_ai.response.finish_reasons", [completion.finish_reason])
    labels = {"gen_ai.provider.name": outbound.vendor, "gen_ai.request.model": outbound.model}
    for direction, count in (("input", completion.input_tokens), ("output", completion.output_tokens)):
        if count is not None:
            span.set_attribute(f"gen_ai.usage.{direction}_tokens", count)
            _counter(TOKENS, outbound.vendor, direction).inc(count)
            _usage.record(count, {**labels, "gen_ai.token.type": direction})
