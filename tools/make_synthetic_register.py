"""Writes the synthetic register that comes with the package, and which of its addresses have which harmonised name:
`python -m tools.make_synthetic_register`.

The kommuner and the six harmonised names are real, every address and SOR code is made up. Lokationsnumre are 57900099, a serial
number of four digits and the check digit; serials are 1000 + 10 * kommune + name for the kommuner, 2001 on for hospital units,
3001 on for practices, 4001 for the closed unit, 5001 for the future one. SOR codes have SOR's form with sequence numbers far
above those in use.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path

from stdnum import ean, verhoeff

from sor.kommuner import kommuner
from sor.name_tables import COLUMNS as NAME_COLUMNS
from sor.name_tables import Table
from sor.rows import COLUMNS

REGION_MIDTJYLLAND = "1082"
HARMONISED_NAMES = (
    "Hjemmepleje",
    "Træning og aktivitet",
    "Social og Psykiatri",
    "Sundhedspleje",
    "Skole, dagtilbud og PPR",
    "Arbejdsmarked",
)
PSYCHIATRY = (
    ("Regionspsykiatrien Midt", "Viborg"),
    ("Regionspsykiatrien Vest", "Herning"),
    ("Regionspsykiatrien Horsens", "Horsens"),
    ("Regionspsykiatrien Randers", "Randers"),
    ("AUH Psykiatrien", "Aarhus"),
)
PRACTICES = (("0990001", "Skive"), ("0990002", "Viborg"), ("0990003", "Holstebro"), ("0990004", "Aarhus"))
OPENED = "2020-01-01"
DATA = Path(__file__).parents[1] / "sor" / "data"
REGISTER = DATA / "register.csv"
ADDRESSES = DATA / "addresses.csv"


def gln(serial: int) -> str:
    """A lokationsnummer of the synthetic series."""
    stem = f"57900099{serial:04}"
    return stem + ean.calc_check_digit(stem)


def sor(serial: int) -> str:
    """A SOR code of the synthetic series."""
    stem = f"{990000 + serial}100001600"
    return stem + verhoeff.calc_check_digit(stem)


def rows() -> list[tuple[str, ...]]:
    """The rows in the order of `COLUMNS`, without the header."""
    midtjylland = [kommune for kommune in kommuner().values() if kommune.regionskode == REGION_MIDTJYLLAND]
    made = []
    for place, kommune in enumerate(midtjylland):
        for rank, name in enumerate(HARMONISED_NAMES, 1):
            made.append(_row(1000 + 10 * place + rank, "kommune", kommune.code, kommune.name, name, f"{kommune.name} Kommune"))
    for rank, (name, seat) in enumerate(PSYCHIATRY, 1):
        made.append(_row(2000 + rank, "hospital", REGION_MIDTJYLLAND, seat, name, "Region Midtjylland"))
    for rank, (ydernummer, seat) in enumerate(PRACTICES, 1):
        made.append(_row(3000 + rank, "praksis", ydernummer, seat, f"Testlægerne {seat}", f"Testlægerne {seat}"))
    successor = next(row[0] for row in made if row[3:6] == ("0740", "Silkeborg", "Social og Psykiatri"))
    closed = _row(4001, "kommune", "0740", "Silkeborg", "Voksenpsykiatri", "Silkeborg Kommune")
    made.append((*closed[:7], OPENED, "2025-12-31", successor))
    future = _row(5001, "kommune", "0791", "Viborg", "Akutfunktion", "Viborg Kommune")
    made.append((*future[:7], "2040-01-01", "", ""))
    return made


def _row(serial: int, sector: str, area: str, kommune: str, *names: str) -> tuple[str, ...]:
    return (gln(serial), sor(serial), sector, area, kommune, *names, OPENED, "", "")


def content() -> str:
    """The whole register."""
    return _file(COLUMNS, rows())


def addresses() -> str:
    """The whole table of addresses: kommune and harmonised name to lokationsnummer."""
    harmonised = [row for row in rows() if row[5] in HARMONISED_NAMES]
    cells = ((kommune, name, gln, OPENED, "", "") for gln, _, _, _, kommune, name, *_ in harmonised)
    return _file(NAME_COLUMNS[Table.ADDRESSES], cells)


def _file(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    out = io.StringIO()
    out.write("# SYNTETISK: ingen adresse, SOR-kode eller praksis i denne fil er virkelig.\n")
    out.write("# Skrevet af tools/make_synthetic_register.py; ret dér og ikke her.\n")
    writer = csv.writer(out, delimiter=";", lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return out.getvalue()


if __name__ == "__main__":
    REGISTER.write_text(content(), "utf-8")
    ADDRESSES.write_text(addresses(), "utf-8")
