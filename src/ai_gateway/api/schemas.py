"""What a request may say. Every string, list and object is bounded; a field that is not listed is refused."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Discriminator, Field, StrictBool, StrictFloat, StrictInt, Tag

from ai_gateway.consent.registry import ConsentRequest
from ai_gateway.errors import RequestInvalid
from ai_gateway.model import (
    AgeStatus,
    Call,
    Choices,
    ConsentState,
    ConversationId,
    FeatureName,
    Item,
    Known,
    Purpose,
    Role,
    Subject,
    SubjectId,
    Visibility,
)

ID_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$"
NAME_PATTERN = r"^[a-z][a-z0-9_]{0,63}$"
MAX_TEXT = 200_000

Id = Annotated[
    str,
    Field(
        pattern=ID_PATTERN, max_length=128, description="The marketplace's own id; never an e-mail address or a name."
    ),
]
Name = Annotated[str, Field(pattern=NAME_PATTERN, max_length=64)]
Word = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/+-]{0,63}$", max_length=64)]
Region = Annotated[
    str,
    Field(pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$", max_length=6, description="ISO 3166-1 alpha-2, or 3166-2 (`US-CA`)."),
]
Identifier = Annotated[str, Field(min_length=1, max_length=300)]
Identifiers = Annotated[tuple[Identifier, ...], Field(max_length=32)]
Milliseconds = Annotated[StrictInt, Field(ge=0, le=253_402_300_799_999, description="Milliseconds since the epoch.")]


class Shape(BaseModel):
    """No field beyond those listed, and no value of a request in any text about it."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, allow_inf_nan=False)


class KnownShape(Shape):
    """Identifiers the marketplace knows of one person, so that they can be found and kept from vendors."""

    names: Identifiers = ()
    emails: Identifiers = ()
    phones: Identifiers = ()
    handles: Identifiers = ()
    organizations: Identifiers = ()
    urls: Identifiers = ()
    addresses: Identifiers = ()

    def known(self) -> Known:
        return Known(**self.model_dump())


class DescribedSubject(Shape):
    """A data subject as this request describes them; what is registered holds besides."""

    role: Role
    region: Region | None = None
    age_status: AgeStatus = AgeStatus.UNKNOWN
    profile_visibility: Visibility = Visibility.PRIVATE
    known: KnownShape = KnownShape()

    def subject(self, subject: SubjectId, *, registered: bool, restricted: bool = False) -> Subject:
        return Subject(
            id=subject,
            role=self.role,
            region=self.region,
            age_status=self.age_status,
            profile_visibility=self.profile_visibility,
            known=self.known.known(),
            restricted=restricted,
            registered=registered,
        )


