"""A real language model behind the gateway: do pseudonyms come back restored, and does treatment hurt the task?

``python -m benchmarks.small_model [--questions 50] [--tasks 100]``; ``make bench-model``. Not part of ``make test``.
"""

import argparse
import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """Of so many ``replies``, ``holding`` had a pseudonym that was sent; ``written`` such in all, ``left`` of them in
    the answers. ``made_up``: placeholders in the replies that nobody sent."""

    replies: int
    holding: int
    written: int
    left: int
    made_up: int

    def __str__(self) -> str:
        back = self.written - self.left
        share = f" ({back / self.written:.1%})" if self.written else ""
        return (
            f"{self.replies} replies; {self.holding} hold {self.written} pseudonyms that were sent, {back}{share} "
            f"came back restored; {self.made_up} placeholders were made up by the model"
        )


def restored(exchanged: Sequence[tuple[str, str]], answers: Sequence[str]) -> Restored:
    """``exchanged``: what the vendor was asked and said, in the order of the answers."""
    holding = written = made_up = left = 0
    for (asked, said), answer in zip(exchanged, answers, strict=True):
        sent = set(PSEUDONYM.findall(" ".join(message["content"] for message in json.loads(asked)["messages"])))
        found = PSEUDONYM.findall(json.loads(said)["choices"][0]["message"]["content"] or "")
        mine = [token for token in found if token in sent]
        holding += bool(mine)
        written += len(mine)
        made_up += len(found) - len(mine)
        left += sum(token in sent for token in PSEUDONYM.findall(answer))
    return Restored(replies=len(answers), holding=holding, written=written, left=left, made_up=made_up)


async def measure(options: argparse.Namespace, model: str, console: Console) -> dict[str, object]:
    asked, cases = questions(options.questions), tasks(options.tasks)
    async with listener(model) as heard:
        with gateway(heard.url) as base:
            told = restored_of(heard, await ask(base, asked, "questions, treated"))
            answers = await ask(base, cases, "tasks, treated")
            drafted, treated = restored_of(heard, answers), tally(cases, answers)
    plain = tally(cases, await ask(model, cases, "tasks, untreated"))
    console.print(f"Questions: {told}.")
    console.print(f"Drafts and summaries: {drafted}.")
    table = Table("check", "untreated", "treated", title=f"{len(cases)} drafts and summaries")
    for check in plain.made:
        table.add_row(check, f"{plain.share(check):.0%}", f"{treated.share(check):.0%}")
    console.print(table)
    shares = {check: (plain.share(check), treated.share(check)) for check in plain.made}
    return {"questions": asdict(told), "drafts": asdict(drafted), "tasks": shares}


def restored_of(heard: Heard, answers: Sequence[str]) -> Restored:
    """Of the last so many that were heard."""
    return restored(heard.exchanged[-len(answers) :], answers)


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
