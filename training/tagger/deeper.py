"""A shipped model with more layers that read doubtful tokens, from which ``fit`` goes on.

    python -m training.tagger.deeper --begin marketplace.onnx --sha256 571676c9 --out deeper.pt

Rampart's layers that the first training left out come back where they were, as narrow as the others. Each says little
at first: its own part is weighed down, and its two norms are set so that what it is given comes out again. So the
deeper model begins as the one it was made from, nearly, and need not learn again what that knows.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import torch
from torch import Tensor, nn

from training.tagger import encoder, fit, rampart, shipped
from training.tagger.encoder import Layer, Tagger
from training.tagger.examples import Reader, read

CALIBRATION = 64
LENGTH = 48
KEPT = (0, 1, 3, 5)
"""What ``fit`` keeps of Rampart's layers; between the last of them stood 2 and 4."""


def deeper(model: Tagger, whole: Tagger, places: Sequence[int], tokens: Tensor, kinds: Tensor, share: float) -> Tagger:
    """``model``, which kept Rampart's layers ``KEPT``, with a layer of ``whole`` (Rampart, narrowed) before its layer
    ``places[i]``, for each i in turn: those that stood there."""
    layers = list(model.layers)
    fresh = [whole.layers[KEPT[place] - 1] for place in places]
    made = nn.ModuleList()
    with torch.no_grad():
        states = model.embedded(tokens, kinds)
        for number, layer in enumerate(layers):
            if number in places:
                new = cast("Layer", fresh[places.index(number)])
                _quiet(new, states, share)
                made.append(new)
                states = new(states, None)
            made.append(layer)
            states = layer(states, None)
    model.layers = made
    return model


def _quiet(layer: Layer, states: Tensor, share: float) -> None:
    """The layer says ``share`` of what it said, and its norms give back such ``states`` as they are."""
    mean, spread = states.mean(dim=-1).mean(), states.std(dim=-1, unbiased=False).mean()
    for linear in (layer.attention, layer.narrow):
        linear.weight.mul_(share)
        linear.bias.mul_(share)
    for norm in (layer.attention_norm, layer.narrow_norm):
        norm.weight.fill_(spread)
        norm.bias.fill_(mean)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--begin", type=Path, required=True, help="an exported model")
    parser.add_argument("--sha256", required=True, help="how its digest begins")
    parser.add_argument("--share", type=float, default=0.1, help="of what Rampart's layers said")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    model = shipped.read(options.begin, options.sha256)
    if len(model.layers) != len(KEPT):
        raise SystemExit(f"{options.begin} has {len(model.layers)} layers, not the {len(KEPT)} that this knows")
    reader = Reader()
    examples = [e for e in reader.examples(read(fit.CORPUS)) if len(e.tokens) >= LENGTH][:CALIBRATION]
    tokens = torch.stack([torch.from_numpy(e.tokens[:LENGTH].astype("int64")) for e in examples])
    kinds = torch.stack([torch.from_numpy(e.kinds[:LENGTH].astype("int64")) for e in examples])
    source = rampart.read()
    whole = encoder.from_rampart(
        source,
        kept=range(rampart.LAYERS),
        kinds=model.kinds.num_embeddings,
        head=torch.tensor(source.head),
        head_bias=torch.tensor(source.head_bias),
    )
    first = cast("Layer", model.layers[0])
    encoder.narrow_layers(whole, heads=first.heads, wide=first.wide.out_features, tokens=tokens, kinds=kinds)
    torch.save(deeper(model, whole, (2, 3), tokens, kinds, options.share), options.out)


if __name__ == "__main__":
    main()
