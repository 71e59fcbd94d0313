"""A unit of the register and the answers to the question who an address is, as frozen values.

A unit has one address for as long as it lasts. Its last valid day is part of its life (SOR's ToDate is inclusive), so every
question about it names a day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class Sector(StrEnum):
    """The three sectors that write to each other."""

    KOMMUNE = "kommune"
    HOSPITAL = "hospital"
    PRAKSIS = "praksis"


@dataclass(frozen=True, slots=True)
class Unit:
    """An organisational unit with one address for all its days; one whose address changes is several of these, in order of time.

    `gln` is its lokationsnummer (or another address value in use), empty where SOR knows the unit and it can get no mail. `sor` is
    its SOR code or empty, `area` the kommunekode, regionskode or ydernummer (without leading zeros) by its sector, or the SOR code
    of its institution where it has none of these; `kommune` the name of the kommune it lies in or empty, `name` the harmonised
    enhedsnavn. `valid_to` is the last valid day, None while it is open; `replaced_by` is the address of its successor.

    `type` is SOR's word or code for the kind of unit, `parent` the SOR code of the one above it, both empty where unknown.
    `inherited` says that the address is another's, as a rule that of the one above: mail to it comes to this unit, and the address
    belongs to the other.
    """

    gln: str
    sor: str
    sector: Sector
    area: str
    kommune: str
    name: str
    organisation: str
    valid_from: date
    valid_to: date | None = None
    replaced_by: str | None = None
    type: str = ""
    parent: str = ""
    inherited: bool = False

    def open_on(self, day: date) -> bool:
        """Whether `day` is one of the unit's valid days."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def overlaps(self, other: Unit) -> bool:
        """Whether there is a day on which both are open."""
        starts_in_time = other.valid_to is None or self.valid_from <= other.valid_to
        return starts_in_time and (self.valid_to is None or other.valid_from <= self.valid_to)


@dataclass(frozen=True, slots=True)
class Found:
    """The address belongs to `unit`, which is open."""

    unit: Unit


@dataclass(frozen=True, slots=True)
class Closed:
    """The address belonged to `unit`, which is closed; `since` is the first day that it was no more."""

    unit: Unit
    since: date


@dataclass(frozen=True, slots=True)
class NotYetOpen:
    """The address will belong to `unit` from `opens` on."""

    unit: Unit
    opens: date


Answer = Found | Closed | NotYetOpen


def answer_for(units: tuple[Unit, ...], day: date) -> Answer:
    """The answer on `day` for the units (one or more, in order of time) that have or had one address."""
    for unit in units:
        if unit.open_on(day):
            return Found(unit)
    ended = [(unit.valid_to, unit) for unit in units if unit.valid_to is not None and unit.valid_to < day]
    if ended:
        last_day, unit = ended[-1]
        return Closed(unit, last_day + timedelta(days=1))
    return NotYetOpen(units[0], units[0].valid_from)