class RegisteredSubject(DescribedSubject):
    """A data subject as the marketplace registers them. Replaces what was registered, all but the choices."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "role": "client",
                    "region": "US-CA",
                    "age_status": "adult",
                    "profile_visibility": "public",
                    "known": {
                        "names": ["Kim Sample"],
                        "emails": ["kim@sample.example"],
                        "organizations": ["Sample Works"],
                    },
                }
            ]
        }
    )

    restricted: StrictBool = Field(
        default=False, description="The person asked to restrict processing: nothing is shared."
    )


class ItemShape(Shape):
    """One labelled piece of input."""

    text: Annotated[str, Field(max_length=MAX_TEXT)]
    source: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+){0,4}$", max_length=64)]
    about: Annotated[tuple[Id, ...], Field(min_length=1, max_length=16, description="Everybody the text is about.")]
    visibility: Visibility = Visibility.PRIVATE
    author: Id | None = Field(default=None, description="Who wrote it; needed for message content.")

    def item(self, path: str, name: str) -> Item:
        return Item(
            path=path,
            input=name,
            text=self.text,
            source=self.source,
            visibility=self.visibility,
            about=tuple(SubjectId(subject) for subject in self.about),
            author=SubjectId(self.author) if self.author is not None else None,
        )


def _branch(value: object) -> str:
    return "many" if isinstance(value, list | tuple) else "one"


Items = Annotated[
    Annotated[ItemShape, Tag("one")]
    | Annotated[tuple[ItemShape, ...], Field(min_length=1, max_length=500), Tag("many")],
    Discriminator(_branch),
]
ParameterShape = StrictBool | StrictInt | StrictFloat | Annotated[str, Field(max_length=64)]

RUN_EXAMPLE: dict[str, Any] = {
    "actor": "pro_17",
    "subjects": {
        "pro_17": {"role": "independent_professional", "known": {"names": ["Alex Sample"], "handles": ["alexbuilds"]}},
        "cli_9": {"role": "client", "known": {"names": ["Kim Sample"], "organizations": ["Sample Works"]}},
    },
    "inputs": {
        "job_post": {
            "text": "Sample Works needs a shop front in Django.",
            "source": "job_post.description",
            "visibility": "public",
            "about": ["cli_9"],
        },
        "profile": {
            "text": "I am Alex. I build shops with Django.",
            "source": "profile.overview",
            "visibility": "public",
            "about": ["pro_17"],
        },
        "messages": [
            {
                "text": "Could you start in May? Kim",
                "source": "message.content",
                "author": "cli_9",
                "about": ["cli_9", "pro_17"],
            }
        ],
    },
    "parameters": {"tone": "warm"},
}


class FeatureRun(Shape):
    """A call of one feature: who asks, about whom, and every piece of text with where it comes from."""

    model_config = ConfigDict(json_schema_extra={"examples": [RUN_EXAMPLE]})

    actor: Id
    subjects: Annotated[dict[Id, DescribedSubject], Field(max_length=32)] = {}
    inputs: Annotated[dict[Name, Items], Field(min_length=1, max_length=32)]
    parameters: Annotated[dict[Name, ParameterShape], Field(max_length=32)] = {}
    conversation: Annotated[str, Field(pattern=ID_PATTERN, max_length=128)] | None = None
    stream: StrictBool = Field(default=False, description="Answer with server-sent events, as the reply is written.")

    def call(self, feature: str, *, gpc: bool, once: bytes | None = None) -> Call:
        """The core's value. Paths name items as answers do: ``job_post``, ``messages[0]``."""
        return Call(
            feature=FeatureName(feature),
            actor=SubjectId(self.actor),
            items=tuple(self._items()),
            subjects=MappingProxyType(
                {
                    SubjectId(name): described.subject(SubjectId(name), registered=False)
                    for name, described in self.subjects.items()
                }
            ),
            parameters=MappingProxyType(dict(self.parameters)),
            conversation=ConversationId(self.conversation) if self.conversation is not None else None,
            gpc=gpc,
            once=once,
            stream=self.stream,
        )

    def _items(self) -> list[Item]:
        items: list[Item] = []
        for name, given in self.inputs.items():
            if isinstance(given, ItemShape):
                items.append(given.item(name, name))
            else:
                items.extend(one.item(f"{name}[{index}]", name) for index, one in enumerate(given))
        return items


class ChosenFeatures(Shape):
    """A person's choices. Replaces all of them; what is left out falls back to the more private choice."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"opted_in": ["proposal_draft"], "gpc": False}]})

    opted_in: Annotated[frozenset[Name], Field(max_length=64)] = frozenset()
    opted_out: Annotated[frozenset[Name], Field(max_length=64)] = frozenset()
    opt_out_sale_share: StrictBool = False
    limit_sensitive: StrictBool = False
    gpc: StrictBool = Field(default=False, description="The person's browsers ask for Global Privacy Control.")

    def choices(self) -> Choices:
        """Raises ``RequestInvalid`` where a feature is chosen both ways."""
        if self.opted_in & self.opted_out:
            raise RequestInvalid(
                "opted_in and opted_out name the same feature; leave it in one of them",
                problems=[{"at": "opted_out", "problem": "names a feature that opted_in names, too"}],
            )
        return Choices(
            opted_in=frozenset(map(FeatureName, self.opted_in)),
            opted_out=frozenset(map(FeatureName, self.opted_out)),
            opt_out_sale_share=self.opt_out_sale_share,
            limit_sensitive=self.limit_sensitive,
            gpc=self.gpc,
        )


class ConsentReport(Shape):
    """A consent event to record, in the person's name."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"purpose": "provide", "state": "given", "notice_version": "2025-06", "channel": "settings/messages"}
            ]
        }
    )

    purpose: Purpose
    state: ConsentState
    notice_version: Word
    channel: Word
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$", max_length=35)] = "en"
    at: Milliseconds | None = Field(
        default=None, description="When the person acted, in ms since the epoch. Now, if left out."
    )
    expires_at: Milliseconds | None = None

    def request(self, subject: SubjectId) -> ConsentRequest:
        return ConsentRequest(subject=subject, **dict(self))


class DisclosureRequest(Shape):
    """Without ``since``, the twelve months before ``until`` (without it: now)."""

    subject: Id
    since: Milliseconds | None = None
    until: Milliseconds | None = None
    prove: StrictBool = False


def names() -> frozenset[str]:
    """Every field's name; those may be said back to whoever wrote something else."""
    found: set[str] = set()
    for shape in (
        KnownShape,
        DescribedSubject,
        RegisteredSubject,
        ItemShape,
        FeatureRun,
        ChosenFeatures,
        ConsentReport,
        DisclosureRequest,
    ):
        fields: Mapping[str, object] = shape.model_fields
        found.update(fields)
    return frozenset(found)
