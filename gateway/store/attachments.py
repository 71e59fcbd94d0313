"""Attachments: two messages that name the same object find each other when the later of them is admitted, in its transaction.

    a letter with a Reference ─► REFERS  ┐  same object, sender and receiver
    an XBIN01 ─────────────────► CARRIES ┴─► both timelines say `paired`        alone for too long ─► `attachment_missing`

A half meets all those that wait for it, or else the newest of those that have met another: so what a sender names again and again
under one id costs no more each time. Two processes on one PostgreSQL that admit the two halves at once do not see each other's rows;
each therefore takes a lock on the object before it looks, and holds it until its own half can be seen. SQLite has one writer.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Connection, any_, bindparam, func, insert, select, update
from sqlalchemy.sql.base import Executable

from gateway.attachments import Attachment, Half, Role
from gateway.store.bulk import POSTGRESQL, SQLITE, Unpacked, insertion, packed
from gateway.store.tables import HALF, Json, attachment, event, is_alone, is_awaited, standing

MISSING_AT_ONCE = 1000
"""How many halves one call of `flag_unpaired` marks: after a long stop there may be many."""


@dataclass(slots=True)
class End:
    """A row of `attachment`: a half of a message, with or without its counterpart. `id` is None until it is written, `state` the
    message's as it was loaded.
    """

    id: int | None
    half: Half
    message_id: str
    since: datetime
    state: str
    other_id: str | None = None
    paired_at: datetime | None = None
    missing_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Meeting:
    """That the message of `end` has met another: a line of its timeline. `detail` says which object, and who has the other half."""

    end: End
    at: datetime
    detail: dict[str, object]


class Ends:
    """What a batch has to know of attachments, and what it writes of them. `halves` are those of the messages that it may add."""

    def __init__(self, connection: Connection, halves: AbstractSet[Half]) -> None:
        self._connection = connection
        self._sql = _STATEMENTS[connection.dialect.name]
        self._alone: dict[Half, list[End]] = defaultdict(list)
        self._newest: dict[Half, End] = {}
        self._new: list[End] = []
        self._met: list[End] = []
        if halves:
            self._load(halves)

    def _load(self, halves: AbstractSet[Half]) -> None:
        if self._sql.lock is not None:
            self._connection.execute(self._sql.lock, packed(sorted({_lock_of(half) for half in halves})))
        ids: set[int] = set()
        for row in self._connection.execute(self._sql.known, packed([_cells(half.counterpart) for half in halves])):
            ids.update(one for one in (row.newest, *(row.alone or ())) if one is not None)
        for row in self._connection.execute(self._sql.ends, packed(ids)) if ids else ():
            half = Half(row.object_id, row.sender, row.receiver, Role(row.role))
            end = End(row.id, half, row.message_id, row.since, row.state, row.other_id, row.paired_at, row.missing_at)
            self._newest[half] = end
            if end.other_id is None:
                self._alone[half].append(end)

    def join(self, message_id: str, half: Half, at: datetime, state: str) -> list[Meeting]:
        """A new half. Returns what is to be told, to both sides, of each counterpart that it meets."""
        mine = End(None, half, message_id, at, state)
        self._new.append(mine)
        self._newest[half] = mine
        alone = self._alone.pop(half.counterpart, None)
        newest = self._newest.get(half.counterpart)
        meetings = [
            meeting
            for other in alone or ([] if newest is None else [newest])
            for one, another in ((mine, other), (other, mine))
            for meeting in [self._meet(one, another, max(at, other.since))]
        ]
        if not meetings:
            self._alone[half].append(mine)
        return meetings

    def _meet(self, end: End, other: End, at: datetime) -> Meeting:
        detail: dict[str, object] = {
            "object": end.half.object_id,
            "role": other.half.role.value,
            "message": other.message_id,
        }
        if end.other_id is not None:
            self._new.append(replace(end, id=None, other_id=other.message_id, paired_at=at, missing_at=None))
            return Meeting(end, at, detail)
        end.other_id, end.paired_at = other.message_id, at
        if end.id is not None:
            self._met.append(end)
        return Meeting(end, at, detail if end.missing_at is None else {**detail, "late": True})

    def write(self) -> None:
        """Writes it; the messages are there."""
        if self._new:
            self._connection.execute(self._sql.new, packed([_row(end) for end in self._new]))
        if self._met:
            self._connection.execute(_MET, [{"end": e.id, "other": e.other_id, "at": e.paired_at} for e in self._met])


def of_message(connection: Connection, message_id: str) -> Sequence[Attachment]:
    """`Attachments.of_message`."""
    rows = connection.execute(_OF_MESSAGE, {"id": message_id})
    return [Attachment(r.message_id, r.object_id, Role(r.role), r.other_id, r.paired_at, r.missing_at) for r in rows]


def flag_unpaired(connection: Connection, since_before: datetime, now: datetime) -> Sequence[Attachment]:
    """`Attachments.flag_unpaired`, `MISSING_AT_ONCE` at a time, those that wait longest first."""
    rows = connection.execute(_AWAITED, {"before": since_before, "limit": MISSING_AT_ONCE}).all()
    if not rows:
        return []
    connection.execute(update(attachment).where(attachment.c.id.in_([r.id for r in rows])).values(missing_at=now))
    told: list[dict[str, Any]] = [
        {
            "message_id": r.message_id,
            "at": now,
            "what": "attachment_missing",
            "state": r.state,
            "actor": "hub",
            "detail": {"object": r.object_id, "role": Role(r.role).other.value},
        }
        for r in rows
    ]
    connection.execute(insert(event), told)
    return [Attachment(r.message_id, r.object_id, Role(r.role), None, None, now) for r in rows]


def _cells(half: Half) -> tuple[str, str, str, str]:
    return half.object_id, half.sender, half.receiver, half.role.value


def _row(end: End) -> tuple[object, ...]:
    """In the order of the columns, `id` left out."""
    return (*_cells(end.half), end.message_id, end.since, end.other_id, end.paired_at, end.missing_at)


def _lock_of(half: Half) -> int:
    """A number for both halves alike: PostgreSQL's advisory locks are 64 bits, signed."""
    named = f"{half.object_id}\0{half.sender}\0{half.receiver}".encode()
    return int.from_bytes(hashlib.blake2b(named, digest_size=8).digest(), signed=True)


