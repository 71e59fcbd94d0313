"""A unit of the register as a FHIR Organization (R4, dk-core), and the identifiers that systems ask by.

Of the three systems that a lokationsnummer is written with, all are read and `https://www.gs1.org/gln` is written. It is dk-core's up
to 3.4, on which the MedCom messages in production are built (CareCommunication 5.0, Messaging 4.0, Acknowledgement 2.0,
HospitalNotification 3.0), so an identifier can go from here into a message as it is. dk-core 3.5 has it with `http:`, and MedCom's
mapping of receipts still has the OID.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sor.identifiers import normal_gln
from sor.kommuner import kommune_called
from sor.units import Sector, Unit

SOR_SYSTEM = "urn:oid:1.2.208.176.1.1"
GLN_SYSTEM = "https://www.gs1.org/gln"
GLN_SYSTEMS = frozenset({GLN_SYSTEM, "http://www.gs1.org/gln", "urn:oid:1.3.88"})
YDERNUMMER_SYSTEM = "urn:oid:1.2.208.176.1.4"
PROFILE = "http://hl7.dk/fhir/core/StructureDefinition/dk-core-organization"
_KOMMUNE_EXTENSION = "http://hl7.dk/fhir/core/StructureDefinition/dk-core-municipalityCodes"
_KOMMUNE_SYSTEM = "http://hl7.dk/fhir/core/CodeSystem/dk-core-municipality-codes"


def organization(unit: Unit, on: date) -> dict[str, Any]:
    """The unit as an Organization, active on the days that it is open. Its id is its SOR code, or its address where it has none."""
    made: dict[str, Any] = {
        "resourceType": "Organization",
        "id": unit.sor or unit.gln,
        "meta": {"profile": [PROFILE]} if unit.sor else {},  # the profile asks for a SOR code
        "identifier": list(_identifiers(unit)),
        "active": unit.open_on(on),
        "name": unit.name,
        "address": _address(unit),
    }
    return {key: value for key, value in made.items() if value not in ({}, [])}


def bundle(units: tuple[Unit, ...], on: date) -> dict[str, Any]:
    """The units as a Bundle of what a search found."""
    entries = [{"resource": organization(unit, on), "search": {"mode": "match"}} for unit in units]
    return {"resourceType": "Bundle", "type": "searchset"} | ({"entry": entries} if entries else {})


def asked(token: str) -> tuple[str, str]:
    """The system, as this module writes it, and the value of an identifier `system|value`; "" for the system where none is named."""
    system, bar, value = token.rpartition("|")
    if system in GLN_SYSTEMS:
        return GLN_SYSTEM, normal_gln(value)
    return (system if bar else ""), value.strip()


def _identifiers(unit: Unit) -> list[dict[str, str]]:
    found = []
    if unit.sor:
        found.append({"use": "official", "system": SOR_SYSTEM, "value": unit.sor})
    if unit.gln:
        found.append({"system": GLN_SYSTEM, "value": unit.gln})
    if unit.sector is Sector.PRAKSIS and unit.area:
        found.append({"system": YDERNUMMER_SYSTEM, "value": unit.area})
    return found


def _address(unit: Unit) -> list[dict[str, Any]]:
    kommune = kommune_called(unit.kommune)
    if kommune is None:
        return []
    coding = {"system": _KOMMUNE_SYSTEM, "code": kommune.code, "display": kommune.name}
    extension = {"url": _KOMMUNE_EXTENSION, "valueCodeableConcept": {"coding": [coding]}}
    return [{"extension": [extension], "district": kommune.name, "country": "DK"}]
