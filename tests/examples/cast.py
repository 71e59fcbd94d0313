"""Who the cases are about: one synthetic person, and the units of the register that care for her.

The units are those of the register that comes with the gateway, which is synthetic itself; what a message needs beyond them (a
street, a pharmacy, a next of kin) is made up and says so. Everything is fields of MedCom's elements, to be filled in by `fields`.
"""

from __future__ import annotations

from datetime import datetime

from lxml import etree
from lxml.builder import ElementMaker

from tests.examples.building import fields, moment

EPISODE = "3f1c9a7be0d24c5f8a6b1d2e4f507182"
ADMITTED = datetime(2026, 11, 9, 21, 40)  # noqa: DTZ001 - MedCom's times are Danish and have no zone
DISCHARGED = datetime(2026, 11, 20, 11, 15)  # noqa: DTZ001
SENT = datetime(2026, 11, 20, 13, 2, 7)  # noqa: DTZ001

REGION = "Region Midtjylland (syntetisk)"
SKIVE = "Skive Kommune (syntetisk)"
HOSPITAL = {"EANIdentifier": "5790009920014", "Identifier": "9920011", "IdentifierCode": "sygehusafdelingsnummer"}
SUPPORT = {"EANIdentifier": "5790009911739", "Identifier": "779", "IdentifierCode": "kommunenummer"}
HOME_CARE = {"EANIdentifier": "5790009911715", "Identifier": "779", "IdentifierCode": "kommunenummer"}
HEALTH_VISITORS = {"EANIdentifier": "5790009911746", "Identifier": "779", "IdentifierCode": "kommunenummer"}
PRACTICE = {"EANIdentifier": "5790009930013", "Identifier": "0990001", "IdentifierCode": "ydernummer"}

AT_HOSPITAL = {
    "OrganisationName": REGION,
    "DepartmentName": "Regionspsykiatrien Midt",
    "UnitName": "Sengeafsnit Prøve",
    "StreetName": "Prøvegade 2",
    "SuburbName": "Testby",
    "DistrictName": "Viborg",
    "PostCodeIdentifier": "8800",
}
AT_SUPPORT = {
    "OrganisationName": SKIVE,
    "DepartmentName": "Social og Psykiatri",
    "UnitName": "Bostøtte",
    "StreetName": "Prøvevej 1",
    "SuburbName": "Testby",
    "DistrictName": "Skive",
    "PostCodeIdentifier": "7800",
}
AT_PRACTICE = {"OrganisationName": "Testlægerne Skive", "StreetName": "Prøvetorv 3", "PostCodeIdentifier": "7800"}
COPY_TO_PRACTICE = {"Identifier": "0990001", "IdentifierCode": "ydernummer", **AT_PRACTICE}
PSYCHIATRY = {"TelephoneSubscriberIdentifier": "00000000", "MedicalSpecialityCode": "psykiatri_sygehus"}

CPR = "0101010000"
NAME = {"PersonSurnameName": "Testesen", "PersonGivenName": "Tove"}
HOME = {"StreetName": "Prøvestien 4", "SuburbName": "Testby", "DistrictName": "Skive", "PostCodeIdentifier": "7800"}
BROTHER = {"PersonSurnameName": "Testesen", "PersonGivenName": "Ture"}
FROM_HOSPITAL_TO_SUPPORT = ({**HOSPITAL, **AT_HOSPITAL}, {**SUPPORT, **AT_SUPPORT})


def letter(make: ElementMaker, code: str, version: str, *status: etree._Element, seconds: bool = False) -> etree._Element:
    """The Letter header: `status` is what stands after TypeCode; `seconds` where Authorisation is to the second."""
    with_seconds = make("Authorisation", *fields(make, Date=f"{SENT:%Y-%m-%d}", TimeWithSec=f"{SENT:%H:%M:%S}"))
    return make(
        "Letter",
        *fields(make, Identifier=f"B{version}", VersionCode=version, StatisticalCode=code),
        with_seconds if seconds else moment(make, "Authorisation", SENT),
        *fields(make, TypeCode=code),
        *status,
    )


def new_letter(make: ElementMaker) -> list[etree._Element]:
    """What stands after TypeCode in most types: a new letter, in the episode of care that all the cases are."""
    return fields(make, StatusCode="nytbrev", EpisodeOfCareIdentifier=EPISODE)
