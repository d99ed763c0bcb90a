"""One model from several trainings of the same network: the mean of their weights.

    python -m training.tagger.mean --models a.pt b.pt --out model.pt

Trainings that went on from one another lie in one valley; their middle makes fewer mistakes than either end
(Wortsman et al., *Model soups*, 2022). An exported model (``.onnx``) may be among them. What some of them have not
learned, doubt, is the mean of the others.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from training.tagger import shipped
from training.tagger.encoder import Tagger


def mean(models: Sequence[Tagger]) -> Tagger:
    """The one that reads doubtful tokens alone behind the fewest layers, if any does, with the mean weights of all."""
    doubting = [model for model in models if model.sure_after]
    made = min(doubting, key=lambda model: model.sure_after) if doubting else models[0]
    weights: dict[str, Tensor] = {}
    for name in made.state_dict():
        those = doubting if name.startswith("doubt.") and doubting else models
        weights[name] = sum((model.state_dict()[name] for model in those), torch.tensor(0.0)) / len(those)
    made.load_state_dict(weights)
    return made


def _read(path: Path, sha256: str) -> Tagger:
    if path.suffix == ".onnx":
        return shipped.read(path, sha256)
    model: Tagger = torch.load(path, weights_only=False)  # our own file
    return model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=Path, nargs="+", required=True, help="what training.tagger.fit made")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--sha256", default="", help="how the digest of an exported model begins")
    options = parser.parse_args()
    torch.save(mean([_read(path, options.sha256) for path in options.models]), options.out)


if __name__ == "__main__":
    main()
