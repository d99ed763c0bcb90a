"""Data subjects and callers."""

from dataclasses import dataclass, field
from enum import StrEnum

from ai_gateway.model.ids import CallerId, FeatureName, SubjectId


class Role(StrEnum):
    """The notice's kinds of person (notice L8, L11)."""

    CLIENT = "client"
    INDEPENDENT_PROFESSIONAL = "independent_professional"
    AGENCY = "agency"
    AGENCY_MEMBER = "agency_member"
    SITE_VISITOR = "site_visitor"
    CONTACT = "contact"


class AgeStatus(StrEnum):
    ADULT = "adult"
    MINOR = "minor"
    UNKNOWN = "unknown"


class Visibility(StrEnum):
    PUBLIC = "public"
    PRIVATE = "private"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Identifiers the marketplace knows of one person. Personal: never in a ``repr``."""

    names: tuple[str, ...] = field(default=(), repr=False)
    emails: tuple[str, ...] = field(default=(), repr=False)
    phones: tuple[str, ...] = field(default=(), repr=False)
    handles: tuple[str, ...] = field(default=(), repr=False)
    organizations: tuple[str, ...] = field(default=(), repr=False)
    urls: tuple[str, ...] = field(default=(), repr=False)
    addresses: tuple[str, ...] = field(default=(), repr=False)

    def joined(self, other: "Known") -> "Known":
        """One person's identifiers from two places, without repeats, in order."""

        def union(a: tuple[str, ...], b: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(dict.fromkeys((*a, *b)))

        return Known(
            names=union(self.names, other.names),
            emails=union(self.emails, other.emails),
            phones=union(self.phones, other.phones),
            handles=union(self.handles, other.handles),
            organizations=union(self.organizations, other.organizations),
            urls=union(self.urls, other.urls),
            addresses=union(self.addresses, other.addresses),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What a person chose; every default is the more private one."""

    opted_in: frozenset[FeatureName] = frozenset()
    opted_out: frozenset[FeatureName] = frozenset()
    opt_out_sale_share: bool = False
    limit_sensitive: bool = False
    gpc: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One data subject as registered, or as described by the request alone (``registered=False``).

    ``region`` is ISO 3166-1 alpha-2, or 3166-2 (``US-CA``); ``None`` means unknown, and unknown is treated as
    the strictest region.
    """

    id: SubjectId
    role: Role
    region: str | None = None
    age_status: AgeStatus = AgeStatus.UNKNOWN
    profile_visibility: Visibility = Visibility.PRIVATE
    known: Known = field(default_factory=Known, repr=False)
    restricted: bool = False
    erased: bool = False
    choices: Choices = field(default_factory=Choices)
    registered: bool = True


class Right(StrEnum):
    """What an API key may do. ``features`` runs and previews; ``registry`` keeps subjects, choices and consents;
    ``audit`` reads shares; ``author`` tries prompts and policies in the workbench, on invented people and the bundled
    stand-in; ``author_live`` sends such a trial to a real vendor, besides."""

    FEATURES = "features"
    REGISTRY = "registry"
    AUDIT = "audit"
    AUTHOR = "author"
    AUTHOR_LIVE = "author_live"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """The authenticated service. Which features it may run is the policy's word (``allowed callers``)."""

    id: CallerId
    rights: frozenset[Right]
