"""The statements of a batch, for each kind of database. All but `documents` take one parameter (see `bulk`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Select, Table, delete, insert, select, true
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.base import Executable

from gateway.store.bulk import POSTGRESQL, SQLITE, Unpacked, insertion, replacement
from gateway.store.tables import claim, document, event, mention, message, outbox, standing, tally

STANDING = tuple(c.name for c in standing.columns)


@dataclass(frozen=True, slots=True)
class Statements:
    """Reads first, then writes."""

    standings: Executable
    claims: Executable
    outbox: Executable
    messages: Executable
    documents: Executable
    new_claims: Executable
    new_standings: Executable
    mentions: Executable
    events: Executable
    moves: Executable
    touches: Executable
    queue: Executable
    confirmed: Executable
    tally: Executable


def _claims(database: str) -> Select[Any]:
    given = Unpacked(database)
    key = [c == given.cell(i, c.type) for i, c in enumerate((claim.c.identifier, claim.c.kind, claim.c.sender))]
    return select(claim).where(*key)


def _tally(database: str) -> Executable:
    given = Unpacked(database)
    cells = select(*(given.cell(i, c.type) for i, c in enumerate(tally.columns)))
    # A condition, or SQLite would read the upsert's ON as the join's.
    rows = cells.select_from(given.table).where(true())
    upsert = sqlite.insert(tally) if database == SQLITE else postgresql.insert(tally)
    filled = upsert.from_select([c.name for c in tally.columns], rows)
    total = tally.c.messages + filled.excluded.messages
    return filled.on_conflict_do_update(index_elements=[tally.c.slot, tally.c.state], set_={"messages": total})


def _standings(database: str) -> Executable:
    mine = standing.c.id.in_(Unpacked(database).scalars(standing.c.id.type))
    return select(standing).where(mine).order_by(standing.c.id).with_for_update()


def _outbox(database: str) -> Executable:
    mine = outbox.c.message_id.in_(Unpacked(database).scalars(outbox.c.message_id.type))
    return select(outbox.c.message_id, outbox.c.id, outbox.c.claimed_by).where(mine).order_by(outbox.c.id)


def _all(database: str) -> Statements:
    return Statements(
        standings=_standings(database),
        claims=_claims(database),
        outbox=_outbox(database),
        messages=insertion(database, message, message.columns),
        documents=insert(document),
        new_claims=insertion(database, claim, claim.columns),
        new_standings=insertion(database, standing, standing.columns),
        mentions=insertion(database, mention, mention.columns),
        events=insertion(database, event, _numbered(event)),
        moves=replacement(database, standing, standing.c.id, (standing.c.state, standing.c.changed_at, standing.c.attempts)),
        touches=replacement(database, standing, standing.c.id, tuple(standing.columns)[1:]),
        queue=insertion(database, outbox, _numbered(outbox)).returning(outbox.c.message_id, outbox.c.id),
        confirmed=delete(outbox).where(outbox.c.id.in_(Unpacked(database).scalars(outbox.c.id.type))),
        tally=_tally(database),
    )


def _numbered(table: Table) -> tuple[Column[Any], ...]:
    """The columns that we fill; the database gives the rows their `id`."""
    return tuple(c for c in table.columns if c.name != "id")


STATEMENTS = {database: _all(database) for database in (SQLITE, POSTGRESQL)}
