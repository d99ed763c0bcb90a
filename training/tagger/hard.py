"""Of many texts, those that a model does not know yet: ``python -m training.tagger.hard --texts … --out hard.jsonl``.

A pass forward in eight bits costs a tenth of a step of training, and nine generated texts in ten teach a trained model
nothing. Of those it knows, some stay, so that it does not forget them. Runs where the gateway does: no torch.
"""

import argparse
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import cast

import numpy as np
import numpy.typing as npt

from ai_gateway.adapters.ner_model import MARKETPLACE, LoadedModel, load
from training.tagger.examples import Example, Reader, Text, rewritten

Rows = Sequence[dict[str, object]]
BATCH = 512


def loss_of(probabilities: npt.NDArray[np.float32], allowed: npt.NDArray[np.bool_]) -> float:
    """The greatest minus logarithm of the probability of what a token may be; both are (tokens, labels)."""
    possible = np.where(allowed, probabilities, 0.0).sum(axis=-1)
    return float((-np.log(np.maximum(possible, 1e-9))).max(initial=0.0))


def hard(rows: Rows, model: LoadedModel, *, least: float, rest: float, chance: Random) -> Iterator[dict[str, object]]:
    """Rows in their order: those with a token whose loss is ``least``, as written or rewritten once, and a share
    ``rest`` of the others."""
    for begin in range(0, len(rows), BATCH):
        part = rows[begin : begin + BATCH]
        reader = Reader()
        for row in part:
            text = rewritten(_text(row), chance)
            examples = list(reader.examples([text]))
            stays = chance.random() < rest
            if stays or any(_loss(example, model, reader) >= least for example in examples):
                yield row


def _text(row: dict[str, object]) -> Text:
    spans = cast("list[tuple[int, int, str]]", row["spans"])
    return Text(str(row["text"]), tuple((start, end, entity, True) for start, end, entity in spans))


def _loss(example: Example, model: LoadedModel, reader: Reader) -> float:
    inside = slice(1, -1)  # without the first and the last token, which ``classify`` adds
    tokens, kinds = example.tokens[inside], example.kinds[inside]
    if not len(tokens):
        return 0.0
    return loss_of(model.classify(tokens.tolist(), kinds.tolist()), reader.masks[example.allowed[inside]])


def exported(folder: Path) -> LoadedModel:
    """The model that ``training.tagger.export`` wrote there."""
    digest = hashlib.sha256((folder / MARKETPLACE.weights).read_bytes()).hexdigest()
    return load(replace(MARKETPLACE, package=None, folder=str(folder), weights_sha256=digest), threads=1)


def main() -> None:
    """Writes the file; says how many texts it holds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=Path, required=True, help="what training.generate made")
    parser.add_argument("--model", type=Path, required=True, help="folder of an exported model")
    parser.add_argument("--least", type=float, default=0.1, help="loss of a token from which on a text is kept")
    parser.add_argument("--rest", type=float, default=0.08, help="share of the other texts that is kept")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    rows = [json.loads(line) for line in options.texts.read_text("utf-8").splitlines()]
    kept = list(
        hard(rows, exported(options.model), least=options.least, rest=options.rest, chance=Random(options.seed))
    )
    options.out.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in kept), "utf-8")
    print(f"{len(kept)} of {len(rows)} texts in {options.out}")


if __name__ == "__main__":
    main()
