"""Two versions of a prompt side by side: what their files say, and what changes on the cases of the newer one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import unified_diff

from ai_gateway.prompts.cases import Case
from ai_gateway.prompts.prompt import DeclaredInput, Parameter, Prompt
from ai_gateway.workbench.judge import told
from ai_gateway.workbench.trial import Tried

_CONTEXT = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that differs: ``before`` or ``after`` is empty where it is not there."""

    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseChange:
    """What one case comes to under both versions. ``outbound`` is a unified diff of the messages; tokens are None where
    a version refuses the case; ``decisions`` are those that differ."""

    case: str
    outbound: str = field(repr=False)
    tokens_before: int | None
    tokens_after: int | None
    decisions: tuple[Change, ...]

    @property
    def same(self) -> bool:
        return not self.outbound and not self.decisions and self.tokens_before == self.tokens_after


def declared(old: Prompt, new: Prompt) -> Iterator[Change]:
    """Inputs, parameters and config, each by name."""
    yield from _changes("input", _told(old.inputs, _input), _told(new.inputs, _input))
    yield from _changes("parameter", _told(old.parameters, _parameter), _told(new.parameters, _parameter))
    yield from _changes("config", _told(old.config, str), _told(new.config, str))


def text(old: Prompt, new: Prompt) -> str:
    """A unified diff of the bodies; "" when they are the same."""
    return _diff(_body(old), _body(new), old.file, new.file)


def case_change(before: Tried, after: Tried) -> CaseChange:
    names = f"v{before.prompt.version}", f"v{after.prompt.version}"
    return CaseChange(
        case=after.case.title,
        outbound=_diff(_messages(before), _messages(after), *names),
        tokens_before=before.cleared.prompt.input_tokens if before.cleared else None,
        tokens_after=after.cleared.prompt.input_tokens if after.cleared else None,
        decisions=tuple(_changes("decision", _decided(before), _decided(after))),
    )


def shared_cases(old: Prompt, new: Prompt) -> Iterator[tuple[Case, bool]]:
    """The newer version's cases, and whether the older one declares all that each gives."""
    for case in new.cases:
        yield case, case.texts.keys() <= old.inputs.keys() and case.parameters.keys() <= old.parameters.keys()


def _told(declared: Mapping[str, object], say: object) -> dict[str, str]:
    return {name: say(one) for name, one in declared.items()}  # type: ignore[operator]


def _input(one: DeclaredInput) -> str:
    return f"{'required' if one.required else 'optional'}{', many' if one.many else ''}"


def _parameter(one: Parameter) -> str:
    bounds = "|".join(one.choices) or (
        f"{one.minimum:g} to {one.maximum:g}" if one.minimum is not None and one.maximum is not None else ""
    )
    default = "" if one.default is None else f", {one.default} unless given"
    return f"{one.kind}{f' {bounds}' if bounds else ''}{default}"


def _changes(what: str, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Change]:
    for name in dict.fromkeys((*before, *after)):
        if before.get(name) != after.get(name):
            yield Change(what=f"{what} {name}", before=before.get(name, ""), after=after.get(name, ""))


def _decided(tried: Tried) -> dict[str, str]:
    if tried.cleared is None:
        return {"of the call": told(tried)}
    return {one.item: f"{one.action}, {one.treatment} ({one.reason.code})" for one in tried.decisions}


def _body(prompt: Prompt) -> Sequence[str]:
    return [line for s in prompt.sections for line in (f'{{{{role "{s.role}"}}}}', *s.template.split("\n"), "")]


def _messages(tried: Tried) -> Sequence[str]:
    messages = tried.cleared.prompt.messages if tried.cleared is not None else ()
    return [line for one in messages for line in (f"--- {one.role}", *one.content.split("\n"))]


def _diff(before: Sequence[str], after: Sequence[str], old: str, new: str) -> str:
    return "\n".join(unified_diff(before, after, old, new, n=_CONTEXT, lineterm=""))
