"""The register: who has an address on a day, and what a file must be."""

from dataclasses import FrozenInstanceError
from datetime import date

import pytest

from sor.register import Register, RegisterError, bundled, load
from sor.rows import COLUMNS, TEXTS, read
from sor.units import Closed, Found, NotYetOpen, Sector, Unit
from tools import make_synthetic_register

HEADER = ";".join(COLUMNS)
GOOD = "5790009910015;9910011000016004;kommune;0615;Horsens;Hjemmepleje;Horsens Kommune;2020-01-01;;"
TODAY = date(2026, 6, 1)


def file(*rows):
    """A register file with these rows, the first of them in line 2."""
    return "\n".join((HEADER, *rows, "")).encode()


def problems(*rows):
    """The problems of a file with these rows, as (line, column, code)."""
    with pytest.raises(RegisterError) as caught:
        load(file(*rows))
    return [(problem.line, problem.column, problem.code) for problem in caught.value.problems]


def unit(**changes):
    """A unit for a test."""
    fields = {"gln": "5790009910015", "sor": "", "sector": Sector.KOMMUNE, "area": "0615", "kommune": "Horsens"}
    fields |= {"name": "Hjemmepleje", "organisation": "Horsens Kommune", "valid_from": date(2020, 1, 1)}
    return Unit(**(fields | changes))


def test_bundled_file_is_what_its_generator_writes():
    """The register in the package is exactly what its generator makes, so nobody has edited an address into it by hand."""
    assert make_synthetic_register.REGISTER.read_text("utf-8") == make_synthetic_register.content()


def test_bundled_register_answers_for_every_kommune_and_name():
    """Each of the 19 kommuner has exactly one open unit under each of the six harmonised names."""
    register = bundled()
    assert len(register.kommuner) == 19
    for kommune in register.kommuner:
        for name in make_synthetic_register.HARMONISED_NAMES:
            assert len(register.by_name(kommune, name, TODAY)) == 1
    assert len(register.units) == 114 + 5 + 4 + 2
    assert not register.warnings
    assert len({unit.gln for unit in register.units}) == len({unit.sor for unit in register.units}) == 125


def test_bundled_register_has_a_closed_and_a_future_unit():
    """The closed unit points to its successor, and the future one says when it opens."""
    register = bundled()
    closed = register.by_gln("5790009940012", TODAY)
    assert isinstance(closed, Closed)
    assert closed.since == date(2026, 1, 1)
    assert isinstance(register.by_gln(closed.unit.replaced_by, TODAY), Found)
    assert register.by_gln("5790009950011", TODAY) == NotYetOpen(
        register.by_name("Viborg", "Akutfunktion")[0], date(2040, 1, 1)
    )


def test_last_valid_day_is_valid():
    """A unit is open on its last valid day and closed from the day after."""
    register = Register((unit(valid_to=date(2026, 6, 1)),), "v")
    assert register.by_gln("5790009910015", date(2026, 6, 1)) == Found(register.units[0])
    assert register.by_gln("5790009910015", date(2026, 6, 2)) == Closed(register.units[0], date(2026, 6, 2))
    assert register.by_gln("5790009910015", date(2019, 12, 31)) == NotYetOpen(register.units[0], date(2020, 1, 1))


def test_address_that_changed_hands():
    """An address that passes from one unit to another answers with the one of the day, and later with the last."""
    first = unit(name="Gammel", valid_to=date(2022, 12, 31))
    second = unit(name="Ny", valid_from=date(2024, 1, 1), valid_to=date(2025, 12, 31))
    register = Register((second, first), "v")
    assert register.by_gln("5790009910015", date(2021, 1, 1)) == Found(first)
    assert register.by_gln("5790009910015", date(2023, 1, 1)) == Closed(first, date(2023, 1, 1))
    assert register.by_gln("5790009910015", date(2025, 1, 1)) == Found(second)
    assert register.by_gln("5790009910015", TODAY) == Closed(second, date(2026, 1, 1))


def test_unknown_address():
    """An address that no unit ever had is None."""
    assert bundled().by_gln("5790000000000", TODAY) is None
    assert bundled().by_gln("", TODAY) is None


def test_white_space_in_an_address():
    """Spaces in a lokationsnummer do not hide its unit."""
    assert isinstance(bundled().by_gln(" 5790009 911739 ", TODAY), Found)


@pytest.mark.parametrize("kommune", ["Århus", "aarhus kommune", "AARHUS", "0751"])
@pytest.mark.parametrize("name", ["Træning og aktivitet", "TRAENING & AKTIVITET", "træning- og  aktivitet"])
def test_by_name_folds_spelling(kommune, name):
    """A kommune is found by name or code and a unit by name, however they are spelt."""
    assert [unit.area for unit in bundled().by_name(kommune, name)] == ["0751"]


def test_by_name_on_a_day():
    """With a day, only units open on it are given; without one, all that ever bore the name."""
    assert len(bundled().by_name("Silkeborg", "Voksenpsykiatri")) == 1
    assert bundled().by_name("Silkeborg", "Voksenpsykiatri", TODAY) == ()
    assert bundled().by_name("Skive", "Findes ikke") == ()


def test_snapshot_cannot_be_changed():
    """A register is immutable, from outside and in its look-ups."""
    with pytest.raises(FrozenInstanceError):
        bundled().version = "2"
    with pytest.raises(TypeError):
        bundled()._own["1"] = ()


def test_version_is_of_the_content():
    """Equal files have equal versions and other files others."""
    other = GOOD.replace("Horsens Kommune", "Horsens")
    assert load(file(GOOD)).version == load(file(GOOD)).version != load(file(other)).version


