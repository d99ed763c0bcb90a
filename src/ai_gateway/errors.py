"""Every error the gateway raises on purpose.

One class per stable ``code`` (kebab-case, never renamed once released). A message says what to do and
carries ids, names from configuration and counts: never personal text, never a quoted input value.
"""

from collections.abc import Mapping
from typing import ClassVar

Fact = str | int | float | bool | None | list[str] | list[dict[str, str]]


class GatewayError(Exception):
    """Base class; ``status`` is the HTTP status, ``title`` the same for every occurrence (RFC 9457)."""

    code: ClassVar[str] = "internal-error"
    status: ClassVar[int] = 500
    title: ClassVar[str] = "The gateway failed"

    def __init__(self, detail: str = "", **facts: Fact) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.facts: Mapping[str, Fact] = facts


# --- what the caller can mend -------------------------------------------------------------------------


class RequestInvalid(GatewayError):
    code, status, title = "request-invalid", 422, "The request is not of the documented shape"


class RequestTooLarge(GatewayError):
    code, status, title = "request-too-large", 413, "The request is larger than the gateway accepts"


class RequestUnreadable(GatewayError):
    code, status, title = "request-unreadable", 400, "The request's body cannot be read"


class MediaTypeUnsupported(GatewayError):
    code, status, title = "media-type-unsupported", 415, "The request's body must be application/json"


class RouteUnknown(GatewayError):
    code, status, title = "route-unknown", 404, "There is nothing at this path"


class MethodNotAllowed(GatewayError):
    code, status, title = "method-not-allowed", 405, "This path does not take that method"


class GatewayBusy(GatewayError):
    code, status, title = "gateway-busy", 503, "The gateway is running as many requests as it can"


class CallerUnknown(GatewayError):
    code, status, title = "caller-unknown", 401, "No valid API key was presented"


class CallerNotAllowed(GatewayError):
    code, status, title = "caller-not-allowed", 403, "This API key does not have the right to do that"


class TooManyAttempts(GatewayError):
    """``facts['retry_after']`` is in seconds."""

    code, status, title = "too-many-attempts", 429, "Too many sign-ins were tried from this address"


class SessionOver(CallerUnknown):
    code, title = "session-over", "There is no such session, or it has ended"


class FormForged(GatewayError):
    code, status, title = "form-forged", 403, "The form does not come from this browser's own page"


class FeaturesNotServed(GatewayError):
    code, status, title = "features-not-served", 403, "This gateway serves audit, and runs no features"


class FeatureUnknown(GatewayError):
    code, status, title = "feature-unknown", 404, "No such feature"


class SubjectUnknown(GatewayError):
    code, status, title = "subject-unknown", 422, "A data subject is named but neither registered nor described"


class SubjectConflict(GatewayError):
    code, status, title = "subject-conflict", 409, "What the request says of a data subject contradicts the registry"


class ActorMissing(GatewayError):
    code, status, title = "actor-missing", 400, "The request does not say who asks"


class NotFound(GatewayError):
    code, status, title = "not-found", 404, "No such record"


class CheckpointAbsent(NotFound):
    code, title = "checkpoint-absent", "No signed checkpoint covers this yet"


class InputUnknown(GatewayError):
    code, status, title = "input-unknown", 422, "The feature's policy does not list this input, source or parameter"


class PromptTooLong(GatewayError):
    code, status, title = "prompt-too-long", 422, "The prompt does not fit the model's token budget"


class ConsentConflict(GatewayError):
    """``facts['latest']`` is the latest recorded state, when there is one."""

    code, status, title = "consent-conflict", 409, "This consent state cannot follow the latest recorded one"


class IdempotencyConflict(GatewayError):
    code, status, title = "idempotency-conflict", 422, "The idempotency key was used for a different request"


class IdempotencyInProgress(GatewayError):
    code, status, title = "idempotency-in-progress", 409, "A request with this idempotency key is still running"


class IdempotencyOutcomeUnknown(GatewayError):
    code, status, title = (
        "idempotency-outcome-unknown",
        409,
        "A request with this idempotency key was shared, but its answer is no longer available",
    )


class ShapeRefused(GatewayError):
    """A vendor protocol's request that cannot be inspected, or must not pass; ``facts['at']`` is its JSON pointer."""

    code, status, title = "shape-refused", 400, "The request has a shape that the gateway does not pass on"


class FieldUnknown(ShapeRefused):
    code, title = "field-unknown", "The request has a field that the gateway does not know"


