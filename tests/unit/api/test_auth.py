import httpx
import pytest

from ai_gateway.model import CallerId, Right
from api_gateway import DRAFT, Running, run_of

pytestmark = pytest.mark.anyio

ROUTES = [
    (Right.FEATURES, "POST", f"{DRAFT}/runs"),
    (Right.FEATURES, "POST", f"{DRAFT}/preview"),
    (Right.REGISTRY, "PUT", "/v1/subjects/pro_17"),
    (Right.REGISTRY, "GET", "/v1/subjects/pro_17"),
    (Right.REGISTRY, "PUT", "/v1/subjects/pro_17/choices"),
    (Right.REGISTRY, "GET", "/v1/subjects/pro_17/choices"),
    (Right.REGISTRY, "POST", "/v1/subjects/pro_17/consents"),
    (Right.REGISTRY, "GET", "/v1/subjects/pro_17/consents"),
    (Right.AUDIT, "GET", "/v1/shares"),
    (Right.AUDIT, "GET", "/v1/shares/shr_" + "0" * 32),
]


def stranger(gateway: Running) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(gateway.app), base_url="http://gateway")


@pytest.mark.parametrize(("right", "method", "path"), ROUTES)
async def test_each_route_refuses_whoever_has_no_key(gateway: Running, right: Right, method: str, path: str) -> None:
    async with stranger(gateway) as client:
        response = await client.request(method, path, json={})
    assert (response.status_code, response.json()["code"]) == (401, "caller-unknown")
    assert response.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(("right", "method", "path"), ROUTES)
async def test_each_route_refuses_a_key_with_every_right_but_its_own(
    gateway: Running, right: Right, method: str, path: str
) -> None:
    headers = await gateway.key(*(set(Right) - {right}))
    body = run_of() if right is Right.FEATURES else None
    if path.endswith("consents") and method == "POST":
        body = {"purpose": "provide", "state": "given", "notice_version": "1", "channel": "x"}
    if method == "PUT":
        body = {} if path.endswith("choices") else {"role": "client"}
    async with stranger(gateway) as client:
        response = await client.request(method, path, json=body, headers=headers)
    assert (response.status_code, response.json()["code"]) == (403, "caller-not-allowed")


async def test_the_same_key_works_as_x_api_key(gateway: Running) -> None:
    key = (await gateway.key(Right.AUDIT))["authorization"].removeprefix("Bearer ")
    async with stranger(gateway) as client:
        assert (await client.get("/v1/shares", headers={"x-api-key": key})).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": "Basic YTpi"},
        {"authorization": "Bearer "},
        {"authorization": "Bearer nonsense"},
        {"authorization": "Bearer agk_" + "0" * 16 + "_" + "0" * 64},
        {"authorization": "Bearer " + "x" * 5000},
        {"authorization": "Bearer agk_1", "x-api-key": "agk_2"},
        {"x-api-key": "\xe9"},
    ],
)
async def test_what_is_no_key_is_refused_without_being_quoted(gateway: Running, headers: dict[str, str]) -> None:
    async with stranger(gateway) as client:
        response = await client.get(
            "/v1/shares", headers=[(k.encode(), v.encode("latin-1")) for k, v in headers.items()]
        )
    assert response.json()["code"] == "caller-unknown"
    assert not [value for value in headers.values() if len(value) > 8 and value in response.text]


async def test_a_revoked_key_is_refused(gateway: Running) -> None:
    key, text = await gateway.services.callers.create(CallerId("marketplace"), frozenset({Right.AUDIT}))
    headers = {"authorization": f"Bearer {text}"}
    async with stranger(gateway) as client:
        assert (await client.get("/v1/shares", headers=headers)).status_code == 200
        await gateway.services.callers.revoke(key.id)
        assert (await client.get("/v1/shares", headers=headers)).status_code == 401


async def test_no_key_is_in_the_log(gateway: Running) -> None:
    key = (await gateway.key(Right.AUDIT))["authorization"].removeprefix("Bearer ")
    async with stranger(gateway) as client:
        await client.get("/v1/shares", headers={"x-api-key": key})
    assert key not in gateway.log.getvalue()


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/openapi.json", "/docs"])
async def test_operation_and_description_need_no_key(gateway: Running, path: str) -> None:
    async with stranger(gateway) as client:
        assert (await client.get(path)).status_code == 200
