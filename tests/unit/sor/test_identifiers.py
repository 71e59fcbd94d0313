"""The identifiers: what is an error, what only a warning, on examples that are all made up or national test values."""

import pytest

from sor.identifiers import (
    Check,
    PersonNumberKind,
    Problem,
    check_cpr,
    check_gln,
    check_kommunekode,
    check_regionskode,
    check_sor,
    check_ydernummer,
    kind_of_person_number,
    normal_gln,
    normal_ydernummer,
)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("5790009910015", Check()),
        ("5790009910016", Check(Problem.CHECK_DIGIT)),
        ("579000991001", Check(Problem.WRONG_LENGTH)),
        ("57900099100155", Check(Problem.WRONG_LENGTH)),
        ("", Check(Problem.EMPTY)),
        ("DKTESTMDNET", Check(Problem.NOT_DIGITS)),
        ("579000991001\N{ARABIC-INDIC DIGIT FIVE}", Check(Problem.NOT_DIGITS)),
        ("579000991001²", Check(Problem.NOT_DIGITS)),
    ],
)
def test_gln(value, expected):
    """A lokationsnummer is 13 ASCII digits with an EAN-13 check digit, and anything else is an error with its own code."""
    assert check_gln(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("9910011000016004", Check()),
        ("11000016002", Check()),
        ("9910011000016005", Check(warning=Problem.CHECK_DIGIT)),
        ("12345678901", Check(warning=Problem.CHECK_DIGIT)),
        ("1234567890", Check(Problem.WRONG_LENGTH)),
        ("99100 11000016004", Check(Problem.NOT_DIGITS)),
    ],
)
def test_sor(value, expected):
    """A SOR code has at least 11 digits, and a wrong Verhoeff digit is never more than a warning."""
    assert check_sor(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("019062", Check()),
        ("1", Check()),
        ("000", Check(Problem.WRONG_SHAPE)),
        ("1234567890", Check(Problem.WRONG_LENGTH)),
        ("12a", Check(Problem.NOT_DIGITS)),
        ("", Check(Problem.EMPTY)),
    ],
)
def test_ydernummer(value, expected):
    """A ydernummer is one to nine digits, not all of them zeros."""
    assert check_ydernummer(value) == expected


def test_ydernummer_with_and_without_leading_zeros_are_one():
    """A padded ydernummer and a bare one compare equal once normalised."""
    assert normal_ydernummer("019062") == normal_ydernummer(" 19062 ") == "19062"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("0779", Check()),
        ("0411", Check()),
        ("9999", Check(warning=Problem.NOT_IN_LIST)),
        ("779", Check(Problem.WRONG_LENGTH)),
    ],
)
def test_kommunekode(value, expected):
    """A kommunekode has four digits; one outside the national list is a warning, because lists grow old."""
    assert check_kommunekode(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [("1082", Check()), ("1099", Check()), ("2082", Check(Problem.WRONG_SHAPE)), ("82", Check(Problem.WRONG_LENGTH))],
)
def test_regionskode(value, expected):
    """A region's code begins with 10, and no list of regions is built in, since regions merge."""
    assert check_regionskode(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2509479989", Check()),  # a national test value that fails modulus 11
        ("2902004999", Check()),  # 2000 had a leap day
        ("2902000999", Check(warning=Problem.NO_SUCH_DATE)),  # 1900 had none
        ("8902000999", Check(warning=Problem.NO_SUCH_DATE)),  # the same with day plus 60
        ("3102479989", Check(Problem.NO_SUCH_DATE)),
        ("3104479989", Check(Problem.NO_SUCH_DATE)),
        ("0013479989", Check(Problem.NO_SUCH_DATE)),
        ("8509479989", Check()),
        ("9909479989", Check(Problem.NO_SUCH_DATE)),
        ("2509471AB9", Check()),
        ("2902000AB9", Check()),
        ("3502471AB9", Check(Problem.NO_SUCH_DATE)),
        ("250947-9989", Check(Problem.WRONG_LENGTH)),
        ("250947998", Check(Problem.WRONG_LENGTH)),
        ("2509472AB9", Check(Problem.WRONG_SHAPE)),
        ("2509471ab9", Check(Problem.WRONG_SHAPE)),
        ("25094799 9", Check(Problem.WRONG_SHAPE)),
        ("", Check(Problem.EMPTY)),
    ],
)
def test_cpr(value, expected):
    """A person's number is judged by shape and date alone, in its four forms, and modulus 11 is never asked."""
    assert check_cpr(value) == expected


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("2509479989", PersonNumberKind.CPR),
        ("8509479989", PersonNumberKind.DAY_PLUS_60),
        ("2509471AB9", PersonNumberKind.X_ECPR),
        ("2509477AB9", PersonNumberKind.X_ECPR),
        ("2509470AB9", PersonNumberKind.D_ECPR),
        ("2509475AB9", PersonNumberKind.D_ECPR),
        ("2509476AB9", PersonNumberKind.D_ECPR),
        ("2509478AB9", None),
    ],
)
def test_kind_of_person_number(value, kind):
    """The seventh character tells a national replacement number from a regional one."""
    assert kind_of_person_number(value) is kind


@pytest.mark.parametrize(
    ("written", "compared"),
    [
        (" 5790009910015\n", "5790009910015"),
        ("5790009 910015", "5790009910015"),
        (" DKTEST MDNET ", "DKTEST MDNET"),
        ("dktest", "dktest"),
        ("", ""),
    ],
)
def test_normal_gln(written, compared):
    """White space does not tell two lokationsnumre apart, while other addresses keep their spelling."""
    assert normal_gln(written) == compared