class ContentNotInspectable(ShapeRefused):
    code, title = "content-not-inspectable", "The request has content that cannot be inspected for personal data"


class ServerStateRefused(ShapeRefused):
    code, title = "server-state-refused", "The request would make the vendor keep or recall content"


class RoutingRefused(ShapeRefused):
    code, title = "routing-refused", "The request would choose where it is sent, or with whose credentials"


# --- what the rules refuse ----------------------------------------------------------------------------


class ShareRefused(GatewayError):
    """``facts['reasons']`` lists ``{code, rule, source, item?}`` for every reason."""

    code, status, title = "share-refused", 403, "The policy does not allow this share"


class EgressRefused(GatewayError):
    code, status, title = "egress-refused", 422, "The last check found personal data in the outbound request"


class ReplyRefused(GatewayError):
    code, status, title = "reply-refused", 502, "The vendor's reply holds personal data that no party sent in"


# --- what is away or too slow: refused, nothing sent ---------------------------------------------------


class DetectorUnavailable(GatewayError):
    code, status, title = "detector-unavailable", 503, "Personal data cannot be detected right now"


class DetectorDeadline(DetectorUnavailable):
    code, title = "detector-deadline", "Detecting personal data took longer than its deadline"


class StoreUnavailable(GatewayError):
    code, status, title = "store-unavailable", 503, "The gateway's store cannot be reached"


class ShareLogUnavailable(StoreUnavailable):
    code, title = "share-log-unavailable", "The share cannot be put on record, so nothing was sent"


class DatabaseRestored(ShareLogUnavailable):
    """``facts['entries']`` are in the log, ``facts['seen']`` were."""

    code, title = (
        "database-restored",
        "The database is older than what was seen of it, so nothing is sent; see `ai-gateway log restored`",
    )


class KeyUnavailable(StoreUnavailable):
    code, title = "key-unavailable", "A person's key cannot be opened"


class DisclosureIncomplete(GatewayError):
    """``facts['entries']`` are the first indices at which the index and the log's tags differ."""

    code, status, title = "disclosure-incomplete", 500, "The disclosure would not be complete"


class CoordinationUnavailable(GatewayError):
    code, status, title = "coordination-unavailable", 503, "Replicas cannot agree right now"


class LogInconsistent(GatewayError):
    """``facts['entry']`` is the first one that is known not to hold, when one is."""

    code, status, title = "log-inconsistent", 500, "The share log contradicts itself, or what was signed of it"


class CheckpointRefused(LogInconsistent):
    code, title = "checkpoint-refused", "The signer does not sign this state of the share log"


# --- vendors -------------------------------------------------------------------------------------------


class VendorError(GatewayError):
    """``fallback`` says whether another vendor may be tried (as a second, separately decided share)."""

    code, status, title = "vendor-error", 502, "The vendor failed"
    fallback: ClassVar[bool] = True


class VendorUnreachable(VendorError):
    """``facts['retry_after']`` is in seconds, when the vendor said so."""

    code, title = "vendor-unreachable", "The vendor cannot be reached"


class VendorTimeout(VendorError):
    code, status, title = "vendor-timeout", 504, "The vendor did not answer in time"


class VendorRateLimited(VendorError):
    """``facts['retry_after']`` is in seconds, when the vendor said so."""

    code, status, title = "vendor-rate-limited", 429, "The vendor limits our rate"


class VendorCredentials(VendorError):
    code, title = "vendor-credentials", "The vendor does not accept the gateway's credentials"


class VendorRejected(VendorError):
    code, title = "vendor-rejected", "The vendor refuses the request"
    fallback = False


class VendorReplyUnreadable(VendorError):
    code, title = "vendor-reply-unreadable", "The vendor's reply is not of the documented shape"


class ShapeNotOffered(VendorError):
    """Nothing was sent: the vendor speaks another protocol than the client, so the next one is tried."""

    code, status, title = "shape-not-offered", 400, "No vendor of this feature takes requests of this protocol"


class VendorUnconfigured(VendorError):
    code, status, title = "vendor-unconfigured", 503, "The vendor's credentials are not set"


# --- start-up ------------------------------------------------------------------------------------------


class ConfigurationError(GatewayError):
    """Raised at start-up only; ``problems`` is one line each: ``file:line:column: pointer: what (did you mean …?)``."""

    code, status, title = "configuration-invalid", 500, "The configuration is not valid"

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems
