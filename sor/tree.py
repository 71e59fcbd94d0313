"""SOR's tree, put together: what every entity has from those above it, its owner and its address above all.

A unit that inherits has its parent's address for as long as the parent has it. Extracts are not faultless: a parent that is not
there, or a circle of parents, is told of, and the entity is read as one with none above.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sor.entities import Entity, Mailbox
from sor.extracts.problems import Findings
from sor.ownership import Ownership, is_hospital, owned

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Stretch:
    """An address for a time: its mailbox, None where mail cannot be sent to the entity, and whether it is another's."""

    valid_from: date
    valid_to: date | None
    mailbox: Mailbox | None
    inherited: bool = False


@dataclass(frozen=True, slots=True)
class Node:
    """What an entity has from its own rows and those above it. The stretches are in order of time and do not overlap."""

    ownership: Ownership
    stretches: tuple[Stretch, ...]

    def reaches(self, gln: str) -> bool:
        """Whether it ever has the address."""
        return any(stretch.mailbox is not None and stretch.mailbox.gln == gln for stretch in self.stretches)


class Tree:
    """All entities of an extract by SOR code, each with its rows in order of time, which do not overlap."""

    def __init__(self, entities: Iterable[Entity], findings: Findings) -> None:
        self._findings = findings
        rows: dict[str, list[Entity]] = {}
        for entity in entities:
            rows.setdefault(entity.sor, []).append(entity)
        for sor, several in rows.items():
            rows[sor] = self._in_order(several)
        self.rows: Mapping[str, list[Entity]] = rows
        self._parents = {parent for each in rows.values() if (parent := each[-1].parent)}
        self._hospitals, self._ydernumre = self._from_below()
        self._nodes: dict[str, Node] = {}

    def node(self, sor: str) -> Node:
        """The node of an entity that is in the tree."""
        chain: dict[str, None] = {}
        at: str | None = sor
        while at is not None and at not in self._nodes and at not in chain:
            chain[at] = None
            at = self._above(at)
        if at in chain:
            self._findings.warning(self.rows[sor][-1].line, "", "circle", at)
        above = self._nodes.get(at) if at is not None else None
        node = above
        for each in reversed(chain):
            node = self._made(self.rows[each], node)
            if each in self._parents:  # the others are asked for once, and there are many
                self._nodes[each] = node
        assert node is not None  # noqa: S101 - the chain has at least the entity itself, or its node was there
        return node

    def _above(self, sor: str) -> str | None:
        row = self.rows[sor][-1]
        if row.parent is None or row.parent in self.rows:
            return row.parent
        self._findings.warning(row.line, "", "no-such-parent", row.parent)
        return None

    def _made(self, rows: list[Entity], above: Node | None) -> Node:
        row = rows[-1]
        ownership = owned(
            row,
            above.ownership if above else None,
            hospital_below=row.sor in self._hospitals,
            ydernummer_below=self._ydernumre.get(row.sor, ""),
        )
        stretches = tuple(stretch for row in rows for stretch in self._stretches(row, above))
        return Node(ownership, stretches)

    def _stretches(self, row: Entity, above: Node | None) -> Iterator[Stretch]:
        mailbox = row.mailbox
        inherits = row.inherits or (mailbox is not None and above is not None and above.reaches(mailbox.gln))
        if inherits and above is not None and any(stretch.mailbox for stretch in above.stretches):
            if mailbox is None or above.reaches(mailbox.gln):
                yield from self._inherited(row, above)
                return
            theirs = next(stretch.mailbox.gln for stretch in above.stretches if stretch.mailbox)
            self._findings.warning(row.line, "", "inherits-other", mailbox.gln, theirs)
        if mailbox is None or mailbox.inactive:
            yield Stretch(row.valid_from, row.valid_to, None)
        else:
            yield from _clipped(row, [Stretch(mailbox.valid_from or row.valid_from, mailbox.valid_to, mailbox, inherits)])

    def _inherited(self, row: Entity, above: Node) -> Iterator[Stretch]:
        theirs = [replace(stretch, inherited=True) for stretch in above.stretches if stretch.mailbox]
        found = list(_clipped(row, theirs))
        if found[-1].mailbox is None:
            self._findings.warning(row.line, "", "inherits-closed", row.name or row.sor)
        yield from found

    def _in_order(self, rows: list[Entity]) -> list[Entity]:
        """The rows in order of time, each ended before the next, from the day that the entity began."""
        if len(rows) > 1:
            rows = self._one_a_day(sorted(rows, key=lambda row: row.valid_from))
        began = rows[0].first_from
        if began is not None and began < rows[0].valid_from:
            rows[0] = replace(rows[0], valid_from=began)
        return rows

    def _one_a_day(self, rows: list[Entity]) -> list[Entity]:
        kept = [rows[0]]
        for row in rows[1:]:
            if row.valid_from == kept[-1].valid_from:
                self._findings.warning(row.line, "", "sor-twice", row.sor, kept[-1].line, row.line)
                kept.pop()
            elif kept[-1].valid_to is None or kept[-1].valid_to >= row.valid_from:
                kept[-1] = replace(kept[-1], valid_to=row.valid_from - DAY)
            kept.append(row)
        return kept

    def _from_below(self) -> tuple[set[str], dict[str, str]]:
        """The owners of hospitals, and the one ydernummer below each entity that has just one below it."""
        hospitals: set[str] = set()
        ydernumre: dict[str, set[str]] = defaultdict(set)
        for rows in self.rows.values():
            row = rows[-1]
            if row.parent and is_hospital(row):
                hospitals.add(row.parent)
            at = row.parent if row.ydernummer else None
            while (
                at is not None and at in self.rows and row.ydernummer not in ydernumre[at]
            ):  # a circle ends where it was before
                ydernumre[at].add(row.ydernummer)
                at = self.rows[at][-1].parent
        return hospitals, {sor: found.pop() for sor, found in ydernumre.items() if len(found) == 1}


def _clipped(row: Entity, stretches: Iterable[Stretch]) -> Iterator[Stretch]:
    """The parts of the stretches within the row's days, and the rest of its days after them without an address."""
    rest: date | None = row.valid_from
    for stretch in stretches:
        opens = max(stretch.valid_from, row.valid_from)
        ends = [last for last in (stretch.valid_to, row.valid_to) if last is not None]
        last = min(ends) if ends else None
        if last is None or opens <= last:
            yield (
                stretch
                if (opens, last) == (stretch.valid_from, stretch.valid_to)
                else replace(stretch, valid_from=opens, valid_to=last)
            )
            rest = None if last is None or last == row.valid_to else last + DAY
    if rest is not None:
        yield Stretch(rest, row.valid_to, None)
