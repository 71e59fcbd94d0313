"""The harmonised unit names: which there are, what each means, and which lokationsnummer has it in each kommune.

They are governed data on top of the national register: every row says from when to when it is in force and which agreement it
rests on, so that what was agreed can take effect on its day and be looked up afterwards. `sor.name_tables` reads them from files,
`sor.resolution` answers by them and by the register together.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import TypeVar

from sor.names import fold


class Status(StrEnum):
    """How far a name has come: only an approved one is resolved."""

    DRAFT = "draft"
    APPROVED = "approved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Governed:
    """What every row says of itself: the agreement that it rests on, and its first and last valid day (None: until further notice).

    `line` is where in its file it stood.
    """

    agreement: str
    valid_from: date
    valid_to: date | None = None
    line: int = field(default=0, compare=False)

    def in_force(self, on: date) -> bool:
        """Whether `on` is one of its valid days."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


@dataclass(frozen=True, slots=True, kw_only=True)
class HarmonisedName(Governed):
    """A name that means the same in every kommune, in a spelling of its own."""

    name: str
    definition: str
    status: Status

    @property
    def key(self) -> tuple[str, ...]:
        """What no two rows of one day share."""
        return (fold(self.name),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Address(Governed):
    """The lokationsnummer that has a harmonised name in a kommune (a kommunekode)."""

    kommune: str
    name: str
    gln: str

    @property
    def key(self) -> tuple[str, ...]:
        """What no two rows of one day share."""
        return (self.kommune, fold(self.name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias(Governed):
    """What people write for a harmonised name, in one kommune or (`kommune` empty) everywhere.

    One that covers several names is written down to be refused with all of them; one that covers none is known and has no address.
    """

    kommune: str
    alias: str
    names: tuple[str, ...]

    @property
    def key(self) -> tuple[str, ...]:
        """What no two rows of one day share."""
        return (self.kommune, fold(self.alias))


Row = HarmonisedName | Address | Alias
R = TypeVar("R", HarmonisedName, Address, Alias)


@dataclass(frozen=True, slots=True)
class HarmonisedNames:
    """An immutable version of the three tables. `version` is short, and equal for equal rows in whatever order.

    No two rows of a table with one key are in force on one day, and what a row refers to is there; `sor.name_tables.load` sees to that.
    """

    names: tuple[HarmonisedName, ...] = ()
    addresses: tuple[Address, ...] = ()
    aliases: tuple[Alias, ...] = ()
    version: str = field(init=False)
    _names: Mapping[tuple[str, ...], tuple[HarmonisedName, ...]] = field(init=False, repr=False, compare=False)
    _addresses: Mapping[tuple[str, ...], tuple[Address, ...]] = field(init=False, repr=False, compare=False)
    _aliases: Mapping[tuple[str, ...], tuple[Alias, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        rows: tuple[Row, ...] = (*self.names, *self.addresses, *self.aliases)
        content = sorted(map(_written, rows))
        object.__setattr__(self, "version", hashlib.sha256("\n".join(content).encode()).hexdigest()[:12])
        object.__setattr__(self, "_names", by_key(self.names))
        object.__setattr__(self, "_addresses", by_key(self.addresses))
        object.__setattr__(self, "_aliases", by_key(self.aliases))

    def named(self, written: str) -> tuple[HarmonisedName, ...]:
        """The rows of the name, spelling folded, in order of time; none where it is no harmonised name."""
        return self._names.get((fold(written),), ())

    def meant(self, kommune: str, written: str, on: date) -> Alias | None:
        """The alias in force on that day: the kommune's own (a kommunekode), or else one that holds everywhere."""
        for place in (kommune, ""):
            for alias in self._aliases.get((place, fold(written)), ()):
                if alias.in_force(on):
                    return alias
        return None

    def addressed(self, kommune: str, name: str) -> tuple[Address, ...]:
        """The rows of a cell, kommunekode and harmonised name, in order of time."""
        return self._addresses.get((kommune, fold(name)), ())

    def terms(self, kommune: str, on: date) -> Mapping[str, tuple[str, ...]]:
        """Everything that may be written for an approved name in a kommune on that day, and which names it leads to."""
        approved = {fold(row.name): row.name for row in self.names if row.in_force(on) and row.status is Status.APPROVED}
        aliases = (row for row in self.aliases if row.kommune in {"", kommune} and row.in_force(on))
        leads = {row.alias: tuple(approved[key] for key in map(fold, row.names) if key in approved) for row in aliases}
        return {name: (name,) for name in approved.values()} | leads


def _written(row: Row) -> str:
    shown = (getattr(row, name) for name in row.__dataclass_fields__ if name != "line")
    return "\t".join([type(row).__name__, *map(repr, shown)])


def by_key(rows: Iterable[R]) -> Mapping[tuple[str, ...], tuple[R, ...]]:
    """The rows by their key, those of one key in order of time."""
    index: dict[tuple[str, ...], list[R]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row.valid_from):
        index[row.key].append(row)
    return MappingProxyType({key: tuple(group) for key, group in index.items()})
