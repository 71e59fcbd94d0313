"""The journal as it began. Written out in full: what a database was built with must not change with the code that reads it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None

Code = sa.String().with_variant(sa.String(collation="C"), "postgresql")
Moment = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")
Json = sa.JSON().with_variant(JSONB(), "postgresql")
Serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_UNSETTLED = "state IN ('accepted', 'available', 'queued', 'waiting')"
_UNCOMMON = (
    "state IN ('absorbed', 'accepted', 'available', 'dead_letter', 'discarded', 'queued', 'refused', 'rejected', 'waiting')"
)
_DUE = "receipt_due_at IS NOT NULL AND overdue_at IS NULL AND receipt_sign IS NULL"


def upgrade() -> None:
    """Builds it all."""
    _messages()
    _standings()
    _claims()
    _events_and_outbox()
    _partners()


def _code(name: str, *, nullable: bool = False, key: bool = False) -> sa.Column[str]:
    return sa.Column(name, Code, nullable=nullable, primary_key=key)


def _of_message(name: str = "message_id", *, key: bool = False) -> sa.Column[str]:
    return sa.Column(name, Code, sa.ForeignKey("message.id"), nullable=False, primary_key=key)


def _partial(index: str, table: str, columns: list[str], condition: str) -> None:
    op.create_index(index, table, columns, sqlite_where=sa.text(condition), postgresql_where=sa.text(condition))


def _messages() -> None:
    op.create_table(
        "message",
        _code("id", key=True),
        _code("origin"),
        _code("partner"),
        sa.Column("received_at", Moment, nullable=False),
        *(_code(name) for name in ("type", "version", "sender", "receiver", "envelope_id")),
        sa.Column("letter_ids", Json, nullable=False),
        _code("thread", nullable=True),
        _code("heading", nullable=True),
        sa.Column("wants_receipt", sa.Boolean, nullable=False),
        sa.Column("sent_at", Moment),
        _code("regards", nullable=True),
        _code("register_version"),
        _code("content_type"),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("verdict", Json, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("message_received", "message", ["received_at"])
    for name in ("sender", "receiver", "type"):
        op.create_index(f"message_{name}", "message", [name, "id"])
    for name in ("thread", "regards"):
        _partial(f"message_{name}", "message", [name, "id"], f"{name} IS NOT NULL")
    op.create_table("document", _of_message(key=True), sa.Column("body", sa.LargeBinary, nullable=False))


def _standings() -> None:
    op.create_table(
        "standing",
        _of_message("id", key=True),
        _code("state"),
        sa.Column("changed_at", Moment, nullable=False),
        sa.Column("dispatched_at", Moment),
        sa.Column("attempts", sa.Integer, nullable=False),
        *(_code(n, nullable=True) for n in ("fault", "endpoint", "routing_key", "address", "receipt_sign", "receipt_id")),
        sa.Column("receipt_due_at", Moment),
        sa.Column("overdue_at", Moment),
        sqlite_with_rowid=False,
    )
    _partial("standing_state", "standing", ["state", "id"], _UNCOMMON)
    _partial("standing_unsettled", "standing", ["state", "changed_at"], _UNSETTLED)
    _partial("standing_mailbox", "standing", ["state", "endpoint", "id", "address"], "state = 'available'")
    _partial("standing_due", "standing", ["receipt_due_at"], _DUE)
    _partial("standing_overdue", "standing", ["id"], "overdue_at IS NOT NULL AND receipt_sign IS NULL")
    for name in ("fault", "endpoint"):
        _partial(f"standing_{name}", "standing", [name, "id"], f"{name} IS NOT NULL")


def _claims() -> None:
    key = ("identifier", "kind")
    op.create_table(
        "claim",
        *(_code(name, key=True) for name in (*key, "sender")),
        _code("digest"),
        _of_message(),
        sqlite_with_rowid=False,
    )
    op.create_table("mention", *(_code(name, key=True) for name in key), _of_message(key=True), sqlite_with_rowid=False)


def _events_and_outbox() -> None:
    op.create_table(
        "event",
        sa.Column("id", Serial, primary_key=True),
        _of_message(),
        sa.Column("at", Moment, nullable=False),
        _code("what"),
        _code("state"),
        _code("actor"),
        sa.Column("detail", Json, nullable=False),
    )
    op.create_index("event_message", "event", ["message_id"])
    op.create_table(
        "outbox",
        sa.Column("id", Serial, primary_key=True),
        _of_message(),
        *(_code(name) for name in ("endpoint", "routing_key", "address")),
        sa.Column("not_before", Moment, nullable=False),
        _code("claimed_by", nullable=True),
        sa.Column("lease_until", Moment),
        sa.Column("times_claimed", sa.Integer, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("outbox_due", "outbox", ["not_before", "id"])
    op.create_index("outbox_message", "outbox", ["message_id"])
    op.create_table(
        "tally",
        sa.Column("slot", sa.Integer, primary_key=True, autoincrement=False),
        _code("state", key=True),
        sa.Column("messages", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )


def _partners() -> None:
    op.create_table(
        "partner",
        _code("name", key=True),
        _code("mode"),
        _code("token_hash"),
        _code("push_url", nullable=True),
        sa.Column("active", sa.Boolean, nullable=False),
    )
    gln = op.create_table(
        "partner_gln", _code("gln", key=True), sa.Column("name", Code, sa.ForeignKey("partner.name"), nullable=False)
    )
    op.create_index("ix_partner_gln_name", gln.name, ["name"])
    op.create_table("binding", _code("endpoint", key=True), _code("key", key=True))
    meta = op.create_table("meta", _code("name", key=True), sa.Column("value", sa.BigInteger, nullable=False))
    op.bulk_insert(meta, [{"name": "partners", "value": 0}])
