"""The example messages of notices, reports, births, prescriptions, attachments, correspondence and receipts."""

from __future__ import annotations

import base64

import pytest
from lxml import etree

from schemas.examine import Obstacle, examine
from schemas.findings import Severity
from schemas.validator import Schemas
from sor.identifiers import check_gln
from tests.examples import attachments, births, carereports, correspondence, notices, prescriptions
from tests.examples.building import FOLDER, SYNTHETIC, Fault

FAMILIES = (notices, carereports, births, prescriptions, attachments, correspondence)
VALID = {name: document for family in FAMILIES for name, document in family.VALID.items()}
FAULTY = {name: fault for family in FAMILIES for name, fault in family.FAULTY.items()}
DOCUMENTS = {**VALID, **{name: fault.document for name, fault in FAULTY.items()}}
ATTACHED = [("XDIS91-XD9134L", "XBIN01-XB0131X", b"%PDF-1.4\n"), ("XDIS91-XD9135L", "XBIN01-XB0130X", b"\x89PNG\r\n\x1a\n")]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_files_are_what_the_builders_write(name: str) -> None:
    """An example file holds what its builder writes: `python -m tests.examples` writes them anew."""
    assert (FOLDER / f"{name}.xml").read_bytes() == DOCUMENTS[name]


@pytest.mark.parametrize(("name", "document"), VALID.items(), ids=list(VALID))
def test_valid(name: str, document: bytes, schemas: Schemas) -> None:
    """An example is valid, of the type and version that its name says, and has no error."""
    found = examine(document, schemas)
    assert found.schema_valid
    assert found.obstacle is None
    assert [one.code for one in found.findings if one.severity is Severity.ERROR] == []
    assert f"{found.type}-{found.version}" == name


@pytest.mark.parametrize(("name", "fault"), FAULTY.items(), ids=list(FAULTY))
def test_faulty(name: str, fault: Fault, schemas: Schemas) -> None:
    """An example with a fault is refused by the schema for the one error that it was given, at its place."""
    found = examine(fault.document, schemas)
    assert not found.schema_valid
    assert found.obstacle is Obstacle.SCHEMA
    assert f"{found.type}-{found.version}-fault" == name
    assert [(one.code, one.path) for one in found.findings if one.severity is Severity.ERROR] == [(fault.code, fault.path)]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_synthetic(name: str) -> None:
    """Every example says that it is synthetic, and every address of digits in it is a well-formed GLN."""
    tree = etree.fromstring(DOCUMENTS[name]).getroottree()
    assert tree.getroot().getprevious().text == SYNTHETIC
    eans = [ean.text for ean in tree.iter("{*}EANIdentifier")]
    assert [ean for ean in eans if ean.isdigit() and check_gln(ean).problem is not None] == []


@pytest.mark.parametrize(("letter", "binary", "begins"), ATTACHED)
def test_attached(letter: str, binary: str, begins: bytes) -> None:
    """What a correspondence message says of its attachment is what the binary letter brings, and both know its size."""
    reference = etree.fromstring(VALID[letter]).find(".//{*}BIN")
    brought = etree.fromstring(VALID[binary]).find(".//{*}BinaryObject")
    assert reference is not None
    assert brought is not None
    said, fields = ({etree.QName(field).localname: field.text or "" for field in one} for one in (reference, brought))
    content = base64.b64decode(fields.pop("Object_Base64Encoded"), validate=True)
    assert content.startswith(begins)
    assert int(fields["OriginalObjectSize"]) == len(content)
    assert len(said["ObjectIdentifier"]) == 32
    fields["ObjectIdentifier"] = fields["ObjectIdentifier"].replace("-", "")
    assert said == fields
