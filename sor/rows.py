"""Our own register file, from bytes to units, with everything that is wrong or odd about it.

UTF-8, semicolons, a header row with the names in `COLUMNS` in any order, dates as YYYY-MM-DD, comments from `#` at the start of
a line. A fault refuses the file and all faults are found in one reading; what is odd but real, such as an address that is no
GLN, is a warning. The extracts of the national register have other forms and come in by other modules.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from sor.identifiers import (
    Check,
    check_gln,
    check_kommunekode,
    check_regionskode,
    check_sor,
    check_ydernummer,
    normal_gln,
    normal_ydernummer,
)
from sor.kommuner import kommuner
from sor.names import fold_kommune, slug
from sor.units import Sector, Unit

COLUMNS = ("gln", "sor", "sector", "area", "kommune", "name", "organisation", "valid_from", "valid_to", "replaced_by")
LONGEST_NAME = 60
"""SOR's EntityName."""
LONGEST_ADDRESS = 35
"""An EANIdentifier in MedCom's XML (EMessage.xsd 2006/07/01)."""

TEXTS: Mapping[str, tuple[str, str]] = {
    "not-utf-8": ("Filen er ikke UTF-8. Gem den som UTF-8.", "The file is not UTF-8. Save it as UTF-8."),
    "no-header": ("Filen har ingen kolonneoverskrifter.", "The file has no header row."),
    "columns": ("Kolonnerne skal være netop: " + "; ".join(COLUMNS), "The columns must be exactly: " + "; ".join(COLUMNS)),
    "cells": ("Rækken har et andet antal felter end overskriften.", "The row has another number of cells than the header."),
    "empty": ("Feltet skal udfyldes.", "The cell must be filled in."),
    "too-long": ("Værdien er for lang.", "The value is too long."),
    "not-digits": ("Værdien skal bestå af cifre.", "The value must be digits."),
    "wrong-length": ("Værdien har ikke den rette længde.", "The value does not have the right length."),
    "wrong-shape": ("Værdien har ikke den rette form.", "The value does not have the right shape."),
    "sector": ("Sektoren skal være kommune, hospital eller praksis.", "The sector must be kommune, hospital or praksis."),
    "no-letters": ("Navnet har hverken bogstaver eller tal.", "The name has neither letters nor digits."),
    "kommune": ("Kommunens navn passer ikke til kommunekoden.", "The kommune's name does not go with its code."),
    "date": ("Datoen skal skrives ÅÅÅÅ-MM-DD.", "The date must be written YYYY-MM-DD."),
    "ends-first": ("Sidste gyldige dag ligger før den første.", "The last valid day is before the first."),
    "successor": ("Afløseren findes ikke i filen.", "The successor is not in the file."),
    "gln-twice": ("Lokationsnummeret har en anden enhed i samme periode.", "Another unit has the address in the same period."),
    "name-twice": (
        "Navnet har en anden enhed samme sted i samme periode.",
        "Another unit there has the name at the same time.",
    ),
    "check-digit": ("Kontrolcifferet passer ikke.", "The check digit is wrong."),
    "not-a-gln": ("Adressen er ikke et gyldigt lokationsnummer.", "The address is not a valid lokationsnummer."),
    "not-in-sor": ("Enheden har ingen SOR-kode.", "The unit has no SOR code."),
    "not-in-list": ("Kommunen findes ikke på listen.", "The kommune is not in the list."),
}


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A fault or an oddity: `line` counts from 1, `column` is empty for the row or the file as a whole."""

    line: int
    column: str
    code: str

    @property
    def text_da(self) -> str:
        """What is wrong, in Danish."""
        return TEXTS[self.code][0]

    @property
    def text_en(self) -> str:
        """What is wrong, in English."""
        return TEXTS[self.code][1]

    def __str__(self) -> str:
        place = f"linje {self.line}" + (f", kolonne {self.column}" if self.column else "")
        return f"{place}: {self.text_da}"


@dataclass(frozen=True, slots=True)
class Content:
    """What a file holds. `units` are only those of good rows; they are of use where `problems` is empty."""

    units: tuple[Unit, ...]
    problems: tuple[RowProblem, ...]
    warnings: tuple[RowProblem, ...]


def read(raw: bytes) -> Content:
    """Reads a file whole; never raises."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return Content((), (RowProblem(raw.count(b"\n", 0, error.start) + 1, "", "not-utf-8"),), ())
    lines = ((number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip() and not line.startswith("#"))
    rows = ((number, _cells(line)) for number, line in lines)
    number, header = next(rows, (1, None))
    if header is None:
        return Content((), (RowProblem(1, "", "no-header"),), ())
    names = [cell.strip() for cell in header]
    if sorted(names) != sorted(COLUMNS):
        return Content((), (RowProblem(number, "", "columns"),), ())
    return _read_rows(names, rows)


def _cells(line: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=";"))
    except csv.Error:  # a cell of more than 128 KiB
        return []


