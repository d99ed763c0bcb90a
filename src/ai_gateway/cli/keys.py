"""``ai-gateway keys``: API keys of callers, and the key that personal data rests under."""

import re
import sys
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ai_gateway.cli.shares import moment
from ai_gateway.cli.terminal import AsJson, run, say, show, table
from ai_gateway.config import read
from ai_gateway.errors import ConfigurationError
from ai_gateway.model import CallerId, Right
from ai_gateway.ports import ApiKey

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)


@app.callback()
def keys() -> None:
    """API keys, and the key that personal data rests under: its file, its epochs."""


class Part(StrEnum):
    """Which keys; they are best made, and kept, on different machines."""

    DATA = "data"
    SIGNING = "signing"


@app.command()
def init(
    *,
    only: Annotated[Part | None, typer.Option(help="Make this one alone; both without.")] = None,
    after: Annotated[
        Path | None, typer.Option(help="If the signing key was lost: the newest checkpoint that it signed (a note).")
    ] = None,
    old_key: Annotated[str | None, typer.Option(help="The lost key's verifier key.")] = None,
) -> None:
    """Make the keys of an installation: the one that personal data rests under, and the one that signs checkpoints.

    Every replica gets a copy of the same data key. The signing key stays where it signs: on one machine, best one
    without the database. Nothing that is there is written over.
    """
    from ai_gateway.adapters.signing_key_file import newest
    from ai_gateway.app.checkpoints import make_signer, open_lost
    from ai_gateway.app.keys import create_keys, key_file
    from ai_gateway.verifier import EMPTY

    if (after is None) != (old_key is None):
        raise typer.BadParameter("give --after and --old-key together")

    async def work() -> None:
        settings = read()
        there = {Part.DATA} if key_file(settings).exists() else set()
        there |= {Part.SIGNING} if newest(settings.signing_folder) is not None else set()
        missing = {only} if only is not None else {*Part} - there
        if not missing:
            raise ConfigurationError("both keys are there already; nothing was made")
        if Part.DATA in missing:
            path = await create_keys(settings)
            say(f"made {path}; back it up apart from the database: without it nothing can be read")
        if Part.SIGNING in missing:
            begin = EMPTY if after is None or old_key is None else open_lost(after, old_key)
            signer = make_signer(settings, begin)
            say(f"made {signer.path}; it signs checkpoints, so keep its folder where neither of the others is")
            say(f"verifier key, for auditors: {signer.key}")

    run(work)


