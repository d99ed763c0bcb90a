"""A vendor that fails after it said 200: an error where its reply, or the next piece of it, should be.

Sources: OpenAI's *Error codes* and the Responses' ``error`` event, Anthropic's *Error events*, Google's ``Status``.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

from ai_gateway.errors import VendorError, VendorRateLimited, VendorRejected, VendorTimeout, VendorUnreachable
from ai_gateway.protocols import event_data
from ai_gateway.protocols.channels import Body
from ai_gateway.protocols.sse import Event

_MAY_COMPLAIN = re.compile(r'"error"\s*:\s*[{"]|"type"\s*:\s*"error"')
"""Within a text, quotes are escaped: what this finds is the event's own."""
_MEANS: Mapping[str, type[VendorError]] = MappingProxyType(
    {
        "api_error": VendorError,
        "content_policy_violation": VendorRejected,
        "context_length_exceeded": VendorRejected,
        "INTERNAL": VendorError,
        "insufficient_quota": VendorRateLimited,
        "INVALID_ARGUMENT": VendorRejected,
        "invalid_request_error": VendorRejected,
        "overloaded_error": VendorUnreachable,
        "rate_limit_error": VendorRateLimited,
        "rate_limit_exceeded": VendorRateLimited,
        "RESOURCE_EXHAUSTED": VendorRateLimited,
        "server_error": VendorError,
        "timeout_error": VendorTimeout,
        "UNAVAILABLE": VendorUnreachable,
    }
)
"""Documented codes and types; of a vendor's words nothing else is repeated."""


def complaint_of(event: Event) -> VendorError | None:
    """The vendor's failure, where an event of its stream tells one instead of going on."""
    if event.comment or not _MAY_COMPLAIN.search(event.data):
        return None
    body = event_data.read(event.data)
    return None if body is None else complaint_in(body)


def complaint_in(body: Body) -> VendorError | None:
    """The same of a whole reply. A response that failed is one all the same, and says so in its ``status``."""
    told = body.get("error")
    if body.get("type") != "error" and not (told and isinstance(told, dict | str)):
        return None
    said = told if isinstance(told, dict) else body
    words = (said.get(name) for name in ("code", "type", "status"))
    code = next((word for word in words if isinstance(word, str) and word in _MEANS), None)
    kind = VendorError if code is None else _MEANS[code]
    return kind(f"The vendor failed where its reply should go on{f' ({code})' if code else ''}.", vendor_code=code)
