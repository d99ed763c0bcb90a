"""``ai-gateway erase``: erasing people, and everything that goes with it."""

import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from ai_gateway.cli.shares import moment
from ai_gateway.cli.terminal import AsJson, Exit, facts, print_json, run, say, show, table, warn
from ai_gateway.config import read
from ai_gateway.errors import ConfigurationError, GatewayError, NotFound
from ai_gateway.model import SubjectId
from ai_gateway.model.entries import EntryKind
from ai_gateway.model.ids import new_hold_id
from ai_gateway.sharelog.canonical import Json
from ai_gateway.sharelog.erasure import Basis, Erasure, Hold, HoldReason, Step, Verification
from ai_gateway.sharelog.standing import State, state_of

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)
Id = Annotated[str, typer.Argument(help="The marketplace's id of the person.")]
_WAITS = {
    "running-shares": "shares about the person are running; run the same command again in a quarter of an hour",
    "legal-hold": "a legal hold stands; run the same command again once it is lifted (`erase release`)",
}


@app.callback()
def erase() -> None:
    """Erasures. An erasure that was stopped anywhere goes on where it was when its command is run again."""


@app.command("run")
def run_(
    subject: Id,
    verified: Annotated[Verification, typer.Option(help="How the request was verified to be the person's own.")],
    basis: Annotated[Basis, typer.Option(help="What obliges to erase.")],
    *,
    unknown: Annotated[
        bool, typer.Option("--unknown", help="Though nothing is known of the id: nothing is ever shared under it.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Erase a person, or go on erasing them. Cannot be taken back.

    Somebody who was never registered is erased by their id, if a share named it. Of an id of which nothing is known,
    nothing is done without `--unknown`: it may be mistyped, and somebody else's request would count as answered.

    Exit code 0: done. 1: it waits for something, or nothing is known of the id, which is said.
    """
    from ai_gateway.adapters.policy_files import load_policies
    from ai_gateway.app.privacy import standings_of
    from ai_gateway.app.stores import eraser_of, open_stores

    async def work() -> str | None:
        settings = read()
        policies = load_policies(settings.policies_folder)
        async with open_stores(settings) as stores:
            eraser = eraser_of(stores, settings, policies.vendors)
            before = await standings_of(stores).of(SubjectId(subject))
            if before.state is State.UNKNOWN and not unknown:
                raise NotFound(f"Nothing was found to erase. {before.notice}; to suppress it all the same: --unknown")
            progress = await eraser.erase(SubjectId(subject), verified, basis)
        waits, told = progress.waits_for, _told(progress.erasure)

        def tell() -> None:
            facts({name: _counted(value) for name, value in told.items()})
            say(f"it waits: {_WAITS[waits]}" if waits else f"erased; for the certificate: erase certificate {subject}")
            if before.state in (State.NOT_REGISTERED, State.UNKNOWN):
                warn(f"{subject}: {before.notice}")

        standings = {"standing": state_of(progress.erasure).value, "standing_before": before.state.value}
        show({**told, **standings, "waits_for": waits}, as_json, tell)
        return waits

    if run(work):
        raise typer.Exit(Exit.REFUSED)


@app.command()
def status(
    subject: Annotated[str | None, typer.Argument(help="Of one person; everybody's without.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Show where erasures are."""
    from ai_gateway.app.stores import eraser_of, open_stores

    async def work() -> None:
        settings = read()
        async with open_stores(settings) as stores:
            eraser = eraser_of(stores, settings, {})
            if subject is None:
                found = tuple(await eraser.store.erasures())
            else:
                found = (_found(await eraser.status(SubjectId(subject))),)
        rows = [(one.id, one.step.value, moment(one.requested_at), moment(one.changed_at)) for one in found]
        columns = ("erasure", "step", "requested", "changed")
        told = [dict(zip(columns, row, strict=True)) for row in rows]
        show(told, as_json, lambda: table("Erasures", columns, rows))

    run(work)


@app.command()
def certificate(
    subject: Id,
    to: Annotated[
        Path | None, typer.Option(help="A new folder for it, with a `.tlog-proof` file for each step, to be checked.")
    ] = None,
) -> None:
    """Print what was erased, what was kept and why, and until when backups can be read: JSON, with proofs."""
    from ai_gateway.app.certificate import certificate_of
    from ai_gateway.app.stores import eraser_of, open_stores

    async def work() -> None:
        settings = read()
        async with open_stores(settings) as stores:
            eraser = eraser_of(stores, settings, {})
            made = await certificate_of(_found(await eraser.status(SubjectId(subject))), eraser, stores)
        if to is None:
            print_json(made)
        else:
            await asyncio.to_thread(_write, to, made)

    run(work)


@app.command()
def purge(*, as_json: AsJson = False) -> None:
    """Leave no byte of what was deleted in the database's own files. Run it in a quiet hour, after `keys rotate`.

    Erasures end without it: what is left then is encrypted, under keys that end with their epoch. PostgreSQL's tables
    are written anew one by one, each closed to everybody meanwhile, and its write-ahead log is written over.
    """
    from ai_gateway.adapters.sql_purge import purge_of

    async def work() -> None:
        done = await purge_of(read().database, rewrite=True)()
        show(done, as_json, lambda: facts(done))

    run(work)


@app.command()
def hold(
    subject: Id,
    reason: Annotated[HoldReason, typer.Option(help="Why the person's data must stay.")],
    authority: Annotated[str, typer.Option(help="The instrument: a case number, a letter's date. Names nobody.")],
) -> None:
    """Place a legal hold: erasure and retention leave the person's data where it is until it is lifted."""
    from ai_gateway.app.privacy import standings_of
    from ai_gateway.app.stores import eraser_of, open_stores
    from ai_gateway.sharelog.record import record

    async def work() -> None:
        settings = read()
        async with open_stores(settings) as stores:
            at = stores.clock.now()
            placed = Hold(id=new_hold_id(), reason=reason, authority=authority[:200], placed_at=at)
            entry = record(EntryKind.HOLD, at, {"hold": placed.id, "reason": reason.value, "change": "placed"})
            mark = stores.wrapper.blind(subject.encode())
            await eraser_of(stores, settings, {}).store.place_hold(mark, placed, entry)
            say(f"placed {placed.id}; lift it with: ai-gateway erase release {placed.id}")
            try:  # behind the hold, which stands whether or not the registry can be read
                notice = (await standings_of(stores).of(SubjectId(subject))).notice
            except GatewayError as error:
                notice = f"whether the id is anybody's could not be read ({error.code})"
        if notice:  # a hold on a mistyped id holds nothing
            warn(f"{subject}: {notice}")

    run(work)


@app.command()
def release(hold: Annotated[str, typer.Argument(help="The hold's id.")]) -> None:
    """Lift a legal hold."""
    from ai_gateway.app.stores import eraser_of, open_stores
    from ai_gateway.sharelog.record import record

    async def work() -> None:
        settings = read()
        async with open_stores(settings) as stores:
            at = stores.clock.now()
            entry = record(EntryKind.HOLD, at, {"hold": hold[:64], "change": "lifted"})
            await eraser_of(stores, settings, {}).store.lift_hold(hold, entry, at)
        say(f"lifted {hold}")

    run(work)


@app.command()
def directives(
    *,
    close_due: Annotated[bool, typer.Option("--close-due", help="Close those whose date has come.")] = False,
    ids: Annotated[bool, typer.Option("--ids", help="Show the vendors' own ids, for asking them.")] = False,
    as_json: AsJson = False,
) -> None:
    """List what vendors may still hold of people who were erased, and until when by the vendors' own terms."""
    from ai_gateway.app.stores import eraser_of, open_stores
    from ai_gateway.sharelog.record import record

    async def work() -> None:
        settings, now = read(), time.time_ns() // 1_000_000
        async with open_stores(settings) as stores:
            eraser = eraser_of(stores, settings, {})
            if close_due:
                await eraser.store.close_due(now, lambda count: record(EntryKind.DIRECTIVE, now, {"expired": count}))
            found = await eraser.store.directives(None)
        columns = ("directive", "erasure", "vendor", "share", "object", "state", "until")
        rows = [
            (
                one.id,
                one.erasure,
                one.vendor,
                one.share,
                (eraser.directing.open_id(one) if ids else None) or one.object_kind,
                one.state.value,
                moment(one.due),
            )
            for one in found
        ]
        told = [dict(zip(columns, row, strict=True)) for row in rows]
        show(told, as_json, lambda: table("Directives", columns, rows))

    run(work)


def _write(folder: Path, made: Mapping[str, Json]) -> None:
    proofs = made["proofs"]
    try:
        folder.mkdir(mode=0o700)
        (folder / "certificate.json").write_text(json.dumps(made, indent=2, ensure_ascii=False) + "\n")
        for step, proof in proofs.items() if isinstance(proofs, Mapping) else ():
            if isinstance(proof, str):
                (folder / f"{step}.tlog-proof").write_text(proof)
    except OSError as error:
        raise ConfigurationError(f"{folder}: {error.strerror or 'cannot be written'}") from None
    done = "" if made["completed"] else f" of an erasure that is not completed (step: {made['step']})"
    written = [step for step, proof in proofs.items() if isinstance(proof, str)] if isinstance(proofs, Mapping) else []
    check = f"; check a step: python verify.py proof {folder}/{_shown(written)}.tlog-proof --key …" if written else ""
    say(f"made {folder}/certificate.json{done}{check}")


def _shown(steps: Sequence[str]) -> str:
    """The step that somebody wants to see proven: the shredding, or how far it came."""
    return Step.SHREDDED.value if Step.SHREDDED.value in steps else steps[-1]


def _told(erasure: Erasure) -> dict[str, object]:
    said = erasure.facts
    return {
        "erasure": erasure.id,
        "step": erasure.step.value,
        "requested": moment(erasure.requested_at),
        "entries": _plain(said.get("entries")),
        "deleted": said.get("deleted"),
        "directives": said.get("directives"),
    }


def _plain(counts: object) -> dict[str, object]:
    """Entries in the order in which they were written."""
    named = {str(name): index for name, index in counts.items()} if isinstance(counts, Mapping) else {}
    return dict(sorted(named.items(), key=_index))


def _index(entry: tuple[str, object]) -> int:
    return entry[1] if isinstance(entry[1], int) else 0


def _counted(value: object) -> object:
    return ", ".join(f"{count} {name}" for name, count in value.items()) if isinstance(value, Mapping) else value


def _found(erasure: Erasure | None) -> Erasure:
    if erasure is None:
        raise NotFound("Nobody asked to erase this person; begin with `ai-gateway erase run`")
    return erasure
