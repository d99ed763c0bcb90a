"""The rights that each of PostgreSQL's roles needs, and none besides: printed for whoever runs the database."""

from collections.abc import Iterator, Mapping

_READS_AND_INSERTS = (
    "leaf",
    "segment",
    "subject_index",
    "share",
    "record",
    "tile",
    "checkpoint",
    "kept_file",
    "kept_version",
    "kept_digest",
)
_APPLICATION: Mapping[str, str] = {
    **dict.fromkeys(_READS_AND_INSERTS, "SELECT, INSERT"),
    "tree_state": "SELECT, UPDATE",
    "beat": "SELECT, UPDATE",
    "share": "SELECT, INSERT, UPDATE (outcome_idx)",
    "tile": "SELECT, INSERT, UPDATE (hashes)",
    "subject_map": "SELECT, INSERT",
    "subject_key": "SELECT, INSERT",
    "subject": "SELECT, INSERT, UPDATE",
    "consent_event": "SELECT, INSERT",
    "api_key": "SELECT, INSERT, UPDATE (revoked_at)",
    "suppression": "SELECT",
    "erasure": "SELECT",
    "legal_hold": "SELECT",
    "vendor_directive": "SELECT",
    "key_state": "SELECT",
    "alembic_version": "SELECT",
}
_KEEPER: Mapping[str, str] = {
    **_APPLICATION,
    "leaf": "SELECT, INSERT, UPDATE (data), MAINTAIN",
    "segment": "SELECT, INSERT, DELETE, MAINTAIN",
    "subject_index": "SELECT, INSERT, DELETE, MAINTAIN",
    "subject_map": "SELECT, INSERT, DELETE, MAINTAIN",
    "subject_key": "SELECT, INSERT, UPDATE (kek_epoch, wrapped), DELETE, MAINTAIN",
    "subject": "SELECT, INSERT, UPDATE, MAINTAIN",
    "suppression": "SELECT, INSERT, UPDATE, MAINTAIN",
    "erasure": "SELECT, INSERT, UPDATE, MAINTAIN",
    "legal_hold": "SELECT, INSERT, UPDATE",
    "vendor_directive": "SELECT, INSERT, UPDATE",
    "key_state": "SELECT, UPDATE",
}
APPLICATION, KEEPER = "ai_gateway_app", "ai_gateway_keeper"


def grants() -> Iterator[str]:
    """Statements for ``psql``, run by the tables' owner. ``MAINTAIN`` (VACUUM) needs PostgreSQL 17."""
    yield "-- The owner runs migrations. The application serves; the keeper erases, prunes and rotates."
    for role, rights in ((APPLICATION, _APPLICATION), (KEEPER, _KEEPER)):
        yield f"-- CREATE ROLE {role} LOGIN PASSWORD '…';"
        for table, granted in sorted(rights.items()):
            yield f"REVOKE ALL ON {table} FROM {role};"
            yield f"GRANT {granted} ON {table} TO {role};"
    yield f"-- GRANT pg_checkpoint TO {KEEPER};  -- so that `erase` need not wait for the server's own checkpoint"
    yield f"-- GRANT pg_monitor TO {KEEPER};  -- so that `erase purge` reaches the write-ahead log, too"
    yield f"-- GRANT EXECUTE ON FUNCTION pg_switch_wal() TO {KEEPER};"
