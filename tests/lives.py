"""A small marketplace over a real database, for laws about whole lives: the gateway's own flow, decisions included,
with a vendor that tells what reached it."""

import json
import os
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import person_samples
import share_samples as samples
from ai_gateway.adapters.catalogue_files import load_catalogue
from ai_gateway.adapters.presidio_operators import PresidioOperators
from ai_gateway.adapters.sealing import KeyedSeal, installation_secret
from ai_gateway.adapters.sql_consent_store import SqlConsentStore
from ai_gateway.adapters.sql_retention_store import SqlRetentionStore
from ai_gateway.consent.registry import ConsentRegistry, ConsentRequest
from ai_gateway.features import Catalogue
from ai_gateway.model import (
    BudgetedPrompt,
    Call,
    Caller,
    CallerId,
    Choices,
    Completion,
    ConsentState,
    FeatureName,
    Item,
    Known,
    Outbound,
    Purpose,
    RecordedShare,
    Right,
    Role,
    ShareId,
    Subject,
    SubjectId,
    VendorName,
    Visibility,
)
from ai_gateway.pipeline import Gateway
from ai_gateway.protocols.protocol import Protocol
from ai_gateway.sharelog.retention import Retaining
from ai_gateway.sharelog.rotation import rotate
from ai_gateway.subjects import Subjects
from ai_gateway.treatment.treat import Treatment
from builders_policies import POLICIES_FOLDER
from fakes import LiteralDetector

PROS = (SubjectId("pro_1"), SubjectId("pro_2"))
CLIENTS = (SubjectId("cli_1"), SubjectId("cli_2"))
PEOPLE = (*PROS, *CLIENTS)
NAMES = {
    PROS[0]: "Marigold Fenwether",
    PROS[1]: "Osric Tallowmere",
    CLIENTS[0]: "Brindle Ashquarry",
    CLIENTS[1]: "Sorrel Vantongue",
}
MONTHS = 31 * 86_400_000
_FEATURE = FeatureName("proposal_draft")
_CALLER = Caller(id=CallerId("marketplace"), rights=frozenset({Right.FEATURES}))
Sent = Callable[[ShareId, bytes], Awaitable[None]]
"""Is awaited while the vendor has the body, and before it answers."""


@cache
def shipped() -> Catalogue:
    """The features as shipped, each with its first vendor alone."""
    loaded = load_catalogue(POLICIES_FOLDER.parent / "prompts", POLICIES_FOLDER)
    features = {
        name: replace(feature, policy=replace(feature.policy, vendors=feature.policy.vendors[:1]))
        for name, feature in loaded.features.items()
    }
    policies = replace(loaded.policies, features={name: feature.policy for name, feature in features.items()})
    return Catalogue(features=features, policies=policies)


class _Words:
    def count(self, texts: Sequence[str], encoding: str) -> int:
        return sum(len(text.split()) for text in texts)


