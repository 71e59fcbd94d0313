"""What a hospital tells a kommune of a stay: admitted (XDIS20), soon ready to leave (XDIS19), and discharged (XDIS17)."""

from __future__ import annotations

from datetime import timedelta

from lxml import etree
from lxml.builder import ElementMaker

from tests.examples.building import OLD, Fault, changed, emessage, fields, formatted, maker, moment
from tests.examples.cast import (
    ADMITTED,
    BROTHER,
    COPY_TO_PRACTICE,
    CPR,
    DISCHARGED,
    FROM_HOSPITAL_TO_SUPPORT,
    HOME,
    HOSPITAL,
    NAME,
    PSYCHIATRY,
    REGION,
    SENT,
    SKIVE,
    SUPPORT,
    letter,
    new_letter,
)

_MAKE = maker(OLD.format("2005/08/07"))
_NOTIFICATION = "7c0d5e1f2a3b4c4d9e8f706152433425"


def admission(make: ElementMaker) -> bytes:
    """XDIS20: the person was admitted in the evening, and the answer is to go to the ward."""
    return emessage(
        make,
        "KXD2030C",
        SENT,
        make(
            "NotificationOfAdmission",
            _header(make, "XDIS20", "XD2030C"),
            *_parties(make),
            make("Patient", *fields(make, CivilRegistrationNumber=CPR, EpisodeOfCareStatusCode="indlagt")),
            moment(make, "Admission", ADMITTED),
        ),
    )


def discharge(make: ElementMaker) -> bytes:
    """XDIS17: the same stay ends, and the person goes home."""
    return emessage(
        make,
        "KXD1730C",
        SENT,
        make(
            "NotificationOfDischarge",
            _header(make, "XDIS17", "XD1730C"),
            *_parties(make),
            make("Patient", *fields(make, CivilRegistrationNumber=CPR, EpisodeOfCareStatusCode="udskrevet_til_hjemmet")),
            moment(make, "Discharge", DISCHARGED),
        ),
    )


def _header(make: ElementMaker, code: str, version: str) -> etree._Element:
    status = fields(make, StatusCode="nytbrev", NotificationIdentifier=_NOTIFICATION)
    return letter(make, code, version, *status, seconds=True)


def _parties(make: ElementMaker) -> list[etree._Element]:
    ward = {"DepartmentName": "Regionspsykiatrien Midt", "UnitName": "Sengeafsnit Prøve"}
    sender = fields(make, **HOSPITAL, OrganisationName=REGION, **ward, TelephoneSubscriberIdentifier="00000000")
    answer = make("AnswerTo", *fields(make, EANIdentifier=HOSPITAL["EANIdentifier"]))
    return [make("Sender", *sender, answer), make("Receiver", *fields(make, **SUPPORT, OrganisationName=SKIVE))]


def warning(make: ElementMaker) -> bytes:
    """XDIS19: treatment is to end, and a conference is held first on what the person needs at home."""
    sender, receiver = FROM_HOSPITAL_TO_SUPPORT
    home = {**HOME, "OccupancyText": "Pensionist", "EpisodeOfCareStatusCode": "indlagt"}
    return emessage(
        make,
        "KXD1930C",
        SENT,
        make(
            "WarningOfDischarge",
            letter(make, "XDIS19", "XD1930C", *new_letter(make)),
            make("Sender", *fields(make, **sender, **PSYCHIATRY), *_signed(make)),
            make("Receiver", *fields(make, **receiver)),
            make("CCReceiver", *fields(make, **COPY_TO_PRACTICE)),
            make("Patient", *fields(make, CivilRegistrationNumber=CPR, **NAME, **home)),
            _relative(make),
            make("FamilyDoctor", *fields(make, Identifier="0990001", OrganisationName="Testlægerne Skive")),
            moment(make, "Admission", ADMITTED),
            moment(make, "PlanConference", DISCHARGED - timedelta(days=3, hours=1)),
            moment(make, "EndOfTreatment", DISCHARGED - timedelta(hours=2)),
            moment(make, "PlannedDischarge", DISCHARGED),
            make("CareDescription", formatted(make, "CommentsText", _CARE)),
        ),
    )


_CARE = """*Behov efter udskrivning*
Støtte i hjemmet to gange om ugen, og hjælp til at huske medicin om morgenen.
Klarer selv personlig pleje."""


def _signed(make: ElementMaker) -> list[etree._Element]:
    who = {"PersonSurnameName": "Testesen", "PersonGivenName": "Tine", "PersonTitle": "Sygeplejerske"}
    names = [make("ContactName", name) for name in ("Tine Testesen", "Vagthavende i Sengeafsnit Prøve")]
    reach = {
        "TelephoneSubscriberIdentifier": "00000001",
        "TelefaxSubscriberIdentifier": "00000002",
        "EmailIdentifier": "proeve@example.org",
        "ContactTimeText": "Hverdage 8-15",
    }
    return [make("Signatur", *fields(make, **who)), make("ContactInformation", *names, *fields(make, **reach))]


def _relative(make: ElementMaker) -> etree._Element:
    numbers = [
        make(
            "CodedTelephoneSubscriberIdentifier",
            *fields(make, TelephoneCode=kind, TelephoneSubscriberIdentifier=number),
        )
        for kind, number in (("mobil", "00000003"), ("arbejde", "00000004"))
    ]
    known = {"RelationCode": "uspec_paaroerende", "PersonIdentifier": "0202030000", **BROTHER, **HOME}
    return make("Relative", *fields(make, **known), *numbers)


VALID = {
    "XDIS17-XD1730C": discharge(_MAKE),
    "XDIS19-XD1930C": warning(_MAKE),
    "XDIS20-XD2030C": admission(_MAKE),
}
FAULTY = {
    "XDIS17-XD1730C-fault": Fault(
        "Authorisation er til minuttet, som i de fleste typer, og ikke til sekundet",
        "element-unexpected",
        "/Emessage/NotificationOfDischarge[1]/Letter/Authorisation/Time",
        changed(VALID["XDIS17-XD1730C"], "<TimeWithSec>13:02:07</TimeWithSec>", "<Time>13:02</Time>"),
    ),
    "XDIS19-XD1930C-fault": Fault(
        "Det sted, patienten er, står med sit danske navn og ikke med koden indlagt",
        "value-not-in-list",
        "/Emessage/WarningOfDischarge[1]/Patient/EpisodeOfCareStatusCode",
        changed(VALID["XDIS19-XD1930C"], ">indlagt<", ">Indlagt<"),
    ),
    "XDIS20-XD2030C-fault": Fault(
        "AnswerTo mangler: kommunen kan ikke vide, hvor dens svar skal hen",
        "element-missing",
        "/Emessage/NotificationOfAdmission[1]/Sender",
        changed(
            VALID["XDIS20-XD2030C"],
            """      <AnswerTo>
        <EANIdentifier>5790009920014</EANIdentifier>
      </AnswerTo>
""",
            "",
        ),
    ),
}
