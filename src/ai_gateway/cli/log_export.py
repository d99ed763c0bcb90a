"""``ai-gateway log export``."""

import os
from pathlib import Path
from typing import Annotated

import typer

from ai_gateway.cli.log_checks import Quiet, own_publisher, progress
from ai_gateway.cli.terminal import Exit, run, say
from ai_gateway.config import read
from ai_gateway.errors import ConfigurationError
from ai_gateway.model.entries import EntryKind


def export(
    to: Annotated[Path, typer.Argument(help="A new folder, or a new file whose name ends in .tar.")],
    *,
    reason: Annotated[str, typer.Option(help="Why, in one word that goes on record: audit, authority, backup …")],
    ciphertexts: Annotated[bool, typer.Option("--ciphertexts", help="With the encrypted parts.")] = False,
    quiet: Quiet = False,
) -> None:
    """Write the log as files that an outsider checks without a database and without the network.

    That it was made is itself an entry, and in it. It holds nothing about anybody without `--ciphertexts`; with them,
    nothing that can be read without people's keys.
    """
    from ai_gateway import verifier
    from ai_gateway.app.stores import open_stores
    from ai_gateway.sharelog.bundle import Tar
    from ai_gateway.sharelog.bundle import export as write_export
    from ai_gateway.sharelog.canonical import Json
    from ai_gateway.sharelog.record import record

    if not reason.isascii() or not reason.replace("-", "").isalnum() or len(reason) > 64:  # noqa: PLR2004
        raise typer.BadParameter("one word of letters, digits and hyphens")
    if to.exists():
        raise ConfigurationError(f"{to}: is there already; name a new folder or file")

    async def work() -> verifier.Audit:
        async with open_stores(read()) as stores:
            publisher = own_publisher(stores.publisher)
            said: dict[str, Json] = {"reason": reason, "ciphertexts": ciphertexts, "by": "command line"}
            await stores.log.put(record(EntryKind.EXPORT, stores.clock.now(), said))
            note = await publisher.publish()
            if to.suffix == ".tar":
                with os.fdopen(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
                    audit = await write_export(
                        stores.tree, note, Tar(file.write), ciphertexts=ciphertexts, told=progress(quiet)
                    )
                    file.write(verifier.TAR_END)
            else:
                to.mkdir(mode=0o700, parents=True)
                audit = await write_export(
                    stores.tree, note, _Folder(to), ciphertexts=ciphertexts, told=progress(quiet)
                )
        say(f"{audit.size} entries in {to}; check with: python verify.py log {to} --key '{publisher.key}'")
        return audit

    audit = run(work)
    if audit.findings:
        say("\n".join(verifier.report(audit, signed=False)))
        raise typer.Exit(Exit.REFUSED)


class _Folder:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, name: str, data: bytes) -> None:
        path = self._folder / name
        path.parent.mkdir(exist_ok=True, mode=0o700)
        path.write_bytes(data)
