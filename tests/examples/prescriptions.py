"""XPRE60: a kommune's staff ask the practice for prescriptions on a person's behalf."""

from __future__ import annotations

from lxml import etree
from lxml.builder import ElementMaker

from tests.examples.building import OLD, Fault, changed, emessage, fields, maker
from tests.examples.cast import CPR, HOME_CARE, NAME, PRACTICE, SENT, SKIVE, letter

_MAKE = maker(OLD.format("2005/08/07"))


def prescription_request(make: ElementMaker) -> bytes:
    """Two drugs, one of them in weekly doses, to be sent to the person from a pharmacy."""
    return emessage(
        make,
        "KXR6031W",
        SENT,
        make(
            "PrescriptionRequest",
            letter(make, "XPRE60", "XR6031W", seconds=True),
            *_parties(make),
            _patient(make),
            _information(make),
            _packed(make),
            _dosed(make),
        ),
    )


def _parties(make: ElementMaker) -> list[etree._Element]:
    care = {**HOME_CARE, "OrganisationName": f"{SKIVE}, Hjemmepleje", "StreetName": "Prøvevej 1", "PostCodeIdentifier": "7800"}
    issuer = {"AuthorisationIdentifier": "000TEST", "TitleAndName": "Læge Test Testesen", "SpecialityCode": "080"}
    return [
        make(
            "Sender",
            *fields(make, **care, TelephoneSubscriberIdentifier="00000000"),
            make("PersonInOrganisation", make("TitleAndName", "Sygeplejerske Tine Testesen")),
            make("AnswerTo", make("EANIdentifier", HOME_CARE["EANIdentifier"])),
        ),
        make(
            "Receiver",
            *fields(make, **PRACTICE, OrganisationName="Testlægerne Skive"),
            make("Issuer", *fields(make, **issuer, Occupation="laege")),
        ),
        make("PreferredPharmacy", *fields(make, EANIdentifier="5790009960010", OrganisationName="Testapoteket (syntetisk)")),
    ]


def _patient(make: ElementMaker) -> etree._Element:
    home = {"StreetName": "Prøvestien 4", "DistrictName": "Skive", "PostCodeIdentifier": "7800", "CountryCode": "DK"}
    more = {"CountyCode": "779", "PatientDateOfBirth": "1901-01-01", "PatientSex": "hunkoen"}
    mail = {"EmailStatus": "midlertidig", "EmailIdentifier": "tove@example.org"}
    known = {"Type": "patient", "CivilRegistrationNumber": CPR}
    return make("PatientOrRelative", *fields(make, **known, **NAME, **home, **more, **mail))


def _information(make: ElementMaker) -> etree._Element:
    system = {"SenderComputerSystem": "Testomsorg 1.0", "MessageStatusCode": "original", "DrugDatabaseVersion": "2026-11-16"}
    delivery = {
        "PriorityOfDelivery": "send_til_anden_adresse_pr_post",
        "StreetName": "Prøvevej 1, 2. sal",
        "PostCodeIdentifier": "7800",
        "ContactName": "Tine Testesen",
    }
    return make(
        "PrescriptionInformation",
        *fields(make, **system),
        make("DoseDispenseInformation", *fields(make, Status="dosisdispensering", CopyRequired="true")),
        *fields(make, OrderInstruction="Udleveres til hjemmeplejen", DeliveryInformation="Ring ved levering"),
        make("Delivery", *fields(make, **delivery)),
    )


def _packed(make: ElementMaker) -> etree._Element:
    drug = {
        "PackageIdentifier": "999998",
        "NameOfDrug": "Prøvolin",
        "DosageForm": "tabletter",
        "PackageSize": "100 stk. (blister)",
        "DrugStrength": "5 mg",
    }
    dosage = {"DosageCode": "1", "DosageText": "1 tablet morgen", "Period": "30", "PeriodUnit": "dag"}
    clauses = {"ReimbursementClause": "klausulbetingelse_opfyldt", "SubstitutionCode": "ikke_substitution"}
    return make(
        "Drug",
        *fields(make, **drug),
        make("Importer", make("ShortName", "Testimport")),
        *fields(make, NumberOfPackings="1", **clauses),
        make("Dosage", *fields(make, **dosage)),
        make("Indication", *fields(make, Code="1", Text="for forhøjet blodtryk")),
        make("Iteration", *fields(make, Number="3", Interval="30", IntervalUnit="dag")),
        make("SupplementaryInformation", "Der er tabletter til fire dage"),
    )


def _dosed(make: ElementMaker) -> etree._Element:
    drug = {"PackageIdentifier": "999999", "NameOfDrug": "Testamid", "DosageForm": "tabletter", "PackageSize": "14 dage"}
    return make(
        "Drug",
        *fields(make, **drug, NumberOfPackings="2"),
        make("Dosage", make("DosageText", "1 tablet til natten")),
        make("Indication", make("Text", "mod uro")),
        make("DoseDispensing", *fields(make, StartDate="2026-11-23", EndDate="2026-12-20")),
    )


VALID = {"XPRE60-XR6031W": prescription_request(_MAKE)}
FAULTY = {
    "XPRE60-XR6031W-fault": Fault(
        "Der bedes om nul pakninger; der skal være mindst én",
        "value-number",
        "/Emessage/PrescriptionRequest[1]/Drug[2]/NumberOfPackings",
        changed(VALID["XPRE60-XR6031W"], "<NumberOfPackings>2<", "<NumberOfPackings>0<"),
    ),
}
