"""How a database gets its schema, and what a program does that finds another."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from gateway.ports import JournalUnavailable
from gateway.records import Mode, Partner
from gateway.store import SchemaMismatch, migrations, open_store
from gateway.store.engine import connect, make_private
from gateway.store.tables import SCHEMA, metadata


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    return (
        f"sqlite:///{tmp_path / 'new' / 'medcom.db'}" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    )


def _partial(connection: Connection) -> dict[str, bool]:
    options = {i["name"]: i["dialect_options"] for t in metadata.tables for i in inspect(connection).get_indexes(t)}
    return {str(name): any(key.endswith("_where") for key in option) for name, option in options.items()}


def test_migrations_build_the_tables(empty_url: str) -> None:
    """What the migrations build is what the code reads: no table, column, type or index differs, nor which indexes are partial."""
    migrations.migrate(empty_url)
    engines = connect(empty_url, busy_timeout=1, readers=1)
    with engines.writer.begin() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        built = _partial(connection)
        assert compare_metadata(context, metadata) == []
    engines.dispose()
    defined = {str(i.name): bool(i.dialect_kwargs) for t in metadata.tables.values() for i in t.indexes}
    assert built == defined


def test_newest_migration_is_the_codes() -> None:
    """The schema that the code names is the newest migration."""
    assert ScriptDirectory(str(Path(migrations.__file__).parent)).get_current_head() == SCHEMA


async def test_partners_of_an_older_program(empty_url: str) -> None:
    """A database that an older program built keeps its partners when it is brought up to date."""
    if empty_url.startswith("sqlite"):
        make_private(empty_url)
    engines = connect(empty_url, busy_timeout=1, readers=1)
    with engines.writer.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(Path(migrations.__file__).parent))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        columns = "name, mode, token_hash, push_url, active"
        connection.execute(text(f"INSERT INTO partner ({columns}) VALUES ('skive', 'pull', 'hash', NULL, TRUE)"))
        connection.execute(text("INSERT INTO partner_gln (gln, name) VALUES ('5790000120024', 'skive')"))
    engines.dispose()
    store = await open_store(empty_url, migrate=True)
    assert await store.all() == [Partner("skive", frozenset({"5790000120024"}), Mode.PULL, "hash")]
    await store.close()


async def test_database_without_schema(empty_url: str) -> None:
    """Without the schema the store does not open, and says what to run."""
    with pytest.raises(SchemaMismatch, match="medcom-gateway migrate"):
        await open_store(empty_url)


async def test_database_of_a_newer_program(empty_url: str) -> None:
    """A schema that the program does not know is left alone."""
    migrations.migrate(empty_url)
    engines = connect(empty_url, busy_timeout=1, readers=1)
    with engines.writer.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engines.dispose()
    with pytest.raises(SchemaMismatch, match="newer"):
        await open_store(empty_url, migrate=True)


async def test_two_processes_migrate_at_once(empty_url: str) -> None:
    """Processes that start together on an empty database all find the schema; one has built it."""
    program = [
        sys.executable,
        "-c",
        "import sys; from gateway.store.migrations import migrate; migrate(sys.argv[1])",
        empty_url,
    ]
    processes = [await asyncio.create_subprocess_exec(*program, stderr=subprocess.PIPE) for _ in range(3)]
    said = [(await p.communicate())[1] for p in processes]
    assert [p.returncode for p in processes] == [0, 0, 0], said
    await (await open_store(empty_url)).close()


def test_file_is_private(tmp_path: Path) -> None:
    """The file, which holds clinical text, is made with its folder and is readable to its owner alone."""
    migrations.migrate(f"sqlite:///{tmp_path}/new/folder/medcom.db")
    assert (tmp_path / "new/folder/medcom.db").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://host/name"])
async def test_other_databases(url: str) -> None:
    """Another kind of database, or one that would be gone with the process, is refused."""
    with pytest.raises(ValueError, match=r"sqlite:///path"):
        await open_store(url)


async def test_nobody_answers() -> None:
    """A server that is not there is JournalUnavailable, at once."""
    with pytest.raises(JournalUnavailable, match="disconnected"):
        await open_store("postgresql://nobody@127.0.0.1:9/none")
