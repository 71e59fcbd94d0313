"""SOR2's lokationsnumre, LocationsCodes.csv: whose each is, and what is said of the system behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import BinaryIO

from sor.entities import Mailbox
from sor.extracts.cells import status
from sor.extracts.judging import judged_gln
from sor.extracts.mapping import ColumnMapping
from sor.extracts.problems import Findings
from sor.extracts.table import Column, Encoding, Table

LOCATION_HINT = "lokation|location|eancode|gln"
SYSTEMS = (
    Column("gln_status", hint="status|active"),
    Column("system", ("Edb-system",), hint="systemtype|edbsystem"),
    Column("supplier", ("Systemleverandør",), hint="supplier|leverand"),
    Column("operator", ("Netleverandør",), hint="netlev|communication|operator"),
)
_GLN = Column("gln", hint=LOCATION_HINT)
_COLUMNS = (_GLN, Column("sor", ("SorId",)), *SYSTEMS, Column("valid_from", ("FromDate",)), Column("valid_to", ("ToDate",)))


@dataclass(frozen=True, slots=True)
class Locations:
    """What is known of addresses beside the entities: each one's mailbox, and by SOR code the address that an entity owns."""

    mailboxes: Mapping[str, Mailbox] = field(default_factory=dict)
    owners: Mapping[str, str] = field(default_factory=dict)

    def with_message_types(self, types: Mapping[str, tuple[str, ...]]) -> Locations:
        """The same with the message types that each address can take."""
        known = {gln: self.mailboxes.get(gln) or Mailbox(gln) for gln in types}
        told = {gln: replace(mailbox, message_types=types[gln]) for gln, mailbox in known.items()}
        return replace(self, mailboxes={**self.mailboxes, **told})


def read_locations(file: BinaryIO, findings: Findings, mapping: ColumnMapping) -> Locations:
    """Reads LocationsCodes.csv. Without a column for the lokationsnummer nothing is read, and a warning says so."""
    table = Table(file, Encoding.UTF_8_OR_1252, _COLUMNS, findings, mapping)
    if not table.told(_GLN):
        return Locations()
    at, kept = table.at, dict[str, str]()
    mailboxes: dict[str, Mailbox] = {}
    owners: dict[str, str] = {}
    for row in table.rows():
        cells = row.cells
        gln = judged_gln(cells[at["gln"]], row.line, table.heading("gln"), findings)
        if not gln:
            continue
        opens, last = table.day(row, "valid_from"), table.last_day(row)
        told = mailboxes.get(gln)
        if told is not None and (told.valid_to or date.max) > (last or date.max):
            continue  # a former stretch of an address that goes on
        internal, inactive = status(cells[at["gln_status"]])
        system, supplier, operator = (
            kept.setdefault(cells[at[name]], cells[at[name]]) for name in ("system", "supplier", "operator")
        )
        mailboxes[gln] = Mailbox(gln, internal, inactive, system, supplier, operator, opens, last)
        sor = cells[at["sor"]]
        former = mailboxes.get(owners.get(sor, ""))
        if sor and (former is None or (former.valid_to or date.max) <= (last or date.max)):
            owners[sor] = gln
    return Locations(mailboxes, owners)
