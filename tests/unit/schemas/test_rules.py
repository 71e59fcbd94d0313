"""The rules beyond the schema: envelope, ids, versions, codes, dates and parties; and the table that they stand in."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest

from schemas.catalogue import Standing
from schemas.document import examine_document
from schemas.examine import Obstacle, examine
from schemas.findings import Severity
from schemas.messages import LetterReference, Original, Receipt, ReceiptContent, ReceiptKind
from schemas.rules.every import MOST
from schemas.rules.table import RULE, RULES, applies_to
from schemas.vanswriter import wrap
from schemas.writer import write_receipt
from tests.examples.building import FOLDER
from tests.unit.schemas.documents import CORPUS, SENT, correspondence
from tests.unit.schemas.vans_documents import message

DAY = date(2026, 11, 21)
LETTER = "/Emessage/ClinicalEmail[1]"
VALID = [path for path in sorted(FOLDER.glob("*.xml")) if not path.stem.endswith("-fault")]


def codes(found, *, notes=True):
    """The codes of all findings, or of those that are more than a note."""
    return [one.code for one in found.findings if notes or one.severity is not Severity.NOTE]


def only(found):
    """The one finding, as code and path."""
    (one,) = found.findings
    return one.code, one.path


def example(name):
    """An example document of the package."""
    return (FOLDER / f"{name}.xml").read_bytes()


@pytest.fixture(scope="module")
def receipt(schemas):
    """A positive receipt."""
    content = ReceiptContent(ReceiptKind.POSITIVE, Original("KUVERT1", "1", "2", (LetterReference("BREV1", "XD9134L"),)))
    return write_receipt(Receipt(content, "KVIT1", "KVITBREV1", "2", "1", SENT), schemas)


def test_every_rule_has_one_record_with_a_source():
    """No code stands twice, each has a source, and only what refuses is an error."""
    assert [code for code, count in Counter(rule.code for rule in RULES).items() if count > 1] == []
    assert all(rule.source and rule.danish.endswith(".") and rule.english.endswith(".") for rule in RULES)
    errors = {"letter-id-repeated", "receipt-asks-for-receipt", "object-not-base64", "object-size-differs", "vans-size-differs"}
    assert {rule.code for rule in RULES if rule.severity is Severity.ERROR} == errors


def test_types_and_versions_of_the_table_are_in_the_catalogue(schemas):
    """A rule is for types and versions that exist here, or for the VANSEnvelope."""
    known = {name for row in schemas.catalogue.rows for name in (row.code, row.version)} | {"VANSEnvelope"}
    assert {name for rule in RULES for name in rule.applies} <= known
    required = {row.code for row in schemas.catalogue.rows if row.in_envelope}
    assert applies_to("vans-required") == required


@pytest.mark.parametrize("identifier", ["KUVERT-1", "KUVERT 1", "KUVÆRT1", "K/1"])
def test_an_id_that_receipts_may_give_back_wrong_warns(schemas, identifier):
    """Ids of the envelope and of the letter with other characters than letters and digits are told, and taken."""
    found = examine(correspondence(schemas, envelope_id=identifier), schemas)
    assert (found.valid, only(found)) == (True, ("id-not-alphanumeric", "/Emessage/Envelope/Identifier"))
    found = examine(correspondence(schemas, letter_id=identifier), schemas)
    assert (found.valid, only(found)) == (True, ("id-not-alphanumeric", f"{LETTER}/Letter/Identifier"))


def test_one_id_for_envelope_and_letter_is_fine(schemas):
    """Hospitals number envelope and letter alike, which is allowed."""
    assert examine(correspondence(schemas, envelope_id="ENS1", letter_id="ENS1"), schemas).findings == ()


def test_two_letters_of_one_id_are_refused(schemas, valid):
    """The schema takes two letters of one id in an envelope, and the standard does not: a receipt could not tell them apart."""
    start, end = valid.index(b"<ClinicalEmail>"), valid.index(b"</Emessage>")
    found = examine(valid[:end] + valid[start:end] + valid[end:], schemas)
    assert (found.schema_valid, found.valid, found.obstacle) == (True, False, Obstacle.RULE)
    assert only(found) == ("letter-id-repeated", "/Emessage/ClinicalEmail[2]/Letter/Identifier")
    other = valid[start:end].replace(b"BREV1", b"BREV2")
    assert examine(valid[:end] + other + valid[end:], schemas).findings == ()


def test_a_receipt_that_asks_for_a_receipt_is_refused(schemas, receipt):
    """Receipts are never receipted, so one may not ask; the schema lets it."""
    assert examine(receipt, schemas).findings == ()
    found = examine(receipt.replace(b"minuspositivkvitt", b"pluspositivkvitt"), schemas)
    assert (found.schema_valid, found.obstacle) == (True, Obstacle.RULE)
    assert only(found) == ("receipt-asks-for-receipt", "/Emessage/Envelope/AcknowledgementCode")


def test_the_schemas_refusal_comes_before_a_rules(schemas, receipt):
    """Where schema and rule both refuse, the obstacle is the schema, and both are told."""
    raw = receipt.replace(b"minuspositivkvitt", b"pluspositivkvitt").replace(b"XC0330Q", b"XC0330")
    found = examine(raw.replace(b"<StatisticalCode>", b"<Statistik>x</Statistik><StatisticalCode>"), schemas)
    assert found.obstacle in {Obstacle.SCHEMA, Obstacle.UNKNOWN_VERSION}
    assert "receipt-asks-for-receipt" in codes(found)


@pytest.mark.parametrize("name", ["GGOP-GGOP100", "XDIS32-XD3234L"])
def test_a_type_for_the_envelope_warns_when_it_comes_bare(schemas, name):
    """What must travel in a VANSEnvelope is taken without one, with a warning, and in one without."""
    found = examine_document(example(name), schemas)
    assert (found.valid, codes(found, notes=False)) == (True, ["vans-required"])
    assert codes(examine(example(name), schemas, enveloped=True), notes=False) == []


def test_in_a_vans_envelope_nothing_is_missed(schemas):
    """The examination of an enveloped document knows that it is in its envelope."""
    found = examine_document(wrap(message(example("XDIS32-XD3234L")), schemas), schemas)
    assert "vans-required" not in codes(found)
    assert found.inner is not None


def test_an_old_version_names_the_new_one(schemas):
    """A version that was superseded is a note with what to send instead; one in production is not, nor one without successor."""
    for row in schemas.catalogue.rows:
        found = examine(example(f"{row.code}-{row.version}"), schemas)
        told = [one for one in found.findings if one.code == "version-old"]
        newer = [other.version for other in schemas.catalogue.versions(row.root) if other.status is not Standing.OLD]
        assert bool(told) is (row.status is Standing.OLD and bool(newer)), row
        assert all(version in one.text_da for one in told for version in newer)


@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        ("XDIS91-XD9134L", b"<StatisticalCode>XDIS91", b"<StatisticalCode>XDIS90", ["statistical-code-differs"]),
        ("XDIS91-XD9134L", b"<StatisticalCode>XDIS91", b"<StatisticalCode>GGOP2", []),
        ("XDIS91-XD9134L", b"<StatisticalCode>XDIS91", b"<StatisticalCode>DIS91", []),
        ("GGOP-GGOP100", b"<StatisticalCode>GGOP2", b"<StatisticalCode>GGOP1", []),
        ("XDIS20-XD2030C", b"<StatisticalCode>XDIS20", b"<StatisticalCode>GGOP2", ["statistical-code-differs"]),
        ("XCTL03-XC0330Q", b"<StatisticalCode>XCTL03", b"<StatisticalCode>XCTL02", ["receipt-statistical-code"]),
    ],
)
def test_statistical_code(schemas, name, old, new, told):
    """A StatisticalCode of another type is noted, and in a receipt warned of; EDIFACT's form and those of a GGOP are fine."""
    raw = example(name)
    assert raw.count(old) == 1
    found = examine(raw.replace(old, new), schemas, enveloped=True)
    assert (found.valid, codes(found)) == (True, told)


