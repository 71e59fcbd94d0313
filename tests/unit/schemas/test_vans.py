"""Reading a VANSEnvelope: what it says, what it is refused for, and what it is only warned about."""

from __future__ import annotations

import base64
import tracemalloc
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from schemas.examine import Obstacle, examine
from schemas.messages import ReceiptKind
from schemas.vans import DocumentFormat, EndPoint, EndPointType
from schemas.vansexamine import payload_findings, unwrap
from schemas.vanswriter import wrap
from tests.unit.schemas.documents import CORPUS, correspondence
from tests.unit.schemas.vans_documents import ENVELOPE_ID, MESSAGE_ID, message, meta

PAYLOAD = "Testbrev æøå".encode()
META = "/VANSEnvelope/Message/MetaInformation"
SOURCES = sorted(CORPUS.glob("oioxml/fs_VANSEnvelope_*.xml")) if CORPUS.is_dir() else []
REAL = [path for path in SOURCES if "decoded" not in path.name]


@pytest.fixture(scope="module")
def raw(schemas):
    """A valid envelope with a short payload."""
    return wrap(message(PAYLOAD), schemas)


def changed(raw, old, new):
    """The document with its one `old` replaced."""
    assert raw.count(old) >= 1
    return raw.replace(old, new, 1)


def told(found):
    """Code and path of each finding."""
    return [(one.code, one.path) for one in found.findings]


def test_an_envelope_reads_back_to_what_was_wrapped(schemas, raw):
    """Parties, ids, time, all that is said of the payload, and the payload itself come out as they went in."""
    found = unwrap(raw, schemas)
    assert (found.valid, found.schema_valid, found.findings) == (True, True, ())
    assert found.envelope == message(PAYLOAD)


@pytest.mark.skipif(not REAL, reason="the corpus of real messages is not here")
@pytest.mark.parametrize("path", REAL, ids=lambda path: path.name)
def test_real_envelopes_read_well(schemas, path):
    """A real envelope is valid without a remark, and holds the very bytes that it is known to hold."""
    found = unwrap(path.read_bytes(), schemas)
    assert (found.valid, found.schema_valid, found.findings) == (True, True, ())
    content = found.envelope.content
    assert content.data == path.with_name(f"{path.stem}.decoded1.xml").read_bytes()
    assert (content.meta.code, content.meta.version, content.meta.reliable) == ("XDIS22", "XD2230L", True)
    assert found.envelope.sent_at == datetime(2020, 8, 26, 15, 12, 13, tzinfo=UTC)


@pytest.mark.parametrize(
    "other",
    [
        b"",
        b"UNA:+.? 'UNB+UNOC:3",
        b"<VANSEnvelope",
        b"<x>VANSEnvelope</x>",
        b"<!DOCTYPE VANSEnvelope><VANSEnvelope/>",
        b"<VANSEnvelope><Data>AAAA</Data>",
    ],
)
def test_anything_else_is_no_envelope(schemas, other):
    """What has another root, or cannot be read, is left to the examination of documents."""
    assert unwrap(other, schemas) is None


def test_a_bare_emessage_is_no_envelope(schemas, valid):
    """An Emessage that travels without envelope is told apart."""
    assert unwrap(valid, schemas) is None


def test_the_limit_counts_the_envelope(schemas):
    """An envelope one byte over the limit is not read, however small without its payload, and its examination says why."""
    raw = wrap(message(bytes(10_000)), schemas)
    assert unwrap(raw, schemas, limit=len(raw)).valid
    assert unwrap(raw, schemas, limit=len(raw) - 1) is None
    assert examine(raw, schemas, limit=len(raw) - 1).obstacle is Obstacle.TOO_LARGE


def test_another_version_is_named(schemas, raw):
    """A VANSEnvelope other than 1.0.4 is known for what it is and refused by its version."""
    found = unwrap(raw.replace(b":1.0.4", b":1.0.3"), schemas)
    assert (found.obstacle, told(found)) == (Obstacle.UNKNOWN_VERSION, [("version-unknown", "/VANSEnvelope")])