def test_comments_blank_lines_byte_order_mark_and_column_order():
    """Comments, empty lines, a byte order mark and another order of columns are all read as meant."""
    turned = "\n".join(";".join(reversed(line.split(";"))) for line in (HEADER, GOOD))
    raw = b"\xef\xbb\xbf# SYNTETISK\r\n\r\n" + turned.encode().replace(b"\n", b"\r\n")
    assert load(raw).units == load(file(GOOD)).units


def test_kommune_gets_its_official_spelling():
    """A kommune written in another spelling comes out under its official name."""
    assert load(file(GOOD.replace("0615;Horsens", "0751;Århus kommune"))).kommuner == ("Aarhus",)


def test_ydernummer_without_leading_zeros():
    """A practice's area is its ydernummer without padding, so one practice cannot have two."""
    practice = "5790009930013;;praksis;0099001;Skive;Testlægerne Skive;Testlægerne Skive;2020-01-01;;"
    assert load(file(practice)).units[0].area == "99001"


def test_odd_rows_are_kept_with_a_warning():
    """An address that is no GLN, a missing SOR code, a wrong Verhoeff digit and a new kommunekode are warnings only."""
    register = load(
        file(
            "DKTESTNET;;hospital;1082;;Psykiatrisk Testafdeling;Region Midtjylland;2020-01-01;;",
            "5790009910022;12345678901;kommune;0999;Nykommune;Hjemmepleje;Nykommune;2020-01-01;;",
        )
    )
    assert [(each.line, each.code) for each in register.warnings] == [
        (2, "not-a-gln"),
        (2, "not-in-sor"),
        (3, "not-in-list"),
        (3, "check-digit"),
    ]
    assert len(register.units) == 2
    assert register.kommuner == ("Nykommune",)


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("5790009910015", "", [(2, "gln", "empty")]),
        ("5790009910015", "X" * 36, [(2, "gln", "too-long")]),
        ("9910011000016004", "991", [(2, "sor", "wrong-length")]),
        ("9910011000016004", "x", [(2, "sor", "not-digits")]),
        (";kommune;", ";by;", [(2, "sector", "sector")]),
        ("0615", "615", [(2, "area", "wrong-length")]),
        ("0615", "0657", [(2, "kommune", "kommune")]),
        ("0615;Horsens", "0615;", [(2, "kommune", "empty")]),
        ("Hjemmepleje", "", [(2, "name", "empty")]),
        ("Hjemmepleje", "?", [(2, "name", "no-letters")]),
        ("Hjemmepleje", "x" * 61, [(2, "name", "too-long")]),
        ("2020-01-01", "01-01-2020", [(2, "valid_from", "date")]),
        ("2020-01-01", "20200101", [(2, "valid_from", "date")]),
        ("2020-01-01;;", "2020-01-01;2019-12-31;", [(2, "valid_to", "ends-first")]),
        ("2020-01-01;;", "2020-01-01;x;", [(2, "valid_to", "date")]),
        ("2020-01-01;;", "2020-01-01;;5790009910022", [(2, "replaced_by", "successor")]),
        ("2020-01-01;;", "2020-01-01;;5790009910015", [(2, "replaced_by", "successor")]),
        ("2020-01-01;;", "2020-01-01;", [(2, "", "cells")]),
        ("Hjemmepleje", "x" * 200_000, [(2, "", "cells")]),
    ],
)
def test_bad_cell(old, new, found):
    """A bad cell refuses the file and is named by line, column and code."""
    assert problems(GOOD.replace(old, new, 1)) == found


def test_every_bad_row_is_named_at_once():
    """All faults of a file come in one error, whose text has line, column and what is wrong in Danish."""
    with pytest.raises(RegisterError) as caught:
        load(file(GOOD.replace("0615", "x"), GOOD, GOOD.replace("2020-01-01", "i går")))
    lines = [problem.line for problem in caught.value.problems]
    assert lines == [2, 4]
    assert "linje 2, kolonne area: Værdien skal bestå af cifre." in str(caught.value)
    assert caught.value.problems[0].text_en == "The value must be digits."


def test_address_twice_at_once():
    """Two units with one address on one day refuse the file; one after the other they do not."""
    second = GOOD.replace("Hjemmepleje", "Arbejdsmarked")
    assert problems(GOOD, second) == [(3, "gln", "gln-twice")]
    assert problems(GOOD.replace("2020-01-01;;", "2020-01-01;2022-12-31;"), second.replace("2020-01-01", "2022-12-31")) == [
        (3, "gln", "gln-twice")
    ]
    load(file(GOOD.replace("2020-01-01;;", "2020-01-01;2022-12-31;"), second.replace("2020-01-01", "2023-01-01")))


def test_name_twice_at_once():
    """Two units of one name in one kommune on one day refuse the file, whatever the spelling."""
    second = GOOD.replace("5790009910015", "5790009910022").replace("Hjemmepleje", "HJEMMEPLEJE")
    assert problems(GOOD, second) == [(3, "name", "name-twice")]


@pytest.mark.parametrize(
    ("raw", "line", "code"),
    [
        (b"", 1, "no-header"),
        (b"# kun kommentarer\n", 1, "no-header"),
        (b"# x\ngln,sor\n", 2, "columns"),
        (HEADER.replace("area", "areal").encode(), 1, "columns"),
        (f"{HEADER}\n{GOOD}\nØ".encode("iso-8859-1"), 3, "not-utf-8"),
    ],
)
def test_bad_file(raw, line, code):
    """A file that is no register file is refused with one problem at its line."""
    content = read(raw)
    assert [(each.line, each.code) for each in content.problems] == [(line, code)]
    assert str(content.problems[0]) == f"linje {line}: {TEXTS[code][0]}"
