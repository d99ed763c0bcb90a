"""Identifiers, and how new ones are made (RFC 9562 UUIDv7, prefixed by kind)."""

import os
import time
from typing import NewType

SubjectId = NewType("SubjectId", str)
CallerId = NewType("CallerId", str)
FeatureName = NewType("FeatureName", str)
VendorName = NewType("VendorName", str)
CategoryCode = NewType("CategoryCode", str)
EntityType = NewType("EntityType", str)
RunId = NewType("RunId", str)
ShareId = NewType("ShareId", str)
ConversationId = NewType("ConversationId", str)

_MILLISECONDS = 1_000_000


def _uuid7_hex() -> str:
    now = time.time_ns() // _MILLISECONDS
    noise = int.from_bytes(os.urandom(10), "big")
    value = (
        (now & 0xFFFF_FFFF_FFFF) << 80 | 0x7 << 76 | (noise >> 68 & 0xFFF) << 64 | 0b10 << 62 | noise & (1 << 62) - 1
    )
    return f"{value:032x}"


def new_run_id() -> RunId:
    return RunId(f"run_{_uuid7_hex()}")


def new_share_id() -> ShareId:
    return ShareId(f"shr_{_uuid7_hex()}")


def new_request_id() -> str:
    return f"req_{_uuid7_hex()}"


def new_consent_id() -> str:
    return f"cns_{_uuid7_hex()}"


def new_record_id() -> ShareId:
    """Of an entry that is no share."""
    return ShareId(f"ent_{_uuid7_hex()}")


def new_erasure_id() -> str:
    return f"era_{_uuid7_hex()}"


def new_directive_id() -> str:
    return f"dir_{_uuid7_hex()}"


def new_disclosure_id() -> str:
    return f"dsc_{_uuid7_hex()}"


def new_hold_id() -> str:
    return f"hld_{_uuid7_hex()}"
