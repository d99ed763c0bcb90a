"""The detection model in the package is the one that its card, its digests and the detector's identity speak of."""

import hashlib
import json
from pathlib import Path

import pytest

import ai_gateway
from ai_gateway.adapters.ner_model import MARKETPLACE, RAMPART, NerModel, load

FOLDER = Path(ai_gateway.__file__).parent / "data" / "model"
CARD = (FOLDER / "README.md").read_text(encoding="utf-8")
MOST_BYTES = 12_000_000


def digest(name: str) -> str:
    return hashlib.sha256((FOLDER / name).read_bytes()).hexdigest()


def test_the_bytes_are_those_that_are_loaded() -> None:
    assert digest(MARKETPLACE.weights) == MARKETPLACE.weights_sha256
    assert digest(MARKETPLACE.tokenizer) == MARKETPLACE.tokenizer_sha256


def test_the_card_names_the_bytes_and_every_source() -> None:
    assert MARKETPLACE.weights_sha256 in CARD
    for source in ("Rampart", "National Design Studio", "Broad Twitter Corpus", "WNUT 2017", "CC BY 4.0"):
        assert source in CARD


def test_the_model_is_small() -> None:
    assert (FOLDER / MARKETPLACE.weights).stat().st_size < MOST_BYTES


def test_every_label_of_the_model_is_an_entity_type_and_has_a_threshold_within_reason() -> None:
    told = json.loads((FOLDER / "config.json").read_text(encoding="utf-8"))["id2label"]
    assert told["0"] == "O"
    assert {label[2:] for label in told.values() if label != "O"} == set(MARKETPLACE.labels)
    assert set(MARKETPLACE.thresholds) <= set(MARKETPLACE.labels.values())
    assert all(0.05 <= threshold <= 0.9 for threshold in MARKETPLACE.thresholds.values())


@pytest.mark.parametrize("model", [MARKETPLACE, RAMPART], ids=lambda model: model.name)
def test_a_models_columns_are_its_labels(model: NerModel) -> None:
    loaded = load(model, threads=1)
    rows = loaded.classify([7592, 1010], [0, 1])
    assert rows.shape == (2, loaded.labelling.mass.shape[0])
    assert rows.sum(axis=1).tolist() == pytest.approx([1.0, 1.0], abs=1e-5)
