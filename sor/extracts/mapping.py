"""The column file: what the columns of an extract are called, where that is not known or has changed.

SOR2's documentation does not name all its columns, and names change. An operator who has the file before him writes one row for
each such column, `file;field;column`, and no new version of the program is needed.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from sor.extracts.problems import Findings

FIELDS = (
    *("sor", "parent", "level", "name", "type", "gln", "inherits", "gln_status", "first_from", "valid_from", "valid_to"),
    *("ydernummer", "kommunekode", "regionskode", "system", "supplier", "operator", "message_type", "successor"),
)
"""What a column can hold, in our terms; `sor.entities` says what each is."""
_WIDTH = 3


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """Columns by file and field. The file's name is compared without its folder and case."""

    columns: Mapping[tuple[str, str], str] = field(default_factory=lambda: MappingProxyType({}))

    def column(self, file: str, field: str) -> str | None:
        """The column that holds `field` in `file`, None where the operator has not said."""
        return self.columns.get((_bare(file), field))


def read_mapping(raw: bytes, name: str) -> ColumnMapping:
    """Reads a column file: UTF-8, semicolons, the header `file;field;column`, comments from `#` at the start of a line.

    Raises RegisterError, naming every bad row.
    """
    findings = Findings(name)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        findings.refuse(raw.count(b"\n", 0, error.start) + 1, "", "wrong-encoding", "UTF-8")
    columns: dict[tuple[str, str], str] = {}
    rows = csv.reader(io.StringIO(text), delimiter=";")
    for line, row in enumerate(rows, 1):
        cells = [cell.strip() for cell in row]
        if not any(cells) or cells[0].startswith("#") or cells == ["file", "field", "column"]:
            continue
        if len(cells) != _WIDTH or not all(cells) or cells[1] not in FIELDS:
            findings.problem(line, "", "mapping-row", ", ".join(FIELDS))
            continue
        columns[_bare(cells[0]), cells[1]] = cells[2]
    findings.judge()
    return ColumnMapping(MappingProxyType(columns))


def _bare(file: str) -> str:
    return file.replace("\\", "/").rpartition("/")[2].casefold()
