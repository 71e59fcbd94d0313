"""Published versions of the register, and the story of which was in force when."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

Code = sa.String().with_variant(sa.String(collation="C"), "postgresql")
Moment = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")
Serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Adds to what 0003 built."""
    op.create_table(
        "register_version",
        sa.Column("version", Code, primary_key=True),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("created_by", Code, nullable=False),
        sa.Column("source", Code, nullable=False),
        sa.Column("units", sa.Integer, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "register_activation",
        sa.Column("id", Serial, primary_key=True),
        sa.Column("version", Code, sa.ForeignKey("register_version.version")),
        sa.Column("effective_from", Code, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("actor", Code, nullable=False),
        sa.Column("step", Code, nullable=False),
    )
    meta = sa.table("meta", sa.column("name", sa.String), sa.column("value", sa.BigInteger))
    op.bulk_insert(meta, [{"name": "registers", "value": 0}])
