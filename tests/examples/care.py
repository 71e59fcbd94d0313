"""The letters about care after a stay in hospital: GGOP, XDIS18 and XDIS21, in the municipality namespaces.

They are modelled on the one example that is known of each. Elements with the prefix `m` stand in municipality 1.0.0.
"""

from __future__ import annotations

from datetime import datetime

from lxml import etree
from lxml.builder import ElementMaker

from tests.examples.building import SYNTHETIC, Fault, changed, fields, formatted, moment

FAMILY = "urn:oio:medcom:municipality:1.0.{}"
FIRST = ElementMaker(namespace=FAMILY.format(0), nsmap={"m": FAMILY.format(0)})
SECOND = ElementMaker(namespace=FAMILY.format(2), nsmap={"n": FAMILY.format(2)})
SENT = datetime.fromisoformat("2026-11-21T10:15")
ADMITTED = datetime.fromisoformat("2026-11-02T21:40")
DISCHARGED = datetime.fromisoformat("2026-11-23T12:00")
HOSPITAL = {"EANIdentifier": "5790009920014", "Identifier": "5790009920014"}
KOMMUNE = {"EANIdentifier": "5790009911739", "Identifier": "779"}
HOSPITAL_NAME = {"OrganisationName": "Regionspsykiatrien Midt", "DepartmentName": "Sengeafsnit T1", "UnitName": "Testafsnittet"}
KOMMUNE_NAME = {"OrganisationName": "Skive Kommune", "DepartmentName": "Social og Psykiatri"}
ADDRESS = {"StreetName": "Prøvevej 1", "DistrictName": "Skive", "PostCodeIdentifier": "7800"}
PERSON = {"PersonSurnameName": "Testesen", "PersonGivenName": "Test Æblegrød"}
NURSE = {"PersonGivenName": "Sygeplejerske", "PersonSurnameName": "Testesen", "PersonTitle": "Sygeplejerske"}
CPR = {"CivilRegistrationNumber": "0101010000"}


def _maker(minor: int) -> ElementMaker:
    namespaces = {None: FAMILY.format(minor), "m": FAMILY.format(0)}
    return ElementMaker(namespace=FAMILY.format(minor), nsmap=namespaces)


def _emessage(make: ElementMaker, identifier: str, letter: etree._Element) -> bytes:
    envelope = FIRST(
        "Envelope",
        moment(FIRST, "Sent", SENT),
        *fields(FIRST, Identifier=identifier, AcknowledgementCode="pluspositivkvitt"),
    )
    root = make("Emessage", envelope, letter)
    root.addprevious(etree.Comment(SYNTHETIC))
    tree = root.getroottree()
    etree.cleanup_namespaces(tree, keep_ns_prefixes=["m"])
    return bytes(etree.tostring(tree, encoding="UTF-8", xml_declaration=True, pretty_print=True))


def _header(make: ElementMaker, version: str, code: str, statistical: str, *rest: etree._Element) -> etree._Element:
    authorisation = make("Authorisation", *moment(FIRST, "Authorisation", SENT))
    identity = fields(make, Identifier=f"BREV{version}", VersionCode=version, StatisticalCode=statistical)
    return make("Letter", *identity, authorisation, make("TypeCode", code), *rest)


def _problem_area(make: ElementMaker, code: str, name: str, text: str) -> etree._Element:
    terms = make("Terminology", *fields(make, Code=code, CodeSystem="medcom", CodeDescription=name))
    # The text's element is the letter's, and its line breaks are of 1.0.0.
    area = formatted(FIRST, "ProblemArea", text)
    area.tag = make("ProblemArea").tag
    return make("NursingProblemArea", terms, area)


def _relatives(make: ElementMaker) -> etree._Element:
    telephone = FIRST(
        "CodedTelephoneSubscriberIdentifier",
        *fields(FIRST, TelephoneCode="mobil", TelephoneSubscriberIdentifier="00000000"),
    )
    person = fields(FIRST, PersonSurnameName="Testesen", PersonGivenName="Pårørende")
    relative = make("Relative", make("RelationCode", "aegtefaelle"), *person, telephone, make("InformedRelative", "1"))
    return make("Relatives", relative, make("Comment", "Ring helst efter kl. 16."))


