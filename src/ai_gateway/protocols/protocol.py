"""The protocols that clients may speak to the gateway, and those that it speaks to vendors."""

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


class Speech(StrEnum):
    """How a vendor is asked to fill in a prompt, and how it answers: *Create chat completion*, *Create a Message* or
    *models.generateContent*."""

    OPENAI = "openai"
    ANTHROPIC = "anthropic"
    GEMINI = "gemini"
