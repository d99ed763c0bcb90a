"""Run by Alembic inside the transaction that ``adapters.sql_migrate`` opened and locked."""

from alembic import context

from ai_gateway.adapters import checkpoint_schema as _checkpoint_schema
from ai_gateway.adapters import erasure_schema as _erasure_schema
from ai_gateway.adapters import registry_schema as _registry_schema
from ai_gateway.adapters import schema as _schema
from ai_gateway.adapters import sql_beat_store as _beat_schema
from ai_gateway.adapters import version_schema as _version_schema
from ai_gateway.adapters.sql_engine import metadata

__all__ = ["_beat_schema", "_checkpoint_schema", "_erasure_schema", "_registry_schema", "_schema", "_version_schema"]

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,  # true of SQLite too, once the driver leaves BEGIN to us
)
context.run_migrations()
