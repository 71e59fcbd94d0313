"""Synthetic VANSEnvelopes for the tests of `schemas`: no person, unit or number in them is real."""

from __future__ import annotations

from datetime import UTC, datetime

from schemas.vans import (
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
from tests.unit.schemas.documents import HOSPITAL, KOMMUNE

ENVELOPE_ID = "0f4f3c1e-7a51-4d8e-9c55-2f6a1b0c9d01"
MESSAGE_ID = "7f0c2a90-11d2-4b7e-8e0a-5b1f33a7c202"
RECEIPT_ID = "3b9d6c48-52aa-4f0b-a1de-90c4e8f7d303"
SENT = datetime(2026, 6, 30, 22, 30, 15, tzinfo=UTC)
TRANSPORT = Transport(False, TransportType.RELIABLE, (ServiceTag("MCM:STATISTIC", "manual"),))


def meta(data: bytes, **changes: object) -> MetaInformation:
    """What an envelope says of `data`, as of an XDIS91 unless told otherwise."""
    values: dict[str, object] = {
        "identifier": MESSAGE_ID,
        "format": DocumentFormat.XML,
        "name": "MCM:XDIS91",
        "size": len(data),
        "version": "XD9134L",
        "processing": Processing("TESTNET", "konvertering"),
        "transport": TRANSPORT,
    }
    return MetaInformation(**{**values, **changes})


def message(data: bytes, **changes: object) -> VansEnvelope:
    """An envelope from the hospital to the kommune with that payload."""
    return envelope(VansMessage(meta(data, **changes), data))


def envelope(content: VansMessage | VansReceipt) -> VansEnvelope:
    """An envelope from the hospital to the kommune."""
    return VansEnvelope(
        EndPoint(HOSPITAL.ean, EndPointType.EAN), EndPoint(KOMMUNE.ean, EndPointType.EAN), ENVELOPE_ID, SENT, content
    )
