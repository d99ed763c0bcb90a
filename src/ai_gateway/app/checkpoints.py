"""The signer and publisher of checkpoints that the settings name."""

import asyncio
from collections.abc import AsyncGenerator, Coroutine, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from ai_gateway.adapters.checkpoint_sinks import FolderSink, WebhookSink
from ai_gateway.adapters.http_witness import HttpWitness
from ai_gateway.adapters.signing_key_file import SigningKeyFile, create_signing_key, newest
from ai_gateway.adapters.system_clock import SystemClock
from ai_gateway.config import Settings
from ai_gateway.errors import ConfigurationError
from ai_gateway.ports import Coordination
from ai_gateway.sharelog.checkpoint import Publisher, Sink
from ai_gateway.sharelog.tree import TreeStore
from ai_gateway.sharelog.witnesses import Witnesses
from ai_gateway.verifier import EMPTY, Broken, Checkpoint, Unreadable, open_checkpoint, parse_key, parse_witness


async def open_signer(settings: Settings, tree: TreeStore) -> SigningKeyFile | None:
    """None on a replica that holds no signing key: another one signs.

    The embedded default makes its key with its first checkpoint. A new key for a log that was signed before would
    forget what was signed, so nothing makes that one.
    """
    path = newest(settings.signing_folder)
    if path is not None:
        return SigningKeyFile(path)
    if not settings.embedded:
        return None
    if await tree.newest_checkpoint() is not None:
        raise ConfigurationError(
            f"signing key {settings.signing_folder}: not found, but the log has checkpoints; restore the folder,"
            " or see `ai-gateway keys init --help`"
        )
    return make_signer(settings)


def make_signer(settings: Settings, begin: Checkpoint = EMPTY) -> SigningKeyFile:
    """A key for this year."""
    return create_signing_key(settings.signing_folder, settings.log_name, datetime.now(UTC).year, begin)


def open_lost(note: Path, key: str) -> Checkpoint:
    """The newest checkpoint of a signing key that was lost: a new one begins where it ended."""
    try:
        return open_checkpoint(note.read_bytes(), parse_key(key))
    except (Broken, Unreadable) as error:
        raise ConfigurationError(f"{note}: {error}") from None
    except OSError as error:
        raise ConfigurationError(f"{note}: {error.strerror or 'cannot be read'}") from None


def open_publisher(
    settings: Settings, tree: TreeStore, signer: SigningKeyFile, coordination: Coordination
) -> Publisher:
    return Publisher(
        tree,
        signer,
        coordination=coordination,
        clock=SystemClock(),
        sinks=_sinks(settings),
        witnesses=_witnesses(settings),
        every=settings.checkpoint_seconds,
    )


async def newest_note(publisher: Publisher | None, tree: TreeStore) -> str | None:
    """A checkpoint of the log as it is now where it can be signed here, else the newest there is."""
    return await tree.newest_checkpoint() if publisher is None else await publisher.publish()


@asynccontextmanager
async def publishing(publisher: Publisher | None) -> AsyncGenerator[None]:
    """Checkpoints are made while the block runs; nothing happens without a publisher."""
    if publisher is None:
        yield
        return
    async with running(publisher.run(), "checkpoints"):
        yield


@asynccontextmanager
async def running(work: Coroutine[object, object, None], name: str) -> AsyncGenerator[None]:
    """A task of its own while the block runs."""
    task = asyncio.create_task(work, name=name)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


def _sinks(settings: Settings) -> Sequence[Sink]:
    sinks: list[Sink] = []
    if settings.checkpoint_folder is not None:
        sinks.append(FolderSink(settings.checkpoint_folder))
    if settings.checkpoint_webhook is not None:
        sinks.append(WebhookSink(settings.checkpoint_webhook))
    if settings.time_stamp_url is not None:
        from ai_gateway.adapters.time_stamps import TimeStampSink

        assert settings.checkpoint_folder is not None  # noqa: S101  (said when settings are read)
        assert settings.time_stamp_roots is not None  # noqa: S101
        sinks.append(TimeStampSink(settings.checkpoint_folder, settings.time_stamp_url, settings.time_stamp_roots))
    return sinks


def _witnesses(settings: Settings) -> Witnesses:
    try:
        asked = [HttpWitness(address, parse_witness(key)) for key, address in settings.checkpoint_witnesses]
    except Unreadable as error:
        raise ConfigurationError(f"AI_GATEWAY_CHECKPOINT_WITNESSES: {error}") from None
    return Witnesses(asked)
