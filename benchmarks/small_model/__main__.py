"""A real language model behind the gateway: do pseudonyms come back restored, and does treatment hurt the task?

``python -m benchmarks.small_model [--questions 50] [--tasks 100]``; ``make bench-model``. Not part of ``make test``.
"""

import argparse
import asyncio
import json
from collections.abc import Sequence
from pathlib import Path

import aiohttp
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.small_model.cases import Case, questions, tasks
from benchmarks.small_model.score import PSEUDONYM, tally
from benchmarks.small_model.serving import Heard, gateway, install, listener, model_server

_MOST_TOKENS = 120


async def ask(base: str, cases: Sequence[Case], title: str) -> list[str]:
    """One answer a case, in order; greedy, so that a run can be repeated."""
    answers: list[str] = []
    headers = {"content-type": "application/json", "authorization": "Bearer development"}
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=600)) as client:
        for case in track(cases, description=title):
            body = {"model": "local", "messages": case.messages, "temperature": 0, "max_tokens": _MOST_TOKENS}
            async with client.post(f"{base}/chat/completions", data=json.dumps(body), headers=headers) as response:
                reply = json.loads(await response.read())
                if response.status != 200:
                    raise SystemExit(f"the gateway answered {response.status}: {reply}")
            answers.append(reply["choices"][0]["message"]["content"] or "")
    return answers


def pseudonyms(heard: Heard, answers: Sequence[str]) -> tuple[int, int, int, int]:
    """Replies with a pseudonym that was sent; such pseudonyms in them; made up ones; those left in the answers."""
    replies = written = made_up = left = 0
    for asked, said, answer in zip(heard.asked, heard.said, answers, strict=True):
        sent = set(PSEUDONYM.findall(json.loads(asked)["messages"].__repr__()))
        found = PSEUDONYM.findall(json.loads(said)["choices"][0]["message"]["content"] or "")
        mine = [token for token in found if token in sent]
        replies += bool(mine)
        written += len(mine)
        made_up += len(found) - len(mine)
        left += sum(token in sent for token in PSEUDONYM.findall(answer))
    return replies, written, made_up, left


async def measure(options: argparse.Namespace, model: str, console: Console) -> dict[str, object]:
    asked = questions(options.questions)
    async with listener(model) as heard:
        with gateway(heard.url) as base:
            answers = await ask(base, asked, "questions, treated")
            replies, written, made_up, left = pseudonyms(heard, answers)
            cases = tasks(options.tasks)
            treated = tally(cases, await ask(base, cases, "tasks, treated"))
    plain = tally(cases, await ask(model, cases, "tasks, untreated"))
    restored = (written - left) / written if written else float("nan")
    console.print(f"{len(asked)} questions: {replies} replies hold {written} pseudonyms that were sent.")
    console.print(f"{written - left} came back restored ({restored:.1%}). Made up by the model: {made_up}.")
    table = Table("check", "untreated", "treated", title=f"{len(cases)} drafts and summaries")
    for check in plain.made:
        table.add_row(check, f"{plain.share(check):.0%}", f"{treated.share(check):.0%}")
    console.print(table)
    shares = {check: (plain.share(check), treated.share(check)) for check in plain.made}
    return {"questions": [len(asked), replies, written, left, made_up], "tasks": shares}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--questions", type=int, default=50)
    parser.add_argument("--tasks", type=int, default=100)
    parser.add_argument("--out", type=Path, help="figures as JSON")
    options = parser.parse_args()
    with model_server(install()) as model:
        figures = asyncio.run(measure(options, model, Console()))
    if options.out is not None:
        options.out.write_text(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
