"""One invented share between two people, and the parts of a share log over a real database."""

import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from ai_gateway.adapters.key_file import KeyFile, create_key_file
from ai_gateway.adapters.sql_engine import open_database
from ai_gateway.adapters.sql_migrate import migrate
from ai_gateway.adapters.sql_share_store import SqlShareStore
from ai_gateway.model import (
    Action,
    BudgetedPrompt,
    Call,
    Caller,
    CallerId,
    CategoryCode,
    ClearedOutbound,
    Completion,
    ConsentUsed,
    EntityType,
    FeatureName,
    Intent,
    Item,
    ItemDecision,
    Message,
    Outbound,
    Permission,
    Purpose,
    Reason,
    Refusal,
    Right,
    Role,
    Span,
    Subject,
    SubjectId,
    TreatedItem,
    TreatedPrompt,
    Treatment,
    VendorName,
    Visibility,
    new_run_id,
)
from ai_gateway.ports import ShareStore
from ai_gateway.sharelog.appender import AppendLimits
from ai_gateway.sharelog.keys import PersonKeys
from ai_gateway.sharelog.log import ShareLog
from ai_gateway.sharelog.read import ShareReader

PRO, CLIENT = SubjectId("pro_17"), SubjectId("cli_9")
CALLER = Caller(id=CallerId("proposals"), rights=frozenset({Right.FEATURES}))
BODY = b'{"model":"gpt-4.1-mini","messages":[{"role":"user","content":"Draft for <CLIENT_1>, garden-lantern firm"}]}'
SHARED_TEXT = "We at <ORGANIZATION_1> light gardens with lanterns"
WITHHELD_TEXT = "my-secret-quarry-plan"


class TickingClock:
    """Every reading is a millisecond later."""

    def __init__(self, start: int = 1_790_000_000_000) -> None:
        self.at = start

    def now(self) -> int:
        self.at += 1
        return self.at


def _decision(item: str, action: Action, code: str) -> ItemDecision:
    reason = Reason(code=code, rule="features/proposal_draft.yaml#/inputs/messages", source="policy L49", item=item)
    return ItemDecision(
        item=item,
        action=action,
        treatment=Treatment.PSEUDONYMIZE if action is Action.SHARED else Treatment.WITHHOLD,
        category=CategoryCode("communications"),
        reason=reason,
        about=(CLIENT,),
        entities={},
    )


def call(once: bytes | None = None) -> Call:
    return Call(
        feature=FeatureName("proposal_draft"),
        actor=PRO,
        items=(
            Item(
                path="job_post",
                input="job_post",
                text="We at Brightwater light gardens with lanterns",
                source="job_post.description",
                visibility=Visibility.PUBLIC,
                about=(CLIENT,),
            ),
            Item(
                path="messages[0]",
                input="messages",
                text=WITHHELD_TEXT,
                source="message.content",
                visibility=Visibility.PRIVATE,
                about=(PRO, CLIENT),
                author=CLIENT,
            ),
        ),
        once=once,
    )


SUBJECTS = {
    PRO: Subject(id=PRO, role=Role.INDEPENDENT_PROFESSIONAL),
    CLIENT: Subject(id=CLIENT, role=Role.CLIENT),
}
DECISIONS = (
    _decision("job_post", Action.SHARED, "public-data"),
    _decision("messages[0]", Action.WITHHELD, "message-consent-missing"),
)


