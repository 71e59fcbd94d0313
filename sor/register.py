"""The register: an immutable snapshot of units, asked by address or by kommune and name.

A snapshot has a version, and every decision records the version it was made on. All look-ups are look-ups in dictionaries that
are made once. A file with a fault in it is refused whole, with every fault named, so that a running register is never half new.

In SOR a unit may inherit the lokationsnummer of the one above it, so an address can belong to one unit and reach many. The look-up
by address therefore goes to the owner, and units that inherit are found by name and by SOR code.
"""

from __future__ import annotations

import hashlib
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import TypeVar

from sor.entities import Mailbox
from sor.identifiers import normal_gln
from sor.names import fold, fold_kommune, slug
from sor.rows import RowProblem, read
from sor.units import Answer, Found, Sector, Unit, answer_for

K = TypeVar("K")


class RegisterError(ValueError):
    """A register file that was refused whole. `problems` names every fault with its line."""

    def __init__(self, problems: tuple[RowProblem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Register:
    """A snapshot: its units, its version (short, equal for equal content), what was odd about its rows, and what SOR says of the
    systems behind its addresses, by address (as `normal_gln` gives it).

    No two units that own one address are open on one day; those that make the file or the extract see to that. Units that inherit
    share the address of the one above them: by name and SOR code each is found itself, by address the owner is.
    """

    units: tuple[Unit, ...]
    version: str
    warnings: tuple[RowProblem, ...] = ()
    mailboxes: Mapping[str, Mailbox] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    kommuner: tuple[str, ...] = field(init=False)
    _own: Mapping[str, tuple[Unit, ...]] = field(init=False, repr=False, compare=False)
    _inheriting: Mapping[str, tuple[Unit, ...]] = field(init=False, repr=False, compare=False)
    _by_sor: Mapping[str, tuple[Unit, ...]] = field(init=False, repr=False, compare=False)
    _by_name: Mapping[str, Mapping[str, tuple[Unit, ...]]] = field(init=False, repr=False, compare=False)
    _namesakes: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        units = sorted(self.units, key=lambda unit: unit.valid_from)
        reachable = [unit for unit in units if unit.gln]
        own = _grouped((normal_gln(unit.gln), unit) for unit in reachable if not unit.inherited)
        inheriting = _grouped((normal_gln(unit.gln), unit) for unit in reachable if unit.inherited)
        kommuner = {unit.kommune for unit in reachable if unit.sector is Sector.KOMMUNE and unit.kommune}
        object.__setattr__(self, "kommuner", tuple(sorted(kommuner, key=fold)))
        object.__setattr__(self, "_own", own)
        object.__setattr__(self, "_inheriting", inheriting)
        object.__setattr__(self, "_by_sor", _grouped((unit.sor, unit) for unit in units if unit.sor))
        object.__setattr__(self, "_by_name", _named(reachable))
        object.__setattr__(self, "_namesakes", namesakes(_answering(own, inheriting)))

    def by_gln(self, gln: str, on: date) -> Answer | None:
        """Who has the address `gln` on the day `on`; None where the register has never heard of it.

        It is the unit that owns it, and a unit that inherits it only where no owner is open: its owner may stand in no extract.
        """
        address = normal_gln(gln)
        own, inheriting = self._own.get(address), self._inheriting.get(address)
        answer = answer_for(own, on) if own else None
        if isinstance(answer, Found) or not inheriting:
            return answer
        instead = answer_for(inheriting, on)
        return instead if answer is None or isinstance(instead, Found) else answer

    def by_sor(self, sor: str, on: date) -> Answer | None:
        """The unit with that SOR code on the day `on`; None where the register has never heard of it.

        The unit may have no address (`gln` is empty) on that day.
        """
        units = self._by_sor.get(sor.strip())
        return answer_for(units, on) if units else None

    def sharing(self, gln: str, on: date) -> tuple[Unit, ...]:
        """All units open on that day that mail to the address comes to: its owner, then those that inherit it, in order of time."""
        address = normal_gln(gln)
        units = (*self._own.get(address, ()), *self._inheriting.get(address, ()))
        return tuple(unit for unit in units if unit.open_on(on))

    def by_name(self, kommune: str, name: str, on: date | None = None) -> tuple[Unit, ...]:
        """The units of that name with an address in a kommune (its name or its code), in order of time, spelling folded.

        With `on` only those open on that day. Empty where there is none; more than one where units share a name in a kommune, or
        one has had several addresses.
        """
        units = self._by_name.get(fold_kommune(kommune), {}).get(fold(name), ())
        return units if on is None else tuple(unit for unit in units if unit.open_on(on))

    def mailbox(self, gln: str) -> Mailbox | None:
        """What SOR says of the system behind an address; None where it says nothing."""
        return self.mailboxes.get(normal_gln(gln))

    def has_namesake(self, gln: str) -> bool:
        """Whether another address has a unit of the same sector, area and name at the same time, so that these do not tell them
        apart.
        """
        return normal_gln(gln) in self._namesakes


def namesakes(units: Iterable[Unit]) -> frozenset[str]:
    """The addresses whose units share sector, area and name with a unit of another address while both are open."""
    groups = _grouped(((unit.sector, unit.area, slug(unit.name)), unit) for unit in units)
    found: set[str] = set()
    for group in groups.values():
        glns = {normal_gln(unit.gln) for unit in group}
        if len(glns) > 1 and _any_overlap(group):
            found |= glns
    return frozenset(found)


def _any_overlap(group: tuple[Unit, ...]) -> bool:
    last = None  # the last day of all so far; those before the first are none
    for unit in sorted(group, key=lambda unit: unit.valid_from):
        if last is not None and unit.valid_from <= last:
            return True
        last = unit.valid_to or date.max
    return False


def _answering(own: Mapping[str, tuple[Unit, ...]], inheriting: Mapping[str, tuple[Unit, ...]]) -> Iterator[Unit]:
    """The units that `by_gln` can find: every owner, and those that inherit an address for longer than one owner has it."""
    for units in own.values():
        yield from units
    for address, units in inheriting.items():
        owners = own.get(address, ())
        for unit in units:
            if not any(owner.open_on(unit.valid_from) and owner.open_on(unit.valid_to or date.max) for owner in owners):
                yield unit


def _named(units: Iterable[Unit]) -> Mapping[str, Mapping[str, tuple[Unit, ...]]]:
    places: dict[str, dict[str, list[Unit]]] = defaultdict(lambda: defaultdict(list))
    for unit in units:
        name = sys.intern(fold(unit.name))  # the same few names stand in every kommune
        for place in {fold_kommune(unit.kommune), unit.area} - {""}:
            places[place][name].append(unit)
    frozen: dict[str, Mapping[str, tuple[Unit, ...]]] = {}
    for place in list(
        places
    ):  # taken out one by one: to let go of all at once would hold up other threads for a fifth of a second
        frozen[place] = MappingProxyType({name: tuple(units) for name, units in places.pop(place).items()})
    return MappingProxyType(frozen)


def _grouped(keyed: Iterable[tuple[K, Unit]]) -> Mapping[K, tuple[Unit, ...]]:
    index: dict[K, tuple[Unit, ...]] = {}
    several: dict[K, list[Unit]] = {}
    for key, unit in keyed:
        if key in several:
            several[key].append(unit)
        elif key in index:
            several[key] = [*index[key], unit]
        else:
            index[key] = (unit,)
    index.update((key, tuple(units)) for key, units in several.items())
    return MappingProxyType(index)


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
