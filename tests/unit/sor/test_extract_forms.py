"""SOR's extracts: each form is read as what it says, and a bad one is refused with line, column and what to do."""

from datetime import date

import pytest

from sor.entities import Level, Mailbox
from sor.extract import Form
from sor.extracts.mapping import ColumnMapping, read_mapping
from sor.extracts.problems import EXTRACT_TEXTS, KEPT
from sor.register import RegisterError
from sor.snapshot import pack
from sor.units import Closed, Found, NotYetOpen, Sector
from tests.unit.sor.extracts import (
    FORVALTNING,
    HJEMMEPLEJE,
    KOMMUNE,
    LEGACY_HEADER,
    SOR2_HEADER,
    gln,
    legacy,
    legacy_row,
    read,
    sor,
    sor2,
    sor2_row,
    units,
    zipped,
)

TODAY = date(2026, 6, 1)
DAILY = "SorEntity_daily.csv"
SOR2_ROWS = (
    sor2_row(1, "IE", EntityName="Skive Kommune", EntityTypeName="kommune"),
    sor2_row(2, "SI", 1, EntityName="Testforvaltningen", LocationNo=gln(2)),
    sor2_row(3, "OE", 2, EntityName="Træning på Ærø", LocationNo=gln(3), FirstFromDate="2001-02-03"),
)
NOT_TOLD = b"SOREntity.csv;parent;MotherId\n"


def refusal(raw, name="sor.csv", told=b""):
    """The problems for which the bytes are refused."""
    with pytest.raises(RegisterError) as caught:
        read(raw, name, told)
    return caught.value.problems


def codes(problems):
    """Line, column and code of each."""
    return [(problem.line, problem.column, problem.code) for problem in problems]


def test_legacy():
    """A row of sor.csv becomes a unit with the owner's kommune, and one that inherits has its parent's address."""
    extract = read(legacy(KOMMUNE, FORVALTNING, HJEMMEPLEJE))
    assert (extract.form, extract.counts) == (Form.LEGACY, {Level.OWNER: 1, Level.INSTITUTION: 1, Level.UNIT: 1})
    (found,) = extract.register.by_name("Skive", "hjemmepleje", TODAY)
    assert (found.gln, found.sor, found.sector, found.area, found.kommune) == (gln(2), sor(3), Sector.KOMMUNE, "0779", "Skive")
    assert (found.organisation, found.parent, found.inherited) == ("Skive Kommune", sor(2), True)
    assert extract.register.by_gln(gln(2), TODAY).unit.name == "Testforvaltningen"
    assert extract.register.warnings == ()


def test_legacy_headings_as_other_systems_spell_them():
    """Headings whose æ, ø, å and dashes were lost are known, in any order."""
    header = (
        LEGACY_HEADER.replace("Gældende fra", "Gaeldende_fra_dato").replace("Ophørt", "Ophoert_dato").replace("SOR-", "SOR")
    )
    assert units(legacy(KOMMUNE, FORVALTNING, header=header))[sor(2)].valid_from == date(2010, 1, 1)
    lost = LEGACY_HEADER.replace("Gældende fra", "G_ldende_fra").replace("Ophørt", "Oph_rt")
    assert len(units(legacy(KOMMUNE, header=lost))) == 1


def test_legacy_mailbox():
    """What sor.csv says of the system behind an address is found by the address."""
    row = legacy_row(1, "IE", Lokationsnummer=gln(1), EDB__system="Testsystem", Lokationsnummerstatus="Intern")
    assert read(legacy(row)).register.mailbox(gln(1)) == Mailbox(gln(1), internal=True, system="Testsystem")


def test_inactive_address_takes_no_mail():
    """A lokationsnummer that SOR calls inactive is nobody's address, and its mailbox says why."""
    register = read(legacy(legacy_row(1, "IE", Lokationsnummer=gln(1), Lokationsnummerstatus="Inaktivt"))).register
    assert register.by_gln(gln(1), TODAY) is None
    assert register.mailbox(gln(1)).inactive
    assert register.by_sor(sor(1), TODAY).unit.gln == ""


@pytest.mark.parametrize(
    "written",
    ["2020-03-05", "05-03-2020", "05.03.2020", "2020-03-05 00:00:00", "2020-03-05T12:30:00+01:00", '="05-03-2020"'],
)
def test_dates_in_each_form(written):
    """A date is the same day in every form that extracts have had."""
    assert units(legacy(legacy_row(1, "IE", Gældende_fra=written)))[sor(1)].valid_from == date(2020, 3, 5)


