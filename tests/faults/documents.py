"""The letters and receipts that the fault tests send. SYNTHETIC: the patient is nobody and the units are the shipped register's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from gateway.clock import new_medcom_id
from schemas.examine import examine
from schemas.messages import Envelope, LetterReference, Original, Party, Receipt, ReceiptContent, ReceiptKind, RefuseCode
from schemas.validator import Schemas, load_schemas
from schemas.writer import Patient, write_correspondence, write_receipt

EPJ = "5790009920014"
SKIVE = "5790009911739"
VIBORG = "5790009911838"
NOBODY = "5790009910237"  # in the register, and no partner reads it
_PATIENT = Patient("0101901AA1", "Testesen", "Ane Prøve")


@cache
def schemas() -> Schemas:
    """The schemas, compiled once."""
    return load_schemas()


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter that is handed in: its ids, its receiver, its bytes."""

    envelope_id: str
    letter_id: str
    receiver: str
    body: bytes


def letter(receiver: str, *, sender: str = EPJ, envelope_id: str = "", letter_id: str = "", text: str = "Prøve æøå.") -> Letter:
    """An XDIS91 that asks for a receipt, with new ids where none are given."""
    envelope_id, letter_id = envelope_id or new_medcom_id(), letter_id or new_medcom_id()
    body = write_correspondence(
        schemas(),
        sender=Party(sender, sender, "lokationsnummer", "Afsender (syntetisk)"),
        receiver=Party(receiver, receiver, "lokationsnummer", "Modtager (syntetisk)"),
        patient=_PATIENT,
        subject="Indlæggelse",
        text=text,
        envelope_id=envelope_id,
        letter_id=letter_id,
        sent_at=datetime.now(UTC),
    )
    return Letter(envelope_id, letter_id, receiver, body)


def letters(count: int, *receivers: str) -> list[Letter]:
    """So many letters to the receivers in turn."""
    return [letter(receivers[number % len(receivers)]) for number in range(count)]


def envelope_of(body: bytes) -> Envelope:
    """The envelope of a document that is known to be good."""
    envelope = examine(body, schemas()).envelope
    assert envelope is not None
    return envelope


def receipt_for(body: bytes, kind: ReceiptKind = ReceiptKind.POSITIVE) -> bytes:
    """The receipt of the letter's receiver for all that is in the envelope, with ids of its own."""
    envelope = envelope_of(body)
    first = envelope.first
    named = tuple(LetterReference(one.identifier, one.version) for one in envelope.letters)
    original = Original(envelope.identifier, first.sender.ean, first.receiver.ean, named)
    refusal = (None, None) if kind.positive else (RefuseCode.UNSPECIFIED, "Afvist på prøve.")
    content = ReceiptContent(kind, original, *refusal)
    ids = new_medcom_id(), new_medcom_id()
    return write_receipt(Receipt(content, *ids, first.receiver.ean, first.sender.ean, datetime.now(UTC)), schemas())
