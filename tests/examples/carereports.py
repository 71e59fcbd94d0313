"""The reports that follow a person in and out of hospital, in their first versions: XDIS16 of the kommune, XDIS18 of the hospital."""

from __future__ import annotations

from lxml import etree
from lxml.builder import ElementMaker

from tests.examples.building import OLD, Fault, changed, emessage, fields, formatted, maker, moment
from tests.examples.cast import (
    ADMITTED,
    AT_SUPPORT,
    BROTHER,
    COPY_TO_PRACTICE,
    CPR,
    DISCHARGED,
    FROM_HOSPITAL_TO_SUPPORT,
    HOME,
    HOME_CARE,
    HOSPITAL,
    NAME,
    REGION,
    SENT,
    letter,
    new_letter,
)

_MAKE = maker(OLD.format("2007/02/01"))
_MEDICINE = (
    {
        "NameOfDrug": "Prøvolin",
        "DosageForm": "tabletter",
        "DrugStrength": "5 mg",
        "Dosage": "1 tablet morgen",
        "Indication": "for forhøjet blodtryk",
    },
    {
        "NameOfDrug": "Testamid",
        "DosageForm": "dråber",
        "DrugStrength": "25 mg/ml",
        "Dosage": "10 dråber til natten",
        "Indication": "mod uro",
    },
)


def report_of_admission(make: ElementMaker) -> bytes:
    """XDIS16: what home care knows of the person, sent when she was admitted."""
    care = {**HOME_CARE, **AT_SUPPORT, "DepartmentName": "Hjemmepleje", "UnitName": "Team Prøve"}
    return emessage(
        make,
        "KXD1630C",
        SENT,
        make(
            "ReportOfAdmission",
            letter(make, "XDIS16", "XD1630C", *new_letter(make)),
            _sender(make, care, "Social- og sundhedsassistent", "blandet"),
            make("Receiver", *fields(make, **HOSPITAL, OrganisationName=REGION, DepartmentName="Regionspsykiatrien Midt")),
            *_people(make),
            _auxiliaries(make),
            _services(make),
            _medicine(make),
            formatted(make, "MotionEvaluation", "Går med rollator inde.\nSkal følges ude."),
            formatted(make, "PatientHealthSummary", "*Til daglig*\nBor alene. Har hjælp til medicin og indkøb."),
            formatted(make, "CauseOfAdmission", "Tiltagende uro gennem en uge; indlagt af vagtlæge."),
            formatted(make, "InformedRelative", "Bror er orienteret."),
        ),
    )


def report_of_discharge(make: ElementMaker) -> bytes:
    """XDIS18: what the hospital did and what the person goes home with."""
    sender, receiver = FROM_HOSPITAL_TO_SUPPORT
    return emessage(
        make,
        "KXD1830C",
        SENT,
        make(
            "ReportOfDischarge",
            letter(make, "XDIS18", "XD1830C", *new_letter(make)),
            _sender(make, sender, "Sygeplejerske", "psykiatri_sygehus"),
            make("Receiver", *fields(make, **receiver)),
            *_people(make),
            moment(make, "Admission", ADMITTED),
            moment(make, "Discharge", DISCHARGED),
            make("Treatments", _coded(make, "Treatment", "AAF22", "Samtale om medicin")),
            _diagnoses(make),
            _auxiliaries(make),
            _medicine(make),
            formatted(make, "ClinicalInformation", "*Forløb*\nRo efter få dage. Sover igennem.\nAftalt støtte i hjemmet."),
            formatted(make, "ClinicalInformation", "*Plan*\nKontrol hos egen læge om 14 dage."),
        ),
    )


