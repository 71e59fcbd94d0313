"""A VANSEnvelope as values: who sends what to whom over the VANS network, and the payload or the receipt that it carries.

VANSEnvelope 1.0.4 (namespace `urn:oio:medcom:vans-envelope:1.0.4`) carries one message of any format, or one receipt for an
envelope. `vansreader` makes these values, `vanswriter` turns them into bytes, and `vansreceipts` leads to and from the receipts
of `messages`. The payload is bytes: what is in it is for others to examine.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from schemas.messages import ReceiptKind

NAMESPACE = "urn:oio:medcom:vans-envelope:1.0.4"

RECEIPT_ELEMENTS = {
    ReceiptKind.NEGATIVE_VANS: "NegativeVans",
    ReceiptKind.NEGATIVE: "NegativeMessage",
    ReceiptKind.POSITIVE: "PositiveMessage",
}
"""The element under Receipt by the kind of receipt that means the same (VANSEnvelope 1.0.4, ReceiptType; MedCom XCTL01-03)."""

_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def is_uuid(identifier: str) -> bool:
    """Whether an id is a UUID. The schema's own pattern lets in more letters than hexadecimal digits have."""
    return _UUID.fullmatch(identifier) is not None


class EndPointType(StrEnum):
    """What an end point's id is: a GLN, a company's CVR number, or a name in the VANS network."""

    EAN = "EAN"
    CVR = "CVR"
    VANS = "VANS"


class DocumentFormat(StrEnum):
    """The five formats of a payload (Document/Format). OIOXML is `XML`, FHIR is `HL7`."""

    XML = "XML"
    EDIFACT = "EDIFACT"
    HL7 = "HL7"
    BINARY = "Binary"
    OTHER = "Other"


class TransportType(StrEnum):
    """Whether the sender is to be told how it went (MedCom, Reliable Messaging using VANSEnvelope, 2.2)."""

    RELIABLE = "reliable"
    UNRELIABLE = "unreliable"


@dataclass(frozen=True, slots=True)
class EndPoint:
    """A sender or receiver in the network: an id of 1..18 characters and what kind of id it is."""

    identifier: str
    type: EndPointType = EndPointType.EAN


@dataclass(frozen=True, slots=True)
class Processing:
    """The provider and the service that are to process the message on its way; 1..255 characters each."""

    provider: str
    service: str


@dataclass(frozen=True, slots=True)
class ServiceTag:
    """A named remark to the network (`MCM:STATISTIC`, `MCM:MIME`); 1..70 characters each."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Transport:
    """How the message is to travel. `transform` allows the network to convert it; `type` None means reliable; 0..5 tags."""

    transform: bool
    type: TransportType | None = None
    tags: tuple[ServiceTag, ...] = ()


@dataclass(frozen=True, slots=True)
class MetaInformation:
    """What an envelope says of its payload, and a receipt of the payload that it is about.

    `identifier` is the message's id: it stays when the message is sent again in a new envelope. `name` is as written, with or
    without the prefix `MCM:`. `size` is the payload's length in bytes before base64.
    """

    identifier: str
    format: DocumentFormat
    name: str
    size: int
    version: str | None = None
    processing: Processing | None = None
    transport: Transport | None = None

    @property
    def reliable(self) -> bool:
        """Whether the receiver must answer with a receipt; the standard's default is that it must."""
        return self.transport is None or self.transport.type is not TransportType.UNRELIABLE

    @property
    def code(self) -> str:
        """The type that `name` says: without `MCM:` and without what stands after `#`, which is for statistics."""
        return self.name.removeprefix("MCM:").partition("#")[0]


@dataclass(frozen=True, slots=True)
class VansMessage:
    """A payload, taken out of its base64 text, and what the envelope says of it."""

    meta: MetaInformation
    data: bytes


@dataclass(frozen=True, slots=True)
class VansReceipt:
    """A receipt for an envelope.

    `original` is None in a NegativeVans alone. `error_code` is above 0 where given; `description` is 1..512 characters. Both are
    None in a positive receipt.
    """

    kind: ReceiptKind
    original_envelope_id: str
    original: MetaInformation | None = None
    error_code: int | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class VansEnvelope:
    """An envelope that could be read.

    `identifier` names this sending and is never used again. `sent_at` is aware UTC (a time without zone is Danish time); None
    where the date is no real date. `content` is None where an envelope that must be refused has neither a whole message nor a whole
    receipt in it.
    """

    sender: EndPoint
    receiver: EndPoint
    identifier: str
    sent_at: datetime | None
    content: VansMessage | VansReceipt | None
