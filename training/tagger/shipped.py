"""A model that ``export`` wrote, in full precision again, so that training goes on from the file that is shipped.

What eight bits left out stays out: a weight comes back within half a step of its column's scale.
"""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import numpy_helper
from torch import nn

from training.tagger import eight_bits
from training.tagger.encoder import LEAST_DOUBT, Layer, Tagger

Arrays = dict[str, npt.NDArray[np.float32]]
_SIZE_OF_HEAD = 32
_PARTS = ("query", "key", "value")


def read(path: Path, sha256: str) -> Tagger:
    """Raises ``SystemExit`` unless the file's digest begins with ``sha256``."""
    return from_graph(onnx.load_from_string(eight_bits.verified(path, sha256)).graph)


def from_graph(graph: onnx.GraphProto) -> Tagger:
    """The inverse of ``export.build``."""
    arrays = {i.name: numpy_helper.to_array(i) for i in graph.initializer}
    words = arrays["words.rows"].astype(np.float32) * arrays["words.scale"]
    heads = len(arrays["layer0.qkv.bias"]) // len(_PARTS) // _SIZE_OF_HEAD
    layers = sum(name.endswith(".qkv.weight") for name in arrays)
    model = Tagger(
        vocabulary=len(words),
        kinds=len(arrays["kinds.rows"]),
        labels=len(arrays["head.bias"]),
        layers=layers,
        wide=len(arrays["layer0.wide.bias"]),
        longest=len(arrays["positions.rows"]),
    )
    with torch.no_grad():
        model.words.weight.copy_(torch.from_numpy(words))
        model.kinds.weight.copy_(torch.from_numpy(arrays["kinds.rows"].copy()))
        model.positions.weight.copy_(torch.from_numpy(arrays["positions.rows"].astype(np.float32)))
        _norm(model.norm, arrays, "norm")
        for number, module in enumerate(model.layers):
            _fill(module, arrays, f"layer{number}", heads)  # type: ignore[arg-type]
        model.head = _linear(_columns(arrays, "head"), arrays["head.bias"])
        if "doubt.weight" in arrays:
            _doubt(model, graph, arrays)
    return model


def _doubt(model: Tagger, graph: onnx.GraphProto, arrays: Arrays) -> None:
    order = [node.name for node in graph.node]
    before = order[: order.index("doubt.odds")]
    model.learn_doubt(sum(name.endswith(".narrow.norm.out") for name in before))
    model.doubt.weight.copy_(torch.from_numpy(arrays["doubt.weight"].T.copy()))
    model.doubt.bias.fill_(LEAST_DOUBT - float(arrays["doubt.least"].item()))


def _columns(arrays: Arrays, name: str) -> npt.NDArray[np.float32]:
    return eight_bits.unpacked(arrays[f"{name}.weight"].astype(np.int8), arrays[f"{name}.scale"])


def _fill(layer: Layer, arrays: Arrays, name: str, heads: int) -> None:
    weights = np.split(_columns(arrays, f"{name}.qkv"), len(_PARTS))
    biases = np.split(arrays[f"{name}.qkv.bias"], len(_PARTS))
    for part, weight, bias in zip(_PARTS, weights, biases, strict=True):
        setattr(layer, part, _linear(weight, bias))
    layer.heads = heads
    layer.attention = _linear(_columns(arrays, f"{name}.attention"), arrays[f"{name}.attention.norm.bias"])
    layer.wide = _linear(_columns(arrays, f"{name}.wide"), arrays[f"{name}.wide.bias"])
    layer.narrow = _linear(_columns(arrays, f"{name}.narrow"), arrays[f"{name}.narrow.norm.bias"])
    _norm(layer.attention_norm, arrays, f"{name}.attention.norm")
    _norm(layer.narrow_norm, arrays, f"{name}.narrow.norm")


def _linear(weight: npt.NDArray[np.float32], bias: npt.NDArray[np.float32]) -> nn.Linear:
    linear = nn.Linear(weight.shape[1], weight.shape[0])
    linear.weight.copy_(torch.from_numpy(np.ascontiguousarray(weight)))
    linear.bias.copy_(torch.from_numpy(bias.copy()))
    return linear


def _norm(module: nn.LayerNorm, arrays: Arrays, name: str) -> None:
    module.weight.copy_(torch.from_numpy(arrays[f"{name}.gain"].copy()))
    module.bias.copy_(torch.from_numpy(arrays[f"{name}.shift"].copy()))
