"""A parsed VANSEnvelope to values.

Reading asks less than the schema does: whatever is broken elsewhere, an envelope whose id and parties can be read is read, so that its
sender can be told.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from lxml import etree

from schemas.letters import DANISH_TIME
from schemas.vans import (
    NAMESPACE,
    RECEIPT_ELEMENTS,
    DocumentFormat,
    EndPoint,
    EndPointType,
    MetaInformation,
    Processing,
    ServiceTag,
    Transport,
    TransportType,
    VansEnvelope,
    VansMessage,
    VansReceipt,
)

LONGEST_ID = 70
"""Characters of an id that is no UUID. The longest seen has 13; a longer one is the schema's to refuse."""

_V = f"{{{NAMESPACE}}}"
_BLANK = " \t\r\n"
_SPACE = re.compile(f"[{_BLANK}]+")
_WHOLE = re.compile(r"([+-]?)0*([0-9]{1,18})")
_TEXT = 255
_DESCRIPTION = 512


def read_vans(root: etree._Element, data: bytes | None) -> VansEnvelope | None:
    """The envelope with its payload, or None where its id or a party is missing or too long.

    `data` is the payload, decoded already, and None where it could not be.
    """
    sender, receiver = _end_point(root.find(f"{_V}SenderID")), _end_point(root.find(f"{_V}ReceiverID"))
    identifier = _id(root, "EnvelopeIdentifier")
    if sender is None or receiver is None or not identifier:
        return None
    message, receipt = root.find(f"{_V}Message"), root.find(f"{_V}Receipt")
    content: VansMessage | VansReceipt | None = None
    if message is not None:
        meta = _meta(message.find(f"{_V}MetaInformation"))
        content = VansMessage(meta, data) if meta is not None and data is not None else None
    elif receipt is not None:
        content = _receipt(receipt)
    return VansEnvelope(sender, receiver, identifier, _sent_at(root.findtext(f"{_V}SentDateTime")), content)


def _end_point(element: etree._Element | None) -> EndPoint | None:
    if element is None:
        return None
    identifier = " ".join(_SPACE.split((element.text or "").strip(_BLANK)))  # the type is a token
    kind = next((kind for kind in EndPointType if kind == element.get("EndPointType")), None)
    return EndPoint(identifier, kind) if kind is not None and 0 < len(identifier) <= 18 else None


def _meta(element: etree._Element | None) -> MetaInformation | None:
    document = None if element is None else element.find(f"{_V}Document")
    if element is None or document is None:
        return None
    identifier, name = _id(element, "Identifier"), _text(document, "Name")
    form = next((form for form in DocumentFormat if form == document.findtext(f"{_V}Format")), None)
    size = whole(document.findtext(f"{_V}SizeInBytes"))
    if not identifier or not name or form is None or size is None:
        return None
    processing = element.find(f"{_V}Processing")
    return MetaInformation(
        identifier=identifier,
        format=form,
        name=name,
        size=size,
        version=_text(document, "Version") or None,
        processing=None if processing is None else _processing(processing),
        transport=_transport(element.find(f"{_V}Transport")),
    )


def _processing(element: etree._Element) -> Processing:
    return Processing(_text(element, "ProviderIdentifier"), _text(element, "ServiceIdentifier"))


def _transport(element: etree._Element | None) -> Transport | None:
    if element is None:
        return None
    kind = element.findtext(f"{_V}Type")
    return Transport(
        transform=(element.findtext(f"{_V}TransformMessage") or "").strip() in {"true", "1"},
        type=next((known for known in TransportType if known == kind), None),
        tags=tuple(ServiceTag(tag.get("name", ""), tag.text or "") for tag in element.findall(f"{_V}ServiceTag")[:5]),
    )


def _receipt(element: etree._Element) -> VansReceipt | None:
    found = ((kind, element.find(f"{_V}{name}")) for kind, name in RECEIPT_ELEMENTS.items())
    kind, said = next(((kind, said) for kind, said in found if said is not None), (None, None))
    original_id = "" if said is None else _id(said, "OriginalEnvelopeIdentifier")
    if kind is None or said is None or not original_id:
        return None
    error = said.find(f"{_V}Error")
    return VansReceipt(
        kind=kind,
        original_envelope_id=original_id,
        original=_meta(said.find(f"{_V}OriginalMessage")),
        error_code=None if error is None else whole(error.findtext(f"{_V}Code")),
        description=None if error is None else _text(error, "Description", _DESCRIPTION) or None,
    )


def readable(identifier: str | None) -> bool:
    """Whether an id can be used, UUID or not: it has characters, and not too many."""
    return 0 < len((identifier or "").strip()) <= LONGEST_ID


def whole(written: str | None) -> int | None:
    """A number as XML Schema writes it; None for none, and above 18 digits."""
    match = _WHOLE.fullmatch((written or "").strip(_BLANK))
    return int(match[1] + match[2]) if match else None


def _id(parent: etree._Element, name: str) -> str:
    """An id without white space around it; "" where there is none, or one that is too long."""
    written = parent.findtext(f"{_V}{name}")
    return (written or "").strip() if readable(written) else ""


def _text(parent: etree._Element, name: str, longest: int = _TEXT) -> str:
    written = parent.findtext(f"{_V}{name}") or ""
    return written if len(written) <= longest else ""


def _sent_at(written: str | None) -> datetime | None:
    """A time without zone is Danish; 24:00 and years of more than four digits, which XML Schema has, are none here."""
    try:
        at = datetime.fromisoformat((written or "").strip(_BLANK))
        return (at if at.tzinfo else at.replace(tzinfo=DANISH_TIME)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
