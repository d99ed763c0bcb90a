"""``ai-gateway prompts test``: every case of a prompt, from recorded replies or with a vendor."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ai_gateway.cli.prompts_bench import (
    Model,
    Policies,
    Prompts,
    Quiet,
    bench_open,
    each,
    entities_line,
    settings_of,
    tell,
)
from ai_gateway.cli.terminal import AsJson, Exit, run, say, show
from ai_gateway.errors import ConfigurationError

if TYPE_CHECKING:
    from ai_gateway.app.trial import Trials
    from ai_gateway.prompts.prompt import Prompt, PromptVersions
    from ai_gateway.workbench.judge import Judged
    from ai_gateway.workbench.trial import Bench


def run_tests(  # noqa: PLR0913 - a command has options
    feature: Annotated[list[str] | None, typer.Argument(help="Prompts' names; all of them when left out.")] = None,
    *,
    version: Annotated[
        list[str] | None,
        typer.Option(
            help="v2, a label, newest or all; may be repeated. Left out: what labels point at, and the newest."
        ),
    ] = None,
    case: Annotated[list[str] | None, typer.Option(help="Only cases of this name; may be repeated.")] = None,
    model: Model = None,
    live: Annotated[
        bool, typer.Option("--live", help="Ask the vendors, or the stand-in without keys, and record what they say.")
    ] = False,
    junit: Annotated[Path | None, typer.Option(help="Write JUnit XML here.")] = None,
    prompts: Prompts = None,
    policies: Policies = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Run the tests beside the prompts; exit code 1 when one fails.

    Each case goes the whole way of a real run, in a gateway of its own that keeps nothing. Replies come from
    recordings.json, found by the digest of what would be sent; --live asks anew and records.
    """
    settings = settings_of(prompts, policies)

    async def work() -> dict[str, list["Judged"]]:
        from ai_gateway.adapters.recording_files import keep_recordings

        suites: dict[str, list[Judged]] = {}
        async with bench_open(settings, live=live, quiet=quiet) as trials:
            for name in feature or _all(trials):
                bench = trials.bench(name)
                for prompt in _versions(bench.versions, version or []):
                    suites[f"{name} v{prompt.version}"] = await _suite(bench, prompt, case or [], model, quiet=quiet)
                if live:
                    keep_recordings(settings.prompts_folder / name, bench.recordings)
                    tell(f"recorded in {name}/recordings.json: {len(bench.recordings)} replies", quiet=quiet)
        return suites

    suites = run(work)
    if junit is not None:
        _write_junit(junit, suites)
    show(_answer(suites), as_json, lambda: _tell(suites))
    failed = any(not one.passed for suite in suites.values() for one in suite)
    raise typer.Exit(Exit.REFUSED if failed or not any(suites.values()) else Exit.DONE)


def _all(trials: "Trials") -> list[str]:
    from ai_gateway.adapters.catalogue_files import SCHEMAS

    folder = trials.settings.prompts_folder
    return sorted(path.name for path in folder.iterdir() if path.is_dir() and path.name != SCHEMAS)


def _versions(versions: "PromptVersions", asked: Sequence[str]) -> list["Prompt"]:
    from ai_gateway.workbench.calls import version_of

    if "all" in asked:
        numbers = set(versions.versions)
    elif asked:
        numbers = {version_of(versions, one) for one in asked}
    else:
        numbers = {max(versions.versions), *(one for one in versions.labels.values() if one in versions.versions)}
    return [versions.versions[number] for number in sorted(numbers)]


async def _suite(
    bench: "Bench", prompt: "Prompt", only: Sequence[str], model: str | None, *, quiet: bool
) -> list["Judged"]:
    from ai_gateway.prompts.cases import TEST
    from ai_gateway.workbench.calls import case_of, choice_of
    from ai_gateway.workbench.judge import judge

    cases = [case_of(prompt, name) for name in only] or [case for case in prompt.cases if case.kind == TEST]
    choice = choice_of(bench.catalogue.policies, bench.policy, model) if model else None
    what = f"tests of {prompt.name} v{prompt.version}"
    return [judge(await bench.run(one, prompt, choice)) for one in each(cases, len(cases), what, quiet=quiet)]


def _answer(suites: Mapping[str, Sequence["Judged"]]) -> Mapping[str, Any]:
    judged = [one for suite in suites.values() for one in suite]
    return {
        "passed": sum(one.passed for one in judged),
        "failed": sum(not one.passed for one in judged),
        "suites": {name: [_case(one) for one in suite] for name, suite in suites.items()},
    }


def _case(one: "Judged") -> Mapping[str, Any]:
    tried = one.tried
    return {
        "case": tried.case.name,
        "description": tried.case.description,
        "file": tried.prompt.file,
        "line": tried.case.line,
        "passed": one.passed,
        "trouble": one.trouble,
        "assertions": [
            {"type": v.assertion.kind, "line": v.assertion.line, "passed": v.passed, "said": v.said}
            for v in one.verdicts
        ],
        "vendor": tried.used.vendor if tried.used else None,
        "model": tried.used.model if tried.used else None,
        "recorded": tried.used.recorded if tried.used else None,
        "entities": dict(tried.entities),
    }


def _tell(suites: Mapping[str, Sequence["Judged"]]) -> None:
    for name, suite in suites.items():
        say(name)
        for one in suite:
            _tell_case(one)
    judged = [one for suite in suites.values() for one in suite]
    failed = sum(not one.passed for one in judged)
    say(f"{len(judged) - failed} passed, {failed} failed" if judged else "no tests ran")


def _tell_case(one: "Judged") -> None:
    tried, used = one.tried, one.tried.used
    by = f"{used.vendor}, {used.model}, {used.recorded}" if used else "no reply"
    say(
        f"  {'passed' if one.passed else 'FAILED'}  {tried.case.title}"
        f"  ({by}; removed: {entities_line(tried.entities)})"
    )
    if one.trouble:
        say(f"          {tried.prompt.file}:{tried.case.line}: {one.trouble}")
    for verdict in one.verdicts:
        if not verdict.passed:
            say(f"          {tried.prompt.file}:{verdict.assertion.line}: {verdict.said}")


def _write_junit(path: Path, suites: Mapping[str, Sequence["Judged"]]) -> None:
    from ai_gateway.workbench.junit import junit

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(junit(suites), encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be written: {error.strerror}") from None
