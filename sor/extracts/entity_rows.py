"""Rows to entities: what a row of the legacy CSV or of SOR2 says of one entity, judged cell by cell.

The two forms have other names for their columns and the same things in them. A cell that no entity can be made without is a
problem; what a real register has, such as a wrong check digit, is a warning, and the entity is taken as it stands.
"""

from __future__ import annotations

from collections.abc import Iterator

from sor.entities import Entity, Level, Mailbox
from sor.extracts.cells import level, status, yes
from sor.extracts.judging import judged_gln, judged_sor, judged_ydernummer
from sor.extracts.locations import Locations
from sor.extracts.problems import Findings
from sor.extracts.table import Row, Table
from sor.names import fold

_INHERITED = frozenset({"nedarvet", "arvet", "inherited"})


class EntityRows:
    """The entities of one table. `locations` has what another file says of their addresses."""

    def __init__(self, table: Table, findings: Findings, locations: Locations) -> None:
        self._table, self._findings, self._at, self._locations = table, findings, table.at, locations
        self._kept: dict[str, str] = {}  # one object for the many cells that say the same

    def entities(self) -> Iterator[Entity]:
        """The rows' entities in the file's order. A row with a problem gives none."""
        for row in self._table.rows():
            entity = self._entity(row)
            if entity is not None:
                yield entity

    def _entity(self, row: Row) -> Entity | None:
        cells, at, findings = row.cells, self._at, self._findings
        sor = judged_sor(cells[at["sor"]], row.line, self._heading("sor"), findings)
        stands = level(cells[at["level"]])
        if stands is None:
            findings.problem(row.line, self._heading("level"), "level", cells[at["level"]])
        parent = self._parent(row) if stands is not Level.OWNER else None
        first = self._table.day(row, "first_from")
        valid_from, valid_to = self._table.day(row, "valid_from") or first, self._table.last_day(row)
        if valid_from is None and not cells[at["valid_from"]]:
            findings.problem(row.line, self._heading("valid_from"), "empty")
        if not sor or stands is None or valid_from is None:
            return None
        if valid_to is not None and valid_to < valid_from:
            findings.warning(row.line, self._heading("valid_to"), "never-open", valid_from, valid_to)
            return None
        mailbox, inherits = self._mailbox(row, sor)
        return Entity(
            sor,
            stands,
            cells[at["name"]],
            self._one(cells[at["type"]]),
            parent,
            valid_from,
            valid_to,
            first,
            mailbox,
            inherits,
            judged_ydernummer(cells[at["ydernummer"]], row.line, self._heading("ydernummer"), findings),
            self._kommunekode(cells[at["kommunekode"]]),
            self._one(cells[at["regionskode"]]),
            line=row.line,
        )

    def _heading(self, field: str) -> str:
        return self._table.heading(field)

    def _one(self, text: str) -> str:
        return self._kept.setdefault(text, text)

    def _parent(self, row: Row) -> str | None:
        parent = row.cells[self._at["parent"]]
        if not parent:
            return None
        return self._one(judged_sor(parent, row.line, self._heading("parent"), self._findings, warn=False)) or None

    def _kommunekode(self, cell: str) -> str:
        return self._one(cell.zfill(4)) if cell.isascii() and cell.isdigit() and cell.strip("0") else ""

    def _mailbox(self, row: Row, sor: str) -> tuple[Mailbox | None, bool]:
        cells, at = row.cells, self._at
        inherits = fold(cells[at["inherits"]]) in _INHERITED or yes(cells[at["inherits"]])
        gln = judged_gln(cells[at["gln"]], row.line, self._heading("gln"), self._findings) or self._locations.owners.get(
            sor, ""
        )
        told = self._locations.mailboxes.get(gln)
        if told is not None or not gln:
            return told, inherits
        internal, inactive = status(cells[at["gln_status"]])
        system, supplier, operator = (self._one(cells[at[field]]) for field in ("system", "supplier", "operator"))
        return Mailbox(gln, internal, inactive, system, supplier, operator), inherits