def _people() -> list[etree._Element]:
    signer = FIRST("SignedBy", *fields(FIRST, **NURSE))
    contact = FIRST("ContactInformation", *fields(FIRST, ContactName="Vagttelefonen", TelephoneSubscriberIdentifier="00000000"))
    codes = fields(
        FIRST, IdentifierCode="lokationsnummer", **HOSPITAL_NAME, **ADDRESS, TelephoneSubscriberIdentifier="00000000"
    )
    speciality = FIRST("MedicalSpecialityCode", "psykiatri_sygehus")
    practice = {"Identifier": "999999", "IdentifierCode": "ydernummer", "PersonName": "Læge Testesen"}
    patient = fields(FIRST, **CPR, **PERSON, **ADDRESS, Occupation="Tømrer", TelephoneSubscriberIdentifier="00000000")
    return [
        FIRST("Sender", *fields(FIRST, **HOSPITAL), *codes, signer, speciality, contact),
        FIRST("Receiver", *fields(FIRST, **KOMMUNE, IdentifierCode="kommunenummer", **KOMMUNE_NAME, **ADDRESS)),
        FIRST("Practitioner", *fields(FIRST, **practice)),
        FIRST("Patient", *patient),
    ]


def report_of_discharge() -> bytes:
    """XD1834C."""
    make = _maker(3)
    thread = make("EpisodeOfCareIdentifier", "0123456789ABCDEF0123456789ABCDEF")
    diagnosis = make("Diagnosis", *fields(make, Code="DZ000", TypeCode="SKSdiagnosekode", Text="Almindelig undersøgelse"))
    function = fields(make, LastModifiedDate="2026-11-21", AbilityToFunctionRelevance="ikke_relevant")
    areas = [
        _problem_area(make, "A-00001", "Bevægeapparat og aktuel funktionsevne", "Går uden hjælpemidler.\nGår gerne tur."),
        _problem_area(make, "A-00002", "Søvn og hvile", "Sover fem timer.\nTager selv sin medicin."),
    ]
    letter = make(
        "ReportOfDischarge",
        _header(make, "XD1834C", "XDIS18", "XDIS18", thread),
        *_people(),
        _relatives(make),
        moment(FIRST, "Admission", ADMITTED),
        moment(FIRST, "EndOfTreatment", DISCHARGED),
        moment(FIRST, "Discharge", DISCHARGED),
        FIRST("CauseOfAdmission", "Planlagt indlæggelse."),
        make("NursingProblemAreas", *areas),
        make("Diagnoses", diagnosis),
        make("AbilityToFunctionAtDischarge", *function),
    )
    return _emessage(make, "KUVXD1834C0001", letter)


def progress_of_care_plan() -> bytes:
    """XD2134C."""
    make = _maker(3)
    thread = make("EpisodeOfCareIdentifier", "0123456789ABCDEF0123456789ABCDEF")
    needs = [make(name, make("Comment", "Ja")) for name in ("HomeCareNeeds", "MedicineAdministrationHelp")]
    conference = fields(make, DischargeDateCode="forslag", Date="2026-11-22", Time="10:00", VideoConference="1")
    terms = make("Terminology", *fields(make, Code="FA510", CodeSystem="icf", CodeDescription="Vaske sig"))
    ability = make("AbilityToFunctionElement", terms, *fields(make, Score="lette", Comment="Skal mindes om det"))
    letter = make(
        "ProgressOfCarePlan",
        _header(make, "XD2134C", "XDIS21", "XDIS21", thread),
        *_people(),
        _relatives(make),
        moment(FIRST, "Admission", ADMITTED),
        moment(SECOND, "ExpectedEndOfTreatment", DISCHARGED),
        moment(FIRST, "AgreedDischarge", DISCHARGED),
        SECOND("AgreedDischargeComment", "Tidspunktet er aftalt med hjemmeplejen."),
        *fields(FIRST, CauseOfAdmission="Planlagt indlæggelse.", ExpectedCourseOfAdmission="Tre uger", RiskOfContagion="Ingen"),
        make("DietFirst24Hours", *fields(make, LunchBox="1", ShoppingAtDischarge="0")),
        make("FurtherCoordination", *needs, make("DischargeConference", *conference)),
        make(
            "ExpectedAbilityToFunctionAtDischarge",
            make("LastModifiedDate", "2026-11-21"),
            make("AbilityToFunctionElements", ability),
        ),
        make("NursingProblemAreas", _problem_area(make, "A-00003", "Ernæring", "Spiser selv.\nDrikker for lidt.")),
    )
    return _emessage(make, "KUVXD2134C0001", letter)


def _party(make: ElementMaker, name: str, ids: dict[str, str], code: str, **more: str) -> etree._Element:
    return make(name, *fields(FIRST, **ids), make("IdentifierCode", code), *fields(FIRST, **more))


