"""The readable report and the JSON of a document, bare and in a VANSEnvelope."""

from __future__ import annotations

import json
import re

import pytest
from click.testing import CliRunner

from gateway.cli import main
from schemas.messages import ReceiptKind
from schemas.validator import load_schemas
from schemas.vans import DocumentFormat, VansReceipt
from schemas.vanswriter import wrap
from tests.unit.schemas.documents import correspondence
from tests.unit.schemas.vans_documents import RECEIPT_ID, envelope, message, meta

SCHEMAS = load_schemas()
FAULTY = correspondence(SCHEMAS, subject=None).replace(b"0101010000", b"010101-0000")


def run(raw, *options):
    """The command, given the bytes on standard input."""
    return CliRunner().invoke(main, ["validate", *options, "-"], input=raw)


@pytest.fixture(scope="module")
def enveloped():
    """A faulty document in an envelope that has its length wrong and its type too."""
    raw = wrap(message(FAULTY, name="MCM:XDIS17"), SCHEMAS)
    return raw.replace(f"<SizeInBytes>{len(FAULTY)}".encode(), b"<SizeInBytes>7")


def test_errors_come_first():
    """Findings are sorted by weight, errors before warnings."""
    found = json.loads(run(correspondence(SCHEMAS, subject=None), "--json").stdout)["findings"]
    assert [one["severity"] for one in found] == ["warning"]
    both = json.loads(run(FAULTY.replace(b"Testesen", b"Testesen" * 9), "--json").stdout)["findings"]
    assert [one["severity"] for one in both] == ["error", "error", "warning"]


def test_an_enveloped_document(enveloped):
    """Envelope and payload are judged in one report, and each finding says whose line it names."""
    result = run(enveloped)
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert lines[0] == "-: afvist (VANSEnvelope med XDIS91 XD9134L)"
    assert lines[1] == "  VANSEnvelope siger: XML MCM:XDIS17 XD9134L, 7 bytes"
    assert re.findall(r"^  (\w+ [\w-]+) \((\w+), ", result.stdout, re.MULTILINE) == [
        ("fejl vans-size-differs", "VANSEnvelope"),
        ("fejl value-pattern", "indholdet"),
        ("advarsel vans-name-differs", "VANSEnvelope"),
        ("advarsel subject-missing", "indholdet"),
    ]
    assert lines[-1] == "  Linjer i indholdet er talt i det, når det er taget ud af base64."
    assert "refused (VANSEnvelope with XDIS91 XD9134L)" in run(enveloped, "--language", "en").stdout


def test_its_json(enveloped):
    """The row of an enveloped document has the keys of any other, and `vans_envelope` and each finding's `part` besides."""
    row = json.loads(run(enveloped, "--json").stdout)
    assert list(row) == ["file", "format", "type", "version", "schema_valid", "valid", "findings", "vans_envelope"]
    assert (row["format"], row["type"], row["schema_valid"], row["valid"]) == ("oioxml", "XDIS91", False, False)
    assert {(one["code"], one["part"]) for one in row["findings"]} == {
        ("vans-size-differs", "envelope"),
        ("vans-name-differs", "envelope"),
        ("value-pattern", "payload"),
        ("subject-missing", "payload"),
    }
    told = {"valid": False, "format": "XML", "name": "MCM:XDIS17", "version": "XD9134L", "size": 7, "receipt": None}
    assert row["vans_envelope"] == told


def test_the_schemas_verdict_is_both(enveloped):
    """`schema_valid` is true where envelope and payload both are; what the schema lets pass does not make it false."""
    good = correspondence(SCHEMAS)
    raw = wrap(message(good), SCHEMAS)
    sized = raw.replace(f"<SizeInBytes>{len(good)}".encode(), b"<SizeInBytes>7")
    assert [(row["schema_valid"], row["valid"]) for row in (json.loads(run(one, "--json").stdout) for one in (raw, sized))] == [
        (True, True),
        (True, False),
    ]
    assert json.loads(run(wrap(message(FAULTY), SCHEMAS), "--json").stdout)["schema_valid"] is False


def test_other_payloads_and_receipts():
    """A payload that is not looked into is told by its format, and an envelope's own receipt by its kind."""
    opaque = wrap(message(b"UNA:+.? '", format=DocumentFormat.EDIFACT, name="MCM:RYKMED", version=None), SCHEMAS)
    row = json.loads(run(opaque, "--json").stdout)
    assert (row["format"], row["type"], row["valid"]) == ("edifact", None, True)
    assert run(opaque).stdout.splitlines() == [
        "-: godkendt (VANSEnvelope med edifact)",
        "  VANSEnvelope siger: EDIFACT MCM:RYKMED, 9 bytes",
    ]
    receipt = wrap(envelope(VansReceipt(ReceiptKind.POSITIVE, RECEIPT_ID, meta(b""))), SCHEMAS)
    assert run(receipt).stdout == "-: godkendt (VANSEnvelope med XCTL03)\n"
    assert json.loads(run(receipt, "--json").stdout)["vans_envelope"]["receipt"] == "XCTL03"


def test_what_an_envelope_says_is_no_command_to_a_terminal():
    """A name with control characters in it is shown without them."""
    raw = wrap(message(correspondence(SCHEMAS), name="MCM:X\x9b2J"), SCHEMAS)
    assert "\x9b" not in run(raw).stdout


def test_an_envelope_that_cannot_be_read():
    """An envelope of another version is refused, and nothing is said of what is in it."""
    result = run(wrap(message(b"x"), SCHEMAS).replace(b"envelope:1.0.4", b"envelope:2.0.0"))
    assert result.stdout.splitlines()[0] == "-: afvist (VANSEnvelope)"
    assert "version-unknown" in result.stdout
