"""XDIS32: a maternity ward tells the kommune's health visitors of a birth."""

from __future__ import annotations

from datetime import datetime, timedelta

from lxml import etree
from lxml.builder import ElementMaker

from tests.examples.building import NEW, Fault, changed, emessage, fields, formatted, maker, moment
from tests.examples.cast import (
    AT_HOSPITAL,
    AT_PRACTICE,
    BROTHER,
    HEALTH_VISITORS,
    HOME,
    HOSPITAL,
    PRACTICE,
    SENT,
    SKIVE,
    letter,
    new_letter,
)

_MAKE = maker(NEW.format("2011/02/17"))
_NAME = {"PersonSurnameName": "Testesen", "PersonGivenName": "Thea"}
_BORN = datetime(2026, 11, 19, 3, 27)  # noqa: DTZ001 - MedCom's times are Danish and have no zone


def birth_notification(make: ElementMaker) -> bytes:
    """One child, born at full term, whose mother goes home within a day."""
    return emessage(
        make,
        "KXD3234L",
        SENT,
        make(
            "BirthNotification",
            letter(make, "XDIS32", "XD3234L", *new_letter(make)),
            *_parties(make),
            _mother(make),
            _partner(make),
            _child_relation(make),
            _pregnancy(make),
            _birth(make),
            _child(make),
        ),
    )


def _parties(make: ElementMaker) -> list[etree._Element]:
    ward = {**HOSPITAL, **AT_HOSPITAL, "DepartmentName": "Fødegangen (syntetisk)", "UnitName": "Barselsafsnit Prøve"}
    reach = {"TelephoneSubscriberIdentifier": "00000000", "MedicalSpecialityCode": "gynaekologi_obstetrik_sygehus"}
    doctor = fields(
        make, **PRACTICE, **AT_PRACTICE, TelephoneSubscriberIdentifier="00000005", MedicalSpecialityCode="almen_medicin"
    )
    return [
        make("Sender", *fields(make, **ward, **reach)),
        make("Receiver", *fields(make, **HEALTH_VISITORS, OrganisationName=SKIVE, DepartmentName="Sundhedspleje")),
        _midwife(make, "OwnMaternityMother", "Trine Testesen", "Jordemodercenter Prøve"),
        make("Practitioner", *doctor),
        _midwife(make, "BirthMaternityMother", "Tanja Testesen", "Fødegangen (syntetisk)"),
    ]


def _midwife(make: ElementMaker, name: str, person: str, place: str) -> etree._Element:
    who = {"Identifier": "9920011", "IdentifierCode": "lokalt_nummer", "PersonName": person, "OrganisationName": place}
    return make(name, *fields(make, **who, StreetName="Prøvegade 2", DistrictName="Viborg", PostCodeIdentifier="8800"))


def _mother(make: ElementMaker) -> etree._Element:
    numbers = fields(make, PrivateSubscriberIdentifier="00000006", MobileSubscriberIdentifier="00000003")
    language = fields(make, ISOLanguageCode="dsl", ISOLanguageCodeDescription="Dansk tegnsprog")
    return make(
        "Patient",
        *fields(make, CivilRegistrationNumber="0505900000", **_NAME, **HOME, OccupancyText="Tømrer", MaritalStatus="samboende"),
        make("TelephoneSubscriber", *numbers),
        make("InterpretationNeeds", *language),
        make("EpisodeOfCareStatusCode", "forventet_udskrevet_inden_24_timer_efter_fødslen"),
    )


def _partner(make: ElementMaker) -> etree._Element:
    known = {"RelationCode": "samboende", "PersonIdentifier": "0606880000", **BROTHER, **HOME, "OccupancyText": "Lærer"}
    return make("PartnerRelation", *fields(make, **known))


def _child_relation(make: ElementMaker) -> etree._Element:
    return make(
        "ChildRelation",
        *fields(make, RelationCode="barn", PersonIdentifier="1911264000"),
        moment(make, "TimeOfBirth", _BORN),
        *fields(make, BirthStatus1="levendefødt", BirthStatus2="enkeltfødt", Gender="pige"),
    )


