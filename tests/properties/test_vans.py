"""VANSEnvelopes of every kind: what is written reads back, what is damaged is judged, and receipts survive both forms."""

from __future__ import annotations

import base64
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.resources import files

import xmlschema
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from schemas.messages import LetterReference, Original, Receipt, ReceiptContent, ReceiptKind, RefuseCode
from schemas.reader import read
from schemas.validator import load_schemas
from schemas.vans import (
    NAMESPACE,
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
from schemas.vansexamine import unwrap
from schemas.vanspayload import decoded
from schemas.vansreceipts import ERROR_CODES, UNEXPLAINED, from_vans, to_vans
from schemas.vanswriter import wrap

SCHEMAS = load_schemas()
SECOND_OPINION = xmlschema.XMLSchema10(str(files("schemas") / "xsd" / "vansenvelope-1.0.4.xsd"))

LETTERS = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")
LINES = st.lists(st.text(LETTERS, max_size=30), max_size=4).map("\n".join)
IDS = st.uuids().map(str)
NAMES = st.from_regex(r"[!-~]{1,18}", fullmatch=True)
POINTS = st.builds(EndPoint, NAMES, st.sampled_from(EndPointType))
MOMENTS = st.integers(0, 60 * 60 * 24 * 365 * 5).map(
    lambda seconds: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)


def text(longest: int) -> st.SearchStrategy[str]:
    """Text of one character or more."""
    return st.text(LETTERS, min_size=1, max_size=longest)


TRANSPORTS = st.builds(
    Transport,
    st.booleans(),
    st.none() | st.sampled_from(TransportType),
    st.lists(st.builds(ServiceTag, text(70), text(70)), max_size=5).map(tuple),
)
METAS = st.builds(
    MetaInformation,
    identifier=IDS,
    format=st.sampled_from(DocumentFormat),
    name=text(255),
    size=st.integers(-(2**31), 2**31 - 1),
    version=st.none() | text(255),
    processing=st.none() | st.builds(Processing, text(255), text(255)),
    transport=st.none() | TRANSPORTS,
)


@st.composite
def messages(draw):
    """A payload and what is said of it."""
    data = draw(st.binary(max_size=60))
    return VansMessage(replace(draw(METAS), size=len(data)), data)


@st.composite
def receipts(draw):
    """A receipt of any kind and about anything."""
    kind = draw(st.sampled_from(ReceiptKind))
    original = draw(METAS) if kind is not ReceiptKind.NEGATIVE_VANS else draw(st.none() | METAS)
    if kind.positive:
        return VansReceipt(kind, draw(IDS), original)
    return VansReceipt(kind, draw(IDS), original, draw(st.none() | st.integers(1, 10**9)), draw(text(512)))


ENVELOPES = st.builds(VansEnvelope, POINTS, POINTS, IDS, MOMENTS, messages() | receipts())


@given(ENVELOPES)
def test_what_is_wrapped_reads_back(envelope):
    """Any envelope is valid to both engines when written, without a finding, and reads back to itself."""
    raw = wrap(envelope, SCHEMAS)
    found = unwrap(raw, SCHEMAS)
    assert (found.valid, found.schema_valid, found.findings) == (True, True, ())
    assert found.envelope == envelope
    assert SECOND_OPINION.is_valid(read(raw).root)


@settings(max_examples=300)
@given(st.data())
def test_damaged_envelopes(data):
    """An envelope with bytes cut out, doubled or overwritten is judged, or is none, and never breaks the judge."""
    raw = wrap(data.draw(ENVELOPES), SCHEMAS)
    start = data.draw(st.integers(0, len(raw)))
    end = data.draw(st.integers(start, min(len(raw), start + 100)))
    marks = st.sampled_from([b"", b"<", b"&", b"=", b"<!--"])
    filling = data.draw(st.one_of(st.binary(max_size=8), st.just(raw[start:end] * 2), marks))
    damaged = raw[:start] + filling + raw[end:]
    found = unwrap(damaged, SCHEMAS)
    if found is None:
        return
    root = read(damaged).root
    assert root is not None
    assert found.schema_valid == SCHEMAS.accepts(root, NAMESPACE)
    assert found.valid == (not any(one.severity == "error" for one in found.findings))
    if found.valid:
        assert found.envelope is not None
        assert found.envelope.content is not None


@given(st.binary(max_size=80), st.lists(st.sampled_from([b" ", b"\n", b"\r\n", b"\t"]), max_size=8), st.data())
def test_base64_with_spaces_anywhere(data, spaces, draw):
    """White space anywhere in the text is no part of it."""
    written = base64.b64encode(data)
    for space in spaces:
        at = draw.draw(st.integers(0, len(written)))
        written = written[:at] + space + written[at:]
    assert decoded(written) == data


@given(st.text(alphabet="AQgw8EI=+/ \n!-", max_size=16).map(str.encode))
def test_base64_is_what_the_standard_library_writes(written):
    """A text is taken if and only if it is what these bytes are written as, but for white space."""
    data = decoded(written)
    bare = b"".join(written.split())
    if data is not None:
        assert base64.b64encode(data) == bare
    else:
        with suppress(ValueError):
            assert base64.b64encode(base64.b64decode(bare, validate=True)) != bare


@st.composite
def xctls(draw):
    """A receipt of the model about one letter, from the one who was to have it."""
    sender, receiver, identifier = draw(NAMES), draw(NAMES), draw(IDS)
    original = Original(draw(IDS), receiver, sender, (LetterReference(draw(IDS), draw(text(7))),))
    content = ReceiptContent(draw(st.sampled_from(ReceiptKind)), original)
    if not content.kind.positive:
        code, said = draw(st.none() | st.sampled_from(RefuseCode)), draw(st.none() | LINES)
        assume(code or said)
        content = replace(content, refuse_code=code, refuse_text=said)
    return Receipt(content, identifier, identifier, sender, receiver, draw(MOMENTS))


@given(xctls(), METAS)
def test_a_receipt_survives_the_way_to_the_envelope_and_back(receipt, meta):
    """Whatever a receipt says of one message, it says the same after a journey as a VANSEnvelope, written and read."""
    letter = receipt.content.original.letters[0]
    about = replace(meta, identifier=letter.identifier, version=letter.version)
    found = unwrap(wrap(to_vans(receipt, about), SCHEMAS), SCHEMAS)
    assert found.valid
    assert from_vans(found.envelope) == receipt


@given(receipts(), st.none() | st.sampled_from(RefuseCode), MOMENTS, IDS)
def test_an_envelopes_receipt_survives_the_way_to_the_model_and_back(said, code, sent_at, identifier):
    """What an envelope's receipt says with the numbers known here comes back the same from the model, given its original."""
    if not said.kind.positive:
        description = said.description if code is None else f"{code}: {said.description}"[:512]
        number = None if code is None else ERROR_CODES[code]
        said = VansReceipt(said.kind, said.original_envelope_id, said.original, number, description)
        assume(description != UNEXPLAINED)
    envelope = VansEnvelope(EndPoint("5790000000005"), EndPoint("12345678", EndPointType.CVR), identifier, sent_at, said)
    receipt = from_vans(envelope)
    assert receipt is not None
    assert to_vans(receipt, said.original) == envelope
