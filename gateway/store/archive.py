"""Reading the journal. Every search has an index to walk, newest first, so that it stops as soon as it has enough."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, func, select, true

from gateway.records import Document, MessageRecord, Origin, Query, TimelineEntry
from gateway.store import blobs
from gateway.store.tables import (
    COMMON,
    attachment,
    claim,
    document,
    event,
    is_available,
    is_missing,
    is_overdue,
    is_uncommon,
    is_unsettled,
    mention,
    message,
    outbox,
    standing,
    tally,
)
from routing.decisions import Fault
from routing.lifecycle import UNSETTLED, State
from routing.receipts import Sign

_SKEW = timedelta(minutes=1)
_OF_STANDING = frozenset(c.name for c in standing.columns) - {"id"}
RECORD: Select[Any] = select(
    *((standing if f.name in _OF_STANDING else message).c[f.name] for f in fields(MessageRecord)),
).join_from(message, standing, standing.c.id == message.c.id)
"""All of a `MessageRecord`, in the order of its fields."""


def as_record(row: Row[Any]) -> MessageRecord:
    """A row of `RECORD` as a value."""
    values = row._asdict()
    values["letter_ids"] = tuple(values["letter_ids"])
    for name, kind in (("origin", Origin), ("state", State), ("fault", Fault), ("receipt_sign", Sign)):
        if values[name] is not None:
            values[name] = kind(values[name])
    return MessageRecord(**values)


def record(connection: Connection, message_id: str) -> MessageRecord | None:
    """`Archive.record`."""
    row = connection.execute(_ONE, {"id": message_id}).one_or_none()
    return None if row is None else as_record(row)


def read_document(connection: Connection, message_id: str) -> Document | None:
    """`Archive.document`."""
    row = connection.execute(_ABOUT_DOCUMENT, {"id": message_id}).one_or_none()
    if row is None:
        return None
    if blobs.in_pieces(connection, row.size):
        return Document(blobs.read(connection, message_id), row.content_type)
    return Document(bytes(connection.scalars(_DOCUMENT, {"id": message_id}).one()), row.content_type)


def timeline(connection: Connection, message_id: str) -> Sequence[TimelineEntry]:
    """`Archive.timeline`."""
    rows = connection.execute(_TIMELINE, {"id": message_id})
    return [TimelineEntry(r.at, r.what, State(r.state), r.actor, r.detail) for r in rows]


def original(connection: Connection, sender: str, envelope_id: str, letter_ids: Sequence[str]) -> MessageRecord | None:
    """`Archive.original`."""
    holders: dict[tuple[str, str], str] = {}
    held = select(claim.c.kind, claim.c.identifier, claim.c.message_id).where(
        claim.c.sender == sender,
        claim.c.kind.in_(["envelope", "letter"]),
        claim.c.identifier.in_({envelope_id, *letter_ids}),
    )
    for row in connection.execute(held):
        holders[row.kind, row.identifier] = row.message_id
    for key in (("envelope", envelope_id), *(("letter", letter) for letter in letter_ids)):
        if key in holders:
            return record(connection, holders[key])
    inner = select(mention.c.message_id).join(message, message.c.id == mention.c.message_id)
    inner = inner.where(mention.c.identifier == envelope_id, mention.c.kind == "envelope", message.c.sender == sender)
    # The first: what only repeats it names the id as well.
    found = connection.scalar(inner.order_by(mention.c.message_id).limit(1))
    return None if found is None else record(connection, found)


def find(connection: Connection, query: Query) -> Sequence[MessageRecord]:
    """`Archive.find`."""
    about_message, about_standing = list(_about_message(query)), list(_about_standing(query))
    # SQLite sorts by the table that it walks; which one that is follows from what was asked.
    newest = standing.c.id if _driven_by_standing(query) else message.c.id
    if query.before_id is not None:
        about_standing.append(newest < query.before_id)
    conditions = [*about_message, *about_standing]
    if newest is standing.c.id and not about_message:
        # Several states are several stretches of an index: sort the short rows, and fetch the whole of those alone that are wanted.
        wanted = select(standing.c.id).where(*about_standing).order_by(newest.desc()).limit(query.limit)
        conditions = [standing.c.id.in_(wanted)]
    rows = connection.execute(RECORD.where(*conditions or (true(),)).order_by(newest.desc()).limit(query.limit))
    return [as_record(row) for row in rows]


def _about_message(query: Query) -> Iterable[ColumnElement[bool]]:
    for name in ("sender", "receiver", "type", "thread", "regards"):
        if (value := getattr(query, name)) is not None:
            yield message.c[name] == value
    if query.envelope_id is not None:
        yield message.c.id.in_(_named("envelope", query.envelope_id))
    if query.letter_id is not None:
        yield message.c.id.in_(_named("letter", query.letter_id))
    if query.since is not None:
        yield message.c.received_at >= query.since
        # Ids follow time to within a process's delay, so the search can start near the first message of that time.
        first = (
            select(message.c.id).where(message.c.received_at >= query.since - _SKEW).order_by(message.c.received_at).limit(1)
        )
        yield message.c.id >= first.scalar_subquery()


def _named(kind: str, identifier: str) -> Select[Any]:
    held = select(claim.c.message_id).where(claim.c.identifier == identifier, claim.c.kind == kind)
    named = select(mention.c.message_id).where(mention.c.identifier == identifier, mention.c.kind == kind)
    return held.union_all(named)  # type: ignore[return-value]


def _driven_by_standing(query: Query) -> bool:
    rare = query.states is not None and not query.states & COMMON
    named = any(
        v is not None for v in (query.sender, query.receiver, query.thread, query.regards, query.envelope_id, query.letter_id)
    )
    return not named and (rare or query.overdue or query.unpaired or query.fault is not None or query.endpoint is not None)


def _about_standing(query: Query) -> Iterable[ColumnElement[bool]]:
    if query.states is not None:
        yield standing.c.state.in_([s.value for s in query.states])
        if not query.states & COMMON:
            yield is_uncommon
        if query.states <= UNSETTLED and query.changed_before is not None:
            yield is_unsettled
    if query.endpoint is not None:
        yield standing.c.endpoint == query.endpoint
    if query.fault is not None:
        yield standing.c.fault == query.fault.value
    if query.changed_before is not None:
        yield standing.c.changed_at < query.changed_before
    if query.overdue:
        yield is_overdue
    if query.unpaired:
        yield standing.c.id.in_(select(attachment.c.message_id).where(is_missing))


def mailbox(connection: Connection, endpoint: str, addresses: Iterable[str], limit: int) -> Sequence[MessageRecord]:
    """`Archive.mailbox`."""
    parameters = {"endpoint": endpoint, "addresses": sorted(addresses), "limit": limit}
    ids = connection.scalars(_MAILBOX, parameters).all()
    return (
        [as_record(row) for row in connection.execute(RECORD.where(message.c.id.in_(ids)).order_by(message.c.id))]
        if ids
        else []
    )


def counts(connection: Connection) -> Mapping[State | str, int]:
    """`Archive.counts`."""
    found: dict[State | str, int] = dict.fromkeys(State, 0)
    for row in connection.execute(_TALLY):
        found[State(row.state)] = int(row.messages)
    found["outbox"] = connection.scalar(_IN_OUTBOX) or 0
    found["overdue"] = connection.scalar(_IN_DELAY) or 0
    found["unpaired"] = connection.scalar(_UNPAIRED) or 0
    return found


_ONE = RECORD.where(message.c.id == bindparam("id"))
_ABOUT_DOCUMENT = select(message.c.size, message.c.content_type).where(message.c.id == bindparam("id"))
_DOCUMENT = select(document.c.body).where(document.c.message_id == bindparam("id"))
_TIMELINE = select(event).where(event.c.message_id == bindparam("id")).order_by(event.c.at, event.c.id)
_MAILBOX = (
    select(standing.c.id)
    .where(
        is_available,
        standing.c.endpoint == bindparam("endpoint"),
        standing.c.address.in_(bindparam("addresses", expanding=True)),
    )
    .order_by(standing.c.id)
    .limit(bindparam("limit"))
)
_TALLY = select(tally.c.state, func.sum(tally.c.messages).label("messages")).group_by(tally.c.state)
_IN_OUTBOX = select(func.count()).select_from(outbox)
_IN_DELAY = select(func.count()).select_from(standing).where(is_overdue)
_UNPAIRED = select(func.count(attachment.c.message_id.distinct())).where(is_missing)
