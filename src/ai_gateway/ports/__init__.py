"""What the core asks of the outside. An implementation MUST keep every MUST; ``tests/contracts`` runs against each."""

from ai_gateway.ports.coordination import MAX_KEPT_BYTES, Change, Claimed, Coordination, Done, Looked, Running
from ai_gateway.ports.detection import Detector, Languages, Operators, Party
from ai_gateway.ports.record import Clock, KeyWrapper, Seal, ShareStore
from ai_gateway.ports.registry import ApiKey, CallerStore, ConsentStore, SubjectStore, key_id
from ai_gateway.ports.vendors import TokenCounter, Vendor

__all__ = [
    "MAX_KEPT_BYTES",
    "ApiKey",
    "CallerStore",
    "Change",
    "Claimed",
    "Clock",
    "ConsentStore",
    "Coordination",
    "Detector",
    "Done",
    "KeyWrapper",
    "Languages",
    "Looked",
    "Operators",
    "Party",
    "Running",
    "Seal",
    "ShareStore",
    "SubjectStore",
    "TokenCounter",
    "Vendor",
    "key_id",
]
