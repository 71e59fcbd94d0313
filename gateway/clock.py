"""The real clock, and the ids that are made from it.

The only place in the project that asks the system for the time or for randomness on behalf of a message, so that everything else
can be driven by a clock of a test's own.
"""

from __future__ import annotations

import secrets
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import uuid_utils

DENMARK = ZoneInfo("Europe/Copenhagen")

# Letters and digits that nobody mixes up when a receipt's id is read out over the telephone.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class SystemClock:
    """The system's time as aware UTC."""

    def now(self) -> datetime:
        """The present moment, aware UTC."""
        return datetime.now(UTC)


def danish_day(moment: datetime) -> date:
    """The day in Denmark at a moment: units open and close by it."""
    return moment.astimezone(DENMARK).date()


def new_message_id() -> str:
    """A UUIDv7 (RFC 9562): ids that are made later sort later, so the journal appends."""
    return str(uuid_utils.uuid7())


def new_vans_id() -> str:
    """A new VANSEnvelope id of the hub's own: a random UUID (RFC 9562, version 4)."""
    return str(uuid_utils.uuid4())


def new_medcom_id() -> str:
    """A new envelope or letter id of the hub's own: 14 characters, the most that MedCom's Identifier holds (70 random bits)."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(14))
