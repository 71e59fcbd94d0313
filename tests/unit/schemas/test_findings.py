"""What a refused document is told: kind of fault, place, what was expected, and nothing of its own."""

from __future__ import annotations

import re

import pytest

from schemas.examine import examine
from schemas.validator import MAX_FINDINGS
from schemas.wording import CODES, finding
from tests.unit.schemas.documents import XDIS91, as_2015, correspondence

LETTER = "/Emessage/ClinicalEmail[1]"

FAULTS = [
    (r"<Patient>.*</Patient>", "", "element-missing", LETTER, "Patient"),
    (r"<EANIdentifier>5790000000005</EANIdentifier>", "", "element-missing", f"{LETTER}/Sender", "EANIdentifier"),
    (r"<StatusCode>nytbrev</StatusCode>", "", "element-missing", f"{LETTER}/Letter", "StatusCode"),
    (r"<CivilRegistrationNumber>\d+</CivilRegistrationNumber>", "", "element-missing", f"{LETTER}/Patient",
     "CivilRegistrationNumber / AlternativeIdentifier"),
    (r"<ClinicalEmail>.*</ClinicalEmail>", "", "element-missing", "/Emessage", "ClinicalEmail"),
    (r"(<Sender>.*</Sender>)(<Receiver>.*</Receiver>)", r"\2\1", "element-order", f"{LETTER}/Receiver", "Sender"),
    (r"(<Subject>\w+</Subject>)", r"\1\1", "element-too-many", f"{LETTER}/AdditionalInformation/Subject[2]", "1"),
    (r"(<ClinicalInformation>.*</ClinicalInformation>)", r"\1" * 11, "element-too-many",
     f"{LETTER}/ClinicalInformation[11]", "10"),
    (r"<Subject>", "<OccupancyText>x</OccupancyText><Subject>", "element-unexpected",
     f"{LETTER}/AdditionalInformation/OccupancyText", "Priority, Subject"),
    (r"<Subject>", "<Hemmelig>x</Hemmelig><Subject>", "element-unknown", f"{LETTER}/AdditionalInformation/*[1]",
     "Priority, Subject"),
    (r"<Break/>", '<Break xmlns="urn:forkert"/>', "element-namespace", f"{LETTER}/ClinicalInformation/Text01/Break", XDIS91),
    (r"<Break/>", "<Bold><Italic>x</Italic></Bold>", "element-unexpected",
     f"{LETTER}/ClinicalInformation/Text01/Bold/Italic", "Space, Break"),
    (r"<Subject>\w+", "<Subject>" + "x" * 71, "value-too-long", f"{LETTER}/AdditionalInformation/Subject", "70"),
    (r"<Subject>\w+", "<Subject>", "value-empty", f"{LETTER}/AdditionalInformation/Subject", "1"),
    (r"<CivilRegistrationNumber>\d+</CivilRegistrationNumber>", "<AlternativeIdentifier>1</AlternativeIdentifier>",
     "value-length", f"{LETTER}/Patient/AlternativeIdentifier", "10"),
    (r"<Subject>", "<Priority>hoej_prioritet</Priority><Subject>", "value-not-in-list",
     f"{LETTER}/AdditionalInformation/Priority", "rutine, høj_prioritet"),
    (r"kommunenummer", "kommune", "value-not-in-list", f"{LETTER}/Receiver/IdentifierCode",
     "amt, sygehusafdelingsnummer, ydernummer, lokationsnummer, kommunenummer, sorkode"),
    (r"0101010000", "010101-0000", "value-pattern", f"{LETTER}/Patient/CivilRegistrationNumber", "[0-9]{10}"),
    (r"<Date>2026-11-21", "<Date>2026-02-30", "value-date", "/Emessage/Envelope/Sent/Date", "ÅÅÅÅ-MM-DD"),
    (r"<Date>2026-11-21", "<Date>2026-11-21Z", "value-date", "/Emessage/Envelope/Sent/Date", "ÅÅÅÅ-MM-DD"),
    (r"<Time>23:30", "<Time>24:00", "value-pattern", "/Emessage/Envelope/Sent/Time", "[0-5][0-9]"),
    (r"(<Subject>\w+)", r"\1<Break/>", "value-has-elements", f"{LETTER}/AdditionalInformation/Subject", ""),
    (r"<Letter>", "<Letter>hemmelig", "text-stray", f"{LETTER}/Letter", ""),
    (r"<Break/>", "<Break>hemmelig</Break>", "element-not-empty", f"{LETTER}/ClinicalInformation/Text01/Break", ""),
    (r"<Letter>", '<Letter id="hemmelig">', "attribute-unexpected", f"{LETTER}/Letter", ""),
    (r"</ClinicalEmail>", "<Reference><RefDescription>x</RefDescription><SUP>1</SUP></Reference></ClinicalEmail>",
     "value-boolean", f"{LETTER}/Reference/SUP", "true"),
]  # fmt: skip


