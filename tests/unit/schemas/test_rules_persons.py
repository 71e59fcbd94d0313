"""The rules on persons' numbers: what looks wrong is told, and nothing is refused for it. Every number is made up."""

from __future__ import annotations

from datetime import date

import pytest

from schemas.examine import examine
from schemas.findings import Severity
from tests.unit.schemas.documents import PATIENT

DAY = date(2026, 11, 21)
PERSON = "/Emessage/ClinicalEmail[1]/Patient"


def told(schemas, valid, element, number, on=None):
    """What is found in a letter with this number in this element."""
    old = f"<CivilRegistrationNumber>{PATIENT.identifier}</CivilRegistrationNumber>".encode()
    assert valid.count(old) == 1
    found = examine(valid.replace(old, f"<{element}>{number}</{element}>".encode("iso-8859-1")), schemas, on=on)
    assert found.valid
    assert all(one.path == f"{PERSON}/{element}" and number not in one.text_da + one.text_en for one in found.findings)
    return [(one.code, one.severity) for one in found.findings]


@pytest.mark.parametrize(
    ("number", "code", "severity"),
    [
        ("0101010000", None, None),  # 1 January: numbers without a check digit are given out
        ("1111111118", None, None),  # modulus 11
        ("1111111117", "cpr-modulus-11", Severity.NOTE),
        ("3002010000", "cpr-no-such-date", Severity.WARNING),
        ("1513010000", "cpr-no-such-date", Severity.WARNING),
        ("2902010000", "cpr-no-such-leap-day", Severity.WARNING),  # 1901
        ("2902004000", "cpr-modulus-11", Severity.NOTE),  # 2000 was a leap year
        ("6101010000", "cpr-is-replacement", Severity.NOTE),
        ("0000000000", None, None),  # MedCom's own number for none
    ],
)
def test_a_cpr_number_is_looked_at(schemas, valid, number, code, severity):
    """Date, century and check digit of a CPR number are told of and never refuse; day plus 60 is known for a replacement."""
    assert told(schemas, valid, "CivilRegistrationNumber", number) == ([(code, severity)] if code else [])


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("2111264000", "cpr-modulus-11"),  # born on the day
        ("2211264000", "cpr-born-later"),
        ("2211304000", "cpr-born-later"),
        ("2211302000", "cpr-modulus-11"),  # digit 7 says 1930
        ("2211597000", "cpr-modulus-11"),  # digit 7 says 1859
        ("2211567000", "cpr-born-later"),  # digit 7 says 2056
    ],
)
def test_a_birthday_that_has_not_come_warns(schemas, valid, number, code):
    """The century that digit 7 gives may put a birthday after the day on which the letter is judged."""
    assert [found for found, _ in told(schemas, valid, "CivilRegistrationNumber", number, DAY)] == [code]


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("0101011AB2", None),  # X-eCPR
        ("0101015AB2", None),  # D-eCPR
        ("6101010000", None),  # day plus 60
        ("3002011AB2", "alternative-no-such-date"),
        ("0101012AB2", "alternative-form-unknown"),
        ("UKENDT 001", "alternative-form-unknown"),
        ("0101010000", "alternative-is-cpr"),
    ],
)
def test_a_replacement_number_is_looked_at(schemas, valid, number, code):
    """The known forms of replacement numbers pass; others, impossible dates and plain CPR numbers are warned of."""
    assert told(schemas, valid, "AlternativeIdentifier", number) == ([(code, Severity.WARNING)] if code else [])
