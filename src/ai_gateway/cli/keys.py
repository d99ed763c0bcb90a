"""``ai-gateway keys``: API keys of callers, and the key file."""

from collections.abc import Mapping
from typing import Annotated

import typer

from ai_gateway.cli.terminal import AsJson, run, say, show, table
from ai_gateway.config import read
from ai_gateway.model import CallerId, Right
from ai_gateway.ports import ApiKey

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)


@app.callback()
def keys() -> None:
    """API keys, and the file of the key that personal data rests under."""


@app.command()
def init() -> None:
    """Make the key file, once for an installation; every replica gets a copy of the same one."""
    from ai_gateway.adapters.key_file import create_key_file
    from ai_gateway.app.stores import key_file

    async def work() -> None:
        path = key_file(read())
        create_key_file(path)
        say(f"made {path}; back it up apart from the database: without it nothing can be read")

    run(work)


@app.command()
def create(
    caller: Annotated[str, typer.Argument(help="The service's name, as feature policies list it under `callers`.")],
    right: Annotated[list[Right], typer.Option(help="What the key may do; may be given more than once.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Make an API key. Its text is shown this once; only a keyed hash of it is kept."""
    from ai_gateway.app.stores import open_stores

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
    return (key["id"], key["caller"], told, key["created_at"], key["revoked_at"])


def _told(key: ApiKey) -> dict[str, object]:
    return {
        "id": key.id,
        "caller": key.caller,
        "rights": sorted(right.value for right in key.rights),
        "created_at": key.created_at,
        "revoked_at": key.revoked_at,
    }
