"""Signs of life by address: for each the newest message that was taken, and the first after it that was not.

One statement for all addresses. For each it walks `message_receiver` back from the newest until it meets a message that was taken,
so it costs by the number of addresses and the mail that lies since, and not by the size of the journal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Boolean, Column, Connection, FromClause, Select, func, not_, or_, select, text
from sqlalchemy.sql.base import Executable

from gateway.lifesigns import Reader
from gateway.store.bulk import POSTGRESQL, SQLITE, Unpacked, packed
from gateway.store.tables import message, standing
from routing.lifecycle import State
from sor.coverage import Life

_ANSWERED = (State.ACKNOWLEDGED.value, State.REJECTED.value)


def lives(connection: Connection, readers: Iterable[Reader]) -> Mapping[str, Life]:
    """`Lifesigns.lives`."""
    if connection.dialect.name == POSTGRESQL:
        # A planner with old statistics, or none, would rather gather and sort all mail of an address than walk back a step: with
        # 100,000 messages that is two seconds in the place of a fifth.
        for way in ("bitmapscan", "seqscan"):
            connection.execute(text(f"SET LOCAL enable_{way} = off"))
    given = packed((reader.gln, reader.endpoint, reader.by_receipt) for reader in readers)
    rows = connection.execute(_LIVES[connection.dialect.name], given)
    return {row.gln: Life(row.taken_at, row.missed_at) for row in rows}


def _lives(database: str) -> Executable:
    given = Unpacked(database)
    receiver, endpoint = message.c.receiver.type, standing.c.endpoint.type
    cells = (given.cell(0, receiver), given.cell(1, endpoint), given.cell(2, Boolean()))
    named = (cell.label(name) for cell, name in zip(cells, ("gln", "endpoint", "by_receipt"), strict=True))
    asked = select(*named).select_from(given.table).cte("asked")
    is_taken = or_(standing.c.state.in_(_ANSWERED), not_(asked.c.by_receipt) & (standing.c.state == State.DELIVERED.value))
    newest = _mail_of(asked, message.c.id).where(is_taken).order_by(message.c.id.desc()).limit(1)
    last = select(asked, newest.correlate(asked).scalar_subquery().label("taken_id")).cte("last")
    # A letter in a queue of the receiver's own that asks for no receipt tells nothing, whether it is read or not.
    tells = or_(not_(last.c.by_receipt), message.c.wants_receipt)
    later = message.c.id > func.coalesce(last.c.taken_id, "")
    missed = _mail_of(last, message.c.received_at).where(tells, later).order_by(message.c.id).limit(1)
    return select(
        last.c.gln, standing.c.changed_at.label("taken_at"), missed.correlate(last).scalar_subquery().label("missed_at")
    ).select_from(last.outerjoin(standing, standing.c.id == last.c.taken_id))


def _mail_of(reader: FromClause, wanted: Column[Any]) -> Select[Any]:
    """The messages that the endpoint of `reader` had for its address."""
    mail = select(wanted).join_from(message, standing, standing.c.id == message.c.id)
    return mail.where(message.c.receiver == reader.c.gln, standing.c.endpoint == reader.c.endpoint)


_LIVES = {database: _lives(database) for database in (SQLITE, POSTGRESQL)}
