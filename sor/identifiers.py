"""The numbers that name organisations and persons in Danish health care, each judged by a pure function.

A check never raises and never alters: it says what is wrong (`problem`, which refuses) or odd (`warning`, which only tells).
What is an error and what is a warning follows the national profiles: a length or a shape that no number has is an error; a
check digit is an error for a GLN alone, because numbers in use fail the others (SOR's Verhoeff digit, CPR's modulus 11).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache

from stdnum import ean, verhoeff
from stdnum.dk import cpr
from stdnum.exceptions import InvalidComponent

from sor.kommuner import kommuner


class Problem(StrEnum):
    """What a check found. The same codes serve as problems and as warnings."""

    EMPTY = "empty"
    NOT_DIGITS = "not-digits"
    WRONG_LENGTH = "wrong-length"
    WRONG_SHAPE = "wrong-shape"
    CHECK_DIGIT = "check-digit"
    NO_SUCH_DATE = "no-such-date"
    NOT_IN_LIST = "not-in-list"


@dataclass(frozen=True, slots=True)
class Check:
    """The judgement of one number: `problem` refuses it, `warning` does not; None where there is nothing to say."""

    problem: Problem | None = None
    warning: Problem | None = None

    @property
    def ok(self) -> bool:
        """Whether the number may be used: there is no problem (there may be a warning)."""
        return self.problem is None


class PersonNumberKind(StrEnum):
    """What a person's number is: a CPR number or one of the replacement forms."""

    CPR = "cpr"
    X_ECPR = "x-ecpr"  # national replacement number
    D_ECPR = "d-ecpr"  # regional replacement number: two regions may give the same one to two persons
    DAY_PLUS_60 = "day-plus-60"  # replacement number of a system's own, with 60 added to the day


_FINE = Check()
_X_ECPR = re.compile(r"[0-9]{6}[17][A-Z]{2}[0-9]")
_D_ECPR = re.compile(r"[0-9]{6}[056][A-Z]{2}[0-9]")
_TEN_DIGITS = re.compile(r"[0-9]{10}")
_LEAP_YEAR = 2000
_LEAP_DAY = (29, 2)


def _only_digits(value: str) -> bool:
    # str.isdigit alone takes superscripts and other scripts' digits for digits.
    return value.isascii() and value.isdigit()


def _digits(value: str, shortest: int, longest: int | None) -> Problem | None:
    if not value:
        return Problem.EMPTY
    if not _only_digits(value):
        return Problem.NOT_DIGITS
    if len(value) < shortest or (longest is not None and len(value) > longest):
        return Problem.WRONG_LENGTH
    return None


@lru_cache(maxsize=4096)
def check_gln(value: str) -> Check:
    """A lokationsnummer: 13 digits of which the last is the EAN-13 check digit (dk-core, invariants gln-length and
    gln-modulus-10).
    """
    if problem := _digits(value, 13, 13):
        return Check(problem)
    return _FINE if ean.calc_check_digit(value[:-1]) == value[-1] else Check(Problem.CHECK_DIGIT)


def normal_gln(value: str) -> str:
    """The form in which two addresses are compared: without white space around it, and inside it where the rest is digits.

    Other address values (a VANS id, a test value) keep their case and their inner spaces.
    """
    closed_up = "".join(value.split())
    return closed_up if _only_digits(closed_up) else value.strip()


def check_sor(value: str) -> Check:
    """A SOR code: at least 11 digits, no upper limit (dk-core, SORIdentifier). A wrong Verhoeff digit is a warning: codes in
    use have it.
    """
    if problem := _digits(value, 11, None):
        return Check(problem)
    return _FINE if verhoeff.checksum(value) == 0 else Check(warning=Problem.CHECK_DIGIT)


def check_ydernummer(value: str) -> Check:
    """A ydernummer: one to nine digits (SOR's ProviderIdentifier), not all zeros."""
    if problem := _digits(value, 1, 9):
        return Check(problem)
    return _FINE if value.strip("0") else Check(Problem.WRONG_SHAPE)


def normal_ydernummer(value: str) -> str:
    """A ydernummer without leading zeros: SOR pads it (`019062`), other registers do not (`19062`)."""
    return value.strip().lstrip("0")


def check_kommunekode(value: str) -> Check:
    """A kommunekode: four digits. One that is in no list of ours is a warning, because kommuner merge and split."""
    if problem := _digits(value, 4, 4):
        return Check(problem)
    return _FINE if value in kommuner() else Check(warning=Problem.NOT_IN_LIST)


def check_regionskode(value: str) -> Check:
    """A SOR RegionCode: four digits that begin with 10. Which ones exist is not judged: regions merge on 2027-01-01."""
    if problem := _digits(value, 4, 4):
        return Check(problem)
    return _FINE if value.startswith("10") else Check(Problem.WRONG_SHAPE)


def kind_of_person_number(value: str) -> PersonNumberKind | None:
    """Which of the four forms `value` has by its shape, whatever its date; None for none. `value` has no dash."""
    if _TEN_DIGITS.fullmatch(value):
        return PersonNumberKind.DAY_PLUS_60 if value[0] >= "6" else PersonNumberKind.CPR
    if _X_ECPR.fullmatch(value):
        return PersonNumberKind.X_ECPR
    return PersonNumberKind.D_ECPR if _D_ECPR.fullmatch(value) else None


def check_cpr(value: str) -> Check:
    """A person's number in any of the four forms: CPR, X-eCPR, D-eCPR (dk-core), or day plus 60 (the CPR office's proposal).

    A day that its month never has is an error. A leap day in a year that the century rule (digit 7) says had none is a warning.
    Modulus 11 is not looked at: numbers without it have been given out since 2007-10-01 and are fully valid.
    """
    kind = kind_of_person_number(value)
    if kind is None:
        return Check(Problem.EMPTY if not value else Problem.WRONG_LENGTH if len(value) != 10 else Problem.WRONG_SHAPE)
    day, month = int(value[:2]) - (60 if kind is PersonNumberKind.DAY_PLUS_60 else 0), int(value[2:4])
    try:
        date(_LEAP_YEAR, month, day)
    except ValueError:
        return Check(Problem.NO_SUCH_DATE)
    if (day, month) != _LEAP_DAY:
        return _FINE
    # An eCPR's seventh character says who gave it out, not the century.
    with_century = kind in {PersonNumberKind.CPR, PersonNumberKind.DAY_PLUS_60}
    return Check(warning=Problem.NO_SUCH_DATE) if with_century and not _was_a_day(f"{day:02}{value[2:]}") else _FINE


def _was_a_day(number: str) -> bool:
    try:
        cpr.get_birth_date(number)
    except InvalidComponent:
        return False
    return True
