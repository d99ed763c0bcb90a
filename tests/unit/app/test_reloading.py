"""Changed files come into force as a whole, or not at all, and what is wrong is said until it is mended."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from prometheus_client import REGISTRY

from ai_gateway.adapters.vendor_transport import VendorTransport
from ai_gateway.api.services import Impaired
from ai_gateway.app.catalogue import InForce, load_version, look
from ai_gateway.app.reloading import Reloading, watching
from ai_gateway.config import Settings
from ai_gateway.errors import StoreUnavailable

pytestmark = pytest.mark.anyio


class Adopted:
    """Stands where the application does: takes versions, or fails to keep them."""

    def __init__(self) -> None:
        self.versions: list[InForce] = []
        self.away = 0

    async def __call__(self, version: InForce) -> None:
        if self.away:
            self.away -= 1
            raise StoreUnavailable
        self.versions.append(version)


def reloading(settings: Settings, adopted: Adopted, *, every: float = 0.01, settle: float = 0.02) -> Reloading:
    def load() -> InForce:
        return load_version(settings, {}, VendorTransport())

    return Reloading(every=every, settle=settle, look=lambda: look(settings), load=load, adopt=adopted, current=load())


@asynccontextmanager
async def watched(settings: Settings, **times: float) -> AsyncIterator[tuple[Reloading, Adopted]]:
    adopted = Adopted()
    watch = reloading(settings, adopted, **times)
    async with watching(watch):
        yield watch, adopted


async def until(watch: Reloading, *, refused: bool) -> None:
    async with asyncio.timeout(60):
        while isinstance(await watch.check(), Impaired) is not refused:  # noqa: ASYNC110 - what is tested says it
            await asyncio.sleep(0.01)


async def until_adopted(adopted: Adopted, count: int) -> None:
    async with asyncio.timeout(60):
        while len(adopted.versions) < count:  # noqa: ASYNC110 - what fills it is what is tested
            await asyncio.sleep(0.01)


def change(settings: Settings, old: str, new: str, file: str = "features/proposal_draft.yaml") -> None:
    path = settings.policies_folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def refused() -> float:
    return REGISTRY.get_sample_value("ai_gateway_catalogue_change_refused") or 0.0


async def test_a_valid_change_comes_into_force(settings: Settings) -> None:
    async with watched(settings) as (watch, adopted):
        before = watch.current
        change(settings, "max_items: 50", "max_items: 20")
        await until_adopted(adopted, 1)
        assert adopted.versions[0].digests[0] != before.digests[0]
        assert adopted.versions[0].digests[1] == before.digests[1], "the prompts are as they were"


async def test_a_bad_change_leaves_the_old_version_in_force_and_is_told_until_it_is_mended(settings: Settings) -> None:
    async with watched(settings) as (watch, adopted):
        change(settings, "purpose: provide", "purpose: provde")
        await until(watch, refused=True)
        told = await watch.check()
        assert isinstance(told, Impaired)
        assert told.status == "change-refused"
        assert 'features/proposal_draft.yaml:7:10: #/purpose: "provde" is no purpose' in told.detail
        assert watch.current.told() in told.detail
        assert refused() == 1
        change(settings, "purpose: provde", "purpose: provide")
        await until(watch, refused=False)
        assert refused() == 0
        assert adopted.versions == [], "nothing came into force that was not in force already"


async def test_a_mismatch_between_policies_and_prompts_is_refused_as_a_whole(settings: Settings) -> None:
    async with watched(settings) as (watch, adopted):
        (settings.policies_folder / "features" / "profile_summary.yaml").unlink()
        await until(watch, refused=True)
        assert adopted.versions == []


async def test_files_saved_one_after_another_are_read_as_a_whole(settings: Settings) -> None:
    """Each save by itself would be refused; both together are valid. The first look comes after both."""
    async with watched(settings, settle=0.5) as (_, adopted):
        change(settings, "  mistral:\n", "  mistral_eu:\n", "vendors.yaml")
        for file in ("proposal_draft", "profile_summary"):
            await asyncio.sleep(0.05)
            change(settings, "{vendor: mistral,", "{vendor: mistral_eu,", f"features/{file}.yaml")
        await until_adopted(adopted, 1)
        assert "mistral_eu" in adopted.versions[0].catalogue.policies.vendors
    assert refused() == 0


async def test_a_version_that_cannot_be_kept_is_not_in_force_and_is_tried_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ai_gateway.app.reloading._RETRY_SECONDS", 0.05)
    async with watched(settings) as (watch, adopted):
        adopted.away = 1
        change(settings, "max_items: 50", "max_items: 20")
        await until(watch, refused=True)
        assert adopted.versions == []
        await until_adopted(adopted, 1)
        assert adopted.versions[0] is watch.current


async def test_a_signal_asks_for_a_look(settings: Settings) -> None:
    async with watched(settings, every=600) as (_, adopted):
        change(settings, "max_items: 50", "max_items: 20")
        os.kill(os.getpid(), signal.SIGHUP)
        await until_adopted(adopted, 1)


async def test_nothing_is_reloaded_where_reloading_is_off(settings: Settings) -> None:
    async with watched(settings, every=0) as (watch, adopted):
        change(settings, "max_items: 50", "max_items: 20")
        os.kill(os.getpid(), signal.SIGHUP)
        assert "reloading" not in {task.get_name() for task in asyncio.all_tasks()}
        assert adopted.versions == []
        assert isinstance(await watch.check(), str)
