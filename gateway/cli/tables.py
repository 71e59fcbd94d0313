"""How messages look at the terminal: Danish words, one row a message, never a person or clinical text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table

from gateway.records import MessageRecord, TimelineEntry
from routing.faults import FAULTS
from routing.lifecycle import State

DENMARK = ZoneInfo("Europe/Copenhagen")

STATES = {
    State.ACCEPTED: "modtaget",
    State.QUEUED: "i kø",
    State.AVAILABLE: "i postkassen",
    State.WAITING: "venter på nyt forsøg",
    State.DELIVERED: "leveret",
    State.ACKNOWLEDGED: "kvitteret positivt",
    State.REJECTED: "kvitteret negativt",
    State.DEAD_LETTER: "dødt brev",
    State.DISCARDED: "opgivet af operatør",
    State.REFUSED: "afvist",
    State.ABSORBED: "gentagelse",
}

WHAT = {
    "admitted": "modtaget",
    "relayed": "lagt i kø",
    "handed_over": "lagt i modtagerens kø",
    "deposited": "lagt i postkassen",
    "delivered": "leveret",
    "postponed": "forsøg mislykket",
    "given_up": "opgivet",
    "returned": "returneret af køen",
    "receipted": "positiv kvittering fra modtageren",
    "rejected": "negativ kvittering fra modtageren",
    "retried": "sendt igen af operatør",
    "discarded": "opgivet af operatør",
    "duplicate": "samme meddelelse kom igen",
    "receipt_sent": "kvittering til afsenderen",
    "receipt_held": "kvittering holdt tilbage",
    "overdue": "kvittering udebliver",
    "requeued": "lagt i kø igen",
}


def message_table(records: Iterable[MessageRecord]) -> Table:
    """One row a message."""
    table = Table("id", "modtaget", "type", "afsender", "modtager", "emne", "tilstand", "årsag", box=None, header_style="bold")
    for record in records:
        late = " (kvittering udebliver)" if record.overdue_at else ""
        table.add_row(
            record.id,
            record.received_at.astimezone(DENMARK).strftime("%d.%m. %H:%M:%S"),
            record.type or "?",
            record.sender,
            record.receiver,
            record.heading or "",
            STATES[record.state] + late,
            FAULTS[record.fault].text_da if record.fault else "",
        )
    return table


def story(console: Console, record: MessageRecord, timeline: Sequence[TimelineEntry]) -> None:
    """One message with its timeline."""
    console.print(f"[bold]{record.type or '?'}[/bold] {record.id}   {STATES[record.state]}")
    console.print(
        f"  fra {record.sender}  til {record.receiver}  kuvert {record.envelope_id}  brev {', '.join(record.letter_ids)}"
    )
    if record.fault:
        row = FAULTS[record.fault]
        console.print(f"  [bold]{row.text_da}[/bold] {row.todo_da}")
    for entry in timeline:
        at = entry.at.astimezone(DENMARK).strftime("%H:%M:%S.%f")[:-3]
        detail = ", ".join(f"{key}={value}" for key, value in entry.detail.items() if value is not None)
        console.print(
            f"  {at}  {WHAT.get(entry.what, entry.what):<36} {STATES[entry.state]:<22} {entry.actor}  {detail}", soft_wrap=True
        )


def as_json(record: MessageRecord, timeline: Sequence[TimelineEntry] = ()) -> dict[str, Any]:
    """The message for programs."""
    return {
        "id": record.id,
        "received_at": record.received_at,
        "type": record.type,
        "version": record.version,
        "sender": record.sender,
        "receiver": record.receiver,
        "address": record.address,
        "endpoint": record.endpoint,
        "envelope_id": record.envelope_id,
        "letter_ids": record.letter_ids,
        "heading": record.heading,
        "thread": record.thread,
        "state": record.state,
        "fault": record.fault,
        "attempts": record.attempts,
        "receipt_sign": record.receipt_sign,
        "receipt_id": record.receipt_id,
        "overdue_at": record.overdue_at,
        "regards": record.regards,
        "verdict": record.verdict,
        "timeline": [
            {"at": entry.at, "what": entry.what, "state": entry.state, "actor": entry.actor, "detail": entry.detail}
            for entry in timeline
        ],
    }
