"""Who took whose place: SOR2's SORReplacedEntities.csv. Its columns' names are in no documentation, so both must be told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import BinaryIO

from sor.extracts.mapping import ColumnMapping
from sor.extracts.problems import Findings
from sor.extracts.table import Column, Encoding, Table

_COLUMNS = (Column("sor", hint="replacedsor|replacedentity|old"), Column("successor", hint="replacing|replacedby|new"))


def read_successions(file: BinaryIO, findings: Findings, mapping: ColumnMapping) -> Mapping[str, tuple[str, ...]]:
    """The SOR codes of each replaced entity's successors. Columns that are not told give a warning and nothing."""
    table = Table(file, Encoding.UTF_8_OR_1252, _COLUMNS, findings, mapping)
    if not table.told(*_COLUMNS):
        return {}
    sor, successor = table.at["sor"], table.at["successor"]
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for row in table.rows():
        if row.cells[sor] and row.cells[successor]:
            found[row.cells[sor]][row.cells[successor]] = None
    return {replaced: tuple(successors) for replaced, successors in found.items()}
