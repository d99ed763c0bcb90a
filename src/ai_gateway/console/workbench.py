"""``/console/workbench``: an author's case, what a vendor would receive of it, and a trial of it."""

import secrets
from collections.abc import Callable
from dataclasses import replace

from fastapi import APIRouter, Request
from starlette.responses import Response

from ai_gateway.api.services import services_of
from ai_gateway.api.visit import current
from ai_gateway.console.bench import Bench, Outcome, bench_of, feature_of, prepared, prompt_of, prompted, run
from ai_gateway.console.choices import choices
from ai_gateway.console.draft import Draft
from ai_gateway.console.fields import Fields, draft_of
from ai_gateway.console.forms import form_of
from ai_gateway.console.gate import PageRoute, Visitor, check_form, show, visitor_of
from ai_gateway.console.services import console_of
from ai_gateway.console.starts import EMPTY, start, starts
from ai_gateway.console.trials import Trials
from ai_gateway.model import Right

router = APIRouter(include_in_schema=False, route_class=PageRoute)

PATH = "/console/workbench"
_NONCE_BYTES = 16
_MISTAKEN = 422


@router.get(PATH)
async def opened(request: Request) -> Response:
    """A case to begin with, and at once what would become of it."""
    visitor = await visitor_of(request)
    author, asked = visitor.holding(Right.AUTHOR), Fields(request.query_params.multi_items())
    trials = _trials(request)
    feature = feature_of(trials, asked.one("feature"))
    prompt, chosen = prompt_of(feature, asked.one("version")), asked.one("start")
    current(request.scope).feature = feature.name
    draft = start(chosen, feature, prompt)
    bench = bench_of(trials, feature, prompt, asked.one("vendor"), draft)
    outcome = Outcome() if chosen == EMPTY else await prepared(bench, author.id)
    return _page(visitor, bench, replace(outcome, problems=()), chosen=chosen, pristine=True)


@router.post(PATH)
async def worked_on(request: Request) -> Response:
    """The case as the form has it: prepared, run, or given another field to fill in."""
    visitor = await visitor_of(request)
    author = visitor.holding(Right.AUTHOR)
    async with form_of(request) as fields:
        check_form(request, fields)
        trials = _trials(request)
        feature = feature_of(trials, fields.one("feature"))
        prompt = prompt_of(feature, fields.one("version"))
        current(request.scope).feature = feature.name
        do, _, which = fields.one("do").partition(":")
        draft = _edited(draft_of(fields, feature, prompt), do, which)
        bench = bench_of(trials, feature, prompt, fields.one("vendor"), draft)
        if do == "run":
            bench = bench.on_standin() if which == "standin" else bench
            if not bench.recipient.standin:
                visitor.holding(Right.AUTHOR_LIVE)
            outcome = await run(bench, author.id)
        else:
            outcome = await prepared(bench, author.id)
    if do in _EDITS:  # what is still missing was not asked for yet
        outcome = replace(outcome, problems=(), error=None)
    _told(request, outcome)
    added = len(draft.people) - 1 if do == "add-person" else None
    return _page(visitor, bench, outcome, _status(outcome), new_person=added)


_EDITS: dict[str, Callable[[Draft, str], Draft]] = {
    "add-person": lambda draft, _: draft.with_person(),
    "drop-person": lambda draft, which: draft.without_person(_number(which)),
    "add-piece": lambda draft, which: draft.with_piece(which),
    "drop-piece": lambda draft, which: draft.without_piece(_number(which)),
}


def _edited(draft: Draft, do: str, which: str) -> Draft:
    edit = _EDITS.get(do)
    return draft if edit is None else edit(draft, which)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 3 else -1  # noqa: PLR2004


def _trials(request: Request) -> Trials:
    console, services = console_of(request.scope), services_of(request.scope)
    runs = not services.audit_alone
    return Trials(services.gateway, console.vendors, console.registry, console.prices, runs=runs)


def _told(request: Request, outcome: Outcome) -> None:
    """For the request's log line: ids and codes."""
    visit = current(request.scope)
    if outcome.error is not None:
        visit.failed(outcome.error)
    if outcome.answer is not None:
        visit.share = outcome.answer.share


def _status(outcome: Outcome) -> int:
    if outcome.problems:
        return _MISTAKEN
    return 200 if outcome.error is None else outcome.error.status


def _page(
    visitor: Visitor,
    bench: Bench,
    outcome: Outcome,
    status: int = 200,
    *,
    chosen: str = "",
    pristine: bool = False,
    new_person: int | None = None,
) -> Response:
    """With a nonce of its own, so that the run of this page happens once however often it is sent."""
    draft = replace(bench.draft, nonce=secrets.token_hex(_NONCE_BYTES))
    return show(
        visitor,
        "workbench.html",
        status,
        bench=replace(bench, draft=draft),
        outcome=outcome,
        features=prompted(bench.trials),
        starts=starts(bench.feature, bench.prompt),
        chosen=chosen,
        pristine=pristine,
        new_person=new_person,
        editing=outcome.shown is None,
        **choices(bench),
        may_send=visitor.may(Right.AUTHOR_LIVE),
    )
