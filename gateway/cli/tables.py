"""How messages look at the terminal: Danish words, a block of two lines a message, never a person or clinical text.

Plain lines and no table: an id that is cut off cannot be copied into the next command, and a column that is squeezed cannot be
read. At a terminal a long second line is folded; in a pipe each block is two lines whatever their length, so that `grep -A1` works.
"""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from gateway.attachments import Attachment, Role, shown
from gateway.clock import DENMARK
from gateway.records import MessageRecord, TimelineEntry
from routing.faults import FAULTS
from routing.lifecycle import State

INDENT = "    "

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
    "paired": "bilag og brev samlet",
    "attachment_missing": "bilag og brev er ikke samlet",
    "requeued": "lagt i kø igen",
}


def terminal_width() -> int | None:
    """The columns to fold lines at; None where the output is no terminal and lines stay whole."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def message_lines(records: Iterable[MessageRecord], width: int | None) -> Iterator[str]:
    """Two lines a message: id, time, type and state; then from whom to whom, heading and reason, folded at `width`."""
    for record in records:
        at = record.received_at.astimezone(DENMARK).strftime("%d.%m. %H:%M")
        yield f"{record.id}  {at}  {printable(record.type) or '?':<6}  {STATES[record.state]}"
        yield from folded("  ".join(_about(record)), width)


def story_lines(
    record: MessageRecord, timeline: Sequence[TimelineEntry], width: int | None, attachments: Sequence[Attachment] = ()
) -> Iterator[str]:
    """One message with its reason, its ids, its attachments and its timeline."""
    yield f"{record.id}  {printable(record.type) or '?'}  {STATES[record.state]}"
    yield from folded("  ".join(_about(record)), width)
    if record.fault:
        yield from folded(FAULTS[record.fault].todo_da, width)
    letters = ", ".join(map(printable, record.letter_ids))
    yield from folded(f"kuvert {printable(record.envelope_id) or '-'}  brev {letters or '-'}", width)
    for one in attachments:
        yield from folded(f"bilag {printable(one.object_id)}: {_pair_state(one)}", width)
    for entry in timeline:
        at = entry.at.astimezone(DENMARK).strftime("%d.%m. %H:%M:%S.%f")[:-3]
        yield f"{at}  {WHAT.get(entry.what, entry.what)}: {STATES[entry.state]}"
        detail = "  ".join(f"{key}={printable(str(value))}" for key, value in entry.detail.items() if value is not None)
        yield from folded(f"{printable(entry.actor)}  {detail}".rstrip(), width)


def _pair_state(one: Attachment) -> str:
    refers = one.role is Role.REFERS
    if one.other_id is not None:
        return f"{'kom med' if refers else 'hører til'} {one.other_id}"
    if one.missing_at is not None:
        return "udebliver" if refers else "brevet, der henviser til det, udebliver"
    return "ikke kommet endnu" if refers else "brevet, der henviser til det, er ikke kommet endnu"


def _about(record: MessageRecord) -> Iterator[str]:
    yield f"{printable(record.sender) or '?'} → {printable(record.receiver) or '?'}"
    if record.address not in {None, record.receiver}:
        yield f"(omadresseret til {printable(record.address or '')})"
    if record.heading:
        yield record.heading
    if record.overdue_at:
        yield "Kvittering udebliver."
    if record.fault:
        yield FAULTS[record.fault].text_da


def folded(text: str, width: int | None) -> list[str]:
    """The text as indented lines of at most `width` columns; one line where that is None."""
    if width is None:
        return [INDENT + text]
    return textwrap.wrap(
        text, width, initial_indent=INDENT, subsequent_indent=INDENT, break_long_words=False, break_on_hyphens=False
    )


def printable(text: str) -> str:
    """The text without what a terminal would obey instead of show: ids come from documents, and XML allows C1 controls."""
    return "".join(one if one.isprintable() else "�" for one in text)


def as_json(
    record: MessageRecord, timeline: Sequence[TimelineEntry] = (), attachments: Sequence[Attachment] = ()
) -> dict[str, Any]:
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
        "attachments": [shown(one) for one in attachments],
    }
