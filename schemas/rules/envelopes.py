"""Rules on the envelope: its id, when it says that it was sent, what it asks for, and how its letters are numbered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from schemas.findings import Finding
from schemas.rules.looked import Document, Look, place_of
from schemas.rules.table import applies_to
from schemas.wording import finding

LONG_AGO = 365  # days: more than any follow-up of a message takes
_RECEIPTS = applies_to("receipt-asks-for-receipt")


def envelope(document: Document, looks: Sequence[Look]) -> Iterator[Finding]:
    """All rules on the envelope."""
    values = document.envelope
    if not alphanumeric(values.identifier):
        yield finding("id-not-alphanumeric", *place_of(document.root, "Envelope", "Identifier"))
    if document.on is not None and values.sent_at is not None:
        # UTC's day is the Danish one or the day before it: off by less than the day that clocks are given.
        code = misdated(values.sent_at.date(), document.on)
        if code:
            yield finding(f"sent-{code}", *place_of(document.root, "Envelope", "Sent", "Date"), limit=LONG_AGO)
    if values.wants_receipt and values.first.type in _RECEIPTS:
        yield finding("receipt-asks-for-receipt", *place_of(document.root, "Envelope", "AcknowledgementCode"))
    if len(looks) > 1:
        yield from _repeated(looks)


def alphanumeric(identifier: str) -> bool:
    """Whether an id has letters A-Z and digits alone."""
    return identifier.isascii() and identifier.isalnum()


def misdated(day: date, on: date) -> str:
    """What is wrong with a day that is to be `on` or a while before: `in-future`, `long-ago`, or nothing."""
    age = (on - day).days
    return "in-future" if age < -1 else "long-ago" if age > LONG_AGO else ""


def _repeated(looks: Sequence[Look]) -> Iterator[Finding]:
    seen: set[str] = set()
    for look in looks:
        if look.letter.identifier in seen:
            yield finding("letter-id-repeated", *place_of(look.element, "Letter", "Identifier"))
        seen.add(look.letter.identifier)
