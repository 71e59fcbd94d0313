"""Synthetic documents for the tests of `schemas`: no person, unit or number in them is real."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from schemas.messages import Party
from schemas.validator import Schemas
from schemas.writer import Patient, write_correspondence

CORPUS = Path(__file__).resolve().parents[4] / "shared" / "corpus"
XDIS91 = "http://rep.oio.dk/sundcom.dk/medcom.dk/xml/schemas/2006/07/01/"
XDIS91_2015 = "http://rep.oio.dk/medcom.dk/xml/schemas/2015/08/01/"
XCTL = "http://rep.oio.dk/sundcom.dk/medcom.dk/xml/schemas/2005/08/07/"

HOSPITAL = Party("5790000000005", "1234567", "sygehusafdelingsnummer", "Testhospitalet", "Afdeling Æ", "Afsnit 1")
KOMMUNE = Party("5790000000012", "9999", "kommunenummer", "Testkommunen", "Social og Psykiatri")
PATIENT = Patient("0101010000", "Testesen", "Test")
SENT = datetime(2026, 11, 21, 22, 30, tzinfo=UTC)


def correspondence(schemas: Schemas, **changes: object) -> bytes:
    """A valid XDIS91 in XD9134L, with `changes` to what `write_correspondence` takes."""
    values = {
        "sender": HOSPITAL,
        "receiver": KOMMUNE,
        "patient": PATIENT,
        "subject": "Indlæggelse",
        "text": "Første linje\nAnden linje",
        "envelope_id": "KUVERT1",
        "letter_id": "BREV1",
        "sent_at": SENT,
        "thread": "0123456789ABCDEF0123456789ABCDEF",
        "wants_receipt": True,
    }
    return write_correspondence(schemas, **{**values, **changes})


def as_2015(raw: bytes) -> bytes:
    """The same document in XD9135L."""
    return raw.replace(XDIS91.encode(), XDIS91_2015.encode()).replace(b"XD9134L", b"XD9135L")
