"""The three tables of harmonised names as files: from bytes to rows, with everything that is wrong about them.

UTF-8, semicolons, a header row, dates as YYYY-MM-DD, comments from `#` at the start of a line. Which table a file is, its columns
say. A fault refuses the file and all faults are found in one reading; what the tables say of each other is judged when they are
put together.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from importlib import resources
from itertools import pairwise

from sor.harmonised import Address, Alias, HarmonisedName, HarmonisedNames, Row, Status, by_key
from sor.identifiers import check_gln, normal_gln
from sor.kommuner import kommune_called
from sor.names import fold
from sor.rows import LONGEST_NAME

MANY = "|"
"""Between the names of an alias that covers several."""


class Table(StrEnum):
    """The three tables."""

    NAMES = "names"
    ADDRESSES = "addresses"
    ALIASES = "aliases"


_COMMON = ("valid_from", "valid_to", "agreement")
COLUMNS: Mapping[Table, tuple[str, ...]] = {
    Table.NAMES: ("name", "status", "definition", *_COMMON),
    Table.ADDRESSES: ("kommune", "name", "gln", *_COMMON),
    Table.ALIASES: ("kommune", "alias", "names", *_COMMON),
}

TEXTS: Mapping[str, tuple[str, str]] = {
    "not-utf-8": ("Filen er ikke UTF-8. Gem den som UTF-8.", "The file is not UTF-8. Save it as UTF-8."),
    "no-header": ("Filen har ingen kolonneoverskrifter.", "The file has no header row."),
    "delimiter": ("Felterne skal adskilles af semikolon.", "Cells must be parted by semicolons."),
    "columns": ("Ret kolonnerne", "Mend the columns"),
    "cells": ("Rækken har et andet antal felter end overskriften.", "The row has another number of cells than the header."),
    "empty": ("Feltet skal udfyldes.", "The cell must be filled in."),
    "too-long": ("Højst 60 tegn.", "At most 60 characters."),
    "no-letters": ("Der er hverken bogstaver eller tal i", "There are neither letters nor digits in"),
    "status": ("Skriv draft eller approved i stedet for", "Write draft or approved in the place of"),
    "date": ("Datoen skal skrives ÅÅÅÅ-MM-DD:", "The date must be written YYYY-MM-DD:"),
    "ends-first": ("Sidste gyldige dag ligger før den første:", "The last valid day is before the first:"),
    "kommune": ("Der er ingen kommune med navnet eller koden", "There is no kommune with the name or the code"),
    "gln": (
        "Et lokationsnummer er 13 cifre med kontrolciffer; ret",
        "A lokationsnummer is 13 digits with a check digit; mend",
    ),
    "unknown-name": ("Tilføj først navnet til listen over navne:", "Add the name to the list of names first:"),
    "alias-is-name": ("Aliasset er selv et harmoniseret navn:", "The alias is a harmonised name itself:"),
    "twice": ("Gælder samtidig med linje", "In force at the same time as line"),
}


@dataclass(frozen=True, slots=True)
class NameProblem:
    """A fault: `table` is None where the file could not be told to be any; `line` from 1; `value` is what the fault lies in."""

    table: Table | None
    line: int
    column: str
    code: str
    value: str = ""

    @property
    def text_da(self) -> str:
        """What is wrong and what to do, in Danish."""
        return f"{TEXTS[self.code][0]} {self.value}".strip()

    @property
    def text_en(self) -> str:
        """What is wrong and what to do, in English."""
        return f"{TEXTS[self.code][1]} {self.value}".strip()

    def __str__(self) -> str:
        table = f"{self.table}.csv, " if self.table else ""
        column = f", kolonne {self.column}" if self.column else ""
        return f"{table}linje {self.line}{column}: {self.text_da}"


class NamesError(ValueError):
    """Tables that were refused whole. `problems` names every fault."""

    def __init__(self, problems: tuple[NameProblem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Content:
    """What a file holds: `table` is None where its columns are of none. `rows` are only the good ones."""

    table: Table | None
    rows: tuple[Row, ...]
    problems: tuple[NameProblem, ...]


def load(*files: bytes, base: HarmonisedNames | None = None) -> HarmonisedNames:
    """The tables of the files, and of `base` those that no file is of. Raises NamesError, naming every fault."""
    contents = [read(raw) for raw in files]
    problems = [problem for content in contents for problem in content.problems]
    if problems:
        raise NamesError(tuple(problems))
    given = {content.table for content in contents}
    kept = base or HarmonisedNames()
    rows = [row for content in contents for row in content.rows]
    names = tuple(row for row in rows if isinstance(row, HarmonisedName)) if Table.NAMES in given else kept.names
    addresses = tuple(row for row in rows if isinstance(row, Address)) if Table.ADDRESSES in given else kept.addresses
    aliases = tuple(row for row in rows if isinstance(row, Alias)) if Table.ALIASES in given else kept.aliases
    if found := tuple(_contradictions(names, addresses, aliases)):
        raise NamesError(found)
    return HarmonisedNames(names, addresses, aliases)


@cache
def bundled() -> HarmonisedNames:
    """The tables that come with the package: names proposed, addresses synthetic."""
    folder = resources.files("sor").joinpath("data")
    return load(*(folder.joinpath(f"{table}.csv").read_bytes() for table in Table))


def read(raw: bytes) -> Content:
    """Reads one file whole; never raises."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return _unread(raw.count(b"\n", 0, error.start) + 1, "not-utf-8")
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip() and not line.startswith("#")]
    if not lines:
        return _unread(1, "no-header")
    (number, first), *others = lines
    header = _cells(first)
    if len(header) < 2:
        return _unread(number, "delimiter")
    table = next((table for table, columns in COLUMNS.items() if sorted(columns) == sorted(header)), None)
    if table is None:
        return _unread(number, "columns", _what_to_mend(header))
    rows: list[Row] = []
    problems: list[NameProblem] = []
    for number, line in others:
        reader = _Reader(table, number, header, _cells(line))
        row = reader.row()
        problems += reader.problems
        if row is not None:
            rows.append(row)
    return Content(table, tuple(rows), tuple(problems))


