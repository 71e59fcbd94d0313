"""Records as the journal gives them. Every address is of the synthetic series."""

from datetime import UTC, datetime
from typing import Any

from gateway.records import MessageRecord, Origin
from routing.decisions import Fault
from routing.lifecycle import State

HOSPITAL = "5790009920014"  # Regionspsykiatrien Midt
SKIVE = "5790009911739"  # Skive, Social og Psykiatri
RANDERS = "5790009910930"  # Randers, Social og Psykiatri
AT = datetime(2026, 11, 21, 22, 15, 3, 250000, tzinfo=UTC)


def record(**changes: Any) -> MessageRecord:
    """A letter from the hospital to Skive that is a dead letter, unless told otherwise."""
    values: dict[str, Any] = {
        "id": "01a2002f-ed36-73e1-ae1d-490369a34325",
        "origin": Origin.HTTP,
        "partner": "epj",
        "received_at": AT,
        "type": "XDIS91",
        "version": "XD9134L",
        "sender": HOSPITAL,
        "receiver": SKIVE,
        "envelope_id": "KUVERT0000001",
        "letter_ids": ("BREV000000001",),
        "thread": None,
        "heading": "indlaeggelse",
        "wants_receipt": True,
        "sent_at": AT,
        "state": State.DEAD_LETTER,
        "fault": Fault.NO_READER,
        "endpoint": None,
        "address": None,
        "routing_key": None,
        "attempts": 0,
        "changed_at": AT,
        "receipt_sign": None,
        "receipt_id": None,
        "receipt_due_at": None,
        "overdue_at": None,
        "regards": None,
        "register_version": "v1",
        "content_type": "application/xml",
        "size": 1200,
        "verdict": {"decision": "refuse", "fault": "no_reader"},
    }
    return MessageRecord(**(values | changes))
