"""A table with a header, read row by row from a binary stream: its encoding, its columns by name, its rows with their lines.

Nothing is guessed that could be wrong: columns are found by name, or by the operator's column file, and a table that lacks one that
it must have is refused with what it has instead. The stream is never held whole.
"""

from __future__ import annotations

import codecs
import csv
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import BinaryIO

from sor.extracts.cells import day, for_ever, plain
from sor.extracts.mapping import ColumnMapping
from sor.extracts.problems import Findings
from sor.names import fold

_LONGEST_LINE = 1_000_000  # bytes: a file without line ends must not come into memory whole
# What æ, ø, å and their capitals look like in UTF-8 that was read as ISO-8859-1 or windows-1252, and perhaps saved so.
_MANGLED = re.compile("Ã[\u00a6\u00b8\u00a5\u2020\u02dc\u2026\u0086\u0098\u0085]")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_OTHER_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_DELIMITERS = {",": ",", "\t": "tab", "|": "|"}


class Encoding(StrEnum):
    """How a kind of extract is written. SOR2 has no official word on it: UTF-8, and windows-1252 where it is not that."""

    ISO_8859_1 = "ISO-8859-1"
    UTF_8_OR_1252 = "UTF-8"


@dataclass(frozen=True, slots=True)
class Column:
    """A column that may be in a table: the field it holds, and the names that it is known by, none where its name is not known."""

    field: str
    names: tuple[str, ...] = ()
    required: bool = False
    hint: str = ""  # what its unknown name probably holds, for a suggestion

    def spellings(self) -> set[str]:
        """The names folded, and folded as systems write them that leave out æ, ø and å."""
        return {fold(name) for name in self.names} | {fold(_NOT_ASCII.sub("", name)) for name in self.names}


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its line and its cells. Its values are asked for by a column's place, `Table.at`."""

    line: int
    cells: Sequence[str]


