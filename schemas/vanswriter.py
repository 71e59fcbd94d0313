"""A VANSEnvelope as bytes: UTF-8, the sent time in Danish time with its offset, the payload in base64 on one line.

Everything written is judged by the schema before it leaves. Data is judged empty and filled in afterwards: its text is base64 because
it is made here, and a tree would hold it several times over.
"""

from __future__ import annotations

import copy
from datetime import datetime

from lxml import etree

from schemas.letters import DANISH_TIME
from schemas.validator import Schemas
from schemas.vans import (
    NAMESPACE,
    RECEIPT_ELEMENTS,
    EndPoint,
    MetaInformation,
    Transport,
    VansEnvelope,
    VansMessage,
    VansReceipt,
)
from schemas.vansexamine import mend_ids
from schemas.vanspayload import filled

_V = f"{{{NAMESPACE}}}"


def wrap(envelope: VansEnvelope, schemas: Schemas) -> bytes:
    """The envelope with its message or its receipt, valid by VANSEnvelope 1.0.4.

    A receipt names the ids of its original as they came, so those alone need not be UUIDs. Raises ValueError naming the finding
    where the values make no valid envelope, and where a payload's `size` is not its length.
    """
    content = envelope.content
    if content is None or envelope.sent_at is None:
        raise ValueError("an envelope that is sent has a content and a time of sending")
    root = etree.Element(f"{_V}VANSEnvelope", nsmap={None: NAMESPACE})  # type: ignore[dict-item]  # the stubs lack None
    _end_point(root, "SenderID", envelope.sender)
    _end_point(root, "ReceiverID", envelope.receiver)
    _add(root, "EnvelopeIdentifier", envelope.identifier)
    _add(root, "SentDateTime", _moment(envelope.sent_at))
    if isinstance(content, VansReceipt):
        _receipt(_add(root, "Receipt"), content)
        return _checked(root, schemas)
    return filled(_message(root, content, schemas), b"Data", content.data)


def _message(root: etree._Element, content: VansMessage, schemas: Schemas) -> bytes:
    if content.meta.size != len(content.data):
        raise ValueError("size is not the payload's length in bytes")
    message = _add(root, "Message")
    _meta(_add(message, "MetaInformation"), content.meta)
    _add(message, "Data")
    return _checked(root, schemas)


def _receipt(parent: etree._Element, receipt: VansReceipt) -> None:
    said = _add(parent, RECEIPT_ELEMENTS[receipt.kind])
    if receipt.error_code is not None or receipt.description is not None:
        error = _add(said, "Error")
        if receipt.error_code is not None:
            _add(error, "Code", str(receipt.error_code))
        if receipt.description is not None:
            _add(error, "Description", receipt.description)
    _add(said, "OriginalEnvelopeIdentifier", receipt.original_envelope_id)
    if receipt.original is not None:
        _meta(_add(said, "OriginalMessage"), receipt.original)


def _meta(parent: etree._Element, meta: MetaInformation) -> None:
    _add(parent, "Identifier", meta.identifier)
    if meta.processing is not None:
        processing = _add(parent, "Processing")
        _add(processing, "ProviderIdentifier", meta.processing.provider)
        _add(processing, "ServiceIdentifier", meta.processing.service)
    document = _add(parent, "Document")
    _add(document, "Format", meta.format)
    _add(document, "Name", meta.name)
    if meta.version is not None:
        _add(document, "Version", meta.version)
    _add(document, "SizeInBytes", str(meta.size))
    if meta.transport is not None:
        _transport(_add(parent, "Transport"), meta.transport)


def _transport(parent: etree._Element, transport: Transport) -> None:
    if transport.type is not None:
        _add(parent, "Type", transport.type)
    _add(parent, "TransformMessage", "true" if transport.transform else "false")
    for tag in transport.tags:
        _add(parent, "ServiceTag", tag.value).set("name", tag.name)


def _end_point(parent: etree._Element, name: str, point: EndPoint) -> None:
    _add(parent, name, point.identifier).set("EndPointType", point.type)


def _moment(at: datetime) -> str:
    if at.tzinfo is None:
        raise ValueError("sent_at must be aware")
    return at.astimezone(DANISH_TIME).isoformat(timespec="seconds")


def _add(parent: etree._Element, name: str, text: str | None = None) -> etree._Element:
    child = etree.SubElement(parent, f"{_V}{name}")
    child.text = text
    return child


def _checked(root: etree._Element, schemas: Schemas) -> bytes:
    judged = copy.deepcopy(root)
    mend_ids(judged, of_originals=True)
    if not schemas.accepts(judged, NAMESPACE):
        first = schemas.explain(judged, NAMESPACE)[0]
        raise ValueError(f"{first.code} at {first.path}: {first.text_en}")
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)