def _unread(line: int, code: str, value: str = "") -> Content:
    return Content(None, (), (NameProblem(None, line, "", code, value),))


def _what_to_mend(header: list[str]) -> str:
    """The difference to the table that the header is nearest to."""
    table = max(Table, key=lambda table: len(set(COLUMNS[table]) & set(header)))
    missing = [f"+{name}" for name in COLUMNS[table] if name not in header]
    return f"({table}.csv): " + " ".join(missing + [f"-{name}" for name in header if name not in COLUMNS[table]])


def _cells(line: str) -> list[str]:
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=";"))]
    except csv.Error:  # a cell of more than 128 KiB
        return []


def _contradictions(
    names: Iterable[HarmonisedName], addresses: Iterable[Address], aliases: Iterable[Alias]
) -> Iterator[NameProblem]:
    known = {fold(row.name) for row in names}
    yield from _overlaps(Table.NAMES, "name", by_key(names))
    yield from _overlaps(Table.ADDRESSES, "name", by_key(addresses))
    yield from _overlaps(Table.ALIASES, "alias", by_key(aliases))
    for address in addresses:
        if fold(address.name) not in known:
            yield NameProblem(Table.ADDRESSES, address.line, "name", "unknown-name", address.name)
    for alias in aliases:
        if fold(alias.alias) in known:
            yield NameProblem(Table.ALIASES, alias.line, "alias", "alias-is-name", alias.alias)
        for name in alias.names:
            if fold(name) not in known:
                yield NameProblem(Table.ALIASES, alias.line, "names", "unknown-name", name)


def _overlaps(table: Table, column: str, groups: Mapping[tuple[str, ...], tuple[Row, ...]]) -> Iterator[NameProblem]:
    for group in groups.values():
        for earlier, later in pairwise(group):
            if earlier.in_force(later.valid_from):
                yield NameProblem(table, later.line, column, "twice", str(earlier.line))


class _Reader:
    """One row while it is read, column by column."""

    def __init__(self, table: Table, line: int, header: list[str], cells: list[str]) -> None:
        self.problems: list[NameProblem] = []
        self._table, self._line = table, line
        if len(cells) != len(header):
            self._problem("", "cells")
        self._cells = dict(zip(header, cells, strict=False))

    def row(self) -> Row | None:
        """The row, or None where it has a problem."""
        if self.problems:
            return None
        made = {Table.NAMES: self._name, Table.ADDRESSES: self._address, Table.ALIASES: self._alias}[self._table]()
        return None if self.problems else made

    def _name(self) -> Row:
        written = self._cells["status"]
        if written not in set(Status):
            self._problem("status", "status", written)
        status = Status.APPROVED if written == Status.APPROVED else Status.DRAFT
        definition = self._filled("definition")
        agreement = self._filled("agreement") if status is Status.APPROVED else self._cells["agreement"]
        first, last = self._period()
        return HarmonisedName(
            name=self._term("name"),
            definition=definition,
            status=status,
            agreement=agreement,
            valid_from=first,
            valid_to=last,
            line=self._line,
        )

    def _address(self) -> Row:
        gln = normal_gln(self._filled("gln"))
        if gln and not check_gln(gln).ok:
            self._problem("gln", "gln", gln)
        first, last = self._period()
        return Address(
            kommune=self._kommune(self._filled("kommune")),
            name=self._term("name"),
            gln=gln,
            agreement=self._cells["agreement"],
            valid_from=first,
            valid_to=last,
            line=self._line,
        )

    def _alias(self) -> Row:
        first, last = self._period()
        return Alias(
            kommune=self._kommune(self._cells["kommune"]),
            alias=self._term("alias"),
            names=tuple(name.strip() for name in self._cells["names"].split(MANY) if name.strip()),
            agreement=self._cells["agreement"],
            valid_from=first,
            valid_to=last,
            line=self._line,
        )

    def _problem(self, column: str, code: str, value: str = "") -> None:
        self.problems.append(NameProblem(self._table, self._line, column, code, value))

    def _filled(self, column: str) -> str:
        if not self._cells[column]:
            self._problem(column, "empty")
        return self._cells[column]

    def _term(self, column: str) -> str:
        written = self._filled(column)
        if len(written) > LONGEST_NAME:
            self._problem(column, "too-long")
        elif written and not fold(written):
            self._problem(column, "no-letters", written)
        return written

    def _kommune(self, written: str) -> str:
        if not written:
            return ""
        kommune = kommune_called(written)
        if kommune is None:
            self._problem("kommune", "kommune", written)
        return kommune.code if kommune else ""

    def _period(self) -> tuple[date, date | None]:
        first = self._day("valid_from", self._filled("valid_from"))
        last = self._day("valid_to", self._cells["valid_to"])
        if first and last and last < first:
            self._problem("valid_to", "ends-first", str(last))
        return first or date.min, last

    def _day(self, column: str, written: str) -> date | None:
        if not written:
            return None
        try:
            day = date.fromisoformat(written)
        except ValueError:
            day = None
        if day is None or day.isoformat() != written:  # fromisoformat takes weeks and closed-up dates too
            self._problem(column, "date", written)
            return None
        return day