class Table:
    """A table whose header has been read. `at` has the place of every column asked for: that of an empty cell where it is missing."""

    def __init__(
        self, file: BinaryIO, encoding: Encoding, columns: Sequence[Column], findings: Findings, mapping: ColumnMapping
    ) -> None:
        self._findings, self._encoding = findings, encoding
        self.header: list[str] = []
        self._records = self._read(file)
        line, header = next(self._records, (1, []))
        self.header = [plain(cell) for cell in header]
        if not self.header:
            findings.refuse(1, "", "empty-file")
        _refuse_other_delimiter(self.header, line, findings)
        self.at: Mapping[str, int] = self._places(columns, mapping, line)

    def has(self, field: str) -> bool:
        """Whether the table has a column for the field."""
        return self.at[field] < len(self.header)

    def heading(self, field: str) -> str:
        """What the table calls the field's column, for findings."""
        return self.header[self.at[field]] if self.has(field) else ""

    def rows(self) -> Iterator[Row]:
        """The rows, each with as many cells as the header and an empty one more. Others are problems and left out."""
        width = len(self.header)
        wanted = [place for place in self.at.values() if place < width]  # of sixty columns some fifteen
        for line, cells in self._records:
            if len(cells) != width:
                if len(cells) < width or any(cells[width:]):
                    self._findings.problem(line, "", "cells", len(cells), width)
                    continue
                del cells[width:]
            for place in wanted:
                cells[place] = plain(cells[place])
            cells.append("")
            yield Row(line, cells)

    def told(self, *columns: Column) -> bool:
        """Whether all of these are known; of each that is not, a warning says how to tell it."""
        unknown = [column for column in columns if not self.has(column.field)]
        for column in unknown:
            self._findings.warning(1, "", "column-unread", *self._suggested(column))
        return not unknown

    def day(self, row: Row, field: str) -> date | None:
        """The day in a cell, None where it is empty, and where it is no day: a problem."""
        cell = row.cells[self.at[field]]
        found = day(cell)
        if cell and found is None:
            self._findings.problem(row.line, self.heading(field), "date", cell)
        return found

    def last_day(self, row: Row) -> date | None:
        """The row's last valid day, None where it has none."""
        last = self.day(row, "valid_to")
        return None if last is None or for_ever(last) else last

    def _places(self, columns: Sequence[Column], mapping: ColumnMapping, line: int) -> dict[str, int]:
        findings, width = self._findings, len(self.header)
        folded = [fold(name) for name in self.header]
        places = {}
        for column in columns:
            told = mapping.column(findings.file, column.field)
            wanted = {fold(told)} if told else column.spellings()
            found = [place for place, name in enumerate(folded) if name in wanted]
            if len(found) > 1:
                findings.problem(line, self.header[found[1]], "column-twice", self.header[found[1]])
            elif not found and told:
                findings.problem(line, told, "column-not-there", column.field, told, self._listed())
            elif not found and column.required:
                name, (_, row, listed) = (column.names or (column.field,))[0], self._suggested(column)
                findings.problem(line, name, "column-missing" if column.names else "column-unknown", name, row, listed)
            places[column.field] = found[0] if found else width
        findings.judge()
        return places

    def _suggested(self, column: Column) -> tuple[str, str, str]:
        """The field, the row of the column file that would tell its column, and the columns that there are."""
        likely = (name for name in self.header if column.hint and re.search(column.hint, fold(name)))
        return column.field, f"{self._findings.file};{column.field};{next(likely, '<kolonnens navn>')}", self._listed()

    def _listed(self) -> str:
        return "; ".join(self.header)

    def _read(self, file: BinaryIO) -> Iterator[tuple[int, list[str]]]:
        findings, reader = self._findings, csv.reader(self._lines(file), delimiter=";")
        while True:
            line = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error:
                findings.refuse(line, "", "row-unreadable")
            except (zlib.error, zipfile.BadZipFile, EOFError):
                findings.refuse(line, "", "half-zip")
            if cells:
                yield line, cells

    def _lines(self, file: BinaryIO) -> Iterator[str]:
        decoder, number = _Decoder(self._encoding), 0
        while raw := file.readline(_LONGEST_LINE):
            number += 1
            if len(raw) == _LONGEST_LINE:
                self._findings.refuse(number, "", "row-unreadable")
            text = decoder.text(raw)
            if decoder.wrong_after is not None:
                place = decoder.wrong_after.count(";")
                column = self.header[place] if place < len(self.header) else ""
                self._findings.refuse(number, column, "wrong-encoding", self._encoding.value)
            yield text


class _Decoder:
    """Bytes to text, line by line. `wrong_after` is the text before what cannot be right, None while all is well."""

    def __init__(self, encoding: Encoding) -> None:
        self.wrong_after: str | None = None
        self._codec = "latin-1" if encoding is Encoding.ISO_8859_1 else "utf-8"
        self._settled = encoding is Encoding.ISO_8859_1

    def text(self, raw: bytes) -> str:
        """The line's text; of no use where it is `wrong_after`."""
        if b"\0" in raw or raw.startswith(_OTHER_MARKS) or (self._codec == "latin-1" and raw.startswith(codecs.BOM_UTF8)):
            self.wrong_after = ""
            return ""
        if raw.isascii():
            return raw.decode("ascii")
        text = self._decoded(raw)
        if "Ã" in text and (mangled := _MANGLED.search(text)):
            self.wrong_after = text[: mangled.start()]
        return text

    def _decoded(self, raw: bytes) -> str:
        for codec in dict.fromkeys((self._codec, self._codec if self._settled else "cp1252")):
            try:
                text = raw.decode(codec)
            except UnicodeDecodeError as error:
                wrong = raw[: error.start].decode("latin-1")
            else:
                # The first line that is not ASCII says which of the two encodings it is; a file is not in both.
                self._codec, self._settled = codec, True
                return text.removeprefix("\ufeff")
        self.wrong_after = wrong
        return ""


def _refuse_other_delimiter(header: list[str], line: int, findings: Findings) -> None:
    if len(header) > 1:
        return
    for delimiter, name in _DELIMITERS.items():
        if delimiter in header[0]:
            findings.refuse(line, "", "delimiter", name)
