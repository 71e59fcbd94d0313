"""Writes synthetic SOR extracts of any size: `python -m tools.make_synthetic_extract FOLDER [--units 300000]`.

Three files: `sor-syntetisk.csv` in the legacy form, `Sor_complete-syntetisk.zip` in SOR2's, and `kolonner.csv`, the column file that
the second needs. The kommuner and regions are real, everything else is made up: names begin with Syntetisk, lokationsnumre with
57999, and SOR codes have sequence numbers far above those in use. Equal numbers of units give equal files.
"""

from __future__ import annotations

import argparse
import csv
import io
import itertools
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from stdnum import ean, verhoeff

from sor.kommuner import kommuner

LEGACY_HEADER = (
    *("Enhedsnavn", "Enhedstype", "SOR-type", "SOR-kode", "Parent-SOR-kode", "Institutionsejer", "Sundhedsinstitution"),
    *(
        "Hovedspeciale",
        "Ydernummer",
        "Apoteksnummer",
        "SghAfd-kode",
        "Lokalkode",
        "CVR",
        "Lokationsnummer",
        "Nedarvningsstatus",
    ),
    *(
        "Lokationsnummerstatus",
        "Region",
        "EDB-system",
        "Systemleverandør",
        "Netoperatør",
        "Telefon",
        "Fax",
        "Email",
        "Hjemmeside",
    ),
    *("Postadresse", "Besoegsadresse", "Aktivitetsadresse"),
    *(f"{kind}_{part}" for kind in "PBA" for part in ("Postnummer", "By", "KK", "Region", "VK", "X", "Y")),
    *("Gældende fra", "Ophørt", "Sidst ændret", "Geografisk_lokalisation"),
)
SOR2_HEADER = (
    *("SorId", "SorType", "EntityName", "EntityTypeName", "FirstFromDate", "FromDate", "ToDate", "OverliggendeSorId"),
    *("Lokationsnummer", "NedarvetLokationsnummer", "Ydernummer", "Kommunekode", "PostalAddressRegionCode"),
    *("PostalAddressStreetName", "PostalAddressPostCodeId", "PostalAddressDistrictName", "VirtualAddressTelephoneNumber"),
)
COLUMN_FILE = """# SYNTETISK: kolonnerne i Sor_complete-syntetisk.zip.
file;field;column
SOREntity.csv;parent;OverliggendeSorId
SOREntity.csv;gln;Lokationsnummer
SOREntity.csv;inherits;NedarvetLokationsnummer
SOREntity.csv;ydernummer;Ydernummer
SOREntity.csv;kommunekode;Kommunekode
LocationsCodes.csv;gln;Lokationsnummer
LocationsCodeEDITypeMap.csv;gln;Lokationsnummer
LocationsCodeEDITypeMap.csv;message_type;EDIType
SORReplacedEntities.csv;sor;SorId
SORReplacedEntities.csv;successor;NySorId
"""
REGIONS = {"1081": "Nordjylland", "1082": "Midtjylland", "1083": "Syddanmark", "1084": "Hovedstaden", "1085": "Sjælland"}
TYPES = ("hjemmeplejeenhed", "plejehjem", "bosted", "genoptræningsenhed", "sundhedsplejen", "tandplejeklinik", "sundhedscenter")
LETTERS = ("XDIS91", "XDIS20", "XREF15", "XCTL01", "XCTL02", "XCTL03")
IN_INSTITUTION = 40
"""How many units an institution has below it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entity to be written. `successor` is another entry's number."""

    number: int
    level: str
    name: str
    type: str
    parent: int | None
    kommunekode: str
    regionskode: str
    own: bool
    ydernummer: str = ""
    valid_from: str = "2010-01-01"
    valid_to: str = ""
    successor: int | None = None


def gln(number: int) -> str:
    """A lokationsnummer of the synthetic series."""
    stem = f"57999{number:07}"
    return stem + ean.calc_check_digit(stem)


def sor(number: int) -> str:
    """A SOR code of the synthetic series."""
    stem = f"{90_000_000 + number}100001600"
    return stem + verhoeff.calc_check_digit(stem)


