"""An author adds a feature with files alone, from scaffold to a served run: a reply to a client's review."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest
from asgi_lifespan import LifespanManager

from ai_gateway.app.serving import build
from ai_gateway.config import Settings
from ai_gateway.model import CallerId, Right
from ai_gateway.standin import serve_standin

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(300)]
ROOT = Path(__file__).parents[2]
PEOPLE: dict[str, dict[str, Any]] = {
    "pro_1": {
        "role": "independent_professional",
        "region": "US-CA",
        "age_status": "adult",
        "known": {"names": ["Zephyrine Quillfeather"], "emails": ["zephyrine@quillfeather.example"]},
    },
    "cli_1": {
        "role": "client",
        "region": "US-NY",
        "age_status": "adult",
        "known": {"names": ["Imogen Vale"], "organizations": ["Brightwater LLC"]},
    },
}
RUN: dict[str, Any] = {
    "actor": "pro_1",
    "inputs": {
        "review": {
            "text": "Zephyrine rebuilt our booking page quickly. Refunds took long. Imogen Vale, Brightwater LLC",
            "source": "review.public_text",
            "visibility": "public",
            "about": ["pro_1", "cli_1"],
        },
        "profile": {
            "text": "I am Zephyrine Quillfeather. Write to zephyrine@quillfeather.example.",
            "source": "profile.overview",
            "visibility": "public",
            "about": ["pro_1"],
        },
    },
    "parameters": {"tone": "warm"},
}


def author(commands: Path, folder: Path, *arguments: str) -> str:
    environ = {
        **{name: value for name, value in os.environ.items() if not name.startswith("AI_GATEWAY_")},
        "AI_GATEWAY_PROMPTS": "prompts",
        "AI_GATEWAY_POLICIES": "policies",
    }
    command = [str(commands / "ai-gateway"), "prompts", *arguments]
    ended = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


async def test_a_new_feature_is_files_and_then_a_run(commands: Path, tmp_path: Path) -> None:
    for name in ("prompts", "policies"):
        shutil.copytree(ROOT / name, tmp_path / name)
    author(
        commands,
        tmp_path,
        "new",
        "review_reply",
        "--input",
        "review=review.public_text",
        "--input",
        "profile=profile.overview",
    )
    assert "0 errors" in author(commands, tmp_path, "lint", "review_reply", "--fast")
    assert "3 passed, 0 failed" in author(commands, tmp_path, "test", "review_reply", "--live")
    author(commands, tmp_path, "label", "review_reply", "production", "v1")
    assert author(commands, tmp_path, "check") == "prompts: no problems\n"

    settings = Settings(home=tmp_path / "home", prompts=tmp_path / "prompts", policies=tmp_path / "policies")
    async with serve_standin() as standin:
        app = build(settings, {"AI_GATEWAY_STANDIN_URL": standin.openai_base})
        async with LifespanManager(app, startup_timeout=120, shutdown_timeout=30):
            _, key = await app.state.services.callers.create(CallerId("marketplace"), frozenset(Right))
            headers = {"authorization": f"Bearer {key}"}
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://gateway", headers=headers) as client:
                for subject, said in PEOPLE.items():
                    assert (await client.put(f"/v1/subjects/{subject}", json=said)).status_code == 200
                refused = await client.post("/v1/features/review_reply/runs", json=RUN)
                chosen = {"opted_in": ["review_reply"]}
                assert (await client.put("/v1/subjects/pro_1/choices", json=chosen)).status_code == 200
                answered = await client.post("/v1/features/review_reply/runs", json=RUN)
        (received,) = standin.captured

    assert refused.json()["reasons"][0]["code"] == "actor-not-opted-in"
    assert answered.status_code == 200, answered.text
    answer = answered.json()
    assert answer["prompt"] == {"name": "review_reply", "version": 1}
    raw = received.raw().decode().lower()
    assert [word for word in ("zephyrine", "quillfeather", "imogen", "brightwater") if word in raw] == []
    assert "rebuilt our booking page" in raw
    assert "Brightwater LLC" in answer["output"]
    assert "zephyrine@quillfeather.example" in answer["output"]
    assert "<" not in answer["output"]