def test_last_valid_day_and_future():
    """The closing day is a day of the unit's life, 31-12-9999 is none, and a future unit says when it opens."""
    register = read(
        legacy(
            legacy_row(1, "IE", Lokationsnummer=gln(1), Ophørt="2026-06-01"),
            legacy_row(2, "IE", Lokationsnummer=gln(2), Ophørt="31-12-9999"),
            legacy_row(3, "IE", Lokationsnummer=gln(3), Gældende_fra="2040-01-01"),
        )
    ).register
    assert isinstance(register.by_gln(gln(1), TODAY), Found)
    assert register.by_gln(gln(1), date(2026, 6, 2)).since == date(2026, 6, 2)
    assert register.by_gln(gln(2), TODAY).unit.valid_to is None
    assert register.by_gln(gln(3), TODAY).opens == date(2040, 1, 1)


def test_daily():
    """SOR2's codes come out of Excel's clothes, and a unit is valid from its first day, not from its last change."""
    extract = read(sor2(*SOR2_ROWS), DAILY)
    assert extract.form is Form.DAILY
    (found,) = extract.register.by_name("Skive", "Traening paa aeroe")
    assert (found.sor, found.gln, found.parent, found.valid_from) == (sor(3), gln(3), sor(2), date(2001, 2, 3))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_daily_in_each_encoding(encoding):
    """SOR2 is read alike in UTF-8 with and without byte order mark and in windows-1252."""
    assert units(sor2(*SOR2_ROWS, encoding=encoding), DAILY)[sor(3)].name == "Træning på Ærø"


def test_complete():
    """The zip's other files give an address its systems, message types and successors, and its owner where only they say."""
    raw = zipped(
        SOREntity=sor2(*SOR2_ROWS, sor2_row(4, "OE", 2, ToDate="2020-12-31")),
        LocationsCodes=f'Nummer;SorId;Edb-system;Systemleverandør;Netleverandør\n{gln(4)};="{sor(4)}";Testsystem;Testfirma;TestVANS\n',
        LocationsCodeEDITypeMap=f"Nummer;Type\n{gln(4)};XREF15\n{gln(4)};XDIS91\n",
        SORReplacedEntities=f'Gammel;Ny\n="{sor(4)}";="{sor(3)}"\n',
    )
    told = (
        "SOREntity.csv;parent;MotherId\nSOREntity.csv;gln;LocationNo\nLocationsCodes.csv;gln;Nummer\n"
        "LocationsCodeEDITypeMap.csv;gln;Nummer\nLocationsCodeEDITypeMap.csv;message_type;Type\n"
        "SORReplacedEntities.csv;sor;Gammel\nSORReplacedEntities.csv;successor;Ny\n"
    )
    register = read(raw, "Sor_complete.zip", told.encode()).register
    about = Mailbox(gln(4), system="Testsystem", supplier="Testfirma", operator="TestVANS", message_types=("XDIS91", "XREF15"))
    assert register.mailbox(gln(4)) == about
    closed = register.by_gln(gln(4), TODAY)
    assert isinstance(closed, Closed)
    assert (closed.unit.sor, closed.unit.replaced_by) == (sor(4), gln(3))


def test_complete_with_addresses_in_the_other_file_alone():
    """The table of entities need not have lokationsnumre where LocationsCodes.csv has them by SOR code."""
    header = SOR2_HEADER.replace("LocationNo", "Ligegyldig")
    raw = zipped(SOREntity=sor2(*SOR2_ROWS, header=header), LocationsCodes=f"Nummer;SorId\n{gln(7)};{sor(3)}\n")
    register = read(raw, "Sor_complete.zip", NOT_TOLD + b"LocationsCodes.csv;gln;Nummer\n").register
    assert register.by_gln(gln(7), TODAY).unit.sor == sor(3)
    missing = [warning.values[0] for warning in register.warnings if warning.code == "zip-member-unread"]
    assert missing == ["LocationsCodeEDITypeMap.csv", "SORReplacedEntities.csv"]


def test_what_is_not_told_is_named():
    """Without a column file SOR2 is refused, and both unknown columns are named with the row to write and what the file has."""
    problems = refusal(sor2(*SOR2_ROWS), DAILY)
    assert codes(problems) == [(1, "parent", "column-unknown"), (1, "gln", "column-unknown")]
    assert f"{DAILY};parent;MotherId" in problems[0].text_da
    assert f"{DAILY};gln;LocationNo" in str(problems[1])
    assert SOR2_HEADER.replace(";", "; ") in problems[0].text_en


def test_message_types_alone():
    """Message types that come in a file of their own are given with the extract."""
    register = read(legacy(KOMMUNE, FORVALTNING), message_types={gln(2): ("XDIS91",), gln(9): ("X",)}).register
    assert register.mailbox(gln(2)).message_types == ("XDIS91",)
    assert register.mailbox(gln(9)) is None


