"""The only place that imports litellm: it translates messages into a vendor's body, and does nothing else here.

Its callbacks, logging, retries, caching, clients and look-ups are never used. What it does when imported (reading a
``.env`` file, fetching price and header lists, logging to standard error) is switched off first.
"""

import gc
import logging
import os
import warnings
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import Any, Protocol, cast

from ai_gateway.errors import VendorError
from ai_gateway.model import Message

Body = dict[str, object]

_SWITCHES = {
    "LITELLM_MODE": "PRODUCTION",  # no .env file is read into the environment
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS": "True",
    "LITELLM_LOCAL_BLOG_POSTS": "True",
}
_LOGGERS = ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy", "LiteLLM Proxy.stdout")


class _Transformation(Protocol):
    """What is used of litellm's ``BaseConfig``; held to by the contract tests, for it is not a public promise."""

    def map_openai_params(
        self,
        non_default_params: dict[str, Any],
        optional_params: dict[str, Any],
        model: str,
        drop_params: bool,  # noqa: FBT001 - its signature
    ) -> dict[str, Any]: ...

    def transform_request(
        self,
        model: str,
        messages: list[Any],
        optional_params: dict[str, Any],
        litellm_params: dict[str, Any],
        headers: dict[str, Any],
    ) -> dict[str, Any]: ...


class Translation:
    """Made by ``load``. Pure: no look-up, no environment, no state but litellm's own tables of models."""

    def __init__(self) -> None:
        from litellm.llms.vertex_ai.gemini.transformation import transform_request_body
        from litellm.types.utils import LlmProviders
        from litellm.utils import ProviderConfigManager

        @lru_cache(maxsize=256)
        def transformation(provider: str, model: str) -> _Transformation:
            chosen = ProviderConfigManager.get_provider_chat_config(model=model, provider=LlmProviders(provider))
            return cast("_Transformation", chosen)

        self._transformation = transformation
        self._gemini_body = cast("Any", transform_request_body)

    def body(
        self,
        provider: str,
        model: str,
        messages: Sequence[Message],
        settings: Mapping[str, float | int],
        api_base: str,
    ) -> Body:
        """The vendor's body as litellm makes it, ``settings`` under OpenAI's names.

        A setting the model does not know (a temperature, on a reasoning model) is left out. Raises ``VendorError`` when
        litellm cannot translate; its own error is not kept, because it quotes messages.
        """
        turns = [{"role": message.role, "content": message.content} for message in messages]
        try:
            return self._translate(provider, model, turns, dict(settings), api_base)
        except Exception:  # noqa: BLE001 - litellm raises of every kind here
            raise VendorError(
                "The prompt could not be translated for this vendor. Check the model's name and the prompt's roles.",
                provider=provider,
            ) from None

    def _translate(
        self, provider: str, model: str, turns: list[dict[str, str]], settings: dict[str, Any], api_base: str
    ) -> Body:
        transformation = self._transformation(provider, model)
        options = transformation.map_openai_params(settings, {}, model, drop_params=True)
        if provider == "gemini":
            # The generic ``transform_request`` is not implemented for Gemini; this is what its own client calls.
            made = self._gemini_body(
                messages=turns,
                model=model,
                optional_params=options,
                custom_llm_provider="gemini",
                litellm_params={},
                cached_content=None,
            )
        else:
            facts = {"custom_llm_provider": provider, "api_base": api_base}
            made = transformation.transform_request(model, cast("list[Any]", turns), options, facts, {})
        body: Body = dict(made)
        body.update(cast("Body", body.pop("extra_body", {})))
        return body


@contextmanager
def _nothing_collected() -> Generator[None]:
    """Thousands of classes come and none goes: looking for garbage among them takes a sixth of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


@cache
def load() -> Translation:
    """Import litellm (seconds, and about 150 MB) once per process, and silence it. For the start, not for a request."""
    os.environ.update(_SWITCHES)
    for name in _LOGGERS:
        logging.getLogger(name).disabled = True
    with warnings.catch_warnings(), _nothing_collected():  # litellm edits the process's warning rules
        warnings.simplefilter("ignore")
        import litellm

        translation = Translation()
    for name in _LOGGERS:
        logging.getLogger(name).handlers.clear()
    litellm.suppress_debug_info = True
    litellm.modify_params = False
    litellm.drop_params = False
    litellm.openai_system_messages_first = False
    return translation
