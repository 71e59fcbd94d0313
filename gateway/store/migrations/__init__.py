"""The schema's history, and the way up it: `medcom-gateway migrate`. Alembic's own command and configuration file are not needed."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, text

from gateway.store.engine import connect, is_sqlite, make_private, translated
from gateway.store.tables import SCHEMA

_LOCK = 0x6D6564636F6D  # "medcom": PostgreSQL's advisory locks are numbers


class SchemaMismatch(Exception):  # noqa: N818 - it is the database's state, and says what to do
    """The database has the schema `found` (None: none yet), which is not this program's."""

    def __init__(self, found: str | None) -> None:
        todo = "run `medcom-gateway migrate`" if found is None or found < SCHEMA else "a newer program has been here"
        super().__init__(f"the database has schema {found or 'none'}, this program needs {SCHEMA}: {todo}")
        self.found = found


def migrate(url: str, *, busy_timeout: float = 30.0) -> None:
    """Brings the database to the newest schema. Safe to run from several processes at once: one does it, the others find it done.

    Raises SchemaMismatch where a newer program has migrated it further, JournalUnavailable where the database does not answer;
    then nothing has changed.
    """
    if is_sqlite(url):
        make_private(url)
    engines = connect(url, busy_timeout=busy_timeout, readers=1, silent_after=None)
    try:
        with translated(), engines.writer.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            found = schema_of(connection)
            if found is not None and found > SCHEMA:
                raise SchemaMismatch(found)
            if found != SCHEMA:
                _upgrade(connection)
    finally:
        engines.dispose()


def schema_of(connection: Connection) -> str | None:
    """The schema that the database has, None where it has none yet."""
    if not connection.dialect.has_table(connection, "alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def _upgrade(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415 - a fifth of a second that only a migration has to pay
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
