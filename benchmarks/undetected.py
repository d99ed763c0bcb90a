"""The gateway with no tier of detection, to see what the rest costs. No setting: it is made for this measurement."""

from ai_gateway.adapters.stack_detector import Tier
from ai_gateway.app import detection
from ai_gateway.app.serving import from_environment
from ai_gateway.config import Settings


def _no_tiers(settings: Settings) -> list[Tier]:  # noqa: ARG001
    return []


def app() -> object:
    detection._tiers = _no_tiers  # noqa: SLF001 - the one place that measures without it
    return from_environment()
