"""``ai-gateway policies versions | show``: what was in force, found again by a digest that a share names."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ai_gateway.cli.shares import moment
from ai_gateway.cli.terminal import AsJson, Exit, counted, run, say, show, table
from ai_gateway.config import read
from ai_gateway.errors import RequestInvalid

if TYPE_CHECKING:
    from ai_gateway.sharelog.versions import KeptVersion, ListedVersion


def versions(
    *,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most so many.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List the versions of policies and prompts that were in force, newest first."""
    from ai_gateway.app.stores import open_stores

    async def work() -> "list[ListedVersion]":
        async with open_stores(read()) as stores:
            return list(await stores.versions.listed(limit))

    found = run(work)
    rows = [(one.digest, one.folder.value, moment(one.at), one.files) for one in found]
    columns = ("digest", "folder", "first in force", "files")
    told = [dict(zip(columns, row, strict=True)) for row in rows]
    show(told, as_json, lambda: table("Versions that were in force", columns, rows))


def show_version(
    digest: Annotated[str, typer.Argument(help="A digest that a share names, or its first eight digits.")],
    *,
    to: Annotated[Path | None, typer.Option(help="Write the files into this folder, which must not be there.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show the files behind a digest: of a policy, the taxonomy, a prompt, or a whole version."""
    from ai_gateway.adapters.folder_snapshot import write_out
    from ai_gateway.app.kept import found, whole
    from ai_gateway.app.stores import open_stores

    if to is not None and to.exists():
        raise RequestInvalid(f"{to} is there already; name a folder that is not.")

    async def work() -> "KeptVersion":
        async with open_stores(read()) as stores:
            return await found(stores.versions, digest)

    version = run(work)
    holds = whole(version)
    if to is not None:
        write_out(version.files, to)
    told = {
        "version": version.digest,
        "folder": version.folder.value,
        "of": version.of,
        "first_in_force": moment(version.at),
        "holds": holds,
        "files": {name: len(content) for name, content in version.files.items()},
    }

    def tell() -> None:
        say(f"{version.of}, in the version {version.digest} of {version.folder}, first in force {moment(version.at)}")
        say("the files are those the digest was made of" if holds else "DOES NOT HOLD: the files were changed")
        if to is not None:
            say(f"{counted(len(version.files), 'file')} written to {to}")
            return
        for name, content in version.files.items():
            say(f"--- {name}\n{content.decode(errors='replace')}")

    show(told, as_json, tell)
    if not holds:
        raise typer.Exit(Exit.REFUSED)
