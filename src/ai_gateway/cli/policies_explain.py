"""``ai-gateway policies explain``: the decision on a supposed text, and the chain of rules that made it."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ai_gateway.cli.terminal import AsJson, say, show, table
from ai_gateway.config import read
from ai_gateway.documents import did_you_mean
from ai_gateway.errors import FeatureUnknown, RequestInvalid
from ai_gateway.model import AgeStatus, ConsentState, FeatureName, Role, Visibility

if TYPE_CHECKING:
    from ai_gateway.policies.hypothesis import Person, Supposed
    from ai_gateway.policies.policy import FeaturePolicy, Policies, VendorChoice
    from ai_gateway.policies.trace import Trace

Json = dict[str, Any]
Feature = Annotated[str | None, typer.Argument(help="A feature's name.")]
Source = Annotated[str | None, typer.Argument(help="Where text comes from, such as profile.overview.")]
_ABOUT = "The person it is about: "


def explain(  # noqa: PLR0913 - a command has an option for each thing that may be supposed
    feature: Feature = None,
    source: Source = None,
    *,
    feature_option: Annotated[str | None, typer.Option("--feature", help="The same, as an option.")] = None,
    source_option: Annotated[str | None, typer.Option("--source", help="The same, as an option.")] = None,
    category: Annotated[str | None, typer.Option(help="Instead of a source: every source of the category.")] = None,
    vendor: Annotated[str | None, typer.Option(help="Only this vendor.")] = None,
    visibility: Annotated[Visibility, typer.Option(help="Of the text.")] = Visibility.PUBLIC,
    author: Annotated[str, typer.Option(help="Who wrote it: nobody, actor or other (whom it is about).")] = "nobody",
    consent: Annotated[ConsentState | None, typer.Option(help="That author's latest consent event.")] = None,
    role: Annotated[Role, typer.Option(help=_ABOUT + "role.")] = Role.CLIENT,
    region: Annotated[str, typer.Option(help=_ABOUT + "region, such as US-CA or DE; or unknown.")] = "US",
    age: Annotated[AgeStatus, typer.Option(help=_ABOUT + "age.")] = AgeStatus.ADULT,
    profile: Annotated[Visibility, typer.Option(help=_ABOUT + "visibility of their profile.")] = Visibility.PUBLIC,
    registered: Annotated[bool, typer.Option(help=_ABOUT + "in the registry.")] = True,
    opted_in: Annotated[bool, typer.Option(help=_ABOUT + "opted in to the feature.")] = True,
    opted_out: Annotated[bool, typer.Option("--opted-out", help=_ABOUT + "opted out of it.")] = False,
    restricted: Annotated[bool, typer.Option("--restricted", help=_ABOUT + "processing is restricted.")] = False,
    erased: Annotated[bool, typer.Option("--erased", help=_ABOUT + "was erased.")] = False,
    limits_sensitive: Annotated[bool, typer.Option("--limits-sensitive", help=_ABOUT + "limited sensitive.")] = False,
    actor_opted_in: Annotated[bool, typer.Option(help="The actor opted in to the feature.")] = True,
    actor_opted_out: Annotated[bool, typer.Option("--actor-opted-out", help="The actor opted out.")] = False,
    actor_restricted: Annotated[bool, typer.Option("--actor-restricted", help="Of the actor.")] = False,
    actor_minor: Annotated[bool, typer.Option("--actor-minor", help="The actor is known to be under 18.")] = False,
    clauses: Annotated[bool, typer.Option(help="Every clause that holds for the source, too.")] = True,
    folder: Annotated[Path | None, typer.Option("--policies", help="Another policies folder.")] = None,
    as_json: AsJson = False,
) -> None:
    """Decide about a supposed text, with the code that decides about real ones, and show the rules that made it.

    Without options: an adult of the US who opted in, with a public profile, and public text.
    """
    from ai_gateway.adapters.policy_files import load_policies
    from ai_gateway.policies.hypothesis import Author, Person

    loaded = load_policies(folder or read().policies_folder)
    policy = _feature(loaded, feature or feature_option)
    authors = {"nobody": Author.NOBODY, "actor": Author.ACTOR, "other": Author.OTHER}
    if author not in authors:
        raise RequestInvalid(f"--author is one of {', '.join(authors)}.")
    person = Person(
        role=role,
        region=None if region == "unknown" else region,
        age=age,
        profile=profile,
        registered=registered,
        opted_in=opted_in,
        opted_out=opted_out,
        restricted=restricted,
        erased=erased,
        limits_sensitive=limits_sensitive,
    )
    actor = Person(
        role=Role.INDEPENDENT_PROFESSIONAL,
        opted_in=actor_opted_in,
        opted_out=actor_opted_out,
        restricted=actor_restricted,
        age=AgeStatus.MINOR if actor_minor else AgeStatus.ADULT,
    )
    told: list[Json] = []
    for name in _sources(loaded, source or source_option, category):
        supposed = _supposed(
            policy, name, visibility=visibility, author=authors[author], consent=consent, about=(person,)
        )
        told.append(_told(loaded, policy, name, supposed, actor, vendor=vendor, clauses=clauses))

    def tell() -> None:
        for one in told:
            _tell(one)

    show(told[0] if len(told) == 1 else told, as_json, tell)


def _feature(loaded: "Policies", name: str | None) -> "FeaturePolicy":
    if name is None:
        raise FeatureUnknown(f"Name a feature: {', '.join(sorted(loaded.features))}")
    policy = loaded.features.get(FeatureName(name))
    if policy is None:
        raise FeatureUnknown(f"There is no such feature{did_you_mean(name, loaded.features)}")
    return policy


def _sources(loaded: "Policies", source: str | None, category: str | None) -> list[str]:
    known = loaded.taxonomy.sources
    if category is not None and category not in loaded.taxonomy.categories:
        raise RequestInvalid(f"There is no such category{did_you_mean(category, loaded.taxonomy.categories)}.")
    if source is None and category is None:
        raise RequestInvalid("Name a source (profile.overview) or a category.")
    if source is None:
        return sorted(name for name, one in known.items() if one.category == category)
    if source not in known:
        raise RequestInvalid(f"The taxonomy has no source {source}{did_you_mean(source, known)}.")
    if category is not None and known[source].category != category:
        raise RequestInvalid(f"{source} belongs to the category {known[source].category}, not to {category}.")
    return [source]


def _supposed(policy: "FeaturePolicy", source: str, **facts: Any) -> "list[Supposed]":  # noqa: ANN401 - its fields
    from ai_gateway.policies.hypothesis import Supposed

    takers = [rule.name for rule in policy.inputs.values() if source in rule.sources]
    return [Supposed(input=name, source=source, **facts) for name in takers]


def _told(
    loaded: "Policies",
    policy: "FeaturePolicy",
    source: str,
    supposed: "list[Supposed]",
    actor: "Person",
    *,
    vendor: str | None,
    clauses: bool,
) -> Json:
    from ai_gateway.policies import explain as explaining
    from ai_gateway.policies.hypothesis import question
    from ai_gateway.policies.trace import trace

    explained = asdict(explaining.explain(loaded, policy, source))
    decisions = [
        _decision(choice, one, trace(question(loaded, policy, choice, (one,), actor)))
        for one in supposed
        for choice in policy.vendors
        if vendor in (None, choice.vendor)
    ]
    return {**explained, "clauses": explained["clauses"] if clauses else [], "decisions": decisions}


def _decision(choice: "VendorChoice", one: "Supposed", traced: "Trace") -> Json:
    outcome = traced.outcome
    return {
        "input": one.input,
        "vendor": choice.vendor,
        "model": choice.model,
        "action": outcome.action,
        "treatment": outcome.treatment.value,
        "code": outcome.code,
        "rule": outcome.rule,
        "rests_on": outcome.source,
        "chain": [asdict(step) for step in traced.steps],
    }


def _tell(one: Json) -> None:
    title = f"{one['source']} in {one['feature']}"
    if one["clauses"]:
        rows = [(c["topic"], c["says"], c["rule"], c["source"]) for c in one["clauses"]]
        table(title, ("about", "says", "rule", "rests on"), rows)
    if not one["decisions"]:
        say(f"{title}: withheld. No input of this feature takes it.")
        return
    shown = ("vendor", "model", "input", "action", "treatment", "code", "rule", "rests_on")
    table(f"Decision: {title}", shown, [[d[key] for key in shown] for d in one["decisions"]])
    chains: dict[str, tuple[list[str], list[Json]]] = {}
    for decision in one["decisions"]:
        key = str(decision["chain"])
        chains.setdefault(key, ([], decision["chain"]))[0].append(f"{decision['vendor']}/{decision['input']}")
    for names, chain in chains.values():
        columns = ("about", "rule", "says", "code", "at", "rests_on")
        table(f"Rules asked, in order: {', '.join(names)}", columns, [[s[key] for key in columns] for s in chain])
