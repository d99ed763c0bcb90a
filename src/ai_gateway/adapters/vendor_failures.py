"""Which error a vendor's status means. Nothing of a reply is repeated but a code out of a list of documented ones."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from ai_gateway.adapters.vendor_transport import Answer
from ai_gateway.errors import (
    VendorCredentials,
    VendorError,
    VendorRateLimited,
    VendorRejected,
    VendorReplyUnreadable,
    VendorTimeout,
    VendorUnreachable,
)
from ai_gateway.model import VendorName

_LONGEST_WAIT = 86_400.0

_Meaning = tuple[type[VendorError], str]
_KEY: _Meaning = (VendorCredentials, "The vendor does not accept the credentials; check the key and what it may use")
_AWAY: _Meaning = (VendorUnreachable, "The vendor is not available")
_FAILED: _Meaning = (VendorError, "The vendor failed")
_BY_STATUS: Mapping[int, _Meaning] = {
    401: _KEY,
    402: (VendorCredentials, "The vendor asks for payment; check the account's balance"),
    403: _KEY,
    408: (VendorTimeout, "The vendor gave up waiting"),
    429: (VendorRateLimited, "The vendor limits our rate"),
    502: _AWAY,
    503: _AWAY,
    504: _AWAY,
    529: _AWAY,  # Anthropic's "overloaded"
}
_BY_CLASS: Mapping[int, _Meaning] = {
    3: (VendorReplyUnreadable, "The vendor redirects, which is not followed; check api_base"),
    4: (VendorRejected, "The vendor refuses the request; check the model's name and the prompt's settings"),
}

_DOCUMENTED = (
    "authentication_error billing_error content_filter content_policy_violation context_length_exceeded "
    "insufficient_quota invalid_api_key invalid_request_error model_not_found not_found_error overloaded_error "
    "permission_error rate_limit_error rate_limit_exceeded request_too_large server_error string_above_max_length "
    "tokens unsupported_parameter unsupported_value FAILED_PRECONDITION INVALID_ARGUMENT NOT_FOUND PERMISSION_DENIED "
    "RESOURCE_EXHAUSTED UNAUTHENTICATED UNAVAILABLE"
)
_QUOTED_CODE = re.compile(rb'"(?:code|type|status)"\s*:\s*"(' + _DOCUMENTED.replace(" ", "|").encode() + rb')"')
_LOOKED_AT = 16_384


def failure(vendor: VendorName, answer: Answer) -> VendorError:
    """The error for any status but 200; ``facts`` hold ``status`` and, when documented, the vendor's own code."""
    status = answer.status
    said = _QUOTED_CODE.search(answer.body[:_LOOKED_AT])
    code = said.group(1).decode() if said else None
    kind, why = _BY_STATUS.get(status) or _BY_CLASS.get(status // 100, _FAILED)
    detail = f"{why} (status {status}{f', {code}' if code else ''})."
    if kind in (VendorRateLimited, VendorUnreachable):
        return kind(detail, vendor=vendor, status=status, vendor_code=code, retry_after=retry_after(answer))
    return kind(detail, vendor=vendor, status=status, vendor_code=code)


def retry_after(answer: Answer) -> float | None:
    """Seconds within 0…86400, from ``retry-after-ms`` or ``retry-after`` (RFC 9110 §10.2.3: seconds or a date)."""
    milliseconds = _number(answer.headers.get("retry-after-ms"))
    if milliseconds is not None:
        return _bounded(milliseconds / 1000.0)
    text = answer.headers.get("retry-after")
    seconds = _number(text)
    if seconds is not None or text is None:
        return None if seconds is None else _bounded(seconds)
    try:
        when = parsedate_to_datetime(text)
    except ValueError:
        return None
    return _bounded((when.replace(tzinfo=when.tzinfo or UTC) - datetime.now(UTC)).total_seconds())


def _number(text: str | None) -> float | None:
    return float(text) if text is not None and re.fullmatch(r"\d{1,9}(\.\d{1,6})?", text) else None


def _bounded(seconds: float) -> float:
    return min(max(seconds, 0.0), _LONGEST_WAIT)