def _read_rows(names: list[str], rows: Iterator[tuple[int, list[str]]]) -> Content:
    units: dict[int, Unit] = {}
    problems: list[RowProblem] = []
    warnings: list[RowProblem] = []
    known: set[str] = set()
    for number, cells in rows:
        if len(cells) != len(names):
            problems.append(RowProblem(number, "", "cells"))
            continue
        row = _Row(number, dict(zip(names, (cell.strip() for cell in cells), strict=True)))
        known.add(normal_gln(row.cells["gln"]))
        unit = row.unit()
        problems += row.problems
        warnings += row.warnings
        if unit:
            units[number] = unit
    problems += _overlaps(units, "gln", "gln-twice", lambda unit: unit.gln)
    problems += _overlaps(units, "name", "name-twice", lambda unit: (unit.sector, unit.area, slug(unit.name)))
    problems += (
        RowProblem(number, "replaced_by", "successor")
        for number, unit in units.items()
        if unit.replaced_by is not None and unit.replaced_by not in known - {unit.gln}
    )
    return Content(tuple(units.values()), tuple(sorted(problems, key=lambda problem: problem.line)), tuple(warnings))


def _overlaps(units: Mapping[int, Unit], column: str, code: str, key: Callable[[Unit], object]) -> Iterator[RowProblem]:
    groups: dict[object, list[tuple[int, Unit]]] = defaultdict(list)
    for numbered in units.items():
        groups[key(numbered[1])].append(numbered)
    for group in groups.values():
        group.sort(key=lambda numbered: numbered[1].valid_from)
        for (_, earlier), (number, later) in pairwise(group):
            if earlier.overlaps(later):
                yield RowProblem(number, column, code)


class _Row:
    """One row while it is judged, column by column."""

    def __init__(self, line: int, cells: Mapping[str, str]) -> None:
        self.line, self.cells = line, cells
        self.problems: list[RowProblem] = []
        self.warnings: list[RowProblem] = []

    def unit(self) -> Unit | None:
        """The row's unit, or None where it has a problem."""
        cells, sector = self.cells, self._sector()
        gln, name = self._gln(), self._name()
        area, kommune = ("", "") if sector is None else (self._area(sector), self._kommune(sector))
        sor = self._sor()
        valid_from, valid_to = self._date("valid_from"), self._date("valid_to") if cells["valid_to"] else None
        if valid_from and valid_to and valid_to < valid_from:
            self._problem("valid_to", "ends-first")
        if self.problems or sector is None or valid_from is None:
            return None
        replaced_by = normal_gln(cells["replaced_by"]) or None
        return Unit(gln, sor, sector, area, kommune, name, cells["organisation"], valid_from, valid_to, replaced_by)

    def _problem(self, column: str, code: str) -> None:
        self.problems.append(RowProblem(self.line, column, code))

    def _warning(self, column: str, code: str) -> None:
        self.warnings.append(RowProblem(self.line, column, code))

    def _take(self, column: str, check: Check) -> None:
        if check.problem:
            self._problem(column, check.problem)
        if check.warning:
            self._warning(column, check.warning)

    def _gln(self) -> str:
        gln = normal_gln(self.cells["gln"])
        if not gln:
            self._problem("gln", "empty")
        elif len(gln) > LONGEST_ADDRESS:
            self._problem("gln", "too-long")
        elif not check_gln(gln).ok:
            self._warning("gln", "not-a-gln")
        return gln

    def _sor(self) -> str:
        sor = self.cells["sor"]
        if sor:
            self._take("sor", check_sor(sor))
        else:
            self._warning("sor", "not-in-sor")
        return sor

    def _sector(self) -> Sector | None:
        try:
            return Sector(self.cells["sector"].lower())
        except ValueError:
            self._problem("sector", "sector")
            return None

    def _area(self, sector: Sector) -> str:
        area = self.cells["area"]
        check = {
            Sector.KOMMUNE: check_kommunekode,
            Sector.HOSPITAL: check_regionskode,
            Sector.PRAKSIS: check_ydernummer,
        }[sector]
        self._take("area", check(area))
        return normal_ydernummer(area) if sector is Sector.PRAKSIS else area

    def _kommune(self, sector: Sector) -> str:
        written = self.cells["kommune"]
        if sector is not Sector.KOMMUNE:
            return written
        listed = kommuner().get(self.cells["area"])
        if not written:
            self._problem("kommune", "empty")
        elif listed and fold_kommune(listed.name) != fold_kommune(written):
            self._problem("kommune", "kommune")
        return listed.name if listed else written

    def _name(self) -> str:
        name = self.cells["name"]
        if not name:
            self._problem("name", "empty")
        elif len(name) > LONGEST_NAME:
            self._problem("name", "too-long")
        elif not slug(name):
            self._problem("name", "no-letters")
        return name

    def _date(self, column: str) -> date | None:
        try:
            day = date.fromisoformat(self.cells[column])
        except ValueError:
            day = None
        if day is None or day.isoformat() != self.cells[column]:  # fromisoformat takes weeks and closed-up dates too
            self._problem(column, "date")
            return None
        return day