def _diagnosis(make: ElementMaker, name: str, kind: str, code: str, text: str, at: datetime | None = None) -> etree._Element:
    known = {"DiagnoseDescriptionCode": kind, "DiagnoseCode": code, "DiagnoseTypeCode": "SKSdiagnosekode", "DiagnoseText": text}
    return make(name, *fields(make, **known), *([moment(make, "DiagnoseDateTime", at)] if at else []))


def _pregnancy(make: ElementMaker) -> etree._Element:
    scan = _BORN - timedelta(weeks=20)
    return make(
        "Pregnancy",
        moment(make, "DateOfLastMenstruation", _BORN - timedelta(weeks=40)),
        moment(make, "DateofDelivery", _BORN + timedelta(days=2)),
        _diagnosis(make, "PregnancyPrincipalDiagnoses", "aktionsdiagnose", "DZ34", "Graviditet (prøve)", scan),
        _diagnosis(make, "PregnancyAdditionalDiagnoses", "bidiagnose", "DO990", "Let blodmangel (prøve)"),
        make(
            "PregnancyInvestigationAndTreatments",
            _diagnosis(make, "InvestigationAndTreatmentDiagnoses", "forloebsdiagnose", "UXUD", "Ultralyd (prøve)"),
            moment(make, "ClinicalInfoDate", scan),
            formatted(make, "InvestigationAndTreatmentText", "Scanning i uge 20.\nAlt som ventet."),
        ),
    )


def _birth(make: ElementMaker) -> etree._Element:
    return make(
        "Birth",
        make("PregnancyDuration", *fields(make, Weeks="40", Days="0")),
        _diagnosis(make, "BirthPrincipalDiagnoses", "aktionsdiagnose", "DO80", "Spontan fødsel (prøve)", _BORN),
        _diagnosis(make, "BirthAdditionalDiagnoses", "bidiagnose", "DO700", "Lille bristning (prøve)"),
        _diagnosis(make, "BirthInvestigationAndTreatmentDiagnoses", "operation", "KMBC00", "Syning (prøve)"),
        formatted(make, "BleedingVolume", "300 ml"),
        formatted(make, "AmnioticFluidDescription", "Klart"),
        formatted(make, "BirthAdditionalInfo", "*Fødslen*\nFødte i vand.\nFaren var med."),
        make("MaternityMotherAppointment", "Jordemoder ringer på tredje dagen"),
    )


def _child(make: ElementMaker) -> etree._Element:
    scores = fields(make, ScoreAfterOneMin="9", ScoreAfterFiveMin="10", ScoreAfterTenMin="10", MinutesAtScoreTen="3")
    return make(
        "ChildInfo",
        _diagnosis(make, "ChildPrincipalDiagnoses", "aktionsdiagnose", "DZ380", "Et levendefødt barn (prøve)", _BORN),
        _diagnosis(make, "ChildAdditionalDiagnoses", "tillaegsdiagnose", "DVA0200", "Vægt (prøve)"),
        _diagnosis(make, "ChildOtherDiagnoses", "bidiagnose", "DP599", "Let gulsot (prøve)"),
        make("ChildDimensions", *fields(make, Weight="3450", Length="51", HeadCircumference="35")),
        make("ApgarScore", *scores),
        formatted(make, "ChildAdditionalInfo", "K-vitamin er givet.\nDier godt."),
        make("ChildTransferral", "Ikke flyttet"),
    )


VALID = {"XDIS32-XD3234L": birth_notification(_MAKE)}
FAULTY = {
    "XDIS32-XD3234L-fault": Fault(
        "Barnets vægt er i kilo med komma, og ikke i hele gram",
        "value-number",
        "/Emessage/BirthNotification[1]/ChildInfo/ChildDimensions/Weight",
        changed(VALID["XDIS32-XD3234L"], "<Weight>3450<", "<Weight>3,450<"),
    ),
}
