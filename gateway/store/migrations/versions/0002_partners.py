"""Partners have a story, tokens and secrets that overlap while they are exchanged, and a secret of the hub's for pushes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"

Code = sa.String().with_variant(sa.String(collation="C"), "postgresql")
Moment = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")
Json = sa.JSON().with_variant(JSONB(), "postgresql")
Serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Adds to what 0001 built."""
    for name in ("former_token_hash", "push_secret", "former_push_secret", "push_bearer"):
        op.add_column("partner", sa.Column(name, Code))
    for name in ("former_token_until", "former_push_secret_until"):
        op.add_column("partner", sa.Column(name, Moment))
    op.create_table(
        "partner_event",
        sa.Column("id", Serial, primary_key=True),
        sa.Column("name", Code, sa.ForeignKey("partner.name"), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("what", Code, nullable=False),
        sa.Column("actor", Code, nullable=False),
        sa.Column("detail", Json, nullable=False),
    )
    op.create_index("ix_partner_event_name", "partner_event", ["name"])