@app.command()
def rotate(
    *,
    prepare: Annotated[
        bool, typer.Option("--prepare", help="Only make the next epoch's key, to give it to every replica first.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Begin a new key epoch: wrap every person's key anew, then destroy the old epoch's key.

    Backups of people's keys made before are unreadable from then on: that is what makes erasures reach them. Make a new
    backup afterwards. May be stopped anywhere and run again. With several replicas, run it with --prepare first, and
    give every replica the new file.
    """
    from ai_gateway.adapters.sql_key_store import SqlKeyStore
    from ai_gateway.app.keys import open_keys
    from ai_gateway.app.stores import open_stores
    from ai_gateway.sharelog import rotation

    async def work() -> None:
        settings = read()
        if prepare:
            ring = await open_keys(settings)
            epoch = ring.epochs[-1] if len(ring.epochs) > 1 else await ring.make()
            say(f"epoch {epoch} is ready in {settings.keys_folder}; give it to every replica, then run `keys rotate`")
            return
        async with open_stores(settings) as stores:
            done = await rotation.rotate(stores.ring, SqlKeyStore(stores.database), stores.clock, _wrapped)
        told = {
            "epoch": done.epoch,
            "rewrapped": done.rewrapped,
            "destroyed": list(done.destroyed),
            "entry": done.index,
        }
        show(told, as_json, lambda: say(_rotated(done.epoch, done.rewrapped, done.destroyed)))

    run(work)


@app.command()
def status(*, as_json: AsJson = False) -> None:
    """Show key epochs, how many people's keys rest under each, and which erasures wait for the next rotation."""
    from ai_gateway.adapters.sql_key_store import SqlKeyStore
    from ai_gateway.app.stores import eraser_of, open_stores

    async def work() -> None:
        settings = read()
        async with open_stores(settings) as stores:
            counts = await SqlKeyStore(stores.database).keys_by_epoch()
            erasures = await eraser_of(stores, settings, {}).store.erasures()
            held = stores.ring.epochs
        waiting = [one for one in erasures if one.facts.get("epoch") in held]
        oldest = min((one.changed_at for one in waiting), default=None)
        rows = [
            (epoch, "in force" if epoch == held[-1] else "held" if epoch in held else "not held", counts.get(epoch, 0))
            for epoch in sorted({*held, *counts})
        ]

        def tell() -> None:
            table("Key epochs", ("epoch", "key", "people"), rows)
            say(f"{len(waiting)} erasures wait for the next rotation" + (f", since {moment(oldest)}" if oldest else ""))

        epochs = [dict(zip(("epoch", "key", "people"), row, strict=True)) for row in rows]
        show({"epochs": epochs, "erasures_waiting": len(waiting), "waiting_since": oldest}, as_json, tell)

    run(work)


def _wrapped(count: int) -> None:
    sys.stderr.write(f"{count} keys wrapped anew\n")


def _rotated(epoch: int, rewrapped: int, destroyed: tuple[int, ...]) -> str:
    gone = ", ".join(map(str, destroyed)) or "none"
    return f"epoch {epoch} is in force; {rewrapped} keys wrapped anew; destroyed: {gone}. Back the key up anew."


@app.command()
def create(
    caller: Annotated[str, typer.Argument(help="The service's name, as feature policies list it under `callers`.")],
    right: Annotated[list[Right], typer.Option(help="What the key may do; may be given more than once.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Make an API key. Its text is shown this once; only a keyed hash of it is kept."""
    from ai_gateway.app.stores import open_stores
    from ai_gateway.policies.file_words import NAME

    if Right.FEATURES in right and not re.fullmatch(NAME, caller):
        raise typer.BadParameter(
            "policies name callers in lower-case letters, digits and underscores; no other can run"
        )

    async def work() -> None:
        async with open_stores(read()) as stores:
            key, text = await stores.callers.create(CallerId(caller), frozenset(right))
        show({**_told(key), "key": text}, as_json, lambda: say(text))

    run(work)


@app.command("list")
def listed(*, as_json: AsJson = False) -> None:
    """List every API key ever made, without its text."""
    from ai_gateway.app.stores import open_stores

    async def work() -> None:
        async with open_stores(read()) as stores:
            rows = [_told(key) for key in await stores.callers.listed()]
        columns = ("id", "caller", "rights", "created_at", "revoked_at")
        show(rows, as_json, lambda: table("API keys", columns, map(_row, rows)))

    run(work)


@app.command()
def revoke(key: Annotated[str, typer.Argument(help="The key's id, from `keys list`.")]) -> None:
    """Take an API key back; holds everywhere within five seconds."""
    from ai_gateway.app.stores import open_stores

    async def work() -> None:
        async with open_stores(read()) as stores:
            await stores.callers.revoke(key)
        say(f"revoked {key}")

    run(work)


def _row(key: Mapping[str, object]) -> tuple[object, ...]:
    rights = key["rights"]
    told = ", ".join(rights) if isinstance(rights, list) else ""
    return (key["id"], key["caller"], told, _moment(key["created_at"]), _moment(key["revoked_at"]))


def _moment(at: object) -> str | None:
    return moment(at) if isinstance(at, int) else None


def _told(key: ApiKey) -> dict[str, object]:
    return {
        "id": key.id,
        "caller": key.caller,
        "rights": sorted(right.value for right in key.rights),
        "created_at": key.created_at,
        "revoked_at": key.revoked_at,
    }
