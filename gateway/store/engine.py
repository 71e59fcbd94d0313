"""Connections to SQLite and PostgreSQL, and the one place where their errors become the ports' own.

A database is opened as two engines: `writer`, whose transactions take SQLite's write lock at their start (a deferred one that
reads first and writes later fails under another writer, whatever its timeout), and `reader`, which cannot write. A commit is
durable against power loss on both: synchronous=FULL on SQLite, synchronous_commit on PostgreSQL.

A line to PostgreSQL that swallows what passes is found out by our own clock, since TCP may be well as far as the next box: what has
been silent for SILENT_AFTER seconds is cut. PostgreSQL in its turn lets go of what a client held that does not speak any more.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from gateway.ports import JournalUnavailable
from gateway.store.bulk import plain

_WRITER_CACHE_KIB = 64 * 1024  # the pages that every commit touches
_READER_CACHE_KIB = 8 * 1024
_CHECKPOINT_PAGES = 4000  # 16 MiB: a page that many commits touch is copied back once for all of them
_CONNECT_WITHIN = 5  # seconds
SILENT_AFTER = 10.0
"""Seconds within which PostgreSQL answers a statement; a wait for a lock is shorter."""

_SQLITE_UNAVAILABLE = {
    sqlite3.SQLITE_BUSY: "locked",
    sqlite3.SQLITE_LOCKED: "locked",
    sqlite3.SQLITE_PROTOCOL: "locked",
    sqlite3.SQLITE_FULL: "full",
    sqlite3.SQLITE_IOERR: "io-error",
    sqlite3.SQLITE_CANTOPEN: "cannot-open",
    sqlite3.SQLITE_READONLY: "read-only",
    sqlite3.SQLITE_NOMEM: "out-of-memory",
}
# By SQLSTATE or its class (PostgreSQL, Appendix A).
_POSTGRES_UNAVAILABLE = {
    "08": "disconnected",
    "25006": "read-only",
    "53": "full",
    "55P03": "locked",
    "57014": "timeout",
    "57P": "disconnected",
    "58": "io-error",
}
_POSTGRES_RACES = frozenset({"40001", "40P01"})  # serialization failure, deadlock


@dataclass(frozen=True, slots=True)
class Engines:
    """The two engines of one database. `writers` is how many transactions may write at once."""

    writer: Engine
    reader: Engine
    writers: int

    def dispose(self) -> None:
        """Closes all connections that are not in use."""
        self.reader.dispose()
        self.writer.dispose()


def normalised(url: str) -> URL:
    """The URL with the driver that this package uses. Raises ValueError for another database."""
    parsed = make_url(url)
    match parsed.get_backend_name():
        case "sqlite" if parsed.database and parsed.database != ":memory:":
            return parsed.set(drivername="sqlite+pysqlite")
        case "postgresql" | "postgres":
            return parsed.set(drivername="postgresql+psycopg")
    raise ValueError("the database URL must be sqlite:///path/file.db or postgresql://user@host/name")


def connect(url: str, *, busy_timeout: float, readers: int, silent_after: float | None = SILENT_AFTER) -> Engines:
    """The engines for `url`; no connection is made yet. `busy_timeout` is in seconds: how long a lock is waited for. `silent_after`
    None is for what may take long.
    """
    parsed = normalised(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed, busy_timeout, readers)
    return _postgres(parsed, busy_timeout, readers, silent_after)


def _sqlite(url: URL, busy_timeout: float, readers: int) -> Engines:
    def engine(size: int, begin: str, *pragmas: str) -> Engine:
        made = _engine(url, size, connect_args={"check_same_thread": False, "timeout": busy_timeout})

        @event.listens_for(made, "connect")
        def prepare(connection: sqlite3.Connection, _: object) -> None:
            connection.isolation_level = None  # transactions begin where we say so, below
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", *pragmas):
                connection.execute(f"PRAGMA {pragma}")

        @event.listens_for(made, "begin")
        def start(connection: Connection) -> None:
            connection.exec_driver_sql(begin)

        return made

    return Engines(
        engine(1, "BEGIN IMMEDIATE", f"cache_size=-{_WRITER_CACHE_KIB}", f"wal_autocheckpoint={_CHECKPOINT_PAGES}"),
        engine(readers, "BEGIN", f"cache_size=-{_READER_CACHE_KIB}", "query_only=ON"),
        writers=1,
    )


def _postgres(url: URL, busy_timeout: float, readers: int, silent_after: float | None) -> Engines:
    shared = ["timezone=UTC", f"lock_timeout={int(busy_timeout * 1000)}"]
    if silent_after is not None:
        # Our transactions never pause: one that does has lost its client, and keeps rows from others.
        shared.append(f"idle_in_transaction_session_timeout={int(silent_after * 1000)}")

    def engine(size: int, *settings: str) -> Engine:
        options = " ".join(f"-c {s}" for s in (*shared, *settings))
        given = url.query.get("options", "")
        arguments = {"connect_timeout": _CONNECT_WITHIN, "options": f"{given} {options}".strip(), "tcp_user_timeout": 10_000}
        made = _engine(url, size, pool_pre_ping=True, connect_args=arguments)

        @event.listens_for(made, "do_connect")
        def open_one(_: object, __: object, args: tuple[Any, ...], named: dict[str, Any]) -> object:
            from gateway.store.postgres import Impatient  # noqa: PLC0415 - not where there is SQLite only

            connection = Impatient.connect(*args, **named)
            connection.silent_after = silent_after
            return connection

        return made

    writers = 2  # one works while the other waits for its commit
    return Engines(
        # Every statement finds its rows by key. Plans that were made while the tables were empty, and are kept as long as the
        # connection, would read them from end to end for ever after.
        engine(writers, "synchronous_commit=on", *(f"enable_{way}=off" for way in ("seqscan", "hashjoin", "mergejoin"))),
        # One snapshot a transaction, so that an answer of several statements is of one moment.
        engine(readers, "default_transaction_read_only=on", "default_transaction_isolation=repeatable\\ read"),
        writers=writers,
    )


def _engine(url: URL, size: int, **arguments: Any) -> Engine:
    engine = create_engine(
        url,
        pool_size=size,
        max_overflow=0,
        pool_timeout=_CONNECT_WITHIN,
        json_serializer=lambda value: orjson.dumps(value, default=plain).decode(),
        json_deserializer=orjson.loads,
        **arguments,
    )
    engine.dialect.use_insertmanyvalues_wo_returning = True  # documents: one statement for many, on every driver
    return engine


def make_private(url: str) -> None:
    """Creates the folder and the file of a SQLite URL where they are missing, the file readable to its owner alone."""
    database = normalised(url).database
    path = Path(database or "")
    with translated(), suppress(FileExistsError):
        path.parent.mkdir(parents=True, exist_ok=True)
        # A file that is there is never opened: to close it would take away the locks of this process's own connections to it (POSIX
        # fcntl), and another process would then remove the write-ahead log under us.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


def is_sqlite(url: str) -> bool:
    """Whether `url` names a SQLite file."""
    return normalised(url).get_backend_name() == "sqlite"


@contextmanager
def translated() -> Iterator[None]:
    """Raises JournalUnavailable for a database that is locked, full or away. Everything else is a bug and passes as it is."""
    try:
        yield
    except PoolTimeout as e:
        raise JournalUnavailable("pool-exhausted") from e
    except OSError as e:
        raise JournalUnavailable("io-error") from e
    except DBAPIError as e:
        reason = _reason(e)
        if reason is None:
            raise
        raise JournalUnavailable(reason) from e


def raced(error: Exception) -> bool:
    """Whether another process got in between, so that the same transaction, begun anew, can succeed."""
    return isinstance(error, IntegrityError) or _sqlstate(error) in _POSTGRES_RACES


def _reason(error: DBAPIError) -> str | None:
    if isinstance(error.orig, sqlite3.Error):
        code = getattr(error.orig, "sqlite_errorcode", None)  # absent where sqlite3 itself complains
        return None if code is None else _SQLITE_UNAVAILABLE.get(code & 0xFF)  # the low byte: extended codes add to it
    state = _sqlstate(error)
    if state is None:
        # psycopg has no SQLSTATE for a connection that could not be made or broke off.
        kinds = {kind.__name__ for kind in type(error.orig).__mro__}
        return "disconnected" if error.connection_invalidated or "OperationalError" in kinds else None
    return next((_POSTGRES_UNAVAILABLE[p] for p in (state, state[:3], state[:2]) if p in _POSTGRES_UNAVAILABLE), None)


def _sqlstate(error: Exception) -> str | None:
    return getattr(getattr(error, "orig", None), "sqlstate", None)
