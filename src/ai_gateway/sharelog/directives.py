"""What vendors may still hold of a person: read from the log while it can be read, one directive per share."""

from collections.abc import Mapping, Sequence

from ai_gateway.model import VendorName
from ai_gateway.model.ids import new_directive_id
from ai_gateway.policies.policy import VendorProfile
from ai_gateway.ports import Clock, Seal, ShareStore
from ai_gateway.sharelog.erasure import Directive, DirectiveState, Erasure
from ai_gateway.sharelog.keys import PersonKeys
from ai_gateway.sharelog.log import NOT_SENT
from ai_gateway.sharelog.view import ShareState, ShareView, view

_PAGE = 200
_DAY_MS = 86_400_000
_UNKNOWN_VENDOR_DAYS = 365
"""For a vendor that is in the policies no longer: nobody says what it keeps, so somebody must ask."""


class Directing:
    """``seal`` keeps vendors' ids readable after the person's key is gone, until their directive is closed."""

    def __init__(
        self,
        *,
        store: ShareStore,
        keys: PersonKeys,
        seal: Seal,
        vendors: Mapping[VendorName, VendorProfile],
        clock: Clock,
    ) -> None:
        self._store = store
        self._keys = keys
        self._seal = seal
        self._vendors = vendors
        self._clock = clock

    async def directives(self, erasure: Erasure) -> Sequence[Directive]:
        """Of every share about the person that a vendor may have received, in doubt included."""
        ref = erasure.ref
        if ref is None:
            return ()
        held = await self._keys.held((ref,))
        found: list[Directive] = []
        last = None
        while page := await self._store.shares(ref, last, _PAGE):
            last = page[-1].id
            for stored in page:
                share = view(stored, held, ref)
                if _may_be_held(share):
                    found.append(self._directive(erasure, share))
        return found

    def open_id(self, directive: Directive) -> str | None:
        """The vendor's id of the object, while the directive is open."""
        if directive.object_id is None:
            return None
        plain = self._seal.open(directive.object_id, directive.id.encode())
        return None if plain is None else plain.decode()

    def _directive(self, erasure: Erasure, share: ShareView) -> Directive:
        now, id_ = self._clock.now(), new_directive_id()
        name = share.fact("vendor") or "unknown"
        profile = self._vendors.get(VendorName(name))
        days = _UNKNOWN_VENDOR_DAYS if profile is None else profile.retention_days
        due = share.at + days * _DAY_MS
        state = DirectiveState.PLANNED
        if not days:
            state = DirectiveState.NOT_APPLICABLE
        elif due <= now:
            state = DirectiveState.EXPIRED_BY_RETENTION
        response = share.outcome.response_id if share.outcome is not None else None
        sealed = None if response is None or state.closed else self._seal.seal(response.encode(), id_.encode())
        return Directive(
            id=id_,
            erasure=erasure.id,
            vendor=name,
            share=share.id,
            object_kind="unknown" if response is None else "response",
            object_id=sealed,
            state=state,
            shared_at=share.at,
            due=due,
            changed_at=now,
        )


def _may_be_held(share: ShareView) -> bool:
    if share.state is ShareState.DENIED:
        return False
    return share.outcome is None or share.outcome.status != NOT_SENT
