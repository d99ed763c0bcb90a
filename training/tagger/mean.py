"""One model from several trainings of the same network: the mean of their weights.

    python -m training.tagger.mean --models a.pt b.pt --out model.pt

Trainings that went on from one another lie in one valley; their middle makes fewer mistakes than either end
(Wortsman et al., *Model soups*, 2022).
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import torch

from training.tagger.encoder import Tagger


def mean(models: Sequence[Tagger]) -> Tagger:
    """The first one, with the mean weights of all."""
    states = [model.state_dict() for model in models]
    models[0].load_state_dict({name: sum(state[name] for state in states) / len(states) for name in states[0]})
    return models[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=Path, nargs="+", required=True, help="what training.tagger.fit made")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    torch.save(mean([torch.load(path, weights_only=False) for path in options.models]), options.out)  # our own files


if __name__ == "__main__":
    main()
