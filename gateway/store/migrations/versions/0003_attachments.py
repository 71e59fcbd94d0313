"""Letters that refer to objects and the binary letters that carry them are held together. What was stored before is not looked into."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

Code = sa.String().with_variant(sa.String(collation="C"), "postgresql")
Moment = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")
Serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_HALF = ["object_id", "sender", "receiver", "role"]


def upgrade() -> None:
    """Adds to what 0002 built."""
    op.create_table(
        "attachment",
        sa.Column("id", Serial, primary_key=True),
        *(sa.Column(name, Code, nullable=False) for name in _HALF),
        sa.Column("message_id", Code, sa.ForeignKey("message.id"), nullable=False),
        sa.Column("since", Moment, nullable=False),
        sa.Column("other_id", Code, sa.ForeignKey("message.id")),
        sa.Column("paired_at", Moment),
        sa.Column("missing_at", Moment),
    )
    op.create_index("attachment_half", "attachment", [*_HALF, "id"])
    op.create_index("attachment_message", "attachment", ["message_id"])
    _partial("attachment_alone", _HALF, "other_id IS NULL")
    _partial("attachment_awaited", ["since"], "other_id IS NULL AND missing_at IS NULL")
    _partial("attachment_missing", ["message_id"], "other_id IS NULL AND missing_at IS NOT NULL")


def _partial(index: str, columns: list[str], condition: str) -> None:
    op.create_index(index, "attachment", columns, sqlite_where=sa.text(condition), postgresql_where=sa.text(condition))
