"""What a request of each protocol may hold."""

from collections.abc import Mapping
from types import MappingProxyType

from ai_gateway.protocols import chat, embeddings, messages, responses
from ai_gateway.protocols.protocol import Protocol
from ai_gateway.protocols.shape import Shape

REQUESTS: Mapping[Protocol, Shape] = MappingProxyType(
    {
        Protocol.CHAT: chat.REQUEST,
        Protocol.RESPONSES: responses.REQUEST,
        Protocol.EMBEDDINGS: embeddings.REQUEST,
        Protocol.MESSAGES: messages.REQUEST,
        Protocol.COUNT_TOKENS: messages.COUNT_TOKENS,
    }
)
