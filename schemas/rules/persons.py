"""Rules on the person's number: a CPR number in CivilRegistrationNumber, a replacement number in AlternativeIdentifier.

The schema asks for ten digits or ten characters, and real messages have had numbers that nobody has. So nothing here is an error:
the message goes to the receiver, who knows the person, and the sender is told what looks wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from operator import mul

from stdnum.dk import cpr

from schemas.findings import Finding
from schemas.paths import place
from schemas.rules.looked import Look
from schemas.wording import finding
from sor.identifiers import PersonNumberKind, Problem, check_cpr, kind_of_person_number

_WEIGHTS = (4, 3, 2, 7, 6, 5, 4, 3, 2, 1)
_UNKNOWN = "0000000000"  # MedCom XDIS32, CivilRegistrationNumberType: no number is known
_FIRST_OF_JANUARY = "0101"  # the birthdays for which numbers without a check digit have been given out


def persons(look: Look) -> Iterator[Finding]:
    """All rules on persons' numbers."""
    for element in look.parts.get("CivilRegistrationNumber", ()):
        for code in _of_number(element.text or "", look.document.on):
            yield finding(code, *place(element))
    for element in look.parts.get("AlternativeIdentifier", ()):
        for code in _of_replacement(element.text or ""):
            yield finding(code, *place(element))


def _of_number(number: str, on: date | None) -> Iterator[str]:
    kind = kind_of_person_number(number)
    if kind is PersonNumberKind.DAY_PLUS_60:
        yield "cpr-is-replacement"
    elif kind is PersonNumberKind.CPR and number != _UNKNOWN:
        check = check_cpr(number)
        if check.problem is not None:
            yield "cpr-no-such-date"
        elif check.warning is not None:
            yield "cpr-no-such-leap-day"
        elif on is not None and _later(number, on):
            yield "cpr-born-later"
        elif not number.startswith(_FIRST_OF_JANUARY) and sum(map(mul, _WEIGHTS, map(int, number))) % 11:
            yield "cpr-modulus-11"


def _later(number: str, on: date) -> bool:
    """Whether the day of birth is after `on`. Only digits 4 to 9 at place 7 can mean this century, so the others need no more."""
    if number[6] < "4" or int(number[4:6]) < on.year % 100:
        return False
    return cpr.get_birth_date(number) > on


def _of_replacement(number: str) -> Iterator[str]:
    if kind_of_person_number(number) is PersonNumberKind.CPR and check_cpr(number).ok:
        yield "alternative-is-cpr"
        return
    problem = check_cpr(number).problem
    if problem is Problem.NO_SUCH_DATE:
        yield "alternative-no-such-date"
    elif problem is not None:
        yield "alternative-form-unknown"