def test_progress_and_version():
    """Progress ends with the number of rows, and equal content has one version whatever the order of its rows."""
    told = []
    first = read(legacy(KOMMUNE, FORVALTNING, HJEMMEPLEJE), progress=told.append)
    assert told == [3]
    assert pack(first.register) == pack(read(legacy(HJEMMEPLEJE, FORVALTNING, KOMMUNE)).register)
    assert pack(first.register)[0] != pack(read(legacy(KOMMUNE, FORVALTNING)).register)[0]


ROW = legacy_row(1, "IE", Lokationsnummer=gln(1))


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        (b"", (1, "", "empty-file")),
        (b"\r\n \r\n", (1, "", "empty-file")),
        (b"navn;alder\nx;1\n", (1, "", "not-an-extract")),
        (legacy(ROW).replace(b";", b","), (1, "", "delimiter")),
        (legacy(ROW).replace(b";", b"\t"), (1, "", "delimiter")),
        (legacy(ROW, legacy_row(2, "IE", Enhedsnavn="Træning")).decode("latin-1").encode(), (1, "", "wrong-encoding")),
        (LEGACY_HEADER.encode("latin-1") + legacy("", legacy_row(2, Enhedsnavn="Træning"), header="").decode("latin-1").encode(),
         (3, "Enhedsnavn", "wrong-encoding")),
        (legacy(ROW).decode("latin-1").encode("utf-16"), (1, "", "wrong-encoding")),
        (legacy(ROW).decode("latin-1").encode("utf-8-sig"), (1, "", "wrong-encoding")),
        (legacy(ROW, header=LEGACY_HEADER.replace("Ophørt", "Slut")), (1, "Ophørt", "column-missing")),
        (legacy(ROW + ";", header=LEGACY_HEADER + ";SOR-kode"), (1, "SOR-kode", "column-twice")),
        (legacy(ROW, "Testenhed;OE;99"), (3, "", "cells")),
        (legacy(ROW + ";x"), (2, "", "cells")),
        (legacy(ROW, '"uafsluttet' + "x" * 200_000), (3, "", "row-unreadable")),
        (legacy(ROW, "x" * 2_000_000), (3, "", "row-unreadable")),
        (legacy(), (1, "", "no-units")),
        (legacy(legacy_row(1, "XX")), (2, "SOR-type", "level")),
        (legacy(legacy_row(1, SOR__kode="12")), (2, "SOR-kode", "sor")),
        (legacy(legacy_row(1, SOR__kode="")), (2, "SOR-kode", "empty")),
        (legacy(legacy_row(1, Parent__SOR__kode="x")), (2, "Parent-SOR-kode", "sor")),
        (legacy(ROW, legacy_row(2, Gældende_fra="2020-13-01")), (3, "Gældende fra", "date")),
        (legacy(ROW, legacy_row(2, Gældende_fra="")), (3, "Gældende fra", "empty")),
        (legacy(ROW, legacy_row(2, Ophørt="5. marts")), (3, "Ophørt", "date")),
    ],
)  # fmt: skip
def test_bad_legacy(raw, found):
    """A bad sor.csv is refused whole at its line and column, and the text in both languages says what to do."""
    problems = refusal(raw)
    assert codes(problems) == [found]
    danish, english = problems[0].text_da, problems[0].text_en
    assert "{" not in danish + english
    assert danish != english
    assert str(problems[0]).startswith(f"sor.csv, linje {found[0]}")


def test_whole_file_is_judged_at_once():
    """All bad rows are named in one refusal, and of a fault that every row has the first and the number."""
    bad = legacy_row(2, Gældende_fra="i går")
    assert codes(refusal(legacy(bad, ROW, bad))) == [(2, "Gældende fra", "date"), (4, "Gældende fra", "date")]
    many = refusal(legacy(*[bad] * (KEPT + 50)))
    assert len(many) == KEPT + 1
    assert many[-1].values == ("date", str(KEPT + 50))


@pytest.mark.parametrize(
    ("raw", "line", "column"),
    [
        (sor2("Træ;x", header="SorId;EntityName") + "Ærø;x".encode("cp1252"), 3, "SorId"),
        (sor2("x;Træ".encode().decode("cp1252"), header="SorId;EntityName"), 2, "EntityName"),
        (b"SorId;EntityName\nx;\x81\x8d\n", 2, "EntityName"),
    ],
)
def test_mixed_encodings(raw, line, column):
    """A SOR2 file in two encodings, in none, or encoded twice, is refused at the first letter that shows it."""
    told = b"".join(
        b"%s;%s;SorId\n" % (DAILY.encode(), field) for field in (b"level", b"parent", b"gln", b"valid_from", b"valid_to")
    )
    assert codes(refusal(raw, DAILY, told))[-1] == (line, column, "wrong-encoding")