@pytest.mark.parametrize(("pattern", "new", "code", "path", "expected"), FAULTS)
def test_each_kind_of_fault_says_where_and_what_was_expected(schemas, valid, pattern, new, code, path, expected):
    """A fault gives one finding of its kind, at its element, with what the schema expected there, in both languages."""
    raw = re.sub(pattern, new, valid.decode("iso-8859-1"), count=1, flags=re.DOTALL).encode("iso-8859-1")
    found = [one for one in examine(raw, schemas).findings if one.severity == "error"]
    assert [(one.code, one.path) for one in found] == [(code, path)]
    assert expected in found[0].text_da
    assert found[0].line > 0


@pytest.mark.parametrize(("pattern", "new", "code", "path", "expected"), FAULTS)
def test_findings_never_repeat_the_document(schemas, valid, pattern, new, code, path, expected):
    """No value, name of a stranger's element or attribute of the document is in a finding."""
    raw = re.sub(pattern, new, valid.decode("iso-8859-1"), count=1, flags=re.DOTALL).encode("iso-8859-1")
    said = " ".join(f"{one.path} {one.text_da} {one.text_en}" for one in examine(raw, schemas).findings)
    for secret in (
        "0101010000",
        "010101-0000",
        "Testesen",
        "emmelig",
        "Testkommunen",
        "KUVERT1",
        "BREV1",
        "Indlæggelse",
        "hoej",
    ):
        assert secret not in said


def test_a_foreign_root_is_refused_without_its_name(schemas):
    """A root that is none of MedCom's is not named in the finding."""
    found = examine(b"<Testesen0101010000/>", schemas)
    assert [(one.code, one.path) for one in found.findings] == [("not-emessage", "/*")]
    assert "Testesen" not in str(found)


def test_many_faults_are_capped(schemas, valid):
    """A document with hundreds of faults gets the first twenty and a note that there are more."""
    found = examine(valid.replace(b"<Break/>", b"<Break>x</Break>\n" * 300), schemas)
    codes = [one.code for one in found.findings if one.code in {"element-not-empty", "findings-capped"}]
    assert len(codes) == MAX_FINDINGS + 1
    assert codes[-1] == "findings-capped"


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b"<Break/>", b"<Break>x</Break>", "element-not-empty"),
        (b"<Break/>", b"<Brek/>", "schema-violation"),
        (b"0101010000", b"x", "value-pattern"),
    ],
)
def test_a_large_document_full_of_faults_is_judged_in_good_time(schemas, old, new, code):
    """Twenty thousand lines, each wrong, take no longer than their number: neither the verdict nor its explanation is quadratic."""
    large = correspondence(schemas, text="linje\n" * 20_000)
    assert examine(large, schemas).valid
    found = examine(large.replace(old, new), schemas)
    assert not found.schema_valid
    assert found.findings[0].code == code


def test_several_faults_are_all_told(schemas, valid):
    """Independent faults are found in one go."""
    raw = valid.replace(b"0101010000", b"1").replace(b"nytbrev", b"gammelt").replace(b"kommunenummer", b"")
    assert {one.code for one in examine(raw, schemas).findings} == {"value-pattern", "value-not-in-list"}
    assert len(examine(raw, schemas).findings) == 3


def test_what_xmlschema_cannot_explain_still_has_a_finding(schemas, valid):
    """Where the second opinion fails or sees nothing, the refusal still says something."""
    odd = b'<Subject xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="nothing">'
    found = examine(valid.replace(b"<Subject>", odd), schemas)
    assert not found.valid
    assert found.findings


def test_the_newer_version_is_explained_in_its_own_terms(schemas, valid):
    """Each namespace is explained by its own schema: an empty post code is fine in one and refused in the other."""
    raw = valid.replace(b"</Receiver>", b"<PostCodeIdentifier></PostCodeIdentifier></Receiver>")
    assert [one.code for one in examine(raw, schemas).findings] == ["value-empty"]
    assert examine(as_2015(raw), schemas).valid


def test_every_code_has_whole_sentences():
    """Every row of the table gives a Danish and an English sentence."""
    filled = dict.fromkeys(("limit", "expected", "declared", "read_as", "type"), "1")
    for code in CODES:
        one = finding(code, **filled)
        assert one.text_da.endswith((".", "1."))
        assert one.text_en.endswith(".")
        assert one.text_da != one.text_en
