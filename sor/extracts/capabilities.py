"""What an address can take: LocationsCodeEDITypeMap.csv, lokationsnummer by lokationsnummer.

It includes closed lokationsnumre and has no history. Its columns' names are in no documentation, so both must be told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import BinaryIO

from sor.extracts.locations import LOCATION_HINT
from sor.extracts.mapping import ColumnMapping
from sor.extracts.problems import Findings
from sor.extracts.table import Column, Encoding, Table
from sor.identifiers import normal_gln

_COLUMNS = (Column("gln", hint=LOCATION_HINT), Column("message_type", hint="edi|type"))


def read_capabilities(file: BinaryIO, findings: Findings, mapping: ColumnMapping) -> Mapping[str, tuple[str, ...]]:
    """The message types of each lokationsnummer, as SOR writes them, in order. Columns that are not told give a warning and nothing."""
    table = Table(file, Encoding.UTF_8_OR_1252, _COLUMNS, findings, mapping)
    if not table.told(*_COLUMNS):
        return {}
    gln, message_type = table.at["gln"], table.at["message_type"]
    types: dict[str, set[str]] = defaultdict(set)
    for row in table.rows():
        types[normal_gln(row.cells[gln])].add(row.cells[message_type])
    types.pop("", None)
    kept: dict[tuple[str, ...], tuple[str, ...]] = {}  # systems of one kind take the same types
    ordered = ((address, tuple(sorted(found - {""}))) for address, found in types.items())
    return {address: kept.setdefault(found, found) for address, found in ordered}
