"""What is otherwise in one register than in another: units that are new, gone, renamed, moved or have another address on a day.

A unit is known by its SOR code, and one without by its address. What an address's mail would meet is compared apart from that, by
the two registers' own answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sor.identifiers import normal_gln
from sor.register import Register
from sor.units import Closed, Found, NotYetOpen, Unit


class ChangeKind(StrEnum):
    """What became of a unit. One that has changed in several ways has a change of each kind."""

    NEW = "new"
    GONE = "gone"
    RENAMED = "renamed"
    MOVED = "moved"
    READDRESSED = "readdressed"


@dataclass(frozen=True, slots=True)
class UnitChange:
    """A unit before and after; None where it is not open or not there."""

    kind: ChangeKind
    before: Unit | None
    after: Unit | None


def open_units(units: Iterable[Unit], on: date) -> Mapping[str, Unit]:
    """The units open on that day, by SOR code or else by address; the one that begins last where there are several."""
    return {unit.sor or f"gln {normal_gln(unit.gln)}": unit for unit in _in_time(units) if unit.open_on(on)}


def changes(before: Iterable[Unit], after: Iterable[Unit], on: date) -> Iterator[UnitChange]:
    """What became of each unit that is open on that day in either, in order of time."""
    old, new = open_units(before, on), open_units(after, on)
    for key, unit in old.items():
        if (then := new.get(key)) is None:
            yield UnitChange(ChangeKind.GONE, unit, None)
        elif then is not unit:
            yield from (UnitChange(kind, unit, then) for kind in _kinds(unit, then))
    yield from (UnitChange(ChangeKind.NEW, None, unit) for key, unit in new.items() if key not in old)


def _in_time(units: Iterable[Unit]) -> list[Unit]:
    return sorted(units, key=lambda unit: unit.valid_from)


def _kinds(old: Unit, new: Unit) -> Iterator[ChangeKind]:
    if old.name != new.name:
        yield ChangeKind.RENAMED
    if (old.sector, old.area, old.kommune, old.parent) != (new.sector, new.area, new.kommune, new.parent):
        yield ChangeKind.MOVED
    if normal_gln(old.gln) != normal_gln(new.gln):
        yield ChangeKind.READDRESSED


@dataclass(frozen=True, slots=True)
class Whither:
    """What mail to an address meets on a day: `how` is found, closed, future or unknown; `instead` a closed unit's successor."""

    how: str
    unit: Unit | None = None
    instead: str | None = None

    @property
    def place(self) -> tuple[object, ...]:
        """What a sender or a receiver would notice: the answer, the unit and where it lies."""
        unit = self.unit
        return (
            self.how,
            self.instead,
            *((unit.sor, unit.sector, unit.area, unit.name) if unit and self.how == "found" else ()),
        )


def whither(register: Register, address: str, on: date) -> Whither:
    """What mail to the address meets on that day."""
    match register.by_gln(address, on):
        case Found(unit):
            return Whither("found", unit)
        case Closed(unit, _):
            return Whither("closed", unit, unit.replaced_by)
        case NotYetOpen(unit, _):
            return Whither("future", unit)
        case None:
            return Whither("unknown")


def touched(before: Register, after: Register) -> frozenset[str]:
    """The addresses that the two may answer differently for on some day; for all others they answer alike on every day."""
    return frozenset(normal_gln(unit.gln) for unit in set(before.units) ^ set(after.units) if unit.gln)