@pytest.mark.parametrize(
    ("old", "new", "code", "path"),
    [
        (b'<ReceiverID EndPointType="EAN">5790000000012</ReceiverID>', b"", "element-missing", "/VANSEnvelope"),
        (b' EndPointType="EAN"', b"", "attribute-missing", "/VANSEnvelope/SenderID"),
        (b'"EAN"', b'"GLN"', "value-not-in-list", "/VANSEnvelope/SenderID"),
        (b"XML<", b"PDF<", "value-not-in-list", f"{META}/Document/Format"),
        (b"<SizeInBytes>15", b"<SizeInBytes>mange", "value-number", f"{META}/Document/SizeInBytes"),
        (b"false", b"nej", "value-true-or-false", f"{META}/Transport/TransformMessage"),
        (b"2026-07-01T", b"2026-02-30T", "value-moment", "/VANSEnvelope/SentDateTime"),
        (MESSAGE_ID.encode(), b"", "value-pattern", f"{META}/Identifier"),
        (MESSAGE_ID.encode(), b"x" * 71, "value-pattern", f"{META}/Identifier"),
        (b"<Data>", b"<Data><Name/>", "value-has-elements", "/VANSEnvelope/Message/Data"),
        (b"</Message>", b"<Data>AAAA</Data></Message>", "element-too-many", "/VANSEnvelope/Message/Data[2]"),
    ],
)
def test_faults_of_the_schema_say_where_they_are(schemas, raw, old, new, code, path):
    """A breach of the schema is an obstacle and is explained at its element."""
    found = unwrap(changed(raw, old, new), schemas)
    assert (found.obstacle, found.schema_valid) == (Obstacle.SCHEMA, False)
    assert (code, path) in told(found)


def test_a_refused_envelope_still_says_who_is_to_be_told(schemas, raw):
    """Parties and ids are read where the message is broken, so that its sender can be answered."""
    found = unwrap(changed(raw, b"XML<", b"PDF<"), schemas)
    assert not found.valid
    assert found.envelope == replace(message(PAYLOAD), content=None)


@pytest.mark.parametrize("identifier", [ENVELOPE_ID, MESSAGE_ID])
def test_ids_that_are_no_uuids_are_read_with_a_warning(schemas, raw, identifier):
    """Such an id is no obstacle though the schema forbids it, and is read as it is written."""
    found = unwrap(changed(raw, identifier.encode(), b"EPIC000000001"), schemas)
    assert (found.valid, found.schema_valid) == (True, False)
    assert [one.code for one in found.findings] == ["vans-id-not-uuid"]
    assert "EPIC000000001" in {found.envelope.identifier, found.envelope.content.meta.identifier}


def test_an_odd_id_hides_no_other_fault(schemas, raw):
    """A fault beside an id that is no UUID still refuses the envelope."""
    found = unwrap(changed(changed(raw, ENVELOPE_ID.encode(), b"EPIC1"), b"XML<", b"PDF<"), schemas)
    assert found.obstacle is Obstacle.SCHEMA
    assert [one.code for one in found.findings] == ["vans-id-not-uuid", "value-not-in-list"]


@pytest.mark.parametrize("said", [b"14", b"16", b"-15", b"0", b"20"])
def test_another_size_than_the_payload_has_is_refused(schemas, raw, said):
    """A payload of another length than SizeInBytes says is taken for damaged, though the schema allows it."""
    found = unwrap(changed(raw, b"<SizeInBytes>15<", b"<SizeInBytes>" + said + b"<"), schemas)
    assert (found.obstacle, found.schema_valid) == (Obstacle.SCHEMA, True)
    assert told(found) == [("vans-size-differs", f"{META}/Document/SizeInBytes")]


