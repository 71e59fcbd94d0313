"""The documents of the stories: letters about a patient who does not exist, between addresses of the synthetic register."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from functools import cache
from typing import Any

from schemas.examine import examine
from schemas.messages import LetterReference, Original, Party, Receipt, ReceiptContent, ReceiptKind, RefuseCode
from schemas.validator import Schemas, load_schemas
from schemas.writer import Patient, write_correspondence, write_receipt

EPJ = "5790009920014"  # Regionspsykiatrien Midt
SKIVE = "5790009911739"  # Skive, Social og Psykiatri
RANDERS = "5790009910930"  # Randers, Social og Psykiatri
CLOSED = "5790009940012"  # Silkeborg, Voksenpsykiatri, until 2025
SUCCESSOR = "5790009911036"
UNKNOWN = "5790009999999"
OTHER_HOSPITAL = "5790009920021"

# A replacement CPR number, which no person has.
PATIENT = Patient("0101901AA1", "Testesen", "Ane Prøve", "indlagt")
TEXT = "Borgeren er indlagt i nat.\nSYNTETISK: hverken person eller hændelse findes."


@cache
def schemas() -> Schemas:
    """The schemas, compiled once for the session."""
    return load_schemas()


def fresh_id() -> str:
    """An envelope or letter id of 14 characters that was not used before."""
    return secrets.token_hex(7).upper()


def letter(**changes: Any) -> bytes:
    """An admission from the hospital to Skive with ids of its own, unless told otherwise. `sender` and `receiver` are addresses."""
    sender, receiver = changes.pop("sender", EPJ), changes.pop("receiver", SKIVE)
    values: dict[str, Any] = {
        "sender": Party(sender, sender, "lokationsnummer", "Testhospitalet"),
        "receiver": Party(receiver, receiver, "lokationsnummer", "Testkommunen"),
        "patient": PATIENT,
        "subject": "Indlæggelse",
        "text": TEXT,
        "envelope_id": fresh_id(),
        "letter_id": fresh_id(),
        "sent_at": datetime(2026, 11, 21, 1, 15, tzinfo=UTC),
        "thread": None,
    }
    return write_correspondence(schemas(), **(values | changes))


def receipt(document: bytes, kind: ReceiptKind = ReceiptKind.POSITIVE, *, sender: str = SKIVE, **changes: Any) -> bytes:
    """A receipt for a document, from `sender` to the document's sender. `changes` are of `Original`."""
    envelope = examine(document, schemas()).envelope
    assert envelope is not None
    original = {
        "envelope_id": envelope.identifier,
        "sender": envelope.first.sender.ean,
        "receiver": envelope.first.receiver.ean,
        "letters": tuple(LetterReference(one.identifier, one.version) for one in envelope.letters),
    }
    code, text = (None, None) if kind.positive else (RefuseCode.UNSPECIFIED, "Syntetisk afvisning.")
    content = ReceiptContent(kind, Original(**(original | changes)), code, text)
    to = content.original.sender
    return write_receipt(Receipt(content, fresh_id(), fresh_id(), sender, to, datetime.now(UTC)), schemas())


def receipt_in(document: bytes) -> ReceiptContent:
    """What a receipt says, which must be valid."""
    examination = examine(document, schemas())
    assert examination.valid, examination.findings
    assert examination.envelope is not None
    content = examination.envelope.first.receipt
    assert content is not None
    return content
