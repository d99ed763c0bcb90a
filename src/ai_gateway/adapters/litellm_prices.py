"""The one door to litellm's table of list prices: a file of its wheel, read as it is. litellm is not imported."""

import json
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, files, version
from pathlib import Path
from typing import Any, cast

from ai_gateway.errors import ConfigurationError
from ai_gateway.workbench.cost import Price

_FILE = "litellm/model_prices_and_context_window_backup.json"
_MILLION = 1_000_000


class LitellmPrices:
    """``workbench.cost.Prices``. The table is as old as the installed litellm; ``Price.table`` names its version."""

    def price(self, provider: str, model: str) -> Price | None:
        table = _table()
        for key in (f"{provider}/{model}", model):
            entry = table.get(key)
            if entry is not None and entry.get("litellm_provider") == provider:
                into, out = entry.get("input_cost_per_token"), entry.get("output_cost_per_token")
                if isinstance(into, int | float) and isinstance(out, int | float):
                    source = str(entry.get("source", ""))
                    return Price(
                        per_million_in=into * _MILLION, per_million_out=out * _MILLION, table=_name(), source=source
                    )
        return None


@cache
def _name() -> str:
    return f"litellm {version('litellm')}"


@cache
def _table() -> Mapping[str, Mapping[str, Any]]:
    try:
        listed = files("litellm") or []
    except PackageNotFoundError:
        listed = []
    for file in listed:
        if file.as_posix() == _FILE:
            text = Path(str(file.locate())).read_text(encoding="utf-8")
            return cast("Mapping[str, Mapping[str, Any]]", json.loads(text))
    raise ConfigurationError("litellm is not installed, or without its prices; install the locked version.")
