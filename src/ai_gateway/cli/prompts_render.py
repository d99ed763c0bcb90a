"""``ai-gateway prompts render``: exactly what a vendor would receive of an example, and what it would cost."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ai_gateway.cli.prompts_bench import (
    FeatureName,
    Model,
    Policies,
    Prompts,
    Quiet,
    bench_open,
    coloured,
    decisions_of,
    dollars,
    entities_line,
    legend,
    settings_of,
    show_text,
)
from ai_gateway.cli.terminal import AsJson, Exit, run, say, show, table

if TYPE_CHECKING:
    from ai_gateway.workbench.cost import Cost
    from ai_gateway.workbench.marks import Mark, Marked, MarkedPair
    from ai_gateway.workbench.trial import Bench, Tried


def render(
    feature: FeatureName,
    *,
    example: Annotated[str, typer.Option(help="An example's or test's name, or its number.")] = "1",
    version: Annotated[str, typer.Option(help="v2, a label, or newest.")] = "newest",
    model: Model = None,
    prompts: Prompts = None,
    policies: Policies = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Show the messages that a vendor would receive of an example, with every treatment; tokens, and cost per model.

    People are those of people.yaml and of the example. The whole gateway runs, up to the vendor's door.
    """
    from ai_gateway.workbench.calls import case_of, choice_of, version_of

    async def work() -> int:
        async with bench_open(settings_of(prompts, policies), quiet=quiet) as trials:
            bench = trials.bench(feature)
            prompt = bench.versions.versions[version_of(bench.versions, version)]
            case = case_of(prompt, example)
            choice = choice_of(bench.catalogue.policies, bench.policy, model) if model else None
            tried = await bench.preview(case, prompt, choice)
            answer = _answer(bench, tried)
            show(answer, as_json, lambda: _tell(bench, tried, answer))
            return Exit.REFUSED if tried.error is not None else Exit.DONE

    raise typer.Exit(run(work))


def _answer(bench: "Bench", tried: "Tried") -> Mapping[str, Any]:
    from ai_gateway.workbench.judge import told

    head = {"feature": bench.policy.name, "version": tried.prompt.version, "case": tried.case.name}
    pair = bench.marked(tried)
    if tried.cleared is None or pair is None:
        return {**head, "refused": told(tried), "reasons": [dict(one) for one in tried.refusals]}
    budgeted, outbound = tried.cleared.prompt, tried.cleared.outbound
    return {
        **head,
        "vendor": outbound.vendor,
        "model": outbound.model,
        "items": [_marked(one) for one in pair.items],
        "messages": [_marked(one) for one in pair.messages],
        "body": outbound.body.decode(),
        "decisions": decisions_of(tried),
        "entities": dict(tried.entities),
        "tokens": {"input": budgeted.input_tokens, "max_output": budgeted.max_output_tokens},
        "costs": [_priced(one) for one in costs(bench, tried)],
    }


def costs(bench: "Bench", tried: "Tried") -> list["Cost"]:
    """Of this prompt, at each vendor of the policy; tokens as each model counts them."""
    from ai_gateway.budget import count_messages
    from ai_gateway.workbench.cost import cost

    if tried.cleared is None:
        return []
    policies, budgeted = bench.catalogue.policies, tried.cleared.prompt
    return [
        cost(
            policies,
            choice,
            (
                count_messages(
                    budgeted.messages, policies.vendors[choice.vendor].models[choice.model].encoding, bench.tokens
                ),
                budgeted.max_output_tokens,
            ),
            bench.prices,
        )
        for choice in bench.policy.vendors
    ]


def _marked(text: "Marked") -> Mapping[str, Any]:
    return {"title": text.title, "text": text.text, "marks": [_mark(one) for one in text.marks()]}


def _mark(mark: "Mark") -> Mapping[str, Any]:
    return {
        "start": mark.start,
        "end": mark.end,
        "item": mark.item,
        "entity": mark.entity,
        "treatment": str(mark.treatment),
        "found_by": mark.found_by,
        "rule": mark.rule,
        "source": mark.rests_on,
    }


def _priced(cost: "Cost") -> Mapping[str, Any]:
    price = cost.price
    return {
        "vendor": cost.vendor,
        "model": cost.model,
        "input_tokens": cost.input_tokens,
        "max_output_tokens": cost.max_output_tokens,
        "prompt_usd": cost.prompt,
        "most_usd": cost.most,
        "table": price.table if price else None,
        "source": price.source if price else None,
    }


def _tell(bench: "Bench", tried: "Tried", answer: Mapping[str, Any]) -> None:
    pair = bench.marked(tried)
    say(f"{answer['feature']} v{answer['version']}, {tried.case.title}")
    if pair is None or tried.cleared is None:
        say(f"nothing would be sent: {answer['refused']}")
        return
    say(f"to {answer['vendor']}, {answer['model']}; nothing was sent")
    for message in pair.messages:
        say(f"\n--- {message.title}")
        show_text(coloured(message))
    say("")
    _treatments(pair)
    rows = ((d["item"], d["action"], d["treatment"], d["code"], d["rule"], d["source"]) for d in answer["decisions"])
    table("Decisions", ("input", "action", "treatment", "why", "rule", "rests on"), rows)
    say(f"removed: {entities_line(tried.entities)}")
    _costs(costs(bench, tried))


def _treatments(pair: "MarkedPair") -> None:
    before = {(mark.item, number): part for one in pair.items for number, (part, mark) in enumerate(_parts(one))}
    rows: list[tuple[str, ...]] = []
    for message in pair.messages:
        seen: dict[str, int] = {}
        for part, mark in _parts(message):
            number = seen.get(mark.item, 0)
            seen[mark.item] = number + 1
            was = before.get((mark.item, number), "")
            where = f"{mark.rule} ({mark.rests_on})"
            rows.append((mark.item, mark.entity, str(mark.treatment), was, part, mark.found_by, where))
    if rows:
        show_text(legend(row[1] for row in rows))
        table("Treatments", ("input", "entity", "treatment", "was", "becomes", "found by", "rule"), rows)


def _parts(text: "Marked") -> list[tuple[str, "Mark"]]:
    return [(part.text, part.mark) for part in text.parts if part.mark is not None]


def _costs(found: list["Cost"]) -> None:
    rows = (
        (one.vendor, one.model, one.input_tokens, one.max_output_tokens, dollars(one.prompt), dollars(one.most))
        for one in found
    )
    table("Cost, at list price", ("vendor", "model", "tokens in", "most out", "prompt", "at most"), rows)
    tables = sorted({one.price.table for one in found if one.price is not None})
    if tables:
        say(f"prices: the table that comes with {', '.join(tables)}; a vendor's own contract may differ")
