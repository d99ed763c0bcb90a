"""``ai-gateway prompts eval``: the same tests across versions and models, in one table."""

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from ai_gateway.cli.prompts_bench import FeatureName, Policies, Prompts, Quiet, bench_open, dollars, each, settings_of
from ai_gateway.cli.terminal import Exit, print_json, run, say, table

if TYPE_CHECKING:
    from ai_gateway.policies.policy import VendorChoice
    from ai_gateway.prompts.cases import Case
    from ai_gateway.prompts.prompt import Prompt
    from ai_gateway.workbench.scores import Score
    from ai_gateway.workbench.trial import Bench


class Format(StrEnum):
    TEXT = "text"
    JSON = "json"
    CSV = "csv"


def evaluate(
    feature: FeatureName,
    *,
    versions: Annotated[str, typer.Option(help="Comma-separated: v1,v2, labels, newest.")] = "production,newest",
    models: Annotated[str, typer.Option(help="Comma-separated vendor/model; the policy's first when left out.")] = "",
    live: Annotated[
        bool, typer.Option("--live", help="Ask the vendors, or the stand-in without keys, and record.")
    ] = False,
    output: Annotated[Format, typer.Option("--format", help="How the table is told.")] = Format.TEXT,
    prompts: Prompts = None,
    policies: Policies = None,
    quiet: Quiet = False,
) -> None:
    """Run the same tests with every version and model, and compare.

    Tests are the newest chosen version's. Told are assertions that hold, tokens, cost at list price, the vendor's time
    and entities removed. Exit code 1 when a case has no reply.
    """
    settings = settings_of(prompts, policies)

    async def work() -> list["Score"]:
        from ai_gateway.adapters.recording_files import keep_recordings
        from ai_gateway.workbench.calls import choice_of, version_of

        async with bench_open(settings, live=live, quiet=quiet) as trials:
            bench = trials.bench(feature)
            numbers = dict.fromkeys(version_of(bench.versions, one.strip()) for one in versions.split(","))
            chosen = [
                choice_of(bench.catalogue.policies, bench.policy, one.strip()) for one in models.split(",") if one
            ]
            scores = await _scores(bench, [bench.versions.versions[one] for one in numbers], chosen, quiet=quiet)
            if live:
                keep_recordings(settings.prompts_folder / feature, bench.recordings)
            return scores

    scores = run(work)
    _tell(scores, output)
    raise typer.Exit(Exit.REFUSED if any(one.trouble for one in scores) else Exit.DONE)


async def _scores(
    bench: "Bench", prompts: Sequence["Prompt"], chosen: Sequence["VendorChoice"], *, quiet: bool
) -> list["Score"]:
    from ai_gateway.prompts.cases import TEST

    newest = max(prompts, key=lambda prompt: prompt.version)
    cases = [case for case in newest.cases if case.kind == TEST]
    pairs = [(prompt, choice) for prompt in prompts for choice in chosen or (None,)]
    told = each(pairs, len(pairs), "versions and models", quiet=quiet)
    return [await _score(bench, prompt, choice, cases) for prompt, choice in told]


async def _score(bench: "Bench", prompt: "Prompt", choice: "VendorChoice | None", cases: Sequence["Case"]) -> "Score":
    from ai_gateway.workbench.judge import judge
    from ai_gateway.workbench.scores import score

    judged = [judge(await bench.run(case, prompt, choice)) for case in cases]
    used = next((one.tried.used for one in judged if one.tried.used is not None), None)
    named = (choice.vendor, choice.model) if choice else (used.vendor, used.model) if used else ("", "")
    price = None
    if named[0]:
        provider = next(p.provider for v, p in bench.catalogue.policies.vendors.items() if v == named[0])
        price = bench.prices.price(provider, named[1])
    return score(f"v{prompt.version}", "/".join(named).strip("/") or "no recording", judged, price)


def _tell(scores: Sequence["Score"], output: Format) -> None:
    match output:
        case Format.JSON:
            print_json([asdict(one) for one in scores])
        case Format.CSV:
            rows = [asdict(one) | {"failed": "; ".join(one.failed)} for one in scores]
            page = io.StringIO()
            writer = csv.DictWriter(page, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
            say(page.getvalue().rstrip("\n"))
        case Format.TEXT:
            columns = ("version", "model", "held", "no reply", "tokens in", "out", "cost", "ms", "removed", "failed")
            table("Evaluation", columns, (_row(one) for one in scores))


def _row(one: "Score") -> tuple[object, ...]:
    taken = "" if one.milliseconds is None else f"{one.milliseconds:.0f}"
    held = f"{one.held}/{one.assertions}"
    failed = "\n".join(one.failed)
    tokens = one.input_tokens, one.output_tokens
    return one.version, one.model, held, one.trouble, *tokens, dollars(one.cost), taken, one.removed, failed
