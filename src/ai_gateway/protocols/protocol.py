"""The vendor protocols that clients may speak to the gateway."""

from enum import StrEnum


class Protocol(StrEnum):
    """``CHAT``, ``RESPONSES`` and ``EMBEDDINGS`` are OpenAI's, ``MESSAGES`` and ``COUNT_TOKENS`` Anthropic's."""

    CHAT = "chat"
    RESPONSES = "responses"
    EMBEDDINGS = "embeddings"
    MESSAGES = "messages"
    COUNT_TOKENS = "count_tokens"

    @property
    def writes(self) -> bool:
        """Whether a reply holds what a model wrote, and may be streamed."""
        return self in (Protocol.CHAT, Protocol.RESPONSES, Protocol.MESSAGES)
