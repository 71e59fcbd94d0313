"""The journal's tables, one definition for SQLite and PostgreSQL; `migrations` builds them and a test holds the two together.

What never changes about a message (`message`, `document`) is apart from what does (`standing`), so that a change of state rewrites
a short row and the few indexes over unsettled messages, and the indexes that searches need are only ever appended to. Documents
have a table to themselves: nothing scans over them. Message ids are time-ordered, so inserts append there too; the one index that
is hit at random is the key of `claim`, which is also what finds a message by envelope or letter id. `mention` holds the few ids
that a message names without holding the claim (repeats and refusals). `tally` counts messages by state, kept in the same
transaction as each change and split over slots so that several writers do not wait for each other's row. `attachment` has a row
for each half of an attachment, and a further one for each counterpart after the first. Rows of `register_version` and
`register_activation` are added and never altered.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    literal_column,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator, TypeEngine

from routing.lifecycle import UNSETTLED, State

SCHEMA = "0004"
"""The newest migration: what this code reads and writes."""


class Moment(TypeDecorator[datetime]):
    """An aware UTC time: `timestamptz` on PostgreSQL, on SQLite ISO 8601 text of one width, which sorts as time does."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The column's type on this database."""
        return String(32) if dialect.name == "sqlite" else DateTime(timezone=True)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Refuses a naive time, which would be stored as something it may not mean."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without zone")
        return value.astimezone(UTC).isoformat(timespec="microseconds") if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Aware UTC, whatever the server's own zone."""
        if value is None:
            return None
        moment: datetime = datetime.fromisoformat(value) if dialect.name == "sqlite" else value
        return moment.astimezone(UTC)


Json = JSON().with_variant(JSONB(), "postgresql")
Code = String().with_variant(String(collation="C"), "postgresql")  # ids, codes and names sort by their bytes
Serial = BigInteger().with_variant(Integer(), "sqlite")  # SQLite numbers rows by itself only for INTEGER

metadata = MetaData()


def _owner() -> Column[str]:
    return Column("message_id", Code, ForeignKey("message.id"), nullable=False)


