"""``ai-gateway log restored``: an older database stands in the place of the one that was seen."""

from typing import Annotated

import typer

from ai_gateway.cli.shares import moment
from ai_gateway.cli.terminal import AsJson, Exit, run, say, show
from ai_gateway.config import Settings, read

_TODO = """Nothing is shared until this is settled. What happened between the two is missing: withdrawals of consent,
choices, registrations and changed names, revoked API keys, and the record of what was shared.
  1. If there is a newer backup, restore that one instead.
  2. Else serve: the registry takes requests while nothing is shared. Have the marketplace report everything since then
     again: people, choices, every consent event. Revoke again whatever `keys revoke` revoked.
  3. Then run: ai-gateway log restored --accept"""


def restored(
    *,
    accept: Annotated[
        bool, typer.Option("--accept", help="Go on from this database, on record: what could be brought back was.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Say whether the database is older than what this gateway has seen of it, as after a restore from a backup.

    Exit code 1 while it is, and nothing is shared. With --accept, sharing goes on from the database as it is, the log
    says so, and the checkpoint of entries that are gone is named there; a signing key held here signs nothing more, and
    the year's next one begins: hand its verifier key to whoever checks the log, and restart the gateway.
    """
    from ai_gateway.app.restored import accept_database
    from ai_gateway.app.stores import open_stores

    async def work() -> dict[str, object]:
        settings: Settings = read()
        async with open_stores(settings) as stores:
            found = await stores.continuity.look()
            told: dict[str, object] = {"restored": found is not None}
            if found is not None:
                told["found"] = {"entries": found.found.size, "at": found.found.at}
                told["seen"] = {"entries": found.seen.size, "at": found.seen.at}
            if accept:
                told |= await accept_database(stores, settings)
            return told

    told = run(work)
    show(told, as_json, lambda: _tell(told))
    if told["restored"] and not accept:
        raise typer.Exit(Exit.REFUSED)


def _tell(told: dict[str, object]) -> None:
    match told:
        case {"accepted": True}:
            say("accepted: sharing goes on from this database, and the log says so")
            if told.get("key"):
                say(f"the signing key of entries that are gone signs nothing more; the next one's: {told['key']}")
                say("hand this verifier key to whoever checks the log, and restart the gateway where it signs")
        case {"restored": True, "found": {"entries": have, "at": till}, "seen": {"entries": seen, "at": until}}:
            say(f"the database was restored: it has {have} entries, and was in use until {_when(till)}")
            say(f"seen of it were {seen} entries, until {_when(until)}")
            say(_TODO)
        case _:
            say("the database goes on from where it was last seen")


def _when(at: object) -> str:
    return moment(at) if isinstance(at, int) and at else "before its first beat"