WHOLE = zipped(SOREntity=sor2(*SOR2_ROWS))


@pytest.mark.parametrize(
    ("raw", "code", "file"),
    [
        (WHOLE[: len(WHOLE) // 2], "half-zip", "Sor_complete.zip"),
        (WHOLE[:60] + bytes(8) + WHOLE[68:], "half-zip", "SOREntity.csv"),
        (zipped(LocationsCodes="Nummer\n"), "zip-member", "Sor_complete.zip"),
    ],
)
def test_half_zip(raw, code, file):
    """A zip that is cut off, damaged or lacks the table of entities is refused, and the file is named."""
    problem = refusal(raw, "Sor_complete.zip", NOT_TOLD + b"SOREntity.csv;gln;LocationNo\n")[-1]
    assert (problem.code, problem.file) == (code, file)


def test_two_units_of_one_name():
    """Two open units of one name with an address each are taken in, with a warning that names both lines."""
    rows = [
        legacy_row(number, "OE", 1, Enhedsnavn=name, Lokationsnummer=gln(number)) for number, name in ((5, "Ens"), (6, "ENS"))
    ]
    register = read(legacy(KOMMUNE, *rows)).register
    (warning,) = register.warnings
    assert (warning.code, warning.values) == ("name-twice", ("ENS", "3", "4"))
    assert "linje 3 og 4" in warning.text_da
    assert register.has_namesake(gln(5))
    assert register.has_namesake(gln(6))


@pytest.mark.parametrize(
    ("cells", "column", "code"),
    [
        ({"Lokationsnummer": "5799900000011"}, "Lokationsnummer", "gln-check-digit"),
        ({"Lokationsnummer": "DKTEST"}, "Lokationsnummer", "not-a-gln"),
        ({"SOR__kode": "12345678901"}, "SOR-kode", "sor-check-digit"),
        ({"Ydernummer": "abc"}, "Ydernummer", "ydernummer"),
        ({"Ophørt": "2009-01-01"}, "Ophørt", "never-open"),
        ({"Enhedsnavn": ""}, "", "no-name"),
        ({"Enhedsnavn": "x" * 61}, "", "name-cut"),
    ],
)
def test_odd_cell(cells, column, code):
    """What real registers have is a warning at its line and column, and the register is taken in."""
    register = read(legacy(KOMMUNE, legacy_row(9, "OE", 1, **cells))).register
    assert codes(register.warnings) == [(3, column, code)]
    assert all("{" not in text.format(*"0123456789") for text in EXTRACT_TEXTS[code])


@pytest.mark.parametrize("row", ["SorEntity_daily.csv;parent", "a;parent;", "a;ukendt;b", "a;gln;b;c"])
def test_bad_column_file(row):
    """A row of the column file that tells nothing is refused with its line."""
    with pytest.raises(RegisterError) as caught:
        read_mapping(f"# Kommentar\nfile;field;column\n{row}\n".encode(), "kolonner.csv")
    assert codes(caught.value.problems) == [(3, "", "mapping-row")]


def test_column_file():
    """A column file knows a file by its name, whatever its folder and case, and says nothing of others."""
    mapping = read_mapping("\ufeffSOREntity.csv;gln;Nummer\n".encode(), "kolonner.csv")
    assert mapping.column("data/sorentity.CSV", "gln") == "Nummer"
    assert mapping.column("sor.csv", "gln") is None
    assert ColumnMapping().column("sor.csv", "gln") is None
    told = b"SorEntity_daily.csv;parent;MotherId\nSorEntity_daily.csv;gln;Borte\n"
    assert codes(refusal(sor2(*SOR2_ROWS), DAILY, told)) == [(1, "Borte", "column-not-there")]


def test_column_file_corrects_a_legacy_heading():
    """A heading that has changed is told by the column file, without a new version of the program."""
    raw = legacy(ROW, header=LEGACY_HEADER.replace("Ophørt", "Slut"))
    assert len(units(raw, told=b"sor.csv;valid_to;Slut\n")) == 1


def test_future_unit_in_a_daily_file():
    """A future unit of SOR2 is not open before its day."""
    raw = sor2(sor2_row(1, "IE", FromDate="2040-01-01", FirstFromDate="2040-01-01", LocationNo=gln(1)))
    assert isinstance(read(raw, DAILY).register.by_gln(gln(1), TODAY), NotYetOpen)
