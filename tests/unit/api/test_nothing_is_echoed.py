"""Whatever a request holds, no error says any of it back, and none is the gateway's own fault."""

from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api_gateway import DRAFT, Running, run_of

pytestmark = pytest.mark.anyio
CANARY = "Quibble Thwaite"
"""No id: ids of data subjects are said back, and hold no space."""

texts = st.one_of(st.just(CANARY), st.text(max_size=8).map(lambda text: text + CANARY), st.text(max_size=12))
leaves = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), texts)
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)
places = st.sampled_from(
    [(), ("actor",), ("subjects",), ("inputs",), ("inputs", "job_post"), ("inputs", "job_post", "about"),
     ("inputs", "job_post", "source"), ("inputs", "messages"), ("inputs", "messages", 0), ("parameters",),
     ("conversation",), ("stream",), ("inputs", "messages", 0, "author"), ("subjects", "cli_9", "known")]
)  # fmt: skip


def put(run: dict[str, Any], place: tuple[Any, ...], value: Any) -> Any:
    if not place:
        return value
    import copy

    whole = copy.deepcopy(run)
    inner: Any = whole
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = value
    return whole


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=places, value=values)
async def test_a_random_body_is_refused_without_an_echo(gateway: Running, place: tuple[Any, ...], value: Any) -> None:
    response = await gateway.client.post(f"{DRAFT}/preview", json=put(run_of(), place, value))
    refused_without_echo(response)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=60).map(lambda noise: noise + CANARY.encode()))
async def test_random_bytes_are_refused_without_an_echo(gateway: Running, body: bytes) -> None:
    response = await gateway.client.post(f"{DRAFT}/preview", content=body, headers={"content-type": "application/json"})
    refused_without_echo(response)
    assert response.status_code != 200


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=values, route=st.sampled_from(["", "/choices", "/consents"]))
async def test_the_registry_says_nothing_back_either(gateway: Running, said: Any, route: str) -> None:
    method = "POST" if route == "/consents" else "PUT"
    refused_without_echo(await gateway.client.request(method, f"/v1/subjects/cli_80{route}", json=said))


def refused_without_echo(response: httpx.Response) -> None:
    assert response.status_code < 500, response.json()["code"]
    if response.status_code >= 400:
        assert CANARY not in response.text
        assert CANARY not in str(response.headers)
