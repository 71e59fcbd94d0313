"""Identifiers and register on any input: nothing raises, and the rules hold for every value."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from sor.identifiers import check_cpr, check_gln, check_kommunekode, check_regionskode, check_sor, check_ydernummer, normal_gln
from sor.names import fold, slug
from sor.rows import COLUMNS, read
from sor.units import Found, Sector, Unit, answer_for

DAYS = st.dates(date(2000, 1, 1), date(2030, 12, 31))


@given(st.text())
def test_checks_never_raise(value):
    """Whatever stands where a number should be, each check answers, and what has a problem has no warning besides."""
    for check in (check_gln, check_sor, check_ydernummer, check_kommunekode, check_regionskode, check_cpr):
        verdict = check(value)
        assert verdict.ok == (verdict.problem is None)
        assert verdict.problem is None or verdict.warning is None


@given(st.text(alphabet="0123456789", min_size=12, max_size=12))
def test_one_check_digit_makes_a_gln(stem):
    """Exactly one of the ten last digits makes twelve digits a lokationsnummer, by the standard's own weights."""
    total = sum(int(digit) * (1, 3)[place % 2] for place, digit in enumerate(stem))
    assert [digit for digit in "0123456789" if check_gln(stem + digit).ok] == [str((10 - total % 10) % 10)]


@given(st.text(alphabet="0123456789", min_size=11))
def test_sor_code_is_never_refused_for_its_check_digit(value):
    """Any eleven digits or more are a usable SOR code."""
    assert check_sor(value).ok


@given(st.dates(date(1858, 1, 1), date(2057, 12, 31)), st.integers(0, 999))
def test_every_birthday_has_numbers(day, serial):
    """A number made of a real birthday with the century's seventh digit is fine, whatever its last three digits."""
    seventh = {18: "5", 19: "0", 20: "5"}[day.year // 100]
    assert check_cpr(f"{day:%d%m%y}{seventh}{serial:03}") == check_cpr("0101010000")


@given(st.text())
def test_normal_gln_is_stable(value):
    """Normalising twice changes nothing more."""
    assert normal_gln(normal_gln(value)) == normal_gln(value)


@given(st.text())
def test_slug_is_plain(text):
    """A slug holds nothing but lower-case ASCII letters, digits and single dashes inside, and is its own slug."""
    made = slug(text)
    assert set(made) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert not made.startswith("-")
    assert not made.endswith("-")
    assert "--" not in made
    assert slug(made) == made
    assert fold(text) == made.replace("-", "")


@given(st.binary() | st.text().map(lambda text: (";".join(COLUMNS) + "\n" + text).encode("utf-8", "replace")))
def test_reading_a_register_never_raises(raw):
    """Any bytes are read to units or to problems with a line."""
    content = read(raw)
    assert all(problem.line >= 1 and problem.text_da and problem.text_en for problem in content.problems)


@given(st.lists(st.tuples(DAYS, st.none() | DAYS), min_size=1, max_size=5), DAYS)
def test_found_means_open(periods, day):
    """An address is found exactly where one of its units is open on the day, and then it is that unit."""
    units = tuple(
        Unit("1", "", Sector.HOSPITAL, "1082", "", "Enhed", "", start, end)
        for start, end in sorted(periods, key=lambda p: p[0])
    )
    answer = answer_for(units, day)
    assert isinstance(answer, Found) == any(unit.open_on(day) for unit in units)
    assert not isinstance(answer, Found) or answer.unit.open_on(day)


@given(DAYS, st.none() | DAYS, DAYS, st.none() | DAYS)
def test_overlap_is_a_common_day(first_from, first_to, second_from, second_to):
    """Two units overlap exactly where some day is valid for both, and it does not matter which one is asked."""
    first = Unit("1", "", Sector.HOSPITAL, "1082", "", "A", "", first_from, first_to)
    second = Unit("1", "", Sector.HOSPITAL, "1082", "", "B", "", second_from, second_to)
    if (first_to and first_to < first_from) or (second_to and second_to < second_from):
        return
    later_start = max(first_from, second_from)
    assert first.overlaps(second) == second.overlaps(first) == (first.open_on(later_start) and second.open_on(later_start))
