"""The register: an immutable snapshot of units, asked by address or by kommune and name.

A snapshot has a version, and every decision records the version it was made on. All look-ups are look-ups in dictionaries that
are made once. A file with a fault in it is refused whole, with every fault named, so that a running register is never half new.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import TypeVar

from sor.identifiers import normal_gln
from sor.names import fold, fold_kommune
from sor.rows import RowProblem, read
from sor.units import Answer, Sector, Unit, answer_for

K = TypeVar("K")


class RegisterError(ValueError):
    """A register file that was refused whole. `problems` names every fault with its line."""

    def __init__(self, problems: tuple[RowProblem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Register:
    """A snapshot: its units, its version (short, equal for equal content) and what was odd about its rows.

    No two units with one address, or with one sector, area and name, are open on one day; `load` sees to that.
    """

    units: tuple[Unit, ...]
    version: str
    warnings: tuple[RowProblem, ...] = ()
    kommuner: tuple[str, ...] = field(init=False)
    _by_gln: Mapping[str, tuple[Unit, ...]] = field(init=False, repr=False, compare=False)
    _by_name: Mapping[tuple[str, str], tuple[Unit, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_gln, by_name = defaultdict(list), defaultdict(list)
        for unit in sorted(self.units, key=lambda unit: unit.valid_from):
            by_gln[normal_gln(unit.gln)].append(unit)
            for place in {fold_kommune(unit.kommune), unit.area}:
                by_name[place, fold(unit.name)].append(unit)
        names = {unit.kommune for unit in self.units if unit.sector is Sector.KOMMUNE}
        object.__setattr__(self, "kommuner", tuple(sorted(names, key=fold)))
        object.__setattr__(self, "_by_gln", _frozen(by_gln))
        object.__setattr__(self, "_by_name", _frozen(by_name))

    def by_gln(self, gln: str, on: date) -> Answer | None:
        """Who has the address `gln` on the day `on`; None where the register has never heard of it."""
        units = self._by_gln.get(normal_gln(gln))
        return answer_for(units, on) if units else None

    def by_name(self, kommune: str, name: str, on: date | None = None) -> tuple[Unit, ...]:
        """The units of that name in a kommune (its name or its code), in order of time, spelling folded.

        With `on` only those open on that day. Empty where there is none; more than one where practices or hospital units share
        a name in a kommune.
        """
        units = self._by_name.get((fold_kommune(kommune), fold(name)), ())
        return units if on is None else tuple(unit for unit in units if unit.open_on(on))


def _frozen(index: Mapping[K, Iterable[Unit]]) -> Mapping[K, tuple[Unit, ...]]:
    return MappingProxyType({key: tuple(units) for key, units in index.items()})


def load(raw: bytes) -> Register:
    """Reads a register file (`sor.rows` has the format). Raises RegisterError, naming every bad row."""
    content = read(raw)
    if content.problems:
        raise RegisterError(content.problems)
    return Register(content.units, hashlib.sha256(raw).hexdigest()[:12], content.warnings)


@cache
def bundled() -> Register:
    """The synthetic register that comes with the package: no address in it is real."""
    return load(resources.files("sor").joinpath("data/register.csv").read_bytes())
