"""A database that is up to date is told so without Alembic."""

import subprocess
import sys
from importlib.resources import as_file, files
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory

from ai_gateway.adapters.sql_migrate import head


def test_the_last_migration_by_name_is_the_one_that_alembic_ends_at() -> None:
    with as_file(files("ai_gateway") / "migrations") as scripts:
        config = Config()
        config.set_main_option("script_location", str(scripts))
        config.set_main_option("path_separator", "os")

        assert ScriptDirectory.from_config(config).get_heads() == [head()]


def test_a_database_that_is_up_to_date_costs_no_alembic(tmp_path: Path) -> None:
    program = (
        "import sys; from ai_gateway.adapters.sql_migrate import migrate_now; migrate_now(sys.argv[1]); "
        "print('alembic' in sys.modules)"
    )
    command = [sys.executable, "-c", program, f"sqlite:///{tmp_path}/log.sqlite"]

    first, second = (subprocess.run(command, capture_output=True, text=True, check=True).stdout for _ in range(2))

    assert (first.strip(), second.strip()) == ("True", "False")