@pytest.mark.parametrize(
    ("days", "told"),
    [
        (0, []),
        (1, []),
        (2, ["sent-in-future", "authorised-in-future"]),
        (-365, []),
        (-366, ["sent-long-ago", "authorised-long-ago"]),
    ],
)
def test_dates_are_held_against_the_day(schemas, days, told):
    """A letter dated more than a day ahead or more than a year back is told of, and taken."""
    found = examine(correspondence(schemas), schemas, on=DAY - timedelta(days=days))
    assert (found.valid, codes(found)) == (True, told)


def test_without_a_day_no_date_is_old(schemas, valid):
    """Where no day is given, dates are not judged by one."""
    assert examine(valid.replace(b"2026-11-21", b"1926-11-21"), schemas).findings == ()


def test_the_danish_day_counts(schemas, valid):
    """Half an hour past midnight in Denmark is still yesterday in UTC, and no letter is authorised after it is sent for that."""
    raw = valid.replace(b"<Time>23:30", b"<Time>00:30")
    assert examine(raw, schemas, on=DAY).findings == ()


def test_a_letter_authorised_after_it_was_sent_warns(schemas, valid):
    """The day of authorisation may not be after the envelope's; before it is fine."""
    at = valid.rindex(b"2026-11-21")
    later, earlier = (valid[:at] + day + valid[at + 10 :] for day in (b"2026-11-22", b"2026-11-20"))
    assert only(examine(later, schemas)) == ("authorised-after-sent", f"{LETTER}/Letter/Authorisation/Date")
    assert examine(earlier, schemas).findings == ()


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_no_example_has_an_error_or_an_odd_warning(schemas, path):
    """Nothing but the envelope that is missing is warned of in an example, on the day after that on which they are dated."""
    found = examine(path.read_bytes(), schemas, on=DAY)
    assert found.valid
    assert set(codes(found, notes=False)) <= {"vans-required"}


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of real messages is not here")
def test_no_rule_refuses_a_real_message(schemas):
    """What MedCom's schemas take of the real messages no rule refuses, and no rule warns of half of them."""
    told, seen = Counter(), 0
    for path in [*CORPUS.glob("oioxml/*.xml"), *CORPUS.glob("fhir/conversion/*.xml")]:
        found = examine_document(path.read_bytes(), schemas)
        if found.inner is None or found.inner.type is None:
            continue
        seen += 1
        assert not (found.schema_valid and not found.valid), path.name
        ruled = {one.code for one in found.findings if one.code in RULE}
        assert not {code for code in ruled if RULE[code].severity is Severity.ERROR}, path.name
        told.update(code for code in ruled if RULE[code].severity is Severity.WARNING)
    assert seen > 20
    assert all(count < seen / 2 for count in told.values()), told


