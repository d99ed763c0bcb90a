"""Invented people and texts for ``ai-gateway demo``: what is registered, and one run of each feature.

``registry.json`` holds bodies of ``PUT /v1/subjects/{id}`` and ``…/choices`` by id, and of ``POST …/consents`` in
order, each with its ``subject``. ``proposal_draft.json`` and ``profile_summary.json`` are bodies of
``POST /v1/features/{feature}/runs``.
"""

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any, cast

FEATURES = ("proposal_draft", "profile_summary")


def read(name: str) -> Mapping[str, Any]:
    """``registry``, or the run of a feature, as JSON values."""
    text = files("ai_gateway.samples").joinpath(f"{name}.json").read_text(encoding="utf-8")
    return cast("Mapping[str, Any]", json.loads(text))
