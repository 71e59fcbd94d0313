"""Values to bytes: the three receipts, and a correspondence message for whoever needs one to send.

Everything written is judged by our own schemas before it leaves. ISO-8859-1 with a declaration is what Danish systems read;
a character that it lacks becomes a character reference.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from lxml import etree

from schemas.letters import DANISH_TIME
from schemas.messages import Party, Receipt, ReceiptContent, ReceiptKind
from schemas.validator import Schemas

# A receipt is in this namespace whatever the original's was (MedCom, XCTL01-03, 2005/08/07).
RECEIPTS = "http://rep.oio.dk/sundcom.dk/medcom.dk/xml/schemas/2005/08/07/"
CORRESPONDENCE = "http://rep.oio.dk/sundcom.dk/medcom.dk/xml/schemas/2006/07/01/"

_ROOTS = {
    ReceiptKind.NEGATIVE_VANS: ("NegativeVansReceipt", "XC0130Q"),
    ReceiptKind.NEGATIVE: ("NegativeReceipt", "XC0230Q"),
    ReceiptKind.POSITIVE: ("PositiveReceipt", "XC0330Q"),
}


@dataclass(frozen=True, slots=True)
class Patient:
    """The patient of a correspondence message. `identifier` is a CPR number of ten digits, or a replacement CPR number."""

    identifier: str
    surname: str
    given_name: str = ""
    status: str = "inaktiv"


def write_receipt(receipt: Receipt, schemas: Schemas) -> bytes:
    """An XCTL01, XCTL02 or XCTL03 in ISO-8859-1 that asks for no receipt itself.

    Raises ValueError naming the finding where the values make no valid receipt: ids over their lengths, more than 99 letters, a
    positive receipt that refuses, a character that XML does not have.
    """
    content = receipt.content
    root_name, version = _ROOTS[content.kind]
    root = _emessage(RECEIPTS, receipt.sent_at, receipt.envelope_id, wants_receipt=False)
    letter = _add(root, root_name)
    header = _add(letter, "Letter")
    _add(header, "Identifier", receipt.letter_id)
    _add(header, "VersionCode", version)
    _add(header, "StatisticalCode", content.kind.value)
    _add(_add(letter, "Sender"), "EANIdentifier", receipt.sender)
    _add(_add(letter, "Receiver"), "EANIdentifier", receipt.receiver)
    _original(_add(letter, "OriginalEmessage"), content)
    return _checked(root, RECEIPTS, schemas, "ISO-8859-1")


def write_correspondence(
    schemas: Schemas,
    *,
    sender: Party,
    receiver: Party,
    patient: Patient,
    subject: str | None,
    text: str,
    envelope_id: str,
    letter_id: str,
    sent_at: datetime,
    thread: str | None = None,
    wants_receipt: bool = True,
    encoding: str = "ISO-8859-1",
) -> bytes:
    """An XDIS91 of version XD9134L. Newlines in `text` become Break; `sent_at` is aware.

    `encoding` is ISO-8859-1, windows-1252 or UTF-8. Raises ValueError naming the finding where the values make no valid
    message.
    """
    root = _emessage(CORRESPONDENCE, sent_at, envelope_id, wants_receipt=wants_receipt)
    letter = _add(root, "ClinicalEmail")
    header = _add(letter, "Letter")
    _add(header, "Identifier", letter_id)
    _add(header, "VersionCode", "XD9134L")
    _add(header, "StatisticalCode", "XDIS91")
    _moment(_add(header, "Authorisation"), sent_at)
    _add(header, "TypeCode", "XDIS91")
    _add(header, "StatusCode", "nytbrev")
    _add_given(header, "EpisodeOfCareIdentifier", thread)
    _party(_add(letter, "Sender"), sender)
    _party(_add(letter, "Receiver"), receiver)
    _patient(_add(letter, "Patient"), patient)
    if subject is not None:
        _add(_add(letter, "AdditionalInformation"), "Subject", subject)
    _breakable(_add(_add(letter, "ClinicalInformation"), "Text01"), text)
    return _checked(root, CORRESPONDENCE, schemas, encoding)


def _emessage(namespace: str, sent_at: datetime, identifier: str, *, wants_receipt: bool) -> etree._Element:
    root = etree.Element(f"{{{namespace}}}Emessage", nsmap={None: namespace})  # type: ignore[dict-item]  # the stubs lack None
    envelope = _add(root, "Envelope")
    _moment(_add(envelope, "Sent"), sent_at)
    _add(envelope, "Identifier", identifier)
    _add(envelope, "AcknowledgementCode", "pluspositivkvitt" if wants_receipt else "minuspositivkvitt")
    return root


def _moment(parent: etree._Element, at: datetime) -> None:
    if at.tzinfo is None:
        raise ValueError("sent_at must be aware")
    local = at.astimezone(DANISH_TIME)
    _add(parent, "Date", f"{local:%Y-%m-%d}")
    _add(parent, "Time", f"{local:%H:%M}")


def _original(parent: etree._Element, content: ReceiptContent) -> None:
    original = content.original
    _add(parent, "OriginalEnvelopeIdentifier", original.envelope_id)
    _add(_add(parent, "OriginalSender"), "EANIdentifier", original.sender)
    _add(_add(parent, "OriginalReceiver"), "EANIdentifier", original.receiver)
    if content.refuse_code is not None:
        _add(parent, "RefuseCode", content.refuse_code.value)
    if content.refuse_text is not None:
        _breakable(_add(parent, "RefuseText"), content.refuse_text)
    for reference in original.letters:
        letter = _add(parent, "OriginalLetter")
        _add(letter, "OriginalLetterIdentifier", reference.identifier)
        _add(letter, "OriginalVersionCode", reference.version)


def _party(parent: etree._Element, party: Party) -> None:
    _add(parent, "EANIdentifier", party.ean)
    _add(parent, "Identifier", party.identifier)
    _add(parent, "IdentifierCode", party.identifier_code)
    _add_given(parent, "OrganisationName", party.organisation)
    _add_given(parent, "DepartmentName", party.department)
    _add_given(parent, "UnitName", party.unit)


def _patient(parent: etree._Element, patient: Patient) -> None:
    name = "CivilRegistrationNumber" if patient.identifier.isdecimal() else "AlternativeIdentifier"
    _add(parent, name, patient.identifier)
    _add(parent, "PersonSurnameName", patient.surname)
    _add_given(parent, "PersonGivenName", patient.given_name)
    _add(parent, "EpisodeOfCareStatusCode", patient.status)


def _add(parent: etree._Element, name: str, text: str | None = None) -> etree._Element:
    child = etree.SubElement(parent, f"{{{etree.QName(parent).namespace}}}{name}")
    child.text = text
    return child


def _add_given(parent: etree._Element, name: str, text: str | None) -> None:
    if text:
        _add(parent, name, text)


def _breakable(parent: etree._Element, text: str) -> None:
    parent.text, *lines = text.split("\n")
    for line in lines:
        _add(parent, "Break").tail = line


def _checked(root: etree._Element, namespace: str, schemas: Schemas, encoding: str) -> bytes:
    if not schemas.accepts(root, namespace):
        first = schemas.explain(root, namespace)[0]
        raise ValueError(f"{first.code} at {first.path}: {first.text_en}")
    return cast("bytes", etree.tostring(root, encoding=encoding, xml_declaration=True))
