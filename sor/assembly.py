"""From SOR's entities to the register's units: each with the address it is reached at, its kommune and its successor.

    entities ─> Tree ─> units ─> settled: one owner an address ─> the register's units

A unit whose address changes, ends or begins within its life is several units in order of time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from sor.entities import Entity, Level
from sor.extracts.problems import Findings
from sor.names import slug
from sor.rows import LONGEST_NAME
from sor.tree import Node, Stretch, Tree
from sor.units import Sector, Unit

_RANKS = {Level.OWNER: 0, Level.INSTITUTION: 1, Level.UNIT: 2}


@dataclass(frozen=True, slots=True)
class _Placed:
    """A unit with where it stands: `rank` is 0 at the top of SOR's tree."""

    rank: int
    line: int
    unit: Unit


def assembled(entities: Iterable[Entity], findings: Findings) -> tuple[Unit, ...]:
    """The register's units for an extract's entities, in the extract's order. Oddities go to `findings`.

    No two of them own one address on one day: where SOR says so, the one highest in the tree, or the first, is taken for the owner.
    """
    placed = list(_Assembly(Tree(entities, findings), findings).placed())
    _settle(placed, findings)
    _tell_of_namesakes(placed, findings)
    return tuple(each.unit for each in placed)


class _Assembly:
    """The making of units from a tree."""

    def __init__(self, tree: Tree, findings: Findings) -> None:
        self._tree, self._findings = tree, findings
        self._successors = _successors(tree)

    def placed(self) -> Iterator[_Placed]:
        """Every entity's units, one for each stretch of its address."""
        for sor, rows in self._tree.rows.items():
            node = self._tree.node(sor)
            name = self._name(rows[-1])
            if rows[-1].level is Level.OWNER and node.ownership.sector is Sector.KOMMUNE and not node.ownership.kommunekode:
                self._findings.warning(rows[-1].line, "", "no-kommune", name, node.ownership.organisation)
            at = 0
            for stretch in node.stretches:
                while _over_before(rows[at], stretch.valid_from):
                    at += 1
                row = rows[at]
                unit_name = name if row is rows[-1] else self._name(row)
                yield _Placed(_RANKS[row.level], row.line, self._unit(row, unit_name, node, stretch))

    def _unit(self, row: Entity, name: str, node: Node, stretch: Stretch) -> Unit:
        gln, ownership = stretch.mailbox.gln if stretch.mailbox else "", node.ownership
        return Unit(
            gln,
            row.sor,
            ownership.sector,
            ownership.area,
            ownership.kommune,
            name,
            ownership.organisation,
            stretch.valid_from,
            stretch.valid_to,
            self._instead(row, gln, stretch.valid_to, node) if stretch.valid_to is not None else None,
            row.type,
            row.parent or "",
            stretch.inherited,
        )

    def _name(self, row: Entity) -> str:
        if not slug(row.name):
            self._findings.warning(row.line, "", "no-name")
            return row.sor
        if len(row.name) > LONGEST_NAME:
            self._findings.warning(row.line, "", "name-cut")
            return row.name[:LONGEST_NAME].strip()
        return row.name

    def _instead(self, row: Entity, gln: str, last: date, node: Node) -> str | None:
        """The address that takes over after the last day: the unit's own next one, or its successors' if they have just one."""
        own = _address_after(node, last)
        found = {own} if own else self._addresses_of_successors(row, last)
        found.discard(gln)
        if len(found) > 1:
            self._findings.warning(row.line, "", "successors", row.name or row.sor, ", ".join(sorted(found)))
        return found.pop() if len(found) == 1 else None

    def _addresses_of_successors(self, row: Entity, last: date) -> set[str]:
        waiting, seen, found = list(self._successors.get(row.sor, ())), {row.sor}, set[str]()
        while waiting:
            sor = waiting.pop()
            if sor in seen:
                continue
            seen.add(sor)
            if sor not in self._tree.rows:
                self._findings.warning(row.line, "", "no-such-successor", sor)
                continue
            address = _address_after(self._tree.node(sor), last)
            if address:
                found.add(address)
            else:  # it may itself have been replaced
                waiting += self._successors.get(sor, ())
        return found


def _over_before(row: Entity, day: date) -> bool:
    return row.valid_to is not None and row.valid_to < day


def _address_after(node: Node, last: date) -> str:
    for stretch in node.stretches:
        if stretch.mailbox and (stretch.valid_to is None or stretch.valid_to > last):
            return stretch.mailbox.gln
    return ""


def _successors(tree: Tree) -> Mapping[str, tuple[str, ...]]:
    """Who took each entity's place, whichever of the two rows says so."""
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for sor, rows in tree.rows.items():
        for row in rows:
            if row.successors:
                found[sor].update(dict.fromkeys(row.successors))
            for predecessor in row.predecessors:
                found[predecessor][sor] = None
    return {sor: tuple(successors) for sor, successors in found.items()}


def _settle(placed: list[_Placed], findings: Findings) -> None:
    """Leaves one owner an address and day: the others share it, as if they inherited."""
    owners: dict[str, list[int]] = defaultdict(list)
    for place, each in enumerate(placed):
        if each.unit.gln and not each.unit.inherited:
            owners[each.unit.gln].append(place)
    for gln, places in owners.items():
        if len(places) == 1:
            continue
        accepted: list[_Placed] = []
        for place in sorted(places, key=lambda place: (placed[place].rank, placed[place].unit.valid_from, placed[place].line)):
            each = placed[place]
            first = next((owner for owner in accepted if owner.unit.overlaps(each.unit)), None)
            if first is None:
                accepted.append(each)
            else:
                findings.warning(each.line, "", "gln-shared", gln, first.line, each.line)
                placed[place] = replace(each, unit=replace(each.unit, inherited=True))


def _tell_of_namesakes(placed: list[_Placed], findings: Findings) -> None:
    """Warns of units of one name in one place with an address each, while both are open."""
    groups: dict[tuple[Sector, str, str], list[_Placed]] = {}
    firsts: dict[tuple[Sector, str, str], _Placed] = {}
    for each in placed:
        if each.unit.gln:
            key = each.unit.sector, each.unit.area, slug(each.unit.name)
            first = firsts.setdefault(key, each)
            if first is not each:
                groups.setdefault(key, [first]).append(each)
    for group in groups.values():
        group.sort(key=lambda each: each.unit.valid_from)
        longest = group[0]
        for each in group[1:]:
            if each.unit.gln != longest.unit.gln and each.unit.overlaps(longest.unit):
                line, other = sorted((longest.line, each.line))
                findings.warning(each.line, "", "name-twice", each.unit.name, line, other)
            if (each.unit.valid_to or date.max) > (longest.unit.valid_to or date.max):
                longest = each
