"""A document bare or in a VANSEnvelope, examined as one."""

from __future__ import annotations

import pytest

from schemas.document import examine_document
from schemas.examine import Obstacle, examine
from schemas.messages import ReceiptKind
from schemas.vans import NAMESPACE, DocumentFormat, VansReceipt
from schemas.vanswriter import wrap
from tests.unit.schemas.documents import CORPUS
from tests.unit.schemas.vans_documents import ENVELOPE_ID, RECEIPT_ID, envelope, message, meta

REAL = [path for path in sorted(CORPUS.glob("oioxml/fs_VANSEnvelope_*.xml")) if "decoded" not in path.name]
OPAQUE = [one for one in DocumentFormat if one is not DocumentFormat.XML]


@pytest.fixture(scope="module")
def faulty(valid):
    """The valid document with one fault of the schema's."""
    return valid.replace(b"0101010000", b"010101-0000")


def codes(found):
    """The codes of all findings."""
    return [one.code for one in found.findings]


@pytest.mark.parametrize(
    "change", [(b"", b""), (b"0101010000", b"010101-0000"), (b"<Subject>", b"<Subjekt>"), (b"</Emess", b"")]
)
def test_a_bare_document_is_what_its_examination_says(schemas, valid, change):
    """Verdict, findings and obstacle of a bare document are those of `examine`, and there is nothing around it."""
    raw = valid.replace(*change)
    found, bare = examine_document(raw, schemas), examine(raw, schemas)
    assert (found.enveloped, found.outer, found.inner) == (False, None, bare)
    assert (found.findings, found.obstacle, found.schema_valid) == (bare.findings, bare.obstacle, bare.schema_valid)
    assert found.valid is bare.valid


def test_an_enveloped_document_is_examined_as_the_bare_one(schemas, valid, faulty):
    """In an envelope without fault a document gets the same findings and the same obstacle as it would bare."""
    for raw in (valid, faulty):
        found, bare = examine_document(wrap(message(raw), schemas), schemas), examine(raw, schemas)
        assert (found.enveloped, found.outer, found.inner) == (True, message(raw), bare)
        assert (found.findings, found.obstacle, found.schema_valid) == (bare.findings, bare.obstacle, bare.schema_valid)
        assert found.payload.data == raw


def test_both_are_told_and_the_envelopes_obstacle_is_the_first(schemas, faulty):
    """Faults of the envelope and of its payload are found in one go, and the outermost is the obstacle."""
    raw = wrap(message(faulty), schemas)
    cut = raw.replace(f"<SizeInBytes>{len(faulty)}".encode(), b"<SizeInBytes>7")
    found = examine_document(cut, schemas)
    assert codes(found) == ["vans-size-differs", "value-pattern"]
    assert [one.code for one in found.outer_findings] == ["vans-size-differs"]
    assert (found.obstacle, found.schema_valid) == (Obstacle.SCHEMA, False)
    other = examine_document(raw.replace(NAMESPACE.encode(), b"urn:oio:medcom:vans-envelope:9.9.9"), schemas)
    assert (other.enveloped, other.outer, other.inner, other.obstacle) == (True, None, None, Obstacle.UNKNOWN_VERSION)


def test_the_payloads_obstacle_counts(schemas):
    """An envelope around bytes that are no message is refused for what they are."""
    for data, obstacle in ((b"", Obstacle.UNREADABLE), (b"<x/>", Obstacle.UNKNOWN_TYPE)):
        found = examine_document(wrap(message(data), schemas), schemas)
        assert (found.valid, found.obstacle, found.schema_valid) == (False, obstacle, False)


def test_the_outermost_obstacle_is_the_one(schemas):
    """Where envelope and payload are refused for different reasons, the envelope's is told."""
    found = examine_document(wrap(message(b"<x/>"), schemas).replace(b"<SizeInBytes>4", b"<SizeInBytes>5"), schemas)
    assert (found.obstacle, found.inner.obstacle) == (Obstacle.SCHEMA, Obstacle.UNKNOWN_TYPE)


def test_the_schemas_verdict_is_the_strict_one_of_both(schemas, valid):
    """An envelope with an id that its schema forbids is taken, and `schema_valid` is false though the payload's schema accepts it."""
    found = examine_document(wrap(message(valid), schemas).replace(ENVELOPE_ID.encode(), b"1234567890123"), schemas)
    assert (found.valid, found.schema_valid, found.inner.schema_valid) == (True, False, True)


def test_what_the_envelope_says_wrongly_is_a_warning_about_the_envelope(schemas, valid):
    """Another type or version on the envelope than in it stops nothing, and is a finding of the envelope's."""
    found = examine_document(wrap(message(valid, name="MCM:XDIS17", version="XD1730C"), schemas), schemas)
    assert found.valid
    assert [one.code for one in found.outer_findings] == ["vans-name-differs", "vans-version-differs"]


@pytest.mark.parametrize("form", OPAQUE)
def test_other_formats_are_not_looked_into(schemas, form):
    """A payload that is not OIOXML is taken whatever it is, with the envelope's verdict alone."""
    found = examine_document(wrap(message(b"UNA:+.? '\xff", format=form), schemas), schemas)
    assert (found.valid, found.schema_valid, found.inner, found.findings) == (True, True, None, ())
    assert (found.payload.data, found.payload.meta.format, found.receipt) == (b"UNA:+.? '\xff", form, None)


def test_an_envelopes_own_receipt(schemas):
    """A receipt of the envelope's own has no payload to examine."""
    told = VansReceipt(ReceiptKind.POSITIVE, RECEIPT_ID, meta(b""))
    found = examine_document(wrap(envelope(told), schemas), schemas)
    assert (found.valid, found.inner, found.payload, found.receipt) == (True, None, None, told)


def test_without_explanation_the_verdict_is_the_same(schemas, valid, faulty):
    """`explain=False` changes neither verdict nor obstacle, whichever of the two schemas refuses, and gives no reasons of theirs."""
    broken = wrap(message(valid), schemas).replace(ENVELOPE_ID.encode(), b"x" * 99)
    for raw in (wrap(message(faulty), schemas), broken):
        asked, quick = examine_document(raw, schemas), examine_document(raw, schemas, explain=False)
        assert (quick.obstacle, quick.schema_valid) == (asked.obstacle, asked.schema_valid) == (Obstacle.SCHEMA, False)
        assert codes(asked)
        assert not codes(quick)


def test_the_limit_counts_the_envelope(schemas, valid):
    """An envelope over the limit is too large, though its payload is under it."""
    raw = wrap(message(valid), schemas)
    found = examine_document(raw, schemas, limit=len(raw) - 1)
    assert (found.obstacle, codes(found)) == (Obstacle.TOO_LARGE, ["too-large"])
    assert examine_document(raw, schemas, limit=len(raw)).valid


@pytest.mark.skipif(not REAL, reason="the corpus of real messages is not here")
@pytest.mark.parametrize("path", REAL, ids=lambda path: path.name)
def test_real_envelopes(schemas, path):
    """A real envelope's payload gets the verdict that it gets bare."""
    found = examine_document(path.read_bytes(), schemas)
    bare = examine(path.with_name(f"{path.stem}.decoded1.xml").read_bytes(), schemas)
    assert found.inner == bare
    assert (found.valid, found.outer_findings) == (bare.valid, ())
