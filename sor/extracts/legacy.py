"""The legacy extract, sor.csv: ISO-8859-1, semicolons, one row an entity, Danish headings.

The headings are those of the file's documentation. Of some only spellings are known that other systems have made of them
(`Gaeldende_fra_dato`): they are taken too. `Gældende fra` is taken for the first valid day and `Ophørt` for the last, as in SOR's
XML. A unit that inherits (`Nedarvningsstatus`: nedarvet) may repeat its parent's lokationsnummer or leave it out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from sor.entities import Entity
from sor.extracts.entity_rows import EntityRows
from sor.extracts.locations import Locations
from sor.extracts.mapping import ColumnMapping
from sor.extracts.problems import Findings
from sor.extracts.table import Column, Encoding, Table

COLUMNS = (
    Column("sor", ("SOR-kode",), required=True),
    Column("name", ("Enhedsnavn",), required=True),
    Column("level", ("SOR-type",), required=True),
    Column("type", ("Enhedstype",)),
    Column("parent", ("Parent-SOR-kode",), required=True),
    Column("gln", ("Lokationsnummer",), required=True),
    Column("inherits", ("Nedarvningsstatus",), required=True),
    Column("gln_status", ("Lokationsnummerstatus",)),
    Column("first_from"),
    Column("valid_from", ("Gældende fra", "Gældende fra dato"), required=True),
    Column("valid_to", ("Ophørt", "Ophørt dato"), required=True),
    Column("ydernummer", ("Ydernummer",)),
    Column("kommunekode", ("P_KK",)),
    Column("regionskode", ("Region",)),
    Column("system", ("EDB-system",)),
    Column("supplier", ("Systemleverandør",)),
    Column("operator", ("Netoperatør",)),
)


def read_legacy(file: BinaryIO, findings: Findings, mapping: ColumnMapping) -> Iterator[Entity]:
    """The entities of a sor.csv, in its order. Faults go to `findings`; raises RegisterError where it cannot be read on."""
    yield from EntityRows(Table(file, Encoding.ISO_8859_1, COLUMNS, findings, mapping), findings, Locations()).entities()
