"""``ai-gateway log verify | fsck | proof | consistency | checkpoint | freeze``: the log held to its word."""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ai_gateway.cli.terminal import AsJson, Exit, facts, run, say, show
from ai_gateway.config import read
from ai_gateway.errors import ConfigurationError

if TYPE_CHECKING:  # a quick command waits for neither
    from ai_gateway.sharelog.checkpoint import Publisher
    from ai_gateway.verifier import Audit

_TELL_SECONDS = 5
Quiet = Annotated[bool, typer.Option("--quiet", help="Do not tell progress.")]
Old = Annotated[
    list[Path] | None, typer.Option("--old", help="A checkpoint that you hold (a .note file); may be repeated.")
]


def verify(
    *,
    old: Old = None,
    key: Annotated[list[str] | None, typer.Option(help="Verifier key; else those held here, of every year.")] = None,
    memory: Annotated[Path | None, typer.Option(help="File of 32 bytes per entry, kept between audits.")] = None,
    ciphertexts: Annotated[bool, typer.Option("--ciphertexts", help="Check ciphertexts, too.")] = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Check every entry of the live database against signed checkpoints, with the program that outsiders run.

    What it shows is as good as the checkpoints: give it those that are held elsewhere (--old).
    """
    from ai_gateway import verifier
    from ai_gateway.adapters.signing_key_file import held_keys
    from ai_gateway.app.stores import open_stores
    from ai_gateway.sharelog.bundle import audit_live

    async def work() -> verifier.Audit:
        settings = read()
        async with open_stores(settings) as stores:
            trusted = list(map(verifier.parse_key, key)) if key else held_keys(settings.signing_folder)
            held = [verifier.open_any(path.read_bytes(), trusted) for path in old or ()]
            with verifier.remembering(memory) as (remembered, note_hash):
                audit = verifier.Audit(trusted, held=held, memory=remembered, note_hash=note_hash)
                await audit_live(stores.tree, audit, ciphertexts=ciphertexts, told=progress(quiet))
                if audit.findings:
                    raise _Found(audit)
            return audit

    try:
        audit = run(work)
    except _Found as found:
        audit = found.audit
    except (verifier.Broken, verifier.Unreadable) as error:
        say(f"DOES NOT HOLD: {error}")
        raise typer.Exit(Exit.REFUSED) from None
    findings = [{"entry": one.entry, "text": one.text} for one in audit.findings]
    holds = not findings and audit.covered is not None
    told = {"holds": holds, "covered": audit.covered, "findings": findings, "counts": vars(audit.counts)}
    show(told, as_json, lambda: say("\n".join(verifier.report(audit, signed=True))))
    if not holds:
        raise typer.Exit(Exit.REFUSED)


def fsck(
    *,
    rebuild_tiles: Annotated[bool, typer.Option("--rebuild-tiles", help="Make the tiles again first.")] = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Check the database's own order: entries, hashes, ciphertexts, index, tree, tiles, checkpoints; say what to do."""
    from ai_gateway.app.stores import open_stores
    from ai_gateway.sharelog.fsck import Checked
    from ai_gateway.sharelog.fsck import fsck as check
    from ai_gateway.sharelog.fsck import rebuild_tiles as rebuild

    async def work() -> Checked:
        async with open_stores(read()) as stores:
            if rebuild_tiles:
                await rebuild(stores.tree)
            return await check(stores.tree, told=progress(quiet))

    checked = run(work)

    def tell() -> None:
        say(f"{checked.entries} entries, {checked.tiles} tiles, {checked.checkpoints} checkpoints")
        for fault in checked.faults:
            where = "the whole" if fault.entry is None else f"entry {fault.entry}"
            say(f"{where}: {fault.what}\n  {fault.todo}")
        if not checked.faults:
            say("in order")

    listed = [{"entry": one.entry, "what": one.what, "todo": one.todo} for one in checked.faults]
    counts = {"entries": checked.entries, "tiles": checked.tiles, "checkpoints": checked.checkpoints}
    show({**counts, "faults": listed}, as_json, tell)
    if checked.faults:
        raise typer.Exit(Exit.REFUSED)


def proof(
    share: Annotated[str, typer.Argument(help="The share's id.")],
    *,
    outcome: Annotated[bool, typer.Option("--outcome", help="Prove the outcome, not the opening entry.")] = False,
) -> None:
    """Print a share's `.tlog-proof`: redirect it to a file, and anybody can check it offline."""
    from ai_gateway.app.stores import open_stores
    from ai_gateway.model import ShareId

    async def work() -> str:
        async with open_stores(read()) as stores:
            if stores.publisher is not None:
                await stores.publisher.publish()  # so that the newest entries are covered
            return await stores.proofs.of_share(ShareId(share), outcome=outcome)

    sys.stdout.write(run(work))


def consistency(old: Annotated[Path, typer.Argument(help="A checkpoint that somebody holds (a .note file).")]) -> None:
    """Print the proof that the log of today begins with that of an older checkpoint, for `verify.py consistency`."""
    from ai_gateway.app.stores import open_stores

    async def work() -> str:
        async with open_stores(read()) as stores:
            if stores.publisher is not None:
                await stores.publisher.publish()
            return await stores.proofs.consistency_since(old.read_text(encoding="utf-8"))

    sys.stdout.write(run(work))


def checkpoint(
    *,
    letter: Annotated[bool, typer.Option("--letter", help="As a mail to somebody who keeps it.")] = False,
    key: Annotated[bool, typer.Option("--key", help="The verifier key instead.")] = False,
) -> None:
    """Sign the log as it is now, and print the checkpoint: give it to those who are to hold you to it."""
    from ai_gateway.app.stores import open_stores
    from ai_gateway.sharelog.checkpoint import letter as as_letter
    from ai_gateway.verifier import read_checkpoint

    async def work() -> str:
        async with open_stores(read()) as stores:
            own = own_publisher(stores.publisher)
            if key:
                return own.key + "\n"
            note = await own.publish()
            return as_letter(read_checkpoint(note)[0], own.key) if letter else note

    sys.stdout.write(run(work))


def freeze(
    *, next_year: Annotated[int, typer.Option(min=2000, max=9999, help="The year whose key goes on signing.")]
) -> None:
    """End a year: sign its final checkpoint, let its key sign nothing more, and make the next year's key, whose first
    checkpoint is the same tree. Restart the gateway afterwards."""
    from ai_gateway.adapters.signing_key_file import create_signing_key
    from ai_gateway.app.stores import open_stores
    from ai_gateway.verifier import read_checkpoint

    async def work() -> dict[str, str]:
        settings = read()
        async with open_stores(settings) as stores:
            own = own_publisher(stores.publisher)
            if (settings.signing_folder / f"checkpoint-{next_year:04}.key").exists():
                raise ConfigurationError(f"signing key of {next_year}: is there already; nothing was frozen")
            final = read_checkpoint(await own.freeze())[0]
            made = create_signing_key(settings.signing_folder, settings.log_name, next_year, final)
        return {"final": final.origin, "entries": str(final.size), "next": made.origin, "key": made.key}

    facts(run(work))


def verifier() -> None:
    """Print the standalone verifier: `ai-gateway log verifier > verify.py`."""
    from importlib.resources import files

    sys.stdout.write((files("ai_gateway") / "verifier.py").read_text(encoding="utf-8"))


def progress(quiet: bool) -> Callable[[int], None]:  # noqa: FBT001  (a command's own flag)
    """Tells how far it is on standard error, every few seconds."""
    last = [time.monotonic()]

    def tell(entries: int) -> None:
        if not quiet and time.monotonic() - last[0] > _TELL_SECONDS:
            last[0] = time.monotonic()
            sys.stderr.write(f"{entries} entries …\n")

    return tell


def own_publisher(publisher: "Publisher | None") -> "Publisher":
    """Raises ``ConfigurationError`` where no signing key is held."""
    if publisher is None:
        raise ConfigurationError("AI_GATEWAY_SIGNING: no signing key is held here; run this where it is")
    return publisher


class _Found(Exception):
    """Leaves the memory of the last audit as it is."""

    def __init__(self, audit: "Audit") -> None:
        super().__init__()
        self.audit = audit
