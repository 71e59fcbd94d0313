"""The outbox and the clock's work: taking rows to relay, putting lost messages back, and finding receipts that are late.

Each function is one transaction of its own. On PostgreSQL rows that another process has in hand are skipped, not waited for;
SQLite has one writer at a time and needs none of that.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, case, exists, insert, null, or_, select, update

from gateway.records import MessageRecord, OutboxRow, Parcel
from gateway.store.archive import RECORD, as_record
from gateway.store.tables import document, event, is_due, is_unsettled, message, outbox, standing
from routing.lifecycle import UNSETTLED, State

LEASE = timedelta(seconds=30)
"""How long a taken outbox row is its taker's alone."""

OVERDUE_AT_ONCE = 1000
"""How many messages one call of `flag_overdue` marks: after a long stop there may be a million."""


def take(connection: Connection, owner: str, limit: int, now: datetime, reference_limit: int) -> Sequence[OutboxRow]:
    """`Journal.take`. Rows of messages that ask nothing more of the hub are deleted on the way."""
    while True:
        rows = connection.execute(_DUE, {"now": now, "limit": limit}).all()
        if not rows:
            return []
        stand = select(standing.c.id, standing.c.state).where(standing.c.id.in_({r.message_id for r in rows}))
        states = {row.id: row.state for row in connection.execute(stand)}
        live = [row.id for row in rows if states[row.message_id] in UNSETTLED]
        if len(live) < len(rows):
            connection.execute(outbox.delete().where(outbox.c.id.in_({row.id for row in rows} - set(live))))
        if live:
            parcels = connection.execute(_PARCELS, {"ids": live, "reference_limit": reference_limit}).all()
            connection.execute(_CLAIM, {"ids": live, "owner": owner, "until": now + LEASE})
            return [OutboxRow(row.outbox_id, _parcel(row)) for row in parcels]


def requeue(connection: Connection, queued_before: datetime, limit: int, release: str | None) -> int:
    """`Journal.requeue`."""
    if release is not None:
        connection.execute(update(outbox).where(outbox.c.claimed_by == release).values(claimed_by=None, lease_until=None))
    ids = connection.scalars(_LOST, {"before": queued_before, "limit": limit}).all()
    if not ids:
        return 0
    # Looked at again now that the rows are locked: another process may have put some back after the first look began.
    lost = select(standing).where(standing.c.id.in_(ids), ~_has_row).order_by(standing.c.id)
    rows = [
        {
            "message_id": row.id,
            "endpoint": row.endpoint,
            "routing_key": row.routing_key,
            "address": row.address,
            "not_before": row.changed_at,
            "times_claimed": 1,  # it was with the broker: what is sent now may be a second copy
        }
        for row in connection.execute(lost)
    ]
    if rows:
        connection.execute(insert(outbox), rows)
    return len(rows)


def flag_overdue(connection: Connection, now: datetime) -> Sequence[MessageRecord]:
    """`Journal.flag_overdue`, `OVERDUE_AT_ONCE` at a time, those due first."""
    ids = connection.scalars(_OVERDUE, {"now": now, "limit": OVERDUE_AT_ONCE}).all()
    if not ids:
        return []
    connection.execute(update(standing).where(standing.c.id.in_(ids)).values(overdue_at=now))
    records = [
        as_record(row) for row in connection.execute(RECORD.where(message.c.id.in_(ids)).order_by(standing.c.receipt_due_at))
    ]
    told: list[dict[str, Any]] = [
        {"message_id": r.id, "at": now, "what": "overdue", "state": r.state.value, "actor": "hub", "detail": {}}
        for r in records
    ]
    connection.execute(insert(event), told)
    return records


def _parcel(row: Row[*tuple[Any, ...]]) -> Parcel:
    return Parcel(
        id=row.id,
        endpoint=row.to_endpoint,
        routing_key=row.to_key,
        body=row.body,
        content_type=row.content_type,
        type=row.type,
        sender=row.sender,
        receiver=row.receiver,
        address=row.to_address,
        heading=row.heading,
        thread=row.thread,
        queued_at=row.dispatched_at,
        attempt=row.attempts + 1,
        recovered=row.times_claimed > 0,
    )


_has_row = exists().where(outbox.c.message_id == standing.c.id)
_DUE = (
    select(outbox.c.id, outbox.c.message_id)
    .where(
        outbox.c.not_before <= bindparam("now"), or_(outbox.c.lease_until.is_(None), outbox.c.lease_until <= bindparam("now"))
    )
    .order_by(outbox.c.not_before, outbox.c.id)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)
_PARCELS = (
    select(
        outbox.c.id.label("outbox_id"),
        outbox.c.endpoint.label("to_endpoint"),
        outbox.c.routing_key.label("to_key"),
        outbox.c.address.label("to_address"),
        outbox.c.times_claimed,
        *(message.c[c] for c in ("id", "content_type", "type", "sender", "receiver", "heading", "thread")),
        standing.c.dispatched_at,
        standing.c.attempts,
        case((message.c.size <= bindparam("reference_limit"), document.c.body), else_=null()).label("body"),
    )
    .join_from(outbox, message)
    .join(standing, standing.c.id == message.c.id)
    .join(document, document.c.message_id == message.c.id)
    .where(outbox.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(outbox.c.not_before, outbox.c.id)
)
_CLAIM = (
    update(outbox)
    .where(outbox.c.id.in_(bindparam("ids", expanding=True)))
    .values(claimed_by=bindparam("owner"), lease_until=bindparam("until"), times_claimed=outbox.c.times_claimed + 1)
)
_LOST = (
    select(standing.c.id)
    .where(standing.c.state == State.QUEUED.value, is_unsettled, standing.c.changed_at < bindparam("before"), ~_has_row)
    .order_by(standing.c.changed_at)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)
_OVERDUE = (
    select(standing.c.id)
    .where(is_due, standing.c.receipt_due_at < bindparam("now"))
    .order_by(standing.c.receipt_due_at)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)