@pytest.mark.parametrize(
    "data", [b"A", b"AA", b"AAA", b"AB==", b"AAB=", b"=", b"====", b"AAAA====", b"AA=A", b"AA==AAAA", b"AA!A", b"\xc3\xa6"]
)
def test_what_is_not_base64_is_refused_once(schemas, raw, data):
    """Text that stands for no bytes is one finding, at Data, whatever the schema makes of it."""
    found = unwrap(changed(raw, base64.b64encode(PAYLOAD), data), schemas)
    assert (found.obstacle, told(found)) == (Obstacle.SCHEMA, [("value-base64", "/VANSEnvelope/Message/Data")])


@pytest.mark.parametrize(
    "write",
    [
        lambda text: b"\r\n".join(text[i : i + 6] for i in range(0, len(text), 6)),
        lambda text: b"  " + b" ".join(text[i : i + 1] for i in range(len(text))) + b"\n",
        lambda text: text[:4] + b"&#xD;\n" + text[4:],
        lambda text: text[:4] + b"<!-- x -->" + text[4:],
        lambda text: b"<![CDATA[" + text + b"]]>",
        lambda text: b"&#" + str(text[0]).encode() + b";" + text[1:],
        lambda text: text + b"<?x y?>",
    ],
)
def test_base64_is_read_in_every_form_that_xml_allows(schemas, raw, write):
    """Lines, spaces, references, comments and sections of character data change nothing of the payload."""
    text = base64.b64encode(PAYLOAD)
    found = unwrap(changed(raw, text, write(text)), schemas)
    assert (found.valid, found.schema_valid, found.findings) == (True, True, ())
    assert found.envelope == message(PAYLOAD)


@pytest.mark.parametrize(
    "before",
    [
        b"<!--<Data>QUFB</Data>-->",
        b"<?x <Data>QUFB</Data>?>",
        b"<!-- payload-taken-out -->",
        b'<!--<Data><payload-taken-out xmlns=""/></Data>-->',
    ],
)
def test_only_the_payload_is_taken_for_it(schemas, raw, before):
    """Something that looks like Data in a comment is not the payload, nor does it hide it."""
    found = unwrap(changed(raw, b"<Message>", before + b"<Message>"), schemas)
    assert (found.valid, found.envelope) == (True, message(PAYLOAD))


def test_the_mark_of_a_payload_taken_out_cannot_be_forged(schemas, raw):
    """A document with the mark in Data, and base64 in a comment, does not get that as its payload."""
    forged = changed(raw, base64.b64encode(PAYLOAD), b'<payload-taken-out xmlns=""/>')
    found = unwrap(changed(forged, b"<Message>", b"<!--<Data>QUFB</Data>--><Message>"), schemas)
    assert not found.valid
    assert found.envelope.content is None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1", "windows-1252"])
def test_an_envelope_is_read_in_each_encoding(schemas, encoding):
    """The encodings that documents come in are those that envelopes come in, and a prefix is as good as none."""
    written = wrap(message(PAYLOAD, name="MCM:Prøve"), schemas).decode()
    prefixed = written.replace("</", "</v:").replace("<", "<v:").replace("<v:/v:", "</v:").replace("<v:?", "<?")
    text = prefixed.replace("xmlns=", "xmlns:v=").replace("encoding='UTF-8'", f"encoding='{encoding.removesuffix('-sig')}'")
    found = unwrap(text.encode(encoding), schemas)
    assert (found.valid, found.findings) == (True, ())
    assert found.envelope == message(PAYLOAD, name="MCM:Prøve")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-01-15T12:00:00", datetime(2026, 1, 15, 11, tzinfo=UTC)),
        ("2026-07-15T12:00:00", datetime(2026, 7, 15, 10, tzinfo=UTC)),
        ("2026-07-15T12:00:00Z", datetime(2026, 7, 15, 12, tzinfo=UTC)),
        ("2026-07-15T12:00:00-05:00", datetime(2026, 7, 15, 17, tzinfo=UTC)),
        ("2026-07-15T12:00:00.5", datetime(2026, 7, 15, 10, 0, 0, 500_000, tzinfo=UTC)),
        ("0001-01-01T00:00:00+14:00", None),
        ("12026-07-15T12:00:00", None),
    ],
)
def test_a_time_without_zone_is_danish(schemas, raw, written, read):
    """The sent time becomes UTC, from Danish time where no zone is given; a valid time that no calendar here has is None."""
    found = unwrap(changed(raw, b"2026-07-01T00:30:15+02:00", written.encode()), schemas)
    assert (found.valid, found.envelope.sent_at) == (True, read)


