"""The tables of harmonised names: what comes with the package, and what a file must be."""

from __future__ import annotations

from datetime import date

import pytest

from sor.harmonised import HarmonisedNames, Status
from sor.name_tables import COLUMNS, TEXTS, NamesError, Table, bundled, load, read
from tools import make_synthetic_register

NAMES = ";".join(COLUMNS[Table.NAMES])
ADDRESSES = ";".join(COLUMNS[Table.ADDRESSES])
ALIASES = ";".join(COLUMNS[Table.ALIASES])
NAME = "Hjemmepleje;approved;Pleje;2020-01-01;;Aftale"
ADDRESS = "Skive;Hjemmepleje;5790009911715;2020-01-01;;"
ALIAS = "Skive;Plejen;Hjemmepleje;2020-01-01;;"
DAY = date(2026, 6, 1)


def file(header: str, *rows: str) -> bytes:
    """A file with these rows, the first of them in line 2."""
    return "\n".join((header, *rows, "")).encode()


GOOD = (file(NAMES, NAME), file(ADDRESSES, ADDRESS), file(ALIASES, ALIAS))


def found(*files: bytes) -> list[tuple[str | None, int, str, str]]:
    """The problems of the files, as (table, line, column, code)."""
    with pytest.raises(NamesError) as caught:
        load(*files)
    return [(problem.table, problem.line, problem.column, problem.code) for problem in caught.value.problems]


def test_what_comes_with_the_package():
    """The six names are in force, four more are drafts, and each of the six has an address in every one of the 19 kommuner."""
    names = bundled()
    approved = [row.name for row in names.names if row.status is Status.APPROVED]
    assert approved == list(make_synthetic_register.HARMONISED_NAMES)
    drafts = {"Misbrugscenter", "Akutfunktion", "Bekymringsindgang", "Myndighed"}
    assert {row.name for row in names.names if row.status is Status.DRAFT} == drafts
    assert len({row.key for row in names.addresses}) == len(names.addresses) == 19 * 6
    assert all(row.definition for row in names.names)


def test_addresses_are_what_their_generator_writes():
    """The table in the package is exactly what its generator makes, so nobody has edited an address into it by hand."""
    assert make_synthetic_register.ADDRESSES.read_text("utf-8") == make_synthetic_register.addresses()


def test_the_version_is_of_what_the_rows_say():
    """Sorting and commenting change nothing; a changed cell does."""
    first, second = NAME, NAME.replace("Hjemmepleje", "Sundhedspleje")
    version = load(file(NAMES, first, second)).version
    assert load(file("# kommentar\n" + NAMES, second, first)).version == version
    assert load(file(NAMES, first, second.replace("Aftale", "Anden aftale"))).version != version
    assert HarmonisedNames().version != version


def test_a_table_that_is_not_given_is_kept():
    """One file replaces its own table and no other."""
    base = load(*GOOD)
    changed = load(file(ALIASES), base=base)
    assert (changed.names, changed.addresses, changed.aliases) == (base.names, base.addresses, ())


