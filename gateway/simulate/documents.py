"""The documents that a simulated system writes: letters about a patient who does not exist, and receipts for what it was sent.

A reply is about the patient of the letter that it answers. Everything is written by `schemas.writer`, which lets nothing out that
its own schemas do not accept.
"""

from __future__ import annotations

from datetime import UTC, datetime

from lxml import etree

from gateway.clock import new_medcom_id, new_vans_id
from schemas.carried import Carried, InVans, carried
from schemas.document import examine_document
from schemas.messages import (
    Envelope,
    LetterReference,
    Original,
    Party,
    Receipt,
    ReceiptContent,
    ReceiptKind,
    RefuseCode,
)
from schemas.reader import read
from schemas.validator import Schemas
from schemas.vans import DocumentFormat, EndPoint, MetaInformation, VansEnvelope, VansMessage
from schemas.vansreceipts import to_vans
from schemas.vanswriter import wrap
from schemas.writer import Patient, write_correspondence, write_receipt

# A replacement number (X-eCPR), so that it can be nobody's CPR number. SYNTHETIC.
SYNTHETIC_PATIENT = Patient(identifier="0101901AA1", surname="Testesen", given_name="Ane Prøve", status="indlagt")

_LONGEST_SUBJECT = 70
_LONGEST_NAME = 35
_LONGEST_TEXT = 350


def party(gln: str, organisation: str, unit: str = "") -> Party:
    """A party that is known by its lokationsnummer."""
    return Party(gln, gln, "lokationsnummer", organisation[:_LONGEST_NAME], "", unit[:_LONGEST_NAME])


def letter(
    schemas: Schemas,
    sender: Party,
    receiver: Party,
    heading: str,
    text: str,
    *,
    thread: str | None = None,
    patient: Patient = SYNTHETIC_PATIENT,
) -> bytes:
    """An XDIS91 with ids of its own that asks for a positive receipt. Raises ValueError for what the schema does not allow."""
    return write_correspondence(
        schemas,
        sender=sender,
        receiver=receiver,
        patient=patient,
        subject=heading[:_LONGEST_SUBJECT] or None,
        text=text,
        envelope_id=new_medcom_id(),
        letter_id=new_medcom_id(),
        sent_at=datetime.now(UTC),
        thread=thread,
    )


def answer(envelope: Envelope, kind: ReceiptKind, code: RefuseCode | None = None, text: str | None = None) -> ReceiptContent:
    """What a receipt for this envelope says: all of its letters, or the envelope alone where a letter has no version to name."""
    first = envelope.first
    letters = tuple(LetterReference(one.identifier, one.version) for one in envelope.letters)
    named = letters if all(one.version for one in letters) else ()
    original = Original(envelope.identifier, first.sender.ean, first.receiver.ean, named)
    return ReceiptContent(kind, original, code, text[:_LONGEST_TEXT] if text else None)


def receipt(schemas: Schemas, content: ReceiptContent, sender: str, in_vans: InVans | None) -> bytes:
    """The receipt with ids of its own, from `sender` (a lokationsnummer) to the sender of what it is about, and in its form."""
    now, to = datetime.now(UTC), content.original.sender
    if in_vans is None:
        return write_receipt(Receipt(content, new_medcom_id(), new_medcom_id(), sender, to, now), schemas)
    return wrap(to_vans(Receipt(content, new_vans_id(), "", sender, to, now), in_vans.meta), schemas)


def enveloped(schemas: Schemas, document: bytes) -> bytes:
    """A letter in a VANSEnvelope of its own, from its sender to its receiver. Raises ValueError for what is no letter."""
    envelope = known(schemas, document).envelope
    if envelope is None:
        raise ValueError("no letter that can be put into a VANSEnvelope")
    first = envelope.first
    meta = MetaInformation(new_vans_id(), DocumentFormat.XML, f"MCM:{first.type}", len(document), first.version)
    ends = EndPoint(first.sender.ean), EndPoint(first.receiver.ean)
    return wrap(VansEnvelope(*ends, new_vans_id(), datetime.now(UTC), VansMessage(meta, document)), schemas)


def known(schemas: Schemas, document: bytes) -> Carried:
    """What a document is, bare or in a VANSEnvelope."""
    return carried(examine_document(document, schemas))


def patient_of(schemas: Schemas, document: bytes) -> Patient:
    """The patient that a letter is about; the synthetic one where it names none."""
    payload = examine_document(document, schemas).payload
    root = read(payload.data if payload else document).root
    element = None if root is None else root.find(".//{*}Patient")
    if element is None:
        return SYNTHETIC_PATIENT
    return Patient(
        identifier=_text(element, "CivilRegistrationNumber") or _text(element, "AlternativeIdentifier"),
        surname=_text(element, "PersonSurnameName"),
        given_name=_text(element, "PersonGivenName"),
        status=_text(element, "EpisodeOfCareStatusCode"),
    )


def _text(element: etree._Element, name: str) -> str:
    return element.findtext(f"{{*}}{name}") or ""
