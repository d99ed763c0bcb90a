"""OpenAI's Embeddings, as the public API reference describes it: what a request may hold."""

from ai_gateway.protocols.chat import ROUTING
from ai_gateway.protocols.shape import Array, Dropped, Either, Object, Plain, Refused, Text, Uninspected, Word

_TOKENS = Refused("tokenised input cannot be inspected: send text", kind=Uninspected.TOKENS)

REQUEST = Object(
    {
        "model": Word(),
        "input": Either(
            string=Text("user"),
            array=Array(Either(string=Text("user"), array=_TOKENS, scalar=_TOKENS), 2048),
        ),
        "encoding_format": Plain(frozenset({"float", "base64"})),
        "dimensions": Plain(flags=False),
        "user": Dropped(),
        **ROUTING,
    },
    frozenset({"model", "input"}),
)
