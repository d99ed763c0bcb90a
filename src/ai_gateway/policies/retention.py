"""How long each class of record is kept, as ``retention.yaml`` says."""

from collections.abc import Iterable
from types import MappingProxyType

from ai_gateway.policies.agree import Finding
from ai_gateway.policies.file_words import SOURCE, plain
from ai_gateway.policies.parts import Part
from ai_gateway.policies.policy import Kept, Retention
from ai_gateway.policies.shape import Choice, Either, Record, Table, Whole
from ai_gateway.policies.vocabulary import RecordClass

ALWAYS = "always"
NEVER_PRUNED = frozenset({RecordClass.KEY_RECORDS, RecordClass.CONSENT_EVENTS, RecordClass.TREE})
_LEAST_MONTHS = MappingProxyType(
    {
        # 11 CCR 7101(a): records of requests, and how they were answered, for at least 24 months.
        RecordClass.REQUEST_RECORDS: 24,
    }
)


RETENTION = Record(
    says="How long what the gateway keeps is kept.",
    required={
        "classes": Table(
            says="Every class of record.",
            key=Choice(says="A class of record.", kind="class of record", values=tuple(RecordClass)),
            of=Record(
                says="One class.",
                required={
                    "keep": Either(
                        says="Calendar months, or always.",
                        shapes=(
                            Whole(says="Calendar months.", minimum=1, maximum=240),
                            Choice(says="Never pruned.", kind="period", values=(ALWAYS,)),
                        ),
                    ),
                    "of": plain("What it is, in a line.", 200),
                    "source": SOURCE,
                },
            ),
            complete=True,
        )
    },
)


def retention(part: Part) -> Retention:
    """The file's values; it must have its shape."""
    kept = {
        RecordClass(name): Kept(
            months=None if one.values["keep"] == ALWAYS else one.whole("keep"), of=one.text("of"), ref=one.ref
        )
        for name, one in part.part("classes").named()
    }
    return MappingProxyType(kept)


def retention_findings(kept: Retention) -> Iterable[Finding]:
    """What contradicts a duty, or itself."""
    for name in sorted(NEVER_PRUNED):
        if kept[name].months is not None:
            yield f"/classes/{name}/keep", 'must be "always": nothing prunes it'
    for name, least in _LEAST_MONTHS.items():
        if _months(kept, name) < least:
            yield f"/classes/{name}/keep", f"must be at least {least} months (11 CCR 7101(a))"
    if _months(kept, RecordClass.SHARE_ENTRIES) < _months(kept, RecordClass.SHARE_CONTENT):
        yield (
            "/classes/share_entries/keep",
            "must not be shorter than share_content: content needs its entry to be read",
        )


def _months(kept: Retention, name: RecordClass) -> float:
    months = kept[name].months
    return float("inf") if months is None else months
