"""``ai-gateway prompts diff``: what changes between two versions, for whoever reviews it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ai_gateway.cli.prompts_bench import (
    FeatureName,
    Model,
    Policies,
    Prompts,
    Quiet,
    bench_open,
    each,
    settings_of,
    show_text,
)
from ai_gateway.cli.terminal import AsJson, run, say, show, table

if TYPE_CHECKING:
    from rich.text import Text

    from ai_gateway.prompts.prompt import Prompt
    from ai_gateway.workbench.comparing import CaseChange
    from ai_gateway.workbench.trial import Bench


def diff(
    feature: FeatureName,
    old: Annotated[str, typer.Argument(help="v2, a label, or newest.")],
    new: Annotated[str, typer.Argument(help="v3, a label, or newest.")] = "newest",
    *,
    model: Model = None,
    prompts: Prompts = None,
    policies: Policies = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Show what changes from one version to another: text, inputs, config, and what comes of every case.

    Cases are the newer one's examples and tests: what would be sent, its tokens and the decisions. Nothing is sent.
    """

    async def work() -> Mapping[str, Any]:
        from ai_gateway.workbench.calls import version_of

        async with bench_open(settings_of(prompts, policies), quiet=quiet) as trials:
            bench = trials.bench(feature)
            before = bench.versions.versions[version_of(bench.versions, old)]
            after = bench.versions.versions[version_of(bench.versions, new)]
            return await _compared(bench, before, after, model, quiet=quiet)

    answer = run(work)
    show(answer, as_json, lambda: _tell(answer))


async def _compared(
    bench: "Bench", before: "Prompt", after: "Prompt", model: str | None, *, quiet: bool
) -> Mapping[str, Any]:
    from ai_gateway.workbench.calls import choice_of
    from ai_gateway.workbench.comparing import case_change, declared, shared_cases, text

    choice = choice_of(bench.catalogue.policies, bench.policy, model) if model else None
    changes: list[CaseChange] = []
    not_calls: list[str] = []
    pairs = list(shared_cases(before, after))
    for case, fits in each(pairs, len(pairs), "cases", quiet=quiet):
        if fits:
            changes.append(
                case_change(await bench.preview(case, before, choice), await bench.preview(case, after, choice))
            )
        else:
            not_calls.append(case.title)
    return {
        "feature": bench.policy.name,
        "old": f"v{before.version}",
        "new": f"v{after.version}",
        "changes": [asdict(one) for one in declared(before, after)],
        "text": text(before, after),
        "cases": [{**asdict(one), "same": one.same} for one in changes],
        "not_calls_of_old": not_calls,
    }


def _tell(answer: Mapping[str, Any]) -> None:
    say(f"{answer['feature']}: {answer['old']} → {answer['new']}")
    _changes("Inputs, parameters and config", answer["changes"])
    if answer["text"]:
        show_text(_coloured(answer["text"]))
    else:
        say("the text is the same")
    rows = [
        (one["case"], one["tokens_before"], one["tokens_after"], _moved(one), "same" if one["same"] else "differs")
        for one in answer["cases"]
    ]
    table("On every case", ("case", "tokens before", "after", "change", "what is sent"), rows)
    for one in answer["cases"]:
        _changes(f"Decisions on: {one['case']}", one["decisions"])
        if one["outbound"]:
            say(f"\nwhat is sent, {one['case']}")
            show_text(_coloured(one["outbound"]))
    if answer["not_calls_of_old"]:
        say(f"no calls of {answer['old']}: {', '.join(answer['not_calls_of_old'])}")


def _moved(one: Mapping[str, Any]) -> str:
    if one["tokens_before"] is None or one["tokens_after"] is None:
        return ""
    return f"{one['tokens_after'] - one['tokens_before']:+d}"


def _changes(title: str, changes: Sequence[Mapping[str, str]]) -> None:
    if changes:
        table(title, ("what", "before", "after"), ((one["what"], one["before"], one["after"]) for one in changes))


def _coloured(diff: str) -> "Text":
    from rich.text import Text

    styles = {"+": "green", "-": "red", "@": "cyan"}
    shown = Text()
    for line in diff.split("\n"):
        shown.append(f"{line}\n", styles.get(line[:1], ""))
    return shown