def test_many_findings_are_capped(schemas, valid):
    """A document made to break a rule thousands of times is told of fifty, and takes no longer than its size."""
    person = b"<CivilRegistrationNumber>0101010000</CivilRegistrationNumber>"
    found = examine(valid.replace(person, person.replace(b"0101010000", b"1111111117") * 20_000), schemas)
    told = [one.code for one in found.findings if one.code in {"cpr-modulus-11", "findings-capped"}]
    assert told.count("cpr-modulus-11") == MOST
    assert told[-1] == "findings-capped"


def test_an_error_is_never_cut_off(schemas):
    """However much there is to note before it, what refuses a document is found."""
    raw = example("XBIN01-XB0131X").replace(b"0101010000", b"1111111117")
    start, end = raw.index(b"<BinaryLetter>"), raw.index(b"</Emessage>")
    letters = [raw[start:end].replace(b"<Identifier>BXB0", f"<Identifier>{at:03}".encode(), 1) for at in range(MOST + 10)]
    letters[-1] = letters[-1].replace(b"<OriginalObjectSize>567", b"<OriginalObjectSize>568")
    found = examine(raw[:start] + b"".join(letters) + raw[end:], schemas)
    assert (found.schema_valid, found.obstacle, found.findings[0].code) == (True, Obstacle.RULE, "object-size-differs")
    assert len(found.findings) == MOST + 1