@dataclass(frozen=True, slots=True)
class _Statements:
    """The statements of a batch, for one kind of database; each takes one parameter (see `bulk`)."""

    lock: Executable | None
    known: Executable
    ends: Executable
    new: Executable


def _lock() -> Executable:
    # The numbers come in their own order, so that two processes cannot wait for each other in a circle.
    given = Unpacked(POSTGRESQL).scalars(BigInteger()).subquery()
    return select(func.pg_advisory_xact_lock(given.c[0]))


def _known(database: str) -> Executable:
    """For each half: the newest row of it, and all that are alone. Subqueries and no joins, or a plan that PostgreSQL made while there
    was little would read the table from end to end.
    """
    given = Unpacked(database)
    collected = func.json_group_array if database == SQLITE else func.jsonb_agg
    same = [c == given.cell(i, c.type) for i, c in enumerate(HALF)]
    newest = select(func.max(attachment.c.id)).where(*same).correlate(given.table)
    alone = select(collected(attachment.c.id, type_=Json)).where(*same, is_alone).correlate(given.table)
    return select(newest.scalar_subquery().label("newest"), alone.scalar_subquery().label("alone")).select_from(given.table)


def _ends(database: str) -> Executable:
    """The rows of these ids, oldest first."""
    ids = Unpacked(database).scalars(attachment.c.id.type)
    mine = attachment.c.id.in_(ids) if database == SQLITE else attachment.c.id == any_(func.array(ids.scalar_subquery()))
    stands = standing.c.id == attachment.c.message_id
    return select(attachment, standing.c.state).join(standing, stands).where(mine).order_by(attachment.c.id)


def _all(database: str) -> _Statements:
    return _Statements(
        lock=_lock() if database == POSTGRESQL else None,
        known=_known(database),
        ends=_ends(database),
        new=insertion(database, attachment, tuple(attachment.columns)[1:]),
    )


_STATEMENTS = {database: _all(database) for database in (SQLITE, POSTGRESQL)}
_MET = (
    update(attachment).where(attachment.c.id == bindparam("end")).values(other_id=bindparam("other"), paired_at=bindparam("at"))
)
_OF_MESSAGE = select(attachment).where(attachment.c.message_id == bindparam("id")).order_by(attachment.c.id)
_AWAITED = (
    select(attachment.c.id, attachment.c.message_id, attachment.c.object_id, attachment.c.role, standing.c.state)
    .join(standing, standing.c.id == attachment.c.message_id)
    .where(is_awaited, attachment.c.since < bindparam("before"))
    .order_by(attachment.c.since)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True, of=attachment)
)
