"""Examination: type, verdict, obstacle and envelope of whole documents."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from schemas.examine import Obstacle, examine
from schemas.findings import Severity
from tests.unit.schemas.documents import CORPUS, HOSPITAL, KOMMUNE, SENT, XDIS91, as_2015, correspondence


def test_a_valid_message_gives_its_values(schemas, valid):
    """Everything that addressing, correlation and sorting need is read from a valid message."""
    found = examine(valid, schemas)
    assert (found.format, found.type, found.version, found.valid, found.findings) == ("oioxml", "XDIS91", "XD9134L", True, ())
    envelope, letter = found.envelope, found.envelope.first
    assert (envelope.identifier, envelope.sent_at, envelope.wants_receipt) == ("KUVERT1", SENT, True)
    assert (letter.type, letter.version, letter.identifier) == ("XDIS91", "XD9134L", "BREV1")
    assert (letter.sender, letter.receiver) == (HOSPITAL, KOMMUNE)
    assert (letter.thread, letter.subject) == ("0123456789abcdef0123456789abcdef", "Indlæggelse")
    assert letter.receipt is None


def test_the_newer_version_is_taken_too(schemas, valid):
    """XD9135L in its own namespace is a known type and version."""
    found = examine(as_2015(valid), schemas)
    assert (found.type, found.version, found.valid) == ("XDIS91", "XD9135L", True)


def test_summer_time_is_danish_local_time(schemas):
    """The envelope's local time is turned into UTC by the rules of the date it names."""
    raw = correspondence(schemas, sent_at=datetime(2026, 7, 1, 10, 0, tzinfo=UTC))
    assert b"<Time>12:00</Time>" in raw
    assert examine(raw, schemas).envelope.sent_at == datetime(2026, 7, 1, 10, 0, tzinfo=UTC)


def test_an_impossible_date_is_no_time(schemas, valid):
    """A date that is none refuses the document, and the rest of the envelope is read all the same."""
    found = examine(valid.replace(b"<Date>2026-11-21</Date>", b"<Date>2026-02-30</Date>", 1), schemas)
    assert found.obstacle is Obstacle.SCHEMA
    assert found.envelope.sent_at is None


def test_the_earliest_date_there_is_is_no_time(schemas, valid):
    """A date whose UTC would fall before year 1 does not break the reading."""
    found = examine(valid.replace(b"2026-11-21</Date><Time>23:30", b"0001-01-01</Date><Time>00:00", 1), schemas)
    assert found.envelope.sent_at is None


@pytest.mark.parametrize(
    ("old", "new", "obstacle", "code"),
    [
        (b"Emessage", b"Bundle", Obstacle.UNKNOWN_TYPE, "not-emessage"),
        (b"ClinicalEmail", b"AnswerOfAdmission", Obstacle.UNKNOWN_TYPE, "type-unknown"),
        (b"2006/07/01", b"2031/01/01", Obstacle.UNKNOWN_VERSION, "version-unknown"),
        (b' xmlns="' + XDIS91.encode() + b'"', b"", Obstacle.UNKNOWN_VERSION, "version-unknown"),
        (b"XD9134L", b"XD9130L", Obstacle.UNKNOWN_VERSION, "version-unknown"),
        (b"<TypeCode>XDIS91", b"<TypeCode>XDIS92", Obstacle.SCHEMA, "value-not-in-list"),
        (b"</Emessage>", b"</Emessage><Emessage/>", Obstacle.UNREADABLE, "several-roots"),
        (b"<Emessage", b"<!DOCTYPE Emessage><Emessage", Obstacle.UNREADABLE, "doctype-forbidden"),
        (b"</Emessage>", b"", Obstacle.UNREADABLE, "truncated"),
    ],
)
def test_each_obstacle_is_named(schemas, valid, old, new, obstacle, code):
    """What cannot be taken is refused for the outermost reason, with a finding of its own."""
    found = examine(valid.replace(old, new), schemas)
    assert (found.obstacle, found.valid, found.schema_valid) == (obstacle, False, False)
    assert found.findings[0].code == code
    assert found.findings[0].severity is Severity.ERROR