def _sender(make: ElementMaker, party: dict[str, str], title: str, speciality: str) -> etree._Element:
    signed = {"PersonGivenName": "Tine", "PersonSurnameName": "Testesen", "PersonTitle": title}
    contact = {
        "ContactNamePrimary": "Tine Testesen",
        "ContactNameSecondary": "Vagthavende",
        "TelephoneSubscriberIdentifier": "00000001",
        "TelefaxSubscriberIdentifier": "00000002",
        "EmailAddressIdentifier": "proeve@example.org",
        "ContactTimeText": "Hele døgnet",
    }
    return make(
        "Sender",
        *fields(make, **party, TelephoneSubscriberIdentifier="00000000"),
        make("SignedBy", *fields(make, Identifier=party["Identifier"], IdentifierCode=party["IdentifierCode"], **signed)),
        *fields(make, MedicalSpecialityCode=speciality),
        make("ContactInformation", *fields(make, **contact)),
    )


def _people(make: ElementMaker) -> list[etree._Element]:
    doctor = {"Identifier": "0990001", "IdentifierCode": "ydernummer", "PersonName": "Test Testesen"}
    numbers = [
        make("TelephoneSubscriber", *fields(make, TelephoneType=kind, TelephoneNumber=number))
        for kind, number in (("Mobil", "00000003"), ("Arbejde", "00000004"))
    ]
    brother = make("Relative", *fields(make, RelationCode="uspec_paaroerende", **BROTHER, **HOME), *numbers)
    return [
        make("CCReceiver", *fields(make, **COPY_TO_PRACTICE)),
        make("Practitioner", *fields(make, **doctor, TelephoneSubscriberIdentifier="00000005")),
        make("Patient", *fields(make, CivilRegistrationNumber=CPR, **NAME, **HOME, Occupation="Pensionist")),
        make("Relatives", brother),
    ]


def _coded(make: ElementMaker, name: str, code: str, text: str) -> etree._Element:
    return make(name, *fields(make, **{f"{name}Code": code, "Identifier": "SKS", "IdentifierCode": "SST", f"{name}Text": text}))


def _auxiliaries(make: ElementMaker) -> etree._Element:
    things = [_coded(make, "Auxiliary", "122103", "Rollator"), _coded(make, "Auxiliary", "181210", "Plejeseng")]
    return make("Auxiliaries", *things, formatted(make, "Comment", "Rollator er fulgt med."))


def _services(make: ElementMaker) -> etree._Element:
    given = [
        make("Service", *fields(make, ServiceHeadline=headline), formatted(make, "ServiceText", text))
        for headline, text in (("Medicin", "Dispenseres hver fjortende dag."), ("Indkøb", "En gang om ugen."))
    ]
    return make("Services", *given, formatted(make, "Comment", "Nødkald er sat i bero."))


def _medicine(make: ElementMaker) -> etree._Element:
    drugs = [make("Drug", *fields(make, **drug)) for drug in _MEDICINE]
    return make("Medicine", *drugs, formatted(make, "Comment", "Medicin er givet til og med i dag.\nÆske følger med."))


def _diagnoses(make: ElementMaker) -> etree._Element:
    code = {"DiagnoseCode": "DZ038", "DiagnoseTypeCode": "SKSdiagnosekode", "DiagnoseText": "Obs. pga. mistanke (prøve)"}
    return make("Diagnoses", make("Diagnose", *fields(make, **code)))


VALID = {
    "XDIS16-XD1630C": report_of_admission(_MAKE),
    "XDIS18-XD1830C": report_of_discharge(_MAKE),
}
FAULTY = {
    "XDIS16-XD1630C-fault": Fault(
        "Den, der har underskrevet, har ingen titel",
        "element-missing",
        "/Emessage/ReportOfAdmission[1]/Sender/SignedBy",
        changed(VALID["XDIS16-XD1630C"], "        <PersonTitle>Social- og sundhedsassistent</PersonTitle>\n", ""),
    ),
    "XDIS18-XD1830C-fault": Fault(
        "Teksten står i Text01, som i korrespondancemeddelelsen; her er ClinicalInformation selv teksten",
        "element-unexpected",
        "/Emessage/ReportOfDischarge[1]/ClinicalInformation[2]/Text01",
        changed(
            VALID["XDIS18-XD1830C"],
            "<Bold>Plan</Bold><Break/>Kontrol hos egen læge om 14 dage.",
            "<Text01>Kontrol hos egen læge om 14 dage.</Text01>",
        ),
    ),
}
