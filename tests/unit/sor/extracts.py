"""Small synthetic extracts in each form, for tests. No name, address or code in them is real."""

import io
import zipfile

from sor.extract import read_extract
from sor.extracts.mapping import read_mapping
from tools.make_synthetic_extract import gln, sor

LEGACY_COLUMNS = (
    *("Enhedsnavn", "Enhedstype", "SOR-type", "SOR-kode", "Parent-SOR-kode", "Ydernummer", "Lokationsnummer"),
    *("Nedarvningsstatus", "Lokationsnummerstatus", "Region", "P_KK", "EDB-system", "Gældende fra", "Ophørt"),
)
LEGACY_HEADER = ";".join(LEGACY_COLUMNS)
SOR2_COLUMNS = (
    "SorId",
    "SorType",
    "EntityName",
    "EntityTypeName",
    "FirstFromDate",
    "FromDate",
    "ToDate",
    "MotherId",
    "LocationNo",
)
SOR2_HEADER = ";".join(SOR2_COLUMNS)
TOLD = b"".join(
    b"%s.csv;parent;MotherId\n%s.csv;gln;LocationNo\n" % (name, name) for name in (b"SorEntity_daily", b"SOREntity")
)


def legacy_row(number, level="OE", parent=None, **cells):
    """A row of a sor.csv; `cells` are by column, with _ for what Python's names cannot have."""
    row = dict.fromkeys(LEGACY_COLUMNS, "")
    row |= {"Enhedsnavn": f"Testenhed {number}", "SOR-type": level, "SOR-kode": sor(number), "Gældende fra": "2010-01-01"}
    row |= {"Parent-SOR-kode": "" if parent is None else sor(parent)}
    return ";".join((row | {name.replace("__", "-").replace("_fra", " fra"): cell for name, cell in cells.items()}).values())


def legacy(*rows, header=LEGACY_HEADER):
    """A sor.csv with these rows."""
    return "\r\n".join((header, *rows, "")).encode("iso-8859-1")


KOMMUNE = legacy_row(1, "IE", Enhedsnavn="Skive Kommune", Enhedstype="kommune", Region="1082")
FORVALTNING = legacy_row(2, "SI", 1, Enhedsnavn="Testforvaltningen", Lokationsnummer=gln(2), Nedarvningsstatus="egen")
HJEMMEPLEJE = legacy_row(3, "OE", 2, Enhedsnavn="Hjemmepleje", Nedarvningsstatus="nedarvet")


def sor2_row(number, level="OE", parent=None, **cells):
    """A row of a SOREntity.csv, its codes written as SOR2 writes them."""
    row = dict.fromkeys(SOR2_COLUMNS, "")
    row |= {"SorId": f'"=""{sor(number)}"""', "SorType": level, "EntityName": f"Testenhed {number}", "FromDate": "2010-01-01"}
    row |= {"MotherId": "" if parent is None else f'"=""{sor(parent)}"""'}
    return ";".join((row | cells).values())


def sor2(*rows, header=SOR2_HEADER, encoding="utf-8"):
    """A SorEntity_daily.csv with these rows."""
    return "\n".join((header, *rows, "")).encode(encoding)


def zipped(**members):
    """A zip with these members; `.csv` is added to their names."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(f"data/{name}.csv", content)
    return out.getvalue()


def read(raw, name="sor.csv", told=TOLD, **more):
    """The extract that is in these bytes."""
    return read_extract(io.BytesIO(raw), name, read_mapping(told, "kolonner.csv"), **more)


def units(raw, name="sor.csv", told=TOLD):
    """Its units by SOR code; a unit with a history is there as its last."""
    return {unit.sor: unit for unit in read(raw, name, told).register.units}
