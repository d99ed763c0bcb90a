"""Every reason a decision can give, by its stable code. ``docs/reference/decision-codes.md`` is this table."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple


class Effect(StrEnum):
    """What a code does: the item is shared, the item is withheld, or the whole call is refused."""

    SHARED = "shared"
    WITHHELD = "withheld"
    REFUSED = "refused"


class Code(StrEnum):
    """Kebab-case; never renamed once released."""

    ALLOWED = "allowed"
    ALLOWED_PUBLIC = "allowed-public"
    ALLOWED_BY_CONSENT = "allowed-by-consent"
    ALLOWED_OWN_MESSAGE = "allowed-own-message"

    VENDOR_NOT_LISTED = "vendor-not-listed"
    VENDOR_TRAINS = "vendor-trains"
    SUBJECT_UNKNOWN = "subject-unknown"
    INPUT_UNKNOWN = "input-unknown"
    SOURCE_NOT_LISTED = "source-not-listed"
    ITEM_ABOUT_NOBODY = "item-about-nobody"
    HUMAN_MISSING = "human-missing"
    MINOR = "minor"
    ACTOR_ERASED = "actor-erased"
    ACTOR_RESTRICTED = "actor-restricted"
    ACTOR_NOT_OPTED_IN = "actor-not-opted-in"
    ACTOR_OPTED_OUT = "actor-opted-out"
    LANGUAGE_NOT_TAKEN = "language-not-taken"
    REQUIRED_INPUT_MISSING = "required-input-missing"
    REQUIRED_INPUT_WITHHELD = "required-input-withheld"
    NOTHING_TO_SHARE = "nothing-to-share"

    POLICY_WITHHOLDS = "policy-withholds"
    SUBJECT_ERASED = "subject-erased"
    SUBJECT_RESTRICTED = "subject-restricted"
    SUBJECT_OPTED_OUT = "subject-opted-out"
    SUBJECT_NOT_OPTED_IN = "subject-not-opted-in"
    PURPOSE_NOT_STATED = "purpose-not-stated"
    SENSITIVE_CATEGORY = "sensitive-category"
    SENSITIVE_LIMITED = "sensitive-limited"
    MESSAGE_AUTHOR_MISSING = "message-author-missing"
    MESSAGE_CONSENT_MISSING = "message-consent-missing"
    MESSAGE_CONSENT_REFUSED = "message-consent-refused"
    MESSAGE_CONSENT_WITHDRAWN = "message-consent-withdrawn"
    MESSAGE_CONSENT_EXPIRED = "message-consent-expired"
    MESSAGE_CONSENT_INVALIDATED = "message-consent-invalidated"
    NOT_PUBLIC = "not-public"
    SOURCE_NOT_PUBLIC = "source-not-public"
    VISIBILITY_CHANGED = "visibility-changed"
    VISIBILITY_UNCONFIRMED = "visibility-unconfirmed"
    THIRD_PARTY_NOT_STATED = "third-party-not-stated"
    SALE_OR_SHARING_OPTED_OUT = "sale-or-sharing-opted-out"
    REGION_UNKNOWN = "region-unknown"
    TRANSFER_MECHANISM_MISSING = "transfer-mechanism-missing"


class Meaning(NamedTuple):
    """``detail`` says what happened and what to do; it is shown to callers and holds nothing about anybody."""

    effect: Effect
    detail: str


_S, _R, _W = Effect.SHARED, Effect.REFUSED, Effect.WITHHELD

MEANINGS: Mapping[Code, Meaning] = MappingProxyType(
    {
        Code.ALLOWED: Meaning(_S, "The feature's policy allows this input."),
        Code.ALLOWED_PUBLIC: Meaning(_S, "The item, its source and the profiles concerned are public now."),
        Code.ALLOWED_BY_CONSENT: Meaning(_S, "Its author's consent to this purpose stands."),
        Code.ALLOWED_OWN_MESSAGE: Meaning(_S, "Its author is the person who uses the feature."),
        Code.VENDOR_NOT_LISTED: Meaning(
            _R, "The feature's policy does not list this vendor and model. Add them there."
        ),
        Code.VENDOR_TRAINS: Meaning(_R, "The vendor trains on what it receives. Agree otherwise, or choose another."),
        Code.SUBJECT_UNKNOWN: Meaning(_R, "Somebody named is neither registered nor described. Register them first."),
        Code.INPUT_UNKNOWN: Meaning(_R, "The feature's policy has no such input. Leave it out, or add it there."),
        Code.SOURCE_NOT_LISTED: Meaning(_R, "The input's rule does not list this source. Send what the rule lists."),
        Code.ITEM_ABOUT_NOBODY: Meaning(_R, "The item names nobody it is about. Name everybody under `about`."),
        Code.HUMAN_MISSING: Meaning(_R, "The feature decides on work or pay without a human in the loop. Add one."),
        Code.MINOR: Meaning(_R, "Somebody named is known to be under 18. Nothing about minors is shared."),
        Code.ACTOR_ERASED: Meaning(_R, "The actor was erased. Nothing about erased people is shared."),
        Code.ACTOR_RESTRICTED: Meaning(_R, "Processing of the actor's data is restricted. Lift the restriction first."),
        Code.ACTOR_NOT_OPTED_IN: Meaning(_R, "The actor has not opted in to this feature. Ask, and record the choice."),
        Code.ACTOR_OPTED_OUT: Meaning(_R, "The actor opted out of this feature. Respect that until they change it."),
        Code.LANGUAGE_NOT_TAKEN: Meaning(
            _R, "A text is in a language that the policy does not take. Write in another, or add it there."
        ),
        Code.REQUIRED_INPUT_MISSING: Meaning(_R, "An input that the feature needs was not sent. Send it."),
        Code.REQUIRED_INPUT_WITHHELD: Meaning(_R, "An input that the feature needs may not be shared; see the reason."),
        Code.NOTHING_TO_SHARE: Meaning(_R, "No item may be shared; see each item's reason."),
        Code.POLICY_WITHHOLDS: Meaning(_W, "The feature's policy never shares this input."),
        Code.SUBJECT_ERASED: Meaning(_W, "Somebody it is about, or its author, was erased."),
        Code.SUBJECT_RESTRICTED: Meaning(_W, "Processing is restricted for somebody it is about, or its author."),
        Code.SUBJECT_OPTED_OUT: Meaning(_W, "Somebody it is about, or its author, opted out of this feature."),
        Code.SUBJECT_NOT_OPTED_IN: Meaning(_W, "Somebody whose opt-in the policy asks for has not opted in."),
        Code.PURPOSE_NOT_STATED: Meaning(_W, "The notice does not name this purpose for the item's category."),
        Code.SENSITIVE_CATEGORY: Meaning(_W, "Its category is sensitive and never leaves."),
        Code.SENSITIVE_LIMITED: Meaning(_W, "Somebody concerned limited the use of sensitive information."),
        Code.MESSAGE_AUTHOR_MISSING: Meaning(
            _W, "Nobody is named as its author, so nobody can have consented. Name one."
        ),
        Code.MESSAGE_CONSENT_MISSING: Meaning(_W, "Its author has not consented to this purpose. Ask them."),
        Code.MESSAGE_CONSENT_REFUSED: Meaning(_W, "Its author refused consent to this purpose."),
        Code.MESSAGE_CONSENT_WITHDRAWN: Meaning(_W, "Its author withdrew consent to this purpose."),
        Code.MESSAGE_CONSENT_EXPIRED: Meaning(_W, "Its author's consent to this purpose has expired. Ask again."),
        Code.MESSAGE_CONSENT_INVALIDATED: Meaning(_W, "Its author's consent was found invalid. Ask again."),
        Code.NOT_PUBLIC: Meaning(_W, "The input is for public data only, and the item is not public."),
        Code.SOURCE_NOT_PUBLIC: Meaning(_W, "The input is for public data only, and its source is not."),
        Code.VISIBILITY_CHANGED: Meaning(_W, "It was sent as public, but the registered profile is private now."),
        Code.VISIBILITY_UNCONFIRMED: Meaning(_W, "Whose profile it is was never registered. Register them first."),
        Code.THIRD_PARTY_NOT_STATED: Meaning(_W, "The vendor is a third party; the notice does not let it have this."),
        Code.SALE_OR_SHARING_OPTED_OUT: Meaning(_W, "Somebody concerned opted out of sale or sharing, or sends GPC."),
        Code.REGION_UNKNOWN: Meaning(_W, "A region is unknown and the vendor has no mechanism for all. Register it."),
        Code.TRANSFER_MECHANISM_MISSING: Meaning(_W, "The vendor has no transfer mechanism for somebody's region."),
    }
)