@pytest.mark.parametrize(
    ("header", "row", "column", "code"),
    [
        (NAMES, NAME.replace("approved", "vedtaget"), "status", "status"),
        (NAMES, NAME.replace(";Aftale", ";"), "agreement", "empty"),
        (NAMES, NAME.replace("Pleje;2020", ";2020"), "definition", "empty"),
        (NAMES, NAME.replace("Hjemmepleje", "x" * 61), "name", "too-long"),
        (NAMES, NAME.replace("Hjemmepleje", "…"), "name", "no-letters"),
        (NAMES, NAME.replace("2020-01-01", "01-01-2020"), "valid_from", "date"),
        (NAMES, NAME.replace("2020-01-01", "20200101"), "valid_from", "date"),
        (NAMES, NAME.replace("2020-01-01;", "2020-01-01;2019-12-31"), "valid_to", "ends-first"),
        (NAMES, NAME + ";", "", "cells"),
        (NAMES, NAME.replace("2020-01-01", ""), "valid_from", "empty"),
        (ADDRESSES, ADDRESS.replace("Skive", "Skivve"), "kommune", "kommune"),
        (ADDRESSES, ADDRESS.replace("Skive", ""), "kommune", "empty"),
        (ADDRESSES, ADDRESS.replace("11715", "11716"), "gln", "gln"),
        (ADDRESSES, ADDRESS.replace("Hjemmepleje", "Plejehjem"), "name", "unknown-name"),
        (ALIASES, ALIAS.replace("Hjemmepleje", "Plejehjem"), "names", "unknown-name"),
        (ALIASES, ALIAS.replace("Plejen", "HJEMME-PLEJE"), "alias", "alias-is-name"),
    ],
)
def test_a_row_with_a_fault(header, row, column, code):
    """Each fault refuses the file, with line and column and what to do in both languages."""
    table = next(table for table, columns in COLUMNS.items() if ";".join(columns) == header)
    others = [raw for raw in GOOD if not raw.decode().startswith(header)]
    assert found(file("# kommentar\n" + header, row), *others) == [(table, 3, column, code)]
    assert all(TEXTS[code])


def test_all_faults_are_found_in_one_reading():
    """Whoever mends a file sees every fault of it at once."""
    rows = [NAME.replace("approved", "x"), NAME, NAME.replace("2020", "i går")]
    assert [(line, code) for _, line, _, code in found(file(NAMES, *rows))] == [(2, "status"), (4, "date")]


def test_what_no_table_is():
    """A wrong delimiter, a wrong encoding, no header and missing columns are each told as what they are."""
    faults = {
        "delimiter": (NAMES + "\n" + NAME).replace(";", ",").encode(),
        "not-utf-8": file(NAMES, NAME, "Træning;draft;x;2020-01-01;;").decode().encode("cp1252"),
        "no-header": b"# kun en kommentar\n",
        "columns": file(ADDRESSES.replace("gln", "lokationsnummer"), ADDRESS),
    }
    for code, raw in faults.items():
        content = read(raw)
        assert (content.table, [problem.code for problem in content.problems]) == (None, [code])
    told = read(faults["columns"]).problems[0]
    assert "addresses.csv" in told.text_da
    assert "+gln -lokationsnummer" in told.text_en
    assert read(faults["not-utf-8"]).problems[0].line == 3


def test_two_rows_of_one_day():
    """A name, a cell and an alias have one row a day; rows that follow each other are none too many."""
    ended = NAME.replace("2020-01-01;", "2020-01-01;2024-12-31")
    assert load(file(NAMES, NAME.replace("2020", "2025"), ended)).named("hjemme pleje")[0].valid_to == date(2024, 12, 31)
    assert found(file(NAMES, ended, NAME.replace("2020", "2024"))) == [("names", 3, "name", "twice")]
    assert found(GOOD[0], file(ADDRESSES, ADDRESS, ADDRESS.replace("Skive", "0779"))) == [("addresses", 3, "name", "twice")]
    assert found(GOOD[0], file(ALIASES, ALIAS, ALIAS.replace("Plejen", "PLEJEN"))) == [("aliases", 3, "alias", "twice")]
    with pytest.raises(NamesError, match=r"names\.csv, linje 3, kolonne name: Gælder samtidig med linje 2"):
        load(file(NAMES, NAME, NAME))


def test_a_kommunes_own_alias_comes_first():
    """What a kommune means by a word goes before what it means elsewhere, on the days that it is in force."""
    common, own = ALIAS.replace("Skive", ""), ALIAS.replace("2020", "2026")
    names = load(GOOD[0], file(ALIASES, common, own))
    assert names.meant("0779", "plejen", DAY).kommune == "0779"
    assert names.meant("0779", "plejen", date(2025, 12, 31)).kommune == ""
    assert names.meant("0791", "plejen", DAY).kommune == ""
    assert names.meant("0791", "pleje", DAY) is None