class TellingVendor:
    """Answers everything, and tells what it was sent."""

    def __init__(self, sent: Sent) -> None:
        self._sent = sent

    def prepare(self, prompt: BudgetedPrompt, vendor: VendorName) -> Outbound:
        messages = [{"role": message.role, "content": message.content} for message in prompt.messages]
        return Outbound(
            vendor=vendor,
            model=prompt.treated.permission.model,
            method="POST",
            url="https://api.vendor.example/v1/chat/completions",
            headers={},
            body=json.dumps({"model": prompt.treated.permission.model, "messages": messages}).encode(),
        )

    async def send(self, share: RecordedShare) -> Completion:
        await self._sent(share.id, share.cleared.outbound.body)
        return samples.completion()

    def offers(self, protocol: Protocol, vendor: VendorName) -> bool:
        return False

    def stream(self, share: RecordedShare) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Town:
    """``house`` holds the log and what erases; ``consents`` is what people say."""

    house: person_samples.House
    gateway: Gateway
    consents: ConsentRegistry

    async def settle_in(self) -> None:
        """Everybody is registered, has opted in, and consents."""
        for person, name in NAMES.items():
            role = Role.INDEPENDENT_PROFESSIONAL if person in PROS else Role.CLIENT
            await self.house.subjects.put(Subject(id=person, role=role, known=Known(names=(name,))))
            await self.house.subjects.choose(person, Choices(opted_in=frozenset({_FEATURE})))
            await self.say(person, ConsentState.GIVEN)

    async def say(self, person: SubjectId, state: ConsentState) -> None:
        """Consent, or its end, to the use of the messages they write."""
        request = ConsentRequest(
            subject=person, purpose=Purpose.PROVIDE, state=state, notice_version="1", channel="settings"
        )
        await self.consents.record(request)

    async def consenting(self, person: SubjectId) -> bool:
        latest = (await self.house_consents((person,))).get((person, Purpose.PROVIDE))
        return latest is not None and latest is ConsentState.GIVEN

    async def house_consents(self, people: tuple[SubjectId, ...]) -> dict[tuple[SubjectId, Purpose], ConsentState]:
        standing = await self.gateway.consents.standing(people)
        return {key: event.state for key, event in standing.latest.items()}

    async def share(self, pro: SubjectId, client: SubjectId, words: str) -> ShareId:
        """A proposal's draft, from a thread in which both of them said something (``said``). Raises what the gateway
        raises."""
        reply = await self.gateway.answer(_CALLER, call_of(pro, client, words))
        return reply.shares[-1].id

    async def erase(self, person: SubjectId) -> None:
        done = await self.house.eraser.erase(person, person_samples.VERIFIED, person_samples.BASIS)
        assert done.waits_for is None

    async def rotate(self) -> None:
        await rotate(self.house.wrapper, self.house.key_store, self.house.clock, lambda _count: None)

    async def prune(self) -> None:
        store = SqlRetentionStore(self.house.database)
        await Retaining(store, self.house.policies.retention, self.house.clock).run(lambda _name, _count: None)


def said(author: SubjectId, words: str) -> str:
    """What this author wrote in the thread of that share; nobody else wrote it anywhere."""
    return f"{author} thinks of {words}"


_LETTERS = str.maketrans("0123456789abcdef", "ghjkmnpqrstvwxyz")


def new_words() -> str:
    """Without digits: a hexadecimal word may be an IBAN by its form and checksum, and would be concealed."""
    return os.urandom(8).hex().translate(_LETTERS)


def call_of(pro: SubjectId, client: SubjectId, words: str) -> Call:
    def item(path: str, source: str, text: str, *about: SubjectId, author: SubjectId | None = None) -> Item:
        visibility = Visibility.PRIVATE if author else Visibility.PUBLIC
        name = path.partition("[")[0]
        return Item(path=path, input=name, text=text, source=source, visibility=visibility, about=about, author=author)

    both = (pro, client)
    return Call(
        feature=_FEATURE,
        actor=pro,
        items=(
            item("job_post", "job_post.description", f"{NAMES[client]} looks for somebody who paints gates", client),
            item("profile", "profile.overview", f"{NAMES[pro]} paints gates", pro),
            item("messages[0]", "message.content", said(client, words), *both, author=client),
            item("messages[1]", "message.content", said(pro, words), *both, author=pro),
        ),
    )


@asynccontextmanager
async def town(url: str, folder: Path, clock: samples.TickingClock, sent: Sent) -> AsyncGenerator[Town]:
    """As it is opened after a restart: whether it is an older database is looked at, and tombstones are replayed."""
    async with person_samples.house(url, folder, clock=clock) as house:
        await house.continuity.beat()
        await house.eraser.replay()
        seal = KeyedSeal(installation_secret(house.wrapper), "registry")
        consents = SqlConsentStore(house.database, seal, clock)
        gateway = Gateway(
            catalogue=shipped(),
            subjects=Subjects(house.subjects),
            consents=consents,
            treatment=Treatment(LiteralDetector(), PresidioOperators()),
            tokens=_Words(),
            log=house.log,
            vendor=TellingVendor(sent),
        )
        yield Town(house, gateway, ConsentRegistry(consents, house.subjects, clock))
