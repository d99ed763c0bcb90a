"""Whatever is legal, can be inspected and names nobody passes as it is, in every protocol."""

import json
from typing import Any

import pytest

from e2e.gateway_process import GatewayProcess
from e2e.legal_requests import as_sent, requests
from e2e.scripted_vendor import ScriptedVendor

pytestmark = pytest.mark.xdist_group("e2e")


def _id(value: Any) -> str:
    return value.rpartition("/")[2] if isinstance(value, str) else json.dumps(value)[-60:]


@pytest.mark.parametrize(("path", "body"), list(requests()), ids=_id)
def test_the_vendor_gets_what_the_client_asked(
    gateway: GatewayProcess, vendor: ScriptedVendor, path: str, body: dict[str, Any]
) -> None:
    answer = gateway.http.post(path, json=body)
    assert answer.status_code == 200, answer.text
    assert vendor.received[-1].path == path
    assert vendor.last == as_sent(path, body)
