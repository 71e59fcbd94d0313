"""Whose a unit is: its sector, area, kommune and organisation, from its own row and those above it.

SOR has no sector. A unit belongs to a kommune where its owner is one, and to a hospital where its owner is a region or its
institution a hospital; everybody else who has an address, practices above all, is taken for a practice.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sor.entities import Entity, Level
from sor.kommuner import Kommune, kommune_called, kommuner
from sor.names import fold, fold_kommune, slug
from sor.units import Sector

_KOMMUNE_TYPES = frozenset({"kommune", "kommunal", "kommuner", "264361005"})  # SCTID of a municipality (dk-core)
_REGION_TYPES = frozenset({"region", "regional", "regioner"})
_HOSPITAL_TYPES = frozenset({"22232009"})  # SCTID of a hospital
_HOSPITAL_WORDS = ("sygehus", "hospital")
_REGIONS = {
    "nordjylland": "1081",
    "midtjylland": "1082",
    "syddanmark": "1083",
    "hovedstaden": "1084",
    "sjaelland": "1085",
}
"""SOR's region codes by name, for extracts that write the name. Others are taken as they are written: regions merge."""


@dataclass(frozen=True, slots=True)
class Ownership:
    """What a unit has from those above it. `kommunekode` is of the kommune it lies in, "" where unknown."""

    organisation: str = ""
    sector: Sector = Sector.PRAKSIS
    kommunekode: str = ""
    regionskode: str = ""
    ydernummer: str = ""
    institution: str = ""

    @property
    def area(self) -> str:
        """The kommunekode, regionskode or ydernummer by the sector, the institution's SOR code where that is unknown."""
        by_sector = {Sector.KOMMUNE: self.kommunekode, Sector.HOSPITAL: self.regionskode, Sector.PRAKSIS: self.ydernummer}
        return by_sector[self.sector] or self.institution

    @property
    def kommune(self) -> str:
        """The name of the kommune it lies in, empty where unknown."""
        known = kommuner().get(self.kommunekode)
        return known.name if known else ""


def owned(entity: Entity, above: Ownership | None, *, hospital_below: bool = False, ydernummer_below: str = "") -> Ownership:
    """The entity's ownership under that of the one above it, None for one that has none above.

    `hospital_below` says that an institution below it is a hospital, `ydernummer_below` is the one ydernummer of those below it, if
    there is just one: a practice's address is as a rule its owner's, and its ydernummer that of a unit further down.
    """
    region = _regionskode(entity.regionskode)
    if above is None:
        return _top(entity, region, hospital_below, ydernummer_below)
    sector = Sector.HOSPITAL if above.sector is Sector.PRAKSIS and (hospital_below or is_hospital(entity)) else above.sector
    # A kommune's units are the kommune's wherever they lie: a bosted may stand in another one.
    kommunekode = above.kommunekode if sector is Sector.KOMMUNE else entity.kommunekode or above.kommunekode
    known = kommuner().get(kommunekode)
    made = Ownership(
        above.organisation,
        sector,
        kommunekode,
        above.regionskode or region or (known.regionskode if known else ""),
        entity.ydernummer or ydernummer_below or above.ydernummer,
        entity.sor if entity.level is Level.INSTITUTION else above.institution,
    )
    return above if made == above else made


def is_hospital(entity: Entity) -> bool:
    """Whether an institution is a hospital, by its type's code or name."""
    kind = fold(entity.type)
    return entity.level is Level.INSTITUTION and (kind in _HOSPITAL_TYPES or any(word in kind for word in _HOSPITAL_WORDS))


def _top(entity: Entity, region: str, hospital_below: bool, ydernummer_below: str) -> Ownership:
    kind, sector = fold(entity.type), Sector.PRAKSIS
    kommune = _kommune_named(entity.name)
    if kind in _KOMMUNE_TYPES or (kommune is not None and fold(entity.name).endswith("kommune")):
        sector = Sector.KOMMUNE
    elif kind in _REGION_TYPES or slug(entity.name).startswith("region-") or hospital_below or is_hospital(entity):
        sector = Sector.HOSPITAL
    named = kommune.code if kommune is not None and sector is Sector.KOMMUNE else ""
    owner = Ownership(
        entity.name, sector, named or entity.kommunekode, region, entity.ydernummer or ydernummer_below, entity.sor
    )
    if sector is Sector.HOSPITAL:
        return replace(owner, regionskode=_regionskode(entity.name) or region)
    known = kommuner().get(owner.kommunekode)
    return replace(owner, regionskode=region or (known.regionskode if known else ""))


def _kommune_named(name: str) -> Kommune | None:
    """The kommune that an owner's name is of: Skive Kommune, Københavns Kommune, Bornholms Regionskommune."""
    return kommune_called(fold_kommune(name).removesuffix("regionskommune"))


def _regionskode(written: str) -> str:
    if written.isascii() and written.isdigit():
        return written if len(written) == 4 and written.startswith("10") else ""
    return _REGIONS.get(fold(written).removeprefix("region"), "")