def _coded(make: ElementMaker, name: str, code: str, kind: str, text: str) -> etree._Element:
    return make(name, *fields(make, Code=code, TypeCode=kind, Text=text))


def rehabilitation_plan() -> bytes:
    """GGOP100."""
    make = _maker(4)
    sender = _party(
        make, "Sender", HOSPITAL, "lokationsnummer", **HOSPITAL_NAME, **ADDRESS, TelephoneSubscriberIdentifier="00000000"
    )
    sender.append(make("SignedBy", *fields(make, **NURSE), *fields(FIRST, TelephoneSubscriberIdentifier="00000000")))
    practice = {"EANIdentifier": "5790000000012", "Identifier": "999999"}
    copy = _party(make, "CCReceiver", practice, "ydernummer", OrganisationName="Lægehuset Prøvevej", **ADDRESS)
    telephone = [*fields(FIRST, TelephoneSubscriberIdentifier="00000000"), make("TelephoneSubscriberCode", "mobil")]
    patient = fields(FIRST, **CPR, **PERSON, **ADDRESS, Occupation="Tømrer")
    contact = make(
        "CurrentHospitalContact",
        make("Start", *fields(make, Date="2026-11-02", Time="21:40")),
        make("ExpectedEnd", *fields(make, Date="2026-11-23", Time="12:00")),
    )
    diagnosis = make("ICD10Diagnose", _coded(make, "PrimaryDiagnosis", "DZ000", "ICD10kode", "Almindelig undersøgelse"))
    icf = make("ICFClassification", _coded(make, "ICFCode", "FB134", "ICFKode", "Søvnfunktioner"))
    letter = make(
        "RehabilitationPlan",
        _header(make, "GGOP100", "GGOP", "GGOP2"),
        sender,
        _party(make, "Receiver", KOMMUNE, "kommunenummer", **KOMMUNE_NAME, **ADDRESS),
        make("GPCCReceiver", copy),
        make("Patient", *patient, make("TelephoneSubscriber", *telephone), make("EmailAddressIdentifier", "test@example.com")),
        make("Relatives", make("Relative", *fields(FIRST, RelationCode="aegtefaelle", PersonSurnameName="Testesen"))),
        *fields(
            make,
            TypeOfRehabilitationPlan="almen",
            InformationForPatientAndRelatives="Planen er gennemgået med borgeren.",
            ConsentInformed="ja",
            RehabilitationDeadline="Senest to uger efter udskrivning",
        ),
        contact,
        FIRST("PatientHealthSummary", "Indlagt i tre uger."),
        make("AbilityAtDischargeSummary", "Går uden hjælpemidler."),
        make("RehabilitationNeedAndPotential", "Styrke og kondition."),
        make("ICD10Diagnoses", diagnosis),
        make("ICFClassifications", icf),
        make("Reference", *fields(make, RefDescription="Anbefalinger", URL="https://example.com/anbefalinger")),
    )
    return _emessage(make, "KUVGGOP1000001", letter)


VALID = {
    "XDIS18-XD1834C": report_of_discharge(),
    "XDIS21-XD2134C": progress_of_care_plan(),
    "GGOP-GGOP100": rehabilitation_plan(),
}


def _fault(name: str, old: str, new: str, what: str, code: str, path: str) -> Fault:
    return Fault(what, code, path, changed(VALID[name], old, new, "UTF-8"))


FAULTY = {
    "XDIS18-XD1834C-fault": _fault(
        "XDIS18-XD1834C",
        "<TypeCode>XDIS18</TypeCode>",
        "<TypeCode>XDIS16</TypeCode>",
        "Brevet er et XDIS18 og siger, at det er et XDIS16.",
        "value-not-in-list",
        "/Emessage/ReportOfDischarge[1]/Letter/TypeCode",
    ),
    "XDIS21-XD2134C-fault": _fault(
        "XDIS21-XD2134C",
        "<m:CivilRegistrationNumber>0101010000<",
        "<m:CivilRegistrationNumber>010101-0000<",
        "CPR-nummeret er skrevet med bindestreg.",
        "value-pattern",
        "/Emessage/ProgressOfCarePlan[1]/Patient/CivilRegistrationNumber",
    ),
    "GGOP-GGOP100-fault": _fault(
        "GGOP-GGOP100",
        "<m:Identifier>779</m:Identifier>",
        "",
        "Modtageren har intet kommunenummer: Identifier mangler.",
        "element-missing",
        "/Emessage/RehabilitationPlan[1]/Receiver",
    ),
}