def test_too_large_is_an_obstacle_of_its_own(schemas, valid):
    """A document over the limit is told apart from one that cannot be read."""
    assert examine(valid, schemas, limit=len(valid) - 1).obstacle is Obstacle.TOO_LARGE
    assert examine(valid, schemas, limit=len(valid)).valid


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<Patient>.*</Patient>", b""),
        (b"ClinicalEmail", b"AnswerOfAdmission"),
        (b"XD9134L", b"XD9130L"),
        (b"<VersionCode>XD9134L</VersionCode>", b""),
        (b"2006/07/01", b"2031/01/01"),
    ],
)
def test_a_refused_document_still_shows_whom_to_tell(schemas, valid, old, new):
    """The envelope is read from a refused document, so that its sender can get a negative receipt."""
    found = examine(re.sub(old, new, valid, flags=re.DOTALL), schemas)
    assert not found.valid
    assert (found.envelope.identifier, found.envelope.first.identifier) == ("KUVERT1", "BREV1")
    assert (found.envelope.first.sender.ean, found.envelope.first.receiver.ean) == (HOSPITAL.ean, KOMMUNE.ean)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"KUVERT1", b""),
        (b"KUVERT1", b"K" * 15),
        (b"BREV1", b"B" * 15),
        (HOSPITAL.ean.encode(), b"5" * 36),
        (b"Receiver>", b"Reciever>"),
    ],
)
def test_no_envelope_without_ids_and_parties(schemas, valid, old, new):
    """Where an id or a party is missing or over its length there is no envelope to answer."""
    assert examine(valid.replace(old, new), schemas).envelope is None


@pytest.mark.parametrize("written", ["0123456789ab-CDEF-0123456789abcdef", "01234567-89AB-CDEF-0123-456789ABCDEF"])
def test_a_thread_is_known_with_and_without_dashes(schemas, valid, written):
    """The thread is the same however its UUID is written, also where the dashes make it too long to be valid."""
    found = examine(valid.replace(b"0123456789ABCDEF0123456789ABCDEF", written.encode()), schemas)
    assert found.envelope.first.thread == "0123456789abcdef0123456789abcdef"


def test_several_letters_in_one_envelope(schemas, valid):
    """Each letter of an Emessage is read, with Local_Elements after it left out."""
    start, end = valid.index(b"<ClinicalEmail>"), valid.index(b"</Emessage>")
    local = b'<Local_Elements><x xmlns="urn:lokalt">1</x></Local_Elements>'
    second = valid[start:end].replace(b"BREV1", b"BREV2")
    found = examine(valid[:end] + local + second + local + b"</Emessage>", schemas)
    assert found.valid
    assert [letter.identifier for letter in found.envelope.letters] == ["BREV1", "BREV2"]


def test_a_missing_subject_warns_and_passes(schemas):
    """The schema lets Subject be missing; the receiver cannot sort such a message, so it is a warning."""
    found = examine(correspondence(schemas, subject=None), schemas)
    assert found.valid
    assert [(one.code, one.path) for one in found.findings] == [("subject-missing", "/Emessage/ClinicalEmail[1]")]


def test_escaped_markup_warns_and_passes(schemas):
    """Formatting sent as text is shown to the sender as a warning, and is not unescaped."""
    found = examine(correspondence(schemas, text="<Bold>Vigtigt</Bold> <Teste>"), schemas)
    assert found.valid
    assert [one.code for one in found.findings] == ["markup-escaped"]
    assert examine(correspondence(schemas, text="a < b, <Teste>"), schemas).findings == ()


def test_a_wrong_check_digit_warns_and_a_vans_id_does_not(schemas, valid):
    """A GLN's check digit never refuses, and an id that is no GLN is not judged as one."""
    found = examine(valid.replace(b"5790000000012", b"5790000000013"), schemas)
    assert found.valid
    assert [one.path for one in found.findings] == ["/Emessage/ClinicalEmail[1]/Receiver/EANIdentifier"]
    assert examine(valid.replace(b"5790000000012", b"TESTVANSID"), schemas).findings == ()


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of real messages is not here")
def test_every_real_message_of_a_known_type_is_taken(schemas):
    """Every real message of the corpus whose type is known is valid and has an envelope, but a draft that no schema takes."""
    taken = 0
    for path in [*CORPUS.glob("oioxml/*.xml"), *CORPUS.glob("fhir/conversion/*.xml")]:
        found = examine(path.read_bytes(), schemas)
        if found.type is not None:
            taken += 1
            assert found.valid is (path.name != "ec_d_req01.xml"), path.name
            assert found.envelope is not None, path.name
    assert taken >= 9
