"""Writing a VANSEnvelope, and receipts on their way from one form to the other."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from lxml import etree

from schemas.examine import examine
from schemas.messages import LetterReference, Original, Receipt, ReceiptContent, ReceiptKind, RefuseCode
from schemas.vans import NAMESPACE, EndPoint, EndPointType, ServiceTag, Transport, VansReceipt
from schemas.vansexamine import unwrap
from schemas.vansreceipts import ERROR_CODES, UNEXPLAINED, about_envelope, about_letters, from_vans, to_vans
from schemas.vanswriter import wrap
from schemas.writer import write_receipt
from tests.unit.schemas.documents import HOSPITAL, KOMMUNE, correspondence
from tests.unit.schemas.vans_documents import ENVELOPE_ID, MESSAGE_ID, RECEIPT_ID, SENT, envelope, message, meta

ORIGINAL = Original(ENVELOPE_ID, HOSPITAL.ean, KOMMUNE.ean, (LetterReference(MESSAGE_ID, "XD9134L"),))
REFUSED = ReceiptContent(ReceiptKind.NEGATIVE, ORIGINAL, RefuseCode.SYNTAX, "Feltet mangler.\nRet det: æøå €.")
TAKEN = ReceiptContent(ReceiptKind.POSITIVE, ORIGINAL)
META = meta(b"x")


def receipt(content):
    """A receipt from the kommune to the hospital."""
    return Receipt(content, RECEIPT_ID, RECEIPT_ID, KOMMUNE.ean, HOSPITAL.ean, SENT)


def test_an_envelope_has_the_form_that_the_network_reads(schemas):
    """UTF-8 with a declaration, Danish time with its offset, base64 on one line: and all of it valid with the payload in place."""
    raw = wrap(message(b"abc" * 300_000), schemas)
    assert raw.startswith(b"<?xml version='1.0' encoding='UTF-8'?>\n<VANSEnvelope xmlns=")
    assert b"<SentDateTime>2026-07-01T00:30:15+02:00<" in raw
    assert b"<Data>YWJj" in raw
    assert raw.count(b"\n") == 1
    root = etree.fromstring(raw)
    assert len(root.findtext(f".//{{{NAMESPACE}}}Data")) == 1_200_000
    assert schemas.accepts(root, NAMESPACE)


@pytest.mark.parametrize("kind", list(ReceiptKind))
@pytest.mark.parametrize("original", [META, None], ids=["message", "envelope"])
def test_the_three_receipts_read_back(schemas, kind, original):
    """Each receipt is valid and comes out as it went in; only the network's own may leave the message unnamed."""
    said = VansReceipt(kind, ENVELOPE_ID, original)
    if not kind.positive:
        said = replace(said, error_code=7, description="Linje 1\nLinje 2 æøå <&>")
    if original is None and kind is not ReceiptKind.NEGATIVE_VANS:
        with pytest.raises(ValueError, match=r"element-missing at .*: OriginalMessage is missing here\."):
            wrap(envelope(said), schemas)
        return
    found = unwrap(wrap(envelope(said), schemas), schemas)
    assert (found.valid, found.schema_valid, found.findings) == (True, True, ())
    assert found.envelope == envelope(said)


def test_a_receipt_names_ids_as_they_came(schemas):
    """An original whose ids are no UUIDs is answered by those ids: the answer could not be told otherwise."""
    said = VansReceipt(ReceiptKind.POSITIVE, "EPIC000000001", replace(META, identifier="EPIC000000002"))
    found = unwrap(wrap(envelope(said), schemas), schemas)
    assert (found.valid, found.schema_valid, found.envelope.content) == (True, False, said)
    assert [one.code for one in found.findings] == ["vans-id-not-uuid"] * 2


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        (replace(message(b""), identifier="KUVERT1"), "value-pattern at /VANSEnvelope/EnvelopeIdentifier"),
        (message(b"", identifier="BREV1"), "value-pattern at /VANSEnvelope/Message/MetaInformation/Identifier"),
        (message(b"", size=1), "size is not the payload's length"),
        (message(b"", name=""), "value-empty at .*/Name"),
        (message(b"", transport=Transport(True, None, (ServiceTag("a", "b"),) * 6)), "element-too-many at .*/ServiceTag"),
        (replace(message(b""), sender=EndPoint("5" * 19)), "value-too-long at /VANSEnvelope/SenderID"),
        (replace(message(b""), content=None), "has a content"),
        (replace(message(b""), sent_at=None), "a time of sending"),
        (replace(message(b""), sent_at=datetime(2026, 1, 1)), "sent_at must be aware"),  # noqa: DTZ001
        (envelope(VansReceipt(ReceiptKind.NEGATIVE, ENVELOPE_ID, META)), "element-missing at .*: Error"),
        (envelope(VansReceipt(ReceiptKind.NEGATIVE, ENVELOPE_ID, META, 0, "x")), "value-number at .*/Code"),
        (envelope(VansReceipt(ReceiptKind.POSITIVE, ENVELOPE_ID, META, None, "x")), "element-unexpected at .*/Error"),
        (envelope(VansReceipt(ReceiptKind.POSITIVE, "", META)), "value-pattern at .*/OriginalEnvelopeIdentifier"),
        (message(b"", name="\x00"), "XML compatible"),
    ],
)
def test_no_envelope_leaves_that_is_not_valid(schemas, broken, why):
    """Values that make no valid envelope raise, naming the finding."""
    with pytest.raises(ValueError, match=why):
        wrap(broken, schemas)


