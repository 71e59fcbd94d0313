"""What referrals and the letters that answer them are made of: parties in full, the patient, diagnoses and references.

The case is that of `cast`: a person is referred by a practice, discharged by a hospital and taken on by a kommune.
"""

from __future__ import annotations

from datetime import datetime

from lxml import etree
from lxml.builder import ElementMaker

from tests.examples import cast
from tests.examples.building import fields

REFERRED = datetime.fromisoformat("2026-11-02T09:40")
TRAINING = "Træning og aktivitet"

Unit = dict[str, str]

HOSPITAL: Unit = {**cast.HOSPITAL, **cast.AT_HOSPITAL}
SUPPORT: Unit = {**cast.SUPPORT, **cast.AT_SUPPORT}
TRAINERS: Unit = {**SUPPORT, "EANIdentifier": "5790009911722", "DepartmentName": TRAINING, "UnitName": "Forebyggelse"}
ACUTE_TEAM: Unit = {**SUPPORT, **cast.HOME_CARE, "DepartmentName": "Hjemmepleje", "UnitName": "Akutteam"}
PRACTICE: Unit = {
    **cast.PRACTICE,
    "OrganisationName": "Testlægerne Skive",
    "DepartmentName": "Lægehuset",
    "UnitName": "Læge Test Testesen",
    **{key: cast.AT_SUPPORT[key] for key in ("StreetName", "SuburbName", "DistrictName", "PostCodeIdentifier")},
}
_SPECIALITIES = {
    "sygehusafdelingsnummer": "psykiatri_sygehus",
    "ydernummer": "almenlaege_laegevagt",
    "kommunenummer": "blandet",
}


def sender(make: ElementMaker, who: Unit, *more: etree._Element) -> etree._Element:
    """The Sender, with `more` after its telephone and speciality."""
    speciality = _SPECIALITIES[who["IdentifierCode"]]
    reach = fields(make, TelephoneSubscriberIdentifier="00000000", MedicalSpecialityCode=speciality)
    return make("Sender", *fields(make, **who), *reach, *more)


def receiver(make: ElementMaker, who: Unit) -> etree._Element:
    """The Receiver."""
    return make("Receiver", *fields(make, **who))


def copy_to(make: ElementMaker, name: str, who: Unit, **more: str) -> etree._Element:
    """Who gets a copy: CCReceiver or AnswerCCReceiver, which have no address to send to."""
    known = {key: value for key, value in who.items() if key != "EANIdentifier"}
    return make(name, *fields(make, **known, **more))


def contact(make: ElementMaker, who: Unit) -> etree._Element:
    """Whom to turn to at the sender's."""
    keys = ("Identifier", "IdentifierCode", "OrganisationName", "DepartmentName", "UnitName")
    return make("Contact", *fields(make, **{key: who[key] for key in keys}))


def referrer(make: ElementMaker, who: Unit) -> etree._Element:
    """The person at the sender's who refers."""
    named = {"PersonName": "Test Testesen", "PersonTitle": "Læge"}
    return make("Referrer", *fields(make, Identifier=who["Identifier"], IdentifierCode=who["IdentifierCode"], **named))


def patient(make: ElementMaker, **more: str) -> etree._Element:
    """The patient of a letter."""
    known = {"CivilRegistrationNumber": cast.CPR, **cast.NAME, **cast.HOME, "OccupancyText": "Pædagogmedhjælper"}
    return make("Patient", *fields(make, **known, **more))


def caller(make: ElementMaker) -> etree._Element:
    """The patient of a referral, who is to be called in."""
    known = {"CivilRegistrationNumber": cast.CPR, **cast.NAME, "PersonTitle": "Pædagogmedhjælper", **cast.HOME}
    email = fields(make, EmailIdentifier="tove.testesen@example.invalid")
    return make("Patient", *fields(make, **known), *telephones(make), *email)


def telephones(make: ElementMaker) -> list[etree._Element]:
    """A mobile and a telephone at home."""
    return [
        make("TelephoneSubscriber", *fields(make, TelephoneSubscriberIdentifier=number, TelephoneSubscriberCode=kind))
        for number, kind in (("00000001", "mobil"), ("00000002", "fastnet"))
    ]


def relative(make: ElementMaker, relation: str, *more: etree._Element) -> etree._Element:
    """The next of kin."""
    known = {"RelationCode": relation, "PersonIdentifier": "0101700000", **cast.BROTHER}
    return make("Relative", *fields(make, **known), *more)


def coded(make: ElementMaker, name: str, code: str, text: str, kind: str = "") -> etree._Element:
    """A diagnosis with its code system, and its kind where that is given. `code` may be empty, for one in words alone."""
    described = {"DiagnoseDescriptionCode": kind} if kind else {}
    known = {"DiagnoseCode": code} if code else {}
    system = "SKSdiagnosekode" if code else "uspecificeretkode"
    return make(name, *fields(make, **described, **known, DiagnoseTypeCode=system, DiagnoseText=text))


def references(make: ElementMaker) -> list[etree._Element]:
    """A leaflet on the web, and an attachment that comes in an XBIN01."""
    attachment = fields(
        make,
        ObjectIdentifier="a1b2c3d4e5f60718293a4b5c6d7e8f90",
        ObjectCode="vektor_grafik",
        ObjectExtensionCode="pdf",
        OriginalObjectSize="48213",
    )
    return [
        make("Reference", *fields(make, RefDescription="Pjece til pårørende", URL="https://example.invalid/pjece")),
        make("Reference", *fields(make, RefDescription="Måleskema"), make("BIN", *attachment)),
    ]