message = Table(
    "message",
    metadata,
    Column("id", Code, primary_key=True),
    Column("origin", Code, nullable=False),
    Column("partner", Code, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("type", Code, nullable=False),
    Column("version", Code, nullable=False),
    Column("sender", Code, nullable=False),
    Column("receiver", Code, nullable=False),
    Column("envelope_id", Code, nullable=False),
    Column("letter_ids", Json, nullable=False),
    Column("thread", Code),
    Column("heading", Code),
    Column("wants_receipt", Boolean, nullable=False),
    Column("sent_at", Moment),
    Column("regards", Code),
    Column("register_version", Code, nullable=False),
    Column("content_type", Code, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("verdict", Json, nullable=False),
    sqlite_with_rowid=False,
)
Index("message_received", message.c.received_at)
Index("message_sender", message.c.sender, message.c.id)
Index("message_receiver", message.c.receiver, message.c.id)
Index("message_type", message.c.type, message.c.id)


def _where(index: str, condition: ColumnElement[bool], *columns: Column[Any]) -> None:
    Index(index, *columns, sqlite_where=condition, postgresql_where=condition)


_where("message_thread", message.c.thread.is_not(None), message.c.thread, message.c.id)
_where("message_regards", message.c.regards.is_not(None), message.c.regards, message.c.id)

document = Table(
    "document",
    metadata,
    Column("message_id", Code, ForeignKey("message.id"), primary_key=True),
    Column("body", LargeBinary, nullable=False),
)

standing = Table(
    "standing",
    metadata,
    Column("id", Code, ForeignKey("message.id"), primary_key=True),
    Column("state", Code, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("dispatched_at", Moment),
    Column("attempts", Integer, nullable=False),
    Column("fault", Code),
    Column("endpoint", Code),
    Column("routing_key", Code),
    Column("address", Code),
    Column("receipt_sign", Code),
    Column("receipt_id", Code),
    Column("receipt_due_at", Moment),
    Column("overdue_at", Moment),
    sqlite_with_rowid=False,
)


def _in(states: frozenset[State]) -> ColumnElement[bool]:
    # Literals, not parameters: a database uses a partial index only where it can see that the query implies its condition.
    named: list[ColumnElement[str]] = [literal_column(f"'{state}'") for state in sorted(states)]
    # SQLite turns a list of one into an equality, and then no longer knows the condition again.
    return standing.c.state == named[0] if len(named) == 1 else standing.c.state.in_(named)


COMMON = frozenset({State.DELIVERED, State.ACKNOWLEDGED})
"""Where nearly all messages end; a search among them finds enough by walking back from the newest."""

is_uncommon = _in(frozenset(State) - COMMON)
is_unsettled = _in(UNSETTLED)
is_available = _in(frozenset({State.AVAILABLE}))
is_due = standing.c.receipt_due_at.is_not(None) & standing.c.overdue_at.is_(None) & standing.c.receipt_sign.is_(None)
is_overdue = standing.c.overdue_at.is_not(None) & standing.c.receipt_sign.is_(None)

_where("standing_state", is_uncommon, standing.c.state, standing.c.id)
_where("standing_unsettled", is_unsettled, standing.c.state, standing.c.changed_at)
# `state` says nothing new here, but makes this index look the better one beside `standing_endpoint` to a planner without statistics.
_where("standing_mailbox", is_available, standing.c.state, standing.c.endpoint, standing.c.id, standing.c.address)
_where("standing_due", is_due, standing.c.receipt_due_at)
_where("standing_overdue", is_overdue, standing.c.id)
_where("standing_fault", standing.c.fault.is_not(None), standing.c.fault, standing.c.id)
_where("standing_endpoint", standing.c.endpoint.is_not(None), standing.c.endpoint, standing.c.id)

claim = Table(
    "claim",
    metadata,
    Column("identifier", Code, primary_key=True),
    Column("kind", Code, primary_key=True),
    Column("sender", Code, primary_key=True),
    Column("digest", Code, nullable=False),
    _owner(),
    sqlite_with_rowid=False,
)

mention = Table(
    "mention",
    metadata,
    Column("identifier", Code, primary_key=True),
    Column("kind", Code, primary_key=True),
    Column("message_id", Code, ForeignKey("message.id"), primary_key=True),
    sqlite_with_rowid=False,
)

event = Table(
    "event",
    metadata,
    Column("id", Serial, primary_key=True),
    _owner(),
    Column("at", Moment, nullable=False),
    Column("what", Code, nullable=False),
    Column("state", Code, nullable=False),
    Column("actor", Code, nullable=False),
    Column("detail", Json, nullable=False),
)
Index("event_message", event.c.message_id)

attachment = Table(
    "attachment",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("object_id", Code, nullable=False),
    Column("sender", Code, nullable=False),
    Column("receiver", Code, nullable=False),
    Column("role", Code, nullable=False),
    _owner(),
    Column("since", Moment, nullable=False),
    Column("other_id", Code, ForeignKey("message.id")),
    Column("paired_at", Moment),
    Column("missing_at", Moment),
)
HALF = (attachment.c.object_id, attachment.c.sender, attachment.c.receiver, attachment.c.role)
is_alone = attachment.c.other_id.is_(None)
is_awaited = attachment.c.other_id.is_(None) & attachment.c.missing_at.is_(None)
is_missing = attachment.c.other_id.is_(None) & attachment.c.missing_at.is_not(None)

Index("attachment_half", *HALF, attachment.c.id)
Index("attachment_message", attachment.c.message_id)
_where("attachment_alone", is_alone, *HALF)
_where("attachment_awaited", is_awaited, attachment.c.since)
_where("attachment_missing", is_missing, attachment.c.message_id)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Serial, primary_key=True),
    _owner(),
    Column("endpoint", Code, nullable=False),
    Column("routing_key", Code, nullable=False),
    Column("address", Code, nullable=False),
    Column("not_before", Moment, nullable=False),
    Column("claimed_by", Code),
    Column("lease_until", Moment),
    Column("times_claimed", Integer, nullable=False),
    sqlite_autoincrement=True,  # an id that was used is never used again: a late confirm must not take another row
)
Index("outbox_due", outbox.c.not_before, outbox.c.id)
Index("outbox_message", outbox.c.message_id)

tally = Table(
    "tally",
    metadata,
    Column("slot", Integer, primary_key=True, autoincrement=False),
    Column("state", Code, primary_key=True),
    Column("messages", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

partner = Table(
    "partner",
    metadata,
    Column("name", Code, primary_key=True),
    Column("mode", Code, nullable=False),
    Column("token_hash", Code, nullable=False),
    Column("push_url", Code),
    Column("active", Boolean, nullable=False),
    Column("former_token_hash", Code),
    Column("former_token_until", Moment),
    Column("push_secret", Code),
    Column("former_push_secret", Code),
    Column("former_push_secret_until", Moment),
    Column("push_bearer", Code),
)

partner_gln = Table(
    "partner_gln",
    metadata,
    Column("gln", Code, primary_key=True),
    Column("name", Code, ForeignKey("partner.name"), nullable=False, index=True),
)

partner_event = Table(
    "partner_event",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("name", Code, ForeignKey("partner.name"), nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("what", Code, nullable=False),
    Column("actor", Code, nullable=False),
    Column("detail", Json, nullable=False),
)

binding = Table("binding", metadata, Column("endpoint", Code, primary_key=True), Column("key", Code, primary_key=True))

register_version = Table(
    "register_version",
    metadata,
    Column("version", Code, primary_key=True),
    Column("created_at", Moment, nullable=False),
    Column("created_by", Code, nullable=False),
    Column("source", Code, nullable=False),
    Column("units", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),
)

register_activation = Table(
    "register_activation",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("version", Code, ForeignKey("register_version.version")),
    Column("effective_from", Code, nullable=False),
    Column("at", Moment, nullable=False),
    Column("actor", Code, nullable=False),
    Column("step", Code, nullable=False),
)

meta = Table("meta", metadata, Column("name", Code, primary_key=True), Column("value", BigInteger, nullable=False))
PARTNERS_REVISION = "partners"
REGISTERS_REVISION = "registers"
PROBED = "probed"