def intent(once: bytes | None = None, body: bytes = BODY) -> Intent:
    permission = Permission(
        feature=FeatureName("proposal_draft"),
        purpose=Purpose.PROVIDE,
        vendor=VendorName("openai"),
        model="gpt-4.1-mini",
        call=call(once),
        subjects=SUBJECTS,
        items=DECISIONS,
        consents=(ConsentUsed(subject=CLIENT, purpose=Purpose.PROVIDE, event_id="cns_1"),),
        policy_digest="ab" * 32,
        taxonomy_digest="cd" * 32,
    )
    item = TreatedItem(
        path="job_post",
        input="job_post",
        text=SHARED_TEXT,
        decision=DECISIONS[0],
        spans=(Span(start=6, end=17, entity=EntityType("ORGANIZATION"), found_by="known"),),
        tokens=("<ORGANIZATION_1>",),
    )
    treated = TreatedPrompt(
        permission=permission,
        items=(item,),
        pseudonyms=(),
        identifiers=frozenset(),
        entities={EntityType("ORGANIZATION"): 1},
    )
    prompt = BudgetedPrompt(
        treated=treated,
        prompt_name="proposal_draft",
        prompt_version=3,
        prompt_digest="ef" * 32,
        messages=(Message(role="user", content=SHARED_TEXT),),
        items=(item,),
        decisions=DECISIONS,
        input_tokens=812,
        max_output_tokens=400,
        config={},
        fixed_text=(),
    )
    outbound = Outbound(
        vendor=VendorName("openai"),
        model="gpt-4.1-mini",
        method="POST",
        url="https://api.openai.example/v1/chat/completions",
        headers={"authorization": "Bearer sk-test"},
        body=body,
    )
    return Intent(
        run=new_run_id(),
        caller=CALLER.id,
        actor_role=Role.INDEPENDENT_PROFESSIONAL,
        feature_version="proposal_draft@3",
        region="us",
        recipient_role="service_provider",
        transfers={"EEA": "scc"},
        cleared=ClearedOutbound(outbound=outbound, prompt=prompt),
        detector="stack/1 sha256:ab12",
    )


def refusal() -> Refusal:
    return Refusal(
        feature=FeatureName("proposal_draft"),
        purpose=Purpose.PROVIDE,
        vendor=VendorName("openai"),
        call=call(),
        subjects=SUBJECTS,
        reasons=(Reason(code="actor-not-opted-in", rule="features/proposal_draft.yaml#/opt_in", source="policy L36"),),
        items=tuple(replace(decision, action=Action.WITHHELD) for decision in DECISIONS),
        policy_digest="ab" * 32,
        taxonomy_digest="cd" * 32,
    )


def completion() -> Completion:
    return Completion(
        text="Dear <CLIENT_1>, lanterns it is",
        finish_reason="stop",
        model="gpt-4.1-mini-2026",
        vendor_response_id="chatcmpl-marble-77",
        input_tokens=812,
        output_tokens=240,
        attempts=2,
        body_length=1_900,
    )


@dataclass
class Parts:
    """A share log over a real database, and what it is made of."""

    store: ShareStore
    keys: PersonKeys
    log: ShareLog
    reader: ShareReader
    clock: TickingClock


def key_file(folder: Path) -> KeyFile:
    path = folder / "keys" / "share-log.epoch-1.key"
    if not path.exists():
        create_key_file(path)
    return KeyFile(path)


@asynccontextmanager
async def share_log(
    url: str,
    folder: Path,
    *,
    limits: AppendLimits | None = None,
    wrap: Callable[[ShareStore], ShareStore] = lambda store: store,
) -> AsyncIterator[Parts]:
    """``wrap`` puts a store that fails in front of the real one; the reader's is the real one."""
    await migrate(url)
    database = open_database(url)
    store = SqlShareStore(database)
    wrapper, clock, wrapped = key_file(folder), TickingClock(), wrap(store)
    keys = PersonKeys(wrapped, wrapper)
    log = ShareLog(store=wrapped, keys=keys, clock=clock, limits=limits)
    reader = ShareReader(store, PersonKeys(store, wrapper))
    await store.append([])  # connects, so that a test's deadlines measure what it is about
    try:
        yield Parts(store=store, keys=keys, log=log, reader=reader, clock=clock)
    finally:
        await log.aclose()
        await database.close()


async def all_leaves(store: ShareStore) -> list[bytes]:
    return [leaf.leaf or b"" for leaf in await store.leaves(0, 10_000)]


def new_once() -> bytes:
    return os.urandom(32)
