"""The examples of XREQ01, XRPT01, GGOP, XDIS18 and XDIS21: the files are what the builders write, and are judged as they should be."""

from __future__ import annotations

import pytest

from schemas.catalogue import Standing
from schemas.examine import Obstacle, examine
from schemas.findings import Severity
from tests.examples import care, laboratory
from tests.examples.building import FOLDER

VALID = laboratory.VALID | care.VALID
FAULTY = laboratory.FAULTY | care.FAULTY


def test_files_are_what_the_builders_write():
    """Every file holds what its builder writes."""
    for name, document in (VALID | {name: fault.document for name, fault in FAULTY.items()}).items():
        assert (FOLDER / f"{name}.xml").read_bytes() == document, name


def told(found):
    """The findings that are more than a note: an old version is an example too."""
    return [one for one in found.findings if one.severity is not Severity.NOTE]


@pytest.mark.parametrize("name", VALID)
def test_a_valid_example_is_taken(schemas, name):
    """A valid example is of the type and version that its file is named for, and has no error and no warning in its envelope."""
    found = examine(VALID[name], schemas, enveloped=True)
    assert (found.type, found.version) == tuple(name.split("-"))
    assert (found.schema_valid, found.valid, told(found)) == (True, True, [])


@pytest.mark.parametrize("name", laboratory.FAULTY)
def test_a_faulty_example_is_refused(schemas, name):
    """A faulty example is refused for the fault that it is there to show, and for that alone."""
    fault = FAULTY[name]
    found = examine(fault.document, schemas)
    assert (found.schema_valid, found.valid) == (False, False)
    assert [(one.code, one.path) for one in told(found)] == [(fault.code, fault.path)]


@pytest.mark.parametrize("name", care.FAULTY)
def test_a_fault_in_a_provisional_type_is_a_warning(schemas, name):
    """Where the schema itself is uncertain, the document is taken, and its fault is shown as a warning."""
    fault = FAULTY[name]
    found = examine(fault.document, schemas, enveloped=True)
    row = next(row for row in schemas.catalogue.rows if (row.code, row.version) == (found.type, found.version))
    assert row.status is Standing.PROVISIONAL
    assert (found.schema_valid, found.valid) == (False, True)
    assert [(one.code, one.path, one.severity) for one in told(found)] == [(fault.code, fault.path, Severity.WARNING)]


@pytest.mark.parametrize("name", care.VALID)
def test_a_letter_of_several_namespaces_is_read(schemas, name):
    """Ids, parties, time and thread are read though they stand in other namespaces than the letter."""
    envelope = examine(VALID[name], schemas).envelope
    assert envelope.identifier.startswith("KUV")
    assert envelope.sent_at is not None
    assert envelope.wants_receipt
    letter = envelope.first
    assert (letter.type, letter.version) == tuple(name.split("-"))
    assert (letter.sender.ean, letter.receiver.ean) == ("5790009920014", "5790009911739")
    assert (letter.receiver.identifier, letter.receiver.identifier_code) == ("779", "kommunenummer")
    assert letter.thread == (None if letter.type == "GGOP" else "0123456789abcdef0123456789abcdef")


@pytest.mark.parametrize(
    ("name", "old", "new", "code", "text"),
    [
        ("XDIS18-XD1834C", "m:Sender>", "Sender>", "element-namespace", "municipality:1.0.0"),
        ("XDIS18-XD1834C", "m:Patient>", "Patient>", "element-missing", "Patient"),
        ("GGOP-GGOP100", "<IdentifierCode>kommunenummer</IdentifierCode>", "", "element-missing", "IdentifierCode"),
        ("GGOP-GGOP100", "<m:PatientHealthSummary>", "<m:Admission/><m:PatientHealthSummary>", "element-missing", "Date"),
    ],
)
def test_what_an_open_schema_finds_is_said_plainly(schemas, name, old, new, code, text):
    """Faults in a letter of several namespaces are explained with the name or namespace that belongs there."""
    raw = VALID[name].replace(old.encode(), new.encode())
    assert raw != VALID[name]
    first = examine(raw, schemas).findings[0]
    assert (first.code, first.severity) == (code, Severity.WARNING)
    assert text in first.text_en


@pytest.mark.parametrize(
    ("old", "new", "obstacle"),
    [
        ("<m:EANIdentifier>5790009911739</m:EANIdentifier>", "", Obstacle.SCHEMA),
        ("<Identifier>BREVXD2134C</Identifier>", "", Obstacle.SCHEMA),
        ("<VersionCode>XD2134C</VersionCode>", "", Obstacle.SCHEMA),
        ("XD2134C</VersionCode>", "XD2199C</VersionCode>", Obstacle.UNKNOWN_VERSION),
        ("ProgressOfCarePlan>", "AnswerOfAdmission>", Obstacle.UNKNOWN_TYPE),
    ],
)
def test_what_cannot_be_addressed_is_refused_however_uncertain_the_schema(schemas, old, new, obstacle):
    """A provisional type without what routing and receipts need is refused with an error."""
    raw = VALID["XDIS21-XD2134C"].replace(old.encode(), new.encode())
    assert raw != VALID["XDIS21-XD2134C"]
    found = examine(raw, schemas)
    assert found.obstacle is obstacle
    assert found.findings[0].severity is Severity.ERROR


def test_a_fault_is_an_obstacle_until_it_is_explained(schemas):
    """Whoever asks for no explanation is told that the schema refuses, and so asks again; nothing is taken with its warnings lost."""
    assert examine(FAULTY["GGOP-GGOP100-fault"].document, schemas, explain=False).obstacle is Obstacle.SCHEMA


@pytest.mark.parametrize(
    ("old", "new", "code", "text"),
    [
        ("<NumberOfTestTubes>2<", "<NumberOfTestTubes>-1<", "value-number", "0..99999"),
        ("<OriginalObjectSize>20480<", "<OriginalObjectSize>0<", "value-number", "≥ 1"),
        ("<Numerical>10.5<", "<Numerical>10,5<", "value-decimal", "17 digits"),
        ("<ReplyTo>true<", "<ReplyTo>ja<", "value-true-or-false", "true or false"),
    ],
)
def test_a_wrong_number_is_told_its_bounds(schemas, old, new, code, text):
    """What a number may be is said as the schema has it, whole or not."""
    raw = VALID["XREQ01-XQ0131K"].replace(old.encode(), new.encode(), 1)
    assert raw != VALID["XREQ01-XQ0131K"]
    first = examine(raw, schemas).findings[0]
    assert first.code == code
    assert text in first.text_en
