"""Where checkpoints go, so that others can hold them: a folder (on a disk of its own, or synchronised), and a web
address."""

import asyncio
import os
from pathlib import Path

import aiohttp

from ai_gateway.errors import StoreUnavailable
from ai_gateway.verifier import Checkpoint

_DEADLINE = aiohttp.ClientTimeout(total=5)


class FolderSink:
    """One file per checkpoint, ``<size>.note``, and the newest as ``latest.note``."""

    def __init__(self, folder: Path) -> None:
        self.name = "the checkpoint folder"
        self._folder = folder

    async def put(self, checkpoint: Checkpoint) -> None:
        await asyncio.to_thread(self._write, checkpoint)

    def _write(self, checkpoint: Checkpoint) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        for name in (f"{checkpoint.size:016}.note", "latest.note"):
            fresh = self._folder / f".{name}.new"
            with fresh.open("w", encoding="utf-8", newline="\n") as file:
                file.write(checkpoint.note)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self._folder / name)


class WebhookSink:
    """POSTs the note as text. Only a 2xx answer counts; redirects are not followed."""

    def __init__(self, url: str) -> None:
        self.name = "the checkpoint webhook"
        self._url = url

    async def put(self, checkpoint: Checkpoint) -> None:
        headers = {"content-type": "text/plain; charset=utf-8"}
        try:
            async with (
                aiohttp.ClientSession(timeout=_DEADLINE) as session,
                session.post(
                    self._url, data=checkpoint.note.encode(), headers=headers, allow_redirects=False
                ) as response,
            ):
                status = response.status
        except aiohttp.ClientError as error:
            raise StoreUnavailable(f"The checkpoint webhook failed ({type(error).__name__})") from None
        if not 200 <= status < 300:  # noqa: PLR2004
            raise StoreUnavailable(f"The checkpoint webhook answered {status}")
