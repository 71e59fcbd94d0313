"""The writer: receipts and correspondence that are valid, and refusals of values that would not be."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from schemas.examine import examine
from schemas.messages import LetterReference, Original, Receipt, ReceiptContent, ReceiptKind, RefuseCode
from schemas.writer import Patient, write_receipt
from tests.unit.schemas.documents import HOSPITAL, KOMMUNE, XCTL, correspondence

ORIGINAL = Original("KUVERT1", HOSPITAL.ean, KOMMUNE.ean, (LetterReference("BREV1", "XD9134L"),))
POSITIVE = ReceiptContent(ReceiptKind.POSITIVE, ORIGINAL)
NEGATIVE = ReceiptContent(
    ReceiptKind.NEGATIVE_VANS, ORIGINAL, RefuseCode.UNKNOWN_ADDRESS, "Lokationsnummeret findes ikke.\nRet det, og send igen € æøå."
)  # fmt: skip


def receipt(content: ReceiptContent) -> Receipt:
    """A receipt of that content, from the kommune to the hospital, in Danish summer time."""
    return Receipt(content, "KVIT1", "KVITBREV1", KOMMUNE.ean, HOSPITAL.ean, datetime(2026, 6, 30, 22, 30, tzinfo=UTC))


@pytest.mark.parametrize("kind", list(ReceiptKind))
def test_a_receipt_is_valid_and_says_what_it_was_given(schemas, kind):
    """Each receipt is valid, is of its own type and version, asks for no receipt, and reads back to the same content."""
    content = POSITIVE if kind.positive else replace(NEGATIVE, kind=kind)
    raw = write_receipt(receipt(content), schemas)
    found = examine(raw, schemas)
    assert (found.valid, found.type) == (True, kind.value)
    assert [one.code for one in found.findings] == ([] if kind.positive else ["edifact-characters"])  # the euro sign
    assert found.envelope.first.receipt == content
    assert (found.envelope.identifier, found.envelope.first.identifier) == ("KVIT1", "KVITBREV1")
    assert (found.envelope.first.sender.ean, found.envelope.first.receiver.ean) == (KOMMUNE.ean, HOSPITAL.ean)
    assert not found.envelope.wants_receipt
    assert found.envelope.sent_at == datetime(2026, 6, 30, 22, 30, tzinfo=UTC)


def test_a_receipt_has_the_form_that_danish_systems_read(schemas):
    """ISO-8859-1 with a declaration, namespace 2005/08/07, Danish local time, the refusal on the envelope, Break for a newline."""
    raw = write_receipt(receipt(NEGATIVE), schemas)
    text = raw.decode("iso-8859-1")
    assert raw.startswith(b"<?xml version='1.0' encoding='ISO-8859-1'?>")
    assert f'<Emessage xmlns="{XCTL}">' in text
    assert "<Date>2026-07-01</Date><Time>00:30</Time>" in text
    assert "<StatisticalCode>XCTL01</StatisticalCode>" in text
    assert "<RefuseCode>ukendt_lokationsnummer</RefuseCode><RefuseText>Lokationsnummeret findes ikke.<Break/>Ret" in text
    assert "&#8364; æøå.</RefuseText><OriginalLetter>" in text


def test_a_refusal_with_the_letter_alone_is_read_too(schemas):
    """A receipt that refuses one letter, and not the envelope, shows that letter's code and text."""
    text = write_receipt(receipt(NEGATIVE), schemas).decode("iso-8859-1")
    start, end = text.index("<RefuseCode>"), text.index("<OriginalLetter>")
    moved = text[:start] + text[end:].replace("</OriginalLetter>", text[start:end] + "</OriginalLetter>")
    found = examine(moved.encode("iso-8859-1"), schemas)
    assert found.valid
    assert found.envelope.first.receipt == NEGATIVE


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        (replace(receipt(POSITIVE), envelope_id="K" * 15), "value-too-long at /Emessage/Envelope/Identifier"),
        (replace(receipt(POSITIVE), sender=""), "value-empty at /Emessage/PositiveReceipt"),
        (receipt(replace(POSITIVE, refuse_code=RefuseCode.SYNTAX)), "element-unexpected at"),
        (receipt(replace(POSITIVE, original=replace(ORIGINAL, letters=ORIGINAL.letters * 100))), "element-too-many at"),
        (receipt(replace(POSITIVE, original=replace(ORIGINAL, letters=(LetterReference("B", ""),)))), "value-empty at"),
        (replace(receipt(POSITIVE), sent_at=datetime(2026, 1, 1)), "sent_at must be aware"),  # noqa: DTZ001
        (receipt(replace(NEGATIVE, refuse_text="\x00")), "XML compatible"),
    ],
)
def test_no_receipt_leaves_that_is_not_valid(schemas, broken, code):
    """Values that make no valid receipt raise, naming the finding."""
    with pytest.raises(ValueError, match=code):
        write_receipt(broken, schemas)


@pytest.mark.parametrize("encoding", ["ISO-8859-1", "windows-1252", "UTF-8"])
def test_correspondence_is_valid_in_each_encoding(schemas, encoding):
    """The same message is written in each encoding that is asked for, without a character lost."""
    raw = correspondence(schemas, encoding=encoding, subject="Æblegrød € 中")
    found = examine(raw, schemas)
    assert encoding.lower().encode() in raw[:60].lower()
    assert (found.valid, found.envelope.first.subject) == (True, "Æblegrød € 中")
    assert [one.code for one in found.findings] == ["edifact-characters"]


def test_correspondence_takes_a_replacement_cpr_number(schemas):
    """A person without a CPR number is named by a replacement number."""
    raw = correspondence(schemas, patient=Patient("010101TST0", "Testesen"))
    assert b"<AlternativeIdentifier>010101TST0<" in raw


def test_correspondence_that_is_not_valid_raises(schemas):
    """A builder for tests is no way round the schema."""
    with pytest.raises(ValueError, match=r"value-too-long at .*/Subject"):
        correspondence(schemas, subject="x" * 71)