@pytest.mark.parametrize("kind", list(ReceiptKind))
def test_a_receipt_goes_to_the_other_form_and_back(schemas, kind):
    """What an XCTL says is said by the envelope's receipt of the same meaning, and is the same when it is read again."""
    content = TAKEN if kind.positive else replace(REFUSED, kind=kind)
    found = unwrap(wrap(to_vans(receipt(content), META), schemas), schemas)
    assert found.valid
    assert found.envelope.content.kind is kind
    assert from_vans(found.envelope) == receipt(content)


def test_a_refusal_is_told_by_word_and_number():
    """Description begins with the RefuseCode's word, and Code is the word's number."""
    said = to_vans(receipt(REFUSED), META).content
    assert (said.error_code, said.description) == (5, "syntaksfejl: Feltet mangler.\nRet det: æøå €.")
    assert sorted(ERROR_CODES.values()) == [1, 2, 3, 4, 5]
    assert set(ERROR_CODES) == set(RefuseCode)


@pytest.mark.parametrize(
    ("number", "description", "code", "text"),
    [
        (5, "syntaksfejl: x: y", RefuseCode.SYNTAX, "x: y"),
        (5, "syntaksfejl", RefuseCode.SYNTAX, None),
        (5, "syntaksfejl: ", RefuseCode.SYNTAX, ""),
        (None, "syntaksfejl: x", None, "syntaksfejl: x"),
        (4, "syntaksfejl: x", None, "syntaksfejl: x"),
        (5, "Fejl i felt: x", None, "Fejl i felt: x"),
        (5, "syntaksfejl!", None, "syntaksfejl!"),
        (900, "Ukendt modtager", None, "Ukendt modtager"),
        (5, None, None, None),
    ],
)
def test_another_systems_numbers_mean_nothing_here(number, description, code, text):
    """A RefuseCode is read only where its word and its number stand together; all else is text."""
    said = VansReceipt(ReceiptKind.NEGATIVE, ENVELOPE_ID, META, number, description)
    content = from_vans(envelope(said)).content
    assert (content.refuse_code, content.refuse_text) == (code, text)


@pytest.mark.parametrize(
    ("code", "text", "description"),
    [
        (None, None, UNEXPLAINED),
        (None, "", UNEXPLAINED),
        (RefuseCode.VERSION, None, "problem_med_version"),
        (None, "x" * 512, "x" * 512),
        (None, "x" * 513, "x" * 511 + "…"),
        (RefuseCode.SYNTAX, "x" * 513, "syntaksfejl: " + "x" * 498 + "…"),
    ],
)
def test_a_description_is_never_empty_nor_too_long(schemas, code, text, description):
    """What cannot be said as it was is said within the standard's 1 to 512 characters."""
    written = to_vans(receipt(replace(REFUSED, refuse_code=code, refuse_text=text)), META)
    assert written.content.description == description
    assert unwrap(wrap(written, schemas), schemas).valid


@pytest.mark.parametrize(
    ("identifier", "kind"),
    [
        ("5790000000005", EndPointType.EAN),
        ("12345678", EndPointType.CVR),
        ("TESTNET", EndPointType.VANS),
        ("579000000000", EndPointType.VANS),
        ("٥٧٩٠٠٠٠٠٠٠٠٠٥", EndPointType.VANS),
    ],
)
def test_an_end_points_kind_is_told_by_its_form(identifier, kind):
    """Thirteen digits are a GLN, eight a CVR number, and anything else is a name in the network."""
    assert to_vans(replace(receipt(TAKEN), sender=identifier), META).sender == EndPoint(identifier, kind)


def test_a_message_is_no_receipt():
    """An envelope without a receipt, or without a time that can be told, gives none."""
    assert from_vans(message(b"")) is None
    assert from_vans(replace(to_vans(receipt(TAKEN), META), sent_at=None)) is None
    with pytest.raises(TypeError, match="with a message"):
        about_envelope(TAKEN, to_vans(receipt(TAKEN), META))


def test_a_receipt_for_the_network_alone_names_no_letter():
    """A NegativeVans without OriginalMessage is about the whole envelope."""
    said = VansReceipt(ReceiptKind.NEGATIVE_VANS, ENVELOPE_ID, None, 2, "ukendt_lokationsnummer")
    assert from_vans(envelope(said)).content.original.letters == ()


def test_ids_are_put_in_place_from_either_world(schemas):
    """A receiver's XCTL03 about the letter becomes a receipt about the envelope it came in, and the other way round."""
    data = correspondence(schemas)
    outer, inner = message(data), examine(data, schemas).envelope
    about_inner = about_letters(TAKEN, inner)
    assert about_inner.original == Original("KUVERT1", HOSPITAL.ean, KOMMUNE.ean, (LetterReference("BREV1", "XD9134L"),))
    xctl = write_receipt(replace(receipt(about_inner), envelope_id="KVIT1", letter_id="KVIT2"), schemas)
    read = examine(xctl, schemas).envelope.first.receipt
    assert read == about_inner
    answer = unwrap(wrap(to_vans(receipt(about_envelope(read, outer)), outer.content.meta), schemas), schemas).envelope
    assert answer.content == VansReceipt(ReceiptKind.POSITIVE, ENVELOPE_ID, outer.content.meta)
    assert about_letters(from_vans(answer).content, inner) == about_inner
