"""The journal on SQLite or PostgreSQL, from one code base: `open_store` is the way in.

    journal ──► changes ──► work, attachments ──┐                 what is decided and written, in memory first
       │     └► outbox, partners ───────────────┼──► groupcommit ──► engine        one transaction for all that waits
       └──────► archive ────────────────────────┘                    tables, migrations

Several processes may use one database at once, several gateways on PostgreSQL and a gateway with the command line on SQLite.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

from gateway.records import REFERENCE_LIMIT
from gateway.store import migrations
from gateway.store.engine import Engines, connect, is_sqlite, make_private, translated
from gateway.store.journal import Store
from gateway.store.migrations import SchemaMismatch
from gateway.store.outbox import LEASE
from gateway.store.tables import SCHEMA

__all__ = ["LEASE", "SchemaMismatch", "Store", "open_store"]

_READERS = 4


async def open_store(
    url: str,
    *,
    migrate: bool = False,
    receipt_within: timedelta = timedelta(minutes=30),
    reference_limit: int = REFERENCE_LIMIT,
    busy_timeout: float = 5.0,
) -> Store:
    """Opens the journal at `url`: `sqlite:///path/file.db` or `postgresql://user@host/name`.

    `migrate` brings the schema up to date first; without it, another schema than this program's raises SchemaMismatch.
    `receipt_within` is how long a receiver has for its receipt. Documents of more than `reference_limit` bytes travel by reference.
    `busy_timeout`, in seconds, is how long a lock is waited for. Raises ValueError for another kind of URL, JournalUnavailable
    where the database does not answer.
    """
    engines = connect(url, busy_timeout=busy_timeout, readers=_READERS)
    try:
        await asyncio.to_thread(_prepare, url, engines, migrate)
    except BaseException:
        engines.dispose()
        raise
    return Store(engines, receipt_within=receipt_within, reference_limit=reference_limit, readers=_READERS)


def _prepare(url: str, engines: Engines, migrate: bool) -> None:
    if is_sqlite(url):
        make_private(url)
    with translated(), engines.reader.begin() as connection:
        found = migrations.schema_of(connection)
    if found == SCHEMA:
        return
    if not migrate:
        raise SchemaMismatch(found)
    migrations.migrate(url)