def entries(units: int) -> Iterator[Entry]:
    """That many entities: a fifth belong to kommuner, a third to regions, the rest to practices; two in five have an address."""
    numbers = itertools.count(1)
    owners = [(kommune.name + " Kommune", "kommune", kommune.code, kommune.regionskode) for kommune in kommuner().values()]
    regions = [(f"Region {name}", "region", "", code) for code, name in REGIONS.items()]
    made = itertools.chain(
        _organisations(owners, units // 5, numbers), _organisations(regions, units // 3, numbers), _practices(numbers)
    )
    return itertools.islice(made, units)


def _organisations(owners: list[tuple[str, str, str, str]], units: int, numbers: Iterator[int]) -> Iterator[Entry]:
    each = max(2, units // len(owners))
    for name, kind, kommunekode, regionskode in owners:
        owner = institution = next(numbers)
        yield Entry(owner, "IE", name, kind, None, kommunekode, regionskode, own=False)
        for place in range(each - 1):
            number = next(numbers)
            if place % IN_INSTITUTION == 0:
                institution, level = number, "SI"
                called, of = f"Syntetisk forvaltning {number}", "sundhedsforvaltning" if kind == "kommune" else "sygehus"
            else:
                level, of = "OE", TYPES[place % len(TYPES)] if kind == "kommune" else "afsnit"
                called = f"Syntetisk {of} {number}"
            closed = place % 50 == 17
            yield Entry(
                number,
                level,
                called,
                of,
                owner if level == "SI" else institution,
                kommunekode,
                regionskode,
                own=level == "SI" or place % 3 == 0,
                valid_from="2040-01-01" if place % 50 == 33 else "2010-01-01",
                valid_to="2020-12-31" if closed else "",
                successor=institution if closed else None,
            )


def _practices(numbers: Iterator[int]) -> Iterator[Entry]:
    for kommune in itertools.cycle(kommuner().values()):
        owner, institution, unit = next(numbers), next(numbers), next(numbers)
        where = kommune.code, kommune.regionskode
        name, ydernummer = f"Syntetisk lægehus {owner}", f"{owner % 900_000 + 100_000:06}"
        yield Entry(owner, "IE", name, "privat", None, *where, own=True)
        yield Entry(institution, "SI", name, "lægepraksis", owner, *where, own=False)
        yield Entry(unit, "OE", f"{name} ydernummer", "ydernummer", institution, *where, own=False, ydernummer=ydernummer)


def write_legacy(path: Path, units: int) -> None:
    """Writes a sor.csv."""
    with path.open("w", encoding="iso-8859-1", newline="") as out:
        writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
        writer.writerow(LEGACY_HEADER)
        for entry in entries(units):
            row = dict.fromkeys(LEGACY_HEADER, "")
            row |= {"Enhedsnavn": entry.name, "Enhedstype": entry.type, "SOR-type": entry.level, "SOR-kode": sor(entry.number)}
            row |= {"Parent-SOR-kode": "" if entry.parent is None else sor(entry.parent), "Ydernummer": entry.ydernummer}
            row |= {"Lokationsnummer": gln(entry.number) if entry.own else "", "Region": entry.regionskode}
            row |= {
                "Nedarvningsstatus": "egen" if entry.own else "nedarvet",
                "EDB-system": "Syntetisk system" if entry.own else "",
            }
            row |= {"Postadresse": "Syntetisk Vej 1", "P_Postnummer": "9999", "P_By": "Testby", "P_KK": entry.kommunekode}
            row |= {"Gældende fra": entry.valid_from, "Ophørt": entry.valid_to, "Sidst ændret": entry.valid_from}
            writer.writerow(row.values())


def write_complete(path: Path, units: int) -> None:
    """Writes a Sor_complete.zip."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("SYNTETISK.txt", "Ingen enhed, adresse eller kode i denne fil er virkelig.\n")
        _write(archive, "SOREntity.csv", SOR2_HEADER, map(_sor2_row, entries(units)))
        own = [gln(entry.number) for entry in entries(units) if entry.own]
        systems = ((address, "Syntetisk system", "Syntetisk leverandør", "Syntetisk VANS") for address in own)
        _write(archive, "LocationsCodes.csv", ("Lokationsnummer", "Edb-system", "Systemleverandør", "Netleverandør"), systems)
        types = ((address, letter) for address in own for letter in LETTERS)
        _write(archive, "LocationsCodeEDITypeMap.csv", ("Lokationsnummer", "EDIType"), types)
        replaced = (
            (_excel(sor(each.number)), _excel(sor(each.successor))) for each in entries(units) if each.successor is not None
        )
        _write(archive, "SORReplacedEntities.csv", ("SorId", "NySorId"), replaced)


def _sor2_row(entry: Entry) -> tuple[str, ...]:
    return (
        _excel(sor(entry.number)),
        entry.level,
        entry.name,
        entry.type,
        entry.valid_from,
        entry.valid_from,
        entry.valid_to,
        "" if entry.parent is None else _excel(sor(entry.parent)),
        gln(entry.number) if entry.own else "",
        "false" if entry.own else "true",
        entry.ydernummer,
        entry.kommunekode,
        entry.regionskode,
        *("Syntetisk Vej 1", "9999", "Testby", "00000000"),
    )


def _excel(code: str) -> str:
    return f'="{code}"'


def _write(archive: zipfile.ZipFile, name: str, header: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> None:
    with archive.open(name, "w") as raw, io.TextIOWrapper(raw, "utf-8", newline="") as out:
        writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
        writer.writerow(header)
        writer.writerows(rows)


def write(folder: Path, units: int) -> tuple[Path, Path, Path]:
    """Writes the three files: the legacy extract, SOR2's, and the latter's column file."""
    legacy, complete, columns = folder / "sor-syntetisk.csv", folder / "Sor_complete-syntetisk.zip", folder / "kolonner.csv"
    write_legacy(legacy, units)
    write_complete(complete, units)
    columns.write_text(COLUMN_FILE, "utf-8")
    return legacy, complete, columns


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Writes synthetic SOR extracts.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--units", type=int, default=300_000)
    arguments = parser.parse_args()
    for written in write(arguments.folder, arguments.units):
        print(written)
