"""Training goes on from an exported model, with the texts that it does not know: what of that needs no torch."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
from training.tagger.eight_bits import packed, unpacked, verified
from training.tagger.hard import loss_of

WEIGHT = np.random.default_rng(5).normal(size=(24, 96)).astype(np.float32)


def test_a_weight_comes_back_within_half_a_step_of_its_scale() -> None:
    numbers, scale = packed(WEIGHT)
    assert np.all(np.abs(unpacked(numbers, scale) - WEIGHT) <= scale[:, None] * 0.5001)


def test_packing_what_was_unpacked_changes_nothing() -> None:
    numbers, scale = packed(WEIGHT)
    again, scale_again = packed(unpacked(numbers, scale))
    assert np.array_equal(again, numbers)
    assert np.allclose(scale_again, scale, rtol=1e-6)


def test_a_model_is_named_by_the_beginning_of_its_digest(tmp_path: Path) -> None:
    file = tmp_path / "marketplace.onnx"
    file.write_bytes(b"weights")
    digest = hashlib.sha256(b"weights").hexdigest()
    assert verified(file, digest[:8]) == b"weights"
    for other in ("", "0" * 8):
        with pytest.raises(SystemExit, match="not the model"):
            verified(file, other)


def test_the_worst_token_decides_how_hard_a_text_is() -> None:
    probabilities = np.array([[0.9, 0.05, 0.05], [0.2, 0.5, 0.3]], dtype=np.float32)
    either = np.array([[True, False, False], [False, True, True]])
    one = np.array([[True, False, False], [False, True, False]])
    assert loss_of(probabilities, either) == pytest.approx(-np.log(0.8), rel=1e-5)
    assert loss_of(probabilities, one) == pytest.approx(-np.log(0.5), rel=1e-5)
    assert loss_of(np.empty((0, 3), dtype=np.float32), np.empty((0, 3), dtype=np.bool_)) == 0.0
