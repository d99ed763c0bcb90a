"""The token classifier in torch: Rampart's encoder, narrower and less deep, told how words are written.

Behind ``sure_after`` layers the others read a part of the text only: the tokens that those think may be something.
"""

from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from training.tagger import rampart

EPSILON = 1e-12
LEAST_DOUBT = -3.0
"""Log-odds from which on a token is read to the end."""


class Layer(nn.Module):
    def __init__(self, width: int, wide: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query, self.key, self.value = (nn.Linear(width, width) for _ in range(3))
        self.attention = nn.Linear(width, width)
        self.attention_norm = nn.LayerNorm(width, eps=EPSILON)
        self.wide = nn.Linear(width, wide)
        self.narrow = nn.Linear(wide, width)
        self.narrow_norm = nn.LayerNorm(width, eps=EPSILON)

    def forward(self, states: Tensor, mask: Tensor | None) -> Tensor:
        count, length, _ = states.shape

        def split(part: Tensor) -> Tensor:
            return part.view(count, length, self.heads, -1).transpose(1, 2)

        asked, known, value = (split(part(states)).float() for part in (self.query, self.key, self.value))
        with torch.autocast("cpu", enabled=False):  # its way back is slower in sixteen bits
            mixed = functional.scaled_dot_product_attention(asked, known, value, attn_mask=mask)
        states = self.attention_norm(states + self.attention(mixed.transpose(1, 2).reshape(count, length, -1)))
        return cast("Tensor", self.narrow_norm(states + self.narrow(functional.gelu(self.wide(states)))))


class Tagger(nn.Module):
    """``tokens`` and ``kinds`` are (texts, length); the result is (texts, length, labels), not normalised."""

    def __init__(self, *, vocabulary: int, kinds: int, labels: int, layers: int, wide: int, longest: int = 512) -> None:
        super().__init__()
        width = rampart.WIDTH
        self.words = nn.Embedding(vocabulary, width)
        self.positions = nn.Embedding(longest, width)
        self.kinds = nn.Embedding(kinds, width)
        self.norm = nn.LayerNorm(width, eps=EPSILON)
        self.layers = nn.ModuleList(Layer(width, wide, rampart.HEADS) for _ in range(layers))
        self.head = nn.Linear(width, labels)
        self.sure_after = 0
        self.doubt = nn.Linear(width, 1)

    def learn_doubt(self, after: int) -> None:
        """From now on the layers behind the first ``after`` read doubtful tokens alone: all of them at first."""
        self.sure_after = after
        with torch.no_grad():
            self.doubt.weight.zero_()
            self.doubt.bias.zero_()

    def forward(self, tokens: Tensor, kinds: Tensor, mask: Tensor | None = None) -> Tensor:
        states = self.embedded(tokens, kinds)
        for layer in self.layers:
            states = layer(states, mask)
        return cast("Tensor", self.head(states))

    def embedded(self, tokens: Tensor, kinds: Tensor) -> Tensor:
        """What the first layer reads."""
        places = torch.arange(tokens.shape[1])
        return cast("Tensor", self.norm(self.words(tokens) + self.kinds(kinds) + self.positions(places)))

    def doubting(self, tokens: Tensor, kinds: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """What ``forward`` says, of a text whose last layers read the doubtful tokens alone (texts, length, labels);
        which tokens these are (texts, length), and the doubt of every token (texts, length) as log-odds. ``mask``,
        (texts, 1, 1, length), is false for padding. Of a token that is read no further nothing is said: zeros.
        """
        states = self.embedded(tokens, kinds)
        for layer in self.layers[: self.sure_after]:
            states = layer(states, mask)
        doubt = self.doubt(states)[..., 0]
        seen = (doubt > LEAST_DOUBT) & mask[:, 0, 0, :]
        seen[:, 0] = True  # nothing else is sure to be there
        longest = int(seen.sum(dim=1).max())
        order = (~seen).to(torch.uint8).argsort(dim=1, stable=True)[:, :longest]
        read = seen.gather(1, order)
        rows = torch.arange(len(order))[:, None]
        states = states[rows, order]
        for layer in self.layers[self.sure_after :]:
            states = layer(states, read[:, None, None, :])
        said = self.head(states).float() * read[..., None]
        whole = torch.zeros(*seen.shape, said.shape[-1])
        return whole.index_put((rows, order), said), seen, doubt


def from_rampart(
    source: rampart.Rampart, *, kept: Sequence[int], kinds: int, head: Tensor, head_bias: Tensor
) -> Tagger:
    """The layers ``kept``, full width. Every kind of token begins as Rampart's first segment."""
    model = Tagger(
        vocabulary=len(source.words),
        kinds=kinds,
        labels=len(head),
        layers=len(kept),
        wide=len(source.layers[0].matrices["wide"]),
    )
    with torch.no_grad():
        model.words.weight.copy_(torch.from_numpy(source.words))
        model.positions.weight.copy_(torch.from_numpy(source.positions))
        model.kinds.weight.copy_(torch.from_numpy(source.kinds[:1]).expand(kinds, -1))
        _norm(model.norm, source.norm)
        model.head.weight.copy_(head)
        model.head.bias.copy_(head_bias)
        for module, number in zip(model.layers, kept, strict=True):
            layer = source.layers[number]
            for name, matrix in layer.matrices.items():
                linear = cast("nn.Linear", getattr(module, name))
                linear.weight.copy_(torch.from_numpy(matrix))
                linear.bias.copy_(torch.from_numpy(layer.biases[name]))
            for name, pair in layer.norms.items():
                _norm(cast("nn.LayerNorm", getattr(module, f"{name}_norm")), pair)
    return model


def _norm(module: nn.LayerNorm, pair: tuple[rampart.Array, rampart.Array]) -> None:
    module.weight.copy_(torch.from_numpy(pair[0]))
    module.bias.copy_(torch.from_numpy(pair[1]))


def narrow_layers(model: Tagger, *, heads: int, wide: int, tokens: Tensor, kinds: Tensor) -> None:
    """Keep the ``heads`` and the ``wide`` inner units of each layer that matter most on the given texts: the mean of
    what they say, times how much it weighs."""
    with torch.no_grad():
        states = model.embedded(tokens, kinds)
        for module in model.layers:
            layer = cast("Layer", module)
            seen: dict[str, Tensor] = {}
            hooks = [
                part.register_forward_pre_hook(lambda _, given, name=name, seen=seen: seen.update({name: given[0]}))
                for name, part in (("attention", layer.attention), ("narrow", layer.narrow))
            ]
            states = layer(states, None)
            for hook in hooks:
                hook.remove()
            _keep_heads(layer, heads, seen["attention"])
            matters = seen["narrow"].abs().mean(dim=(0, 1)) * layer.narrow.weight.norm(dim=0)
            units = matters.argsort(descending=True, stable=True)[:wide].sort().values
            layer.wide = _part(layer.wide.weight[units], layer.wide.bias[units])
            layer.narrow = _part(layer.narrow.weight[:, units], layer.narrow.bias)


def _keep_heads(layer: Layer, heads: int, said: Tensor) -> None:
    size = rampart.WIDTH // rampart.HEADS
    matters = (said.abs().mean(dim=(0, 1)) * layer.attention.weight.norm(dim=0)).view(layer.heads, size).sum(dim=1)
    kept = matters.argsort(descending=True, stable=True)[:heads].sort().values
    units = (kept[:, None] * size + torch.arange(size)).flatten()
    for name in ("query", "key", "value"):
        linear = cast("nn.Linear", getattr(layer, name))
        setattr(layer, name, _part(linear.weight[units], linear.bias[units]))
    layer.attention = _part(layer.attention.weight[:, units], layer.attention.bias)
    layer.heads = heads


def _part(weight: Tensor, bias: Tensor) -> nn.Linear:
    linear = nn.Linear(weight.shape[1], weight.shape[0])
    linear.weight.copy_(weight)
    linear.bias.copy_(bias)
    return linear
