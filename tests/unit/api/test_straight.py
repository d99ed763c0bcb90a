"""The straight way and the framework's way are one: whoever takes either cannot tell which it was."""

import re
from typing import Any

import pytest

from ai_gateway.api import straight
from ai_gateway.model import Right
from api_gateway import DRAFT, Running, run_of

pytestmark = pytest.mark.anyio

_RUNS = f"{DRAFT}/runs"
_OWN = {"request_id", "id", "shares"}
"""What differs between any two requests."""


def test_every_straight_route_is_one_the_framework_describes(gateway: Running) -> None:
    described = gateway.app.openapi()["paths"]
    assert all("post" in described[path] for path in (*straight._EXCHANGES, straight._RUNS.path))


def _but(**changed: Any) -> dict[str, Any]:
    return {**run_of(), **changed}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (_RUNS, run_of()),
        (_RUNS, {}),
        (_RUNS, []),
        (_RUNS, "text"),
        (_RUNS, None),
        (_RUNS, _but(actor=1)),
        (_RUNS, _but(actor="not an id!")),
        (_RUNS, _but(unheard_of=1)),
        (_RUNS, _but(inputs={})),
        (_RUNS, _but(inputs={"messages": [{"text": 1}, {}]})),
        (_RUNS, _but(inputs={"nowhere": {"text": "x", "source": "a.b", "about": ["pro_17"]}})),
        (_RUNS, _but(parameters={"tone": {}})),
        (_RUNS, _but(subjects={"cli_9": {"role": "king"}})),
        (_RUNS, _but(conversation="")),
        ("/v1/features/no_such_feature/runs", run_of()),
        ("/v1/features/Not-A-Name/runs", run_of()),
        ("/v1/chat/completions", {}),
        ("/v1/chat/completions", []),
        ("/v1/chat/completions", {"model": "m", "messages": []}),
        ("/v1/chat/completions", {"model": "m", "messages": [{"role": "user", "content": 1}]}),
        ("/v1/messages", {"model": "m"}),
        ("/v1/responses", {"model": "m", "input": 1}),
        ("/v1/embeddings", {"model": "m", "input": [1, 2]}),
    ],
)
async def test_both_ways_answer_alike(
    path: str, body: object, gateway: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    directly = await gateway.client.post(path, json=body)
    with monkeypatch.context() as patch:
        patch.setattr(straight, "_EXCHANGES", {})
        patch.setattr(straight, "_RUN", re.compile(r"(?!)"))
        through = await gateway.client.post(path, json=body)
    assert directly.status_code == through.status_code
    assert directly.headers["content-type"] == through.headers["content-type"]
    assert directly.headers.keys() == through.headers.keys()
    assert _comparable(directly.json()) == _comparable(through.json())


def _comparable(answer: Any) -> Any:
    if isinstance(answer, dict):
        return {name: _comparable(value) for name, value in answer.items() if name not in _OWN}
    return answer


async def test_a_key_without_the_right_is_refused_on_the_straight_way_too(gateway: Running) -> None:
    headers = await gateway.key(Right.AUDIT)
    for path in (_RUNS, *straight._EXCHANGES):
        response = await gateway.client.post(path, json=run_of(), headers=headers)
        assert response.status_code == 403, path
        assert "caller-not-allowed" in response.text


async def test_other_methods_are_answered_by_the_framework(gateway: Running) -> None:
    for path in (_RUNS, *straight._EXCHANGES):
        response = await gateway.client.get(path)
        assert response.status_code == 405, path
