"""What is sent: 2,000 characters with ten entities, as a chat completion and as a feature run."""

import json
import random
import time
from collections.abc import Callable

from ai_gateway import samples

CHARACTERS = 2_000
_STREETS = ("Larkspur Lane", "Harbor Street", "Juniper Court", "Granite Avenue", "Meadow Road")
_FILLER = (
    "The page has to work on a phone, take a deposit, and send the confirmation by mail. We have about three thousand "
    "bookings in a good month, most of them at weekends, and refunds should take one click. "
)
_TOOL = {
    "type": "function",
    "function": {
        "name": "book",
        "description": "Books a call with people.",
        "parameters": {
            "type": "object",
            "properties": {"to": {"type": "array", "items": {"type": "string"}}, "note": {"type": "string"}},
            "required": ["to"],
        },
    },
}

Text = Callable[[int], str]
Body = Callable[[int], bytes]


def post(number: int | None) -> str:
    """A job post of 2,000 characters with ten entities; texts of different numbers differ throughout."""
    chance = random.Random(number)
    street = f"{chance.randint(10, 999)} {chance.choice(_STREETS)}, Albany, NY 12207"
    body = (
        f"Brightwater LLC rents out kayaks. Sam Lee answers at sam.lee@brightwater.example or (212) 555-0117, and our "
        f"bookkeeper Imogen Vale at imogen.vale@brightwater.example, 212-555-0186. We are at {street}, and our page is "
        f"https://brightwater.example/book. Dana Okafor has seen it, @danabuilds. "
    )
    words = _FILLER.split()
    while len(body) < CHARACTERS:
        body += " ".join(chance.sample(words, len(words))) + ". " if number is not None else _FILLER
    return body[:CHARACTERS]


def chat(*, stream: bool = False, tool: bool = False) -> Callable[[str], bytes]:
    """A chat completion of one text."""

    def body(text: str) -> bytes:
        asked = {"model": "bench", "messages": [{"role": "user", "content": text}]}
        return json.dumps(asked | ({"stream": True} if stream else {}) | ({"tools": [_TOOL]} if tool else {})).encode()

    return body


def feature_run(text: str) -> bytes:
    """The sample run of ``proposal_draft`` with the text as its job post: five items, about four people."""
    sample = samples.read("proposal_draft")
    inputs = {**sample["inputs"], "job_post": sample["inputs"]["job_post"] | {"text": text}}
    return json.dumps({**sample, "inputs": inputs}).encode()


def seen(make: Callable[[str], bytes]) -> Body:
    """The same request each time."""
    body = make(post(None))
    return lambda _number: body


def unseen(make: Callable[[str], bytes]) -> Body:
    """No text comes twice."""
    start = time.time_ns()
    return lambda number: make(post(start + number))