def test_values_are_read_as_xml_schema_reads_them(schemas, raw):
    """Tokens are collapsed, numbers may have signs and zeros, and 1 is true."""
    loose = changed(raw, b">5790000000005<", b"> TEST \n  NET <")
    loose = changed(changed(loose, b">15<", b"> +00000000000000000000015 <"), b">false<", b"> 1 <")
    found = unwrap(loose, schemas)
    assert (found.valid, found.envelope.sender) == (True, EndPoint("TEST NET", EndPointType.EAN))
    assert found.envelope.content.meta.transport.transform


def test_edifact_and_fhir_stay_opaque(schemas):
    """A payload of any format comes out byte for byte, an empty one too."""
    for form, data in ((DocumentFormat.EDIFACT, b"UNA:+.? '\xe6"), (DocumentFormat.HL7, b"{}"), (DocumentFormat.BINARY, b"")):
        found = unwrap(wrap(message(data, format=form), schemas), schemas)
        assert (found.valid, found.envelope.content.data) == (True, data)


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({}, []),
        ({"name": "XDIS91"}, []),
        ({"name": "MCM:XDIS91#statistik"}, []),
        ({"version": None}, []),
        ({"name": "XDIS22"}, ["vans-name-differs"]),
        ({"name": "XDIS9"}, ["vans-name-differs"]),
        ({"version": "XD9135L"}, ["vans-version-differs"]),
        ({"name": "GGOP2", "version": "GGOP100"}, ["vans-name-differs", "vans-version-differs"]),
    ],
)
def test_the_payload_is_held_to_its_name(schemas, changes, codes):
    """An envelope that names another type or version than the payload's is warned about; the prefix may be missing."""
    data = correspondence(schemas)
    warnings = payload_findings(meta(data, **changes), examine(data, schemas))
    assert [one.code for one in warnings] == codes
    assert {one.severity for one in warnings} <= {"warning"}


def test_a_number_for_statistics_is_no_other_name(schemas):
    """GGOP2 is a GGOP: the standard lets a number follow the type for statistics."""
    found = replace(examine(correspondence(schemas), schemas), type="GGOP")
    assert payload_findings(meta(b"", name="MCM:GGOP2", version=None), found) == ()
    assert payload_findings(meta(b"", name="MCM:GGOP2", version=None), replace(found, type=None)) == ()


def test_a_payload_is_held_once(schemas):
    """Reading needs little more memory than the payload, beside the document itself; wrapping little more than the document."""
    size = 8_000_000
    data = bytes(range(250)) * (size // 250)
    whole = message(data, format=DocumentFormat.BINARY)
    tracemalloc.start()
    try:
        raw = wrap(whole, schemas)
        assert tracemalloc.get_traced_memory()[1] < 1.3 * len(raw)
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        found = unwrap(raw, schemas)
        assert tracemalloc.get_traced_memory()[1] - before < 2.2 * size
    finally:
        tracemalloc.stop()
    assert found.envelope == whole


@pytest.mark.parametrize("kind", list(ReceiptKind))
def test_what_is_not_whole_has_no_content(schemas, kind):
    """A receipt without the id of its original, and an envelope with nothing in it, are refused with their parties known."""
    name = {"XCTL01": b"NegativeVans", "XCTL02": b"NegativeMessage", "XCTL03": b"PositiveMessage"}[kind]
    raw = wrap(message(b""), schemas)
    start, end = raw.index(b"<Message>"), raw.index(b"</VANSEnvelope>")
    for inside in (b"<Receipt><" + name + b"/></Receipt>", b"<Receipt/>", b""):
        found = unwrap(raw[:start] + inside + raw[end:], schemas)
        assert found.obstacle is Obstacle.SCHEMA
        assert found.envelope == replace(message(b""), content=None)
