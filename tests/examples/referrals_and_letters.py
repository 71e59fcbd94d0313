"""Referrals to hospital and kommune, and the letters that answer them: XREF01, XREF15, XREF22, XDIS01, XDIS15 and XDIS22."""

from __future__ import annotations

from datetime import datetime

from lxml import etree
from lxml.builder import ElementMaker

from tests.examples import cast
from tests.examples.building import NEW, OLD, Fault, changed, emessage, fields, formatted, maker, moment
from tests.examples.episode import (
    ACUTE_TEAM,
    HOSPITAL,
    PRACTICE,
    REFERRED,
    SUPPORT,
    TRAINERS,
    caller,
    coded,
    contact,
    copy_to,
    patient,
    receiver,
    references,
    referrer,
    relative,
    sender,
    telephones,
)


def _letter(make: ElementMaker, code: str, version: str, *episode: etree._Element, at: datetime = cast.SENT) -> etree._Element:
    """The header of a new letter, in the case's episode where no other is given."""
    named = episode or fields(make, EpisodeOfCareIdentifier=cast.EPISODE)
    header = cast.letter(make, code, version, *fields(make, StatusCode="nytbrev"), *named)
    header.replace(header.find("{*}Authorisation"), moment(make, "Authorisation", at))
    return header


def _discharge_letter(namespace: str, version: str) -> bytes:
    """XDIS01: a hospital tells the practice how the admission went. XD0134L also says who must act, and how soon."""
    make = maker(namespace)
    advised = version == "XD0134L"
    advice = "*Egen læge bedes*\nKontrollere Se-lithium om 14 dage\nFølge op på søvn og stemning"
    diagnoses = make(
        "Diagnose",
        make("Main", *fields(make, DiagnoseCode="DF322", DiagnoseText="Depressiv enkeltepisode af svær grad")),
        make("MainAdditional", *fields(make, DiagnoseCode="DZ032", DiagnoseText="Observation pga mistanke om psykisk sygdom")),
        coded(make, "Other", "DE039", "Hypotyreose UNS", "bidiagnose"),
    )
    diagnoses[-1].append(moment(make, "DiagnoseDateTime", cast.ADMITTED))
    letter = make(
        "DischargeLetter",
        _letter(make, "XDIS01", version),
        sender(make, HOSPITAL, contact(make, HOSPITAL)),
        receiver(make, PRACTICE),
        copy_to(make, "CCReceiver", SUPPORT),
        patient(make, EpisodeOfCareStatusCode="indlagt"),
        relative(make, "barn", *fields(make, **cast.HOME)),
        make(
            "Referral",
            *fields(make, Identifier="BXH0131R"),
            moment(make, "Received", REFERRED),
            coded(make, "Refer", "DF329", "Depressiv enkeltepisode UNS"),
            coded(make, "ReferalAdditional", "DR634", "Abnormt vægttab"),
        ),
        moment(make, "Admission", cast.ADMITTED),
        moment(make, "Discharge", cast.DISCHARGED),
        *([make("ActionPriority", *fields(make, ActionPriorityCode="Subakut"))] if advised else []),
        diagnoses,
        *([make("RecommendedAction", formatted(make, "Recommendation", advice))] if advised else []),
        make(
            "ClinicalInformation",
            moment(make, "Signed", cast.DISCHARGED),
            formatted(
                make, "Text01", "*Forløb*\nIndlagt til udredning. Bedring under behandling.\n*Plan*\nUdskrevet til eget hjem."
            ),
        ),
        *references(make),
    )
    return emessage(make, f"K{version}", cast.SENT, letter)


def _hospital_referral(namespace: str, version: str) -> bytes:
    """XREF01: a practice refers to a hospital. XH0131R also says of what kind the episode is, and of the choice of hospital."""
    make = maker(namespace)
    newer = version == "XH0131R"
    kind = {"kind": "henv_diagnose_ny_sygdom"} if newer else {}
    episode = (
        [make("EpisodeOfCare", *fields(make, EpisodeOfCareType="henvisning", EpisodeOfCareIdentifier=cast.EPISODE))]
        if newer
        else []
    )
    letter = make(
        "HospitalReferral",
        _letter(make, "XREF01", version, *episode, at=REFERRED),
        sender(make, PRACTICE, referrer(make, PRACTICE)),
        receiver(make, HOSPITAL),
        copy_to(make, "AnswerCCReceiver", SUPPORT, TelephoneSubscriberIdentifier="00000003"),
        caller(make),
        relative(make, "far"),
        make(
            "AdditionalInformation",
            *fields(make, Priority="akut", ReferralStatus="indlaeggelse", Transport="siddende"),
            formatted(make, "Supplementary", "Ønsker at blive ringet op inden kl. 12."),
            formatted(make, "ClinicalReason", "Tiltagende nedtrykthed gennem to måneder. Bedes vurderet."),
            *(fields(make, HospitalChoice="ALDB00") if newer else []),
        ),
        make(
            "Referral",
            coded(make, "Refer", "DF329", "Depressiv enkeltepisode UNS", **kind),
            coded(make, "ReferralAdditional", "", "Vægttab og søvnløshed", "bidiagnose"),
        ),
        make(
            "RelevantClinicalInformation",
            formatted(make, "Cave", "*CAVE* ingen kendte"),
            formatted(make, "Anamnesis", "Tidligere rask. Bor alene.\nSøvnløs de sidste tre uger."),
            formatted(make, "Examination", "Vågen, klar og orienteret."),
            formatted(make, "ActualMedicine", "Fremgår af Fælles Medicinkort."),
        ),
        *references(make),
        make(
            "HospitalVisitation", *fields(make, InformationCode="visitering"), formatted(make, "Information", "Indkaldes akut.")
        ),
    )
    return emessage(make, f"K{version}", REFERRED, letter)


def _municipality_referral(namespace: str, version: str) -> bytes:
    """XREF15: a practice refers to a kommune. XH1531R names the category that the case belongs to."""
    make = maker(namespace)
    newer = version == "XH1531R"
    letter = make(
        "MunicipalityReferral",
        _letter(make, "XREF15", version, at=REFERRED),
        sender(make, PRACTICE, referrer(make, PRACTICE)),
        receiver(make, SUPPORT if newer else TRAINERS),
        copy_to(make, "AnswerCCReceiver", HOSPITAL, TelephoneSubscriberIdentifier="00000003"),
        caller(make),
        relative(make, "datter"),
        make(
            "Referral",
            coded(make, "Refer", "DF329" if newer else "", "Depressiv enkeltepisode UNS"),
            coded(make, "ReferralAdditional", "DZ602", "Alene-boende", "bidiagnose"),
        ),
        make(
            "RelevantClinicalInformation",
            *(fields(make, CategoryCode="social") if newer else []),
            formatted(make, "Anamnesis", "*Ønske*\nMotion på recept og samtaler om struktur i hverdagen.\nEr motiveret."),
        ),
        *references(make),
        make(
            "MunicipalityVisitation",
            *fields(make, InformationCode="egen_laege"),
            formatted(make, "Information", "Har bostøtte."),
        ),
    )
    return emessage(make, f"K{version}", REFERRED, letter)


def _municipality_letter(namespace: str, version: str) -> bytes:
    """XDIS15: the kommune tells the practice how the course went. XD1531L names the category that the case belongs to."""
    make = maker(namespace)
    newer = version == "XD1531L"
    who = SUPPORT if newer else TRAINERS
    signed = make("Signed", *fields(make, Date="2026-11-20", SignedBy="Test Testesen", JobTitle="Forebyggelseskonsulent"))
    letter = make(
        "MunicipalityLetter",
        _letter(make, "XDIS15", version),
        sender(make, who, *fields(make, SpecialityName=who["DepartmentName"]), contact(make, who)),
        receiver(make, PRACTICE),
        copy_to(make, "CCReceiver", HOSPITAL),
        patient(make),
        relative(make, "soen", *fields(make, **cast.HOME)),
        make(
            "Referral",
            *fields(make, Identifier="BXH1531R"),
            moment(make, "Received", REFERRED),
            coded(make, "Refer", "DF329" if newer else "", "Depressiv enkeltepisode UNS"),
            coded(make, "ReferralAdditional", "", "Bor alene", "bidiagnose"),
        ),
        moment(make, "Admission", cast.ADMITTED),
        moment(make, "Discharge", cast.DISCHARGED),
        make(
            "ClinicalInformation",
            *(fields(make, CategoryCode="social") if newer else []),
            signed,
            formatted(make, "Text01", "*Forløb*\nHar deltaget i otte af ti samtaler.\n*Aftale*\nFortsætter på eget hold."),
        ),
        *references(make),
    )
    return emessage(make, f"K{version}", cast.SENT, letter)


def _emergency_referral(namespace: str, version: str) -> bytes:
    """XREF22: a hospital asks a kommune's acute team to take over."""
    make = maker(namespace)
    letter = make(
        "EmergencyMunicipalityReferral",
        _letter(make, "XREF22", version),
        sender(make, HOSPITAL, referrer(make, HOSPITAL)),
        receiver(make, ACUTE_TEAM),
        copy_to(make, "AnswerCCReceiver", PRACTICE, TelephoneSubscriberIdentifier="00000003"),
        caller(make),
        relative(make, "aegtefaelle", *telephones(make)),
        make(
            "Referral",
            coded(make, "Refer", "DE869", "Dehydrering"),
            coded(make, "ReferralAdditional", "DF322", "Depressiv enkeltepisode af svær grad", "bidiagnose"),
        ),
        make(
            "RelevantClinicalInformation",
            formatted(make, "Anamnesis", "Bedes set i hjemmet i aften.\n*Observér*\nVæske, blodtryk og puls hver 8. time."),
        ),
        *references(make),
        make(
            "MunicipalityVisitation",
            *fields(make, InformationCode="visitering"),
            formatted(make, "Information", "Nøgleboks: nej."),
        ),
    )
    return emessage(make, f"K{version}", cast.SENT, letter)


def _emergency_letter(namespace: str, version: str) -> bytes:
    """XDIS22: the acute team tells the practice that its course is over."""
    make = maker(namespace)
    signed = make("Signed", *fields(make, Date="2026-11-20", SignedBy="Test Testesen", JobTitle="Akutsygeplejerske"))
    letter = make(
        "EmergencyMunicipalityLetter",
        _letter(make, "XDIS22", version),
        sender(make, ACUTE_TEAM, contact(make, ACUTE_TEAM)),
        receiver(make, PRACTICE),
        copy_to(make, "CCReceiver", HOSPITAL),
        patient(make),
        relative(make, "samlevende", *telephones(make), *fields(make, **cast.HOME)),
        make(
            "Referral",
            *fields(make, Identifier="BXH2230R"),
            moment(make, "Received", REFERRED),
            coded(make, "Refer", "DE869", "Dehydrering"),
            coded(make, "ReferralAdditional", "DF322", "Depressiv enkeltepisode af svær grad"),
        ),
        moment(make, "Admission", cast.ADMITTED),
        moment(make, "Discharge", cast.DISCHARGED),
        make(
            "ClinicalInformation",
            signed,
            formatted(
                make, "Text01", "*Forløb*\nSet fire gange i hjemmet. Væsketal i orden.\n*Aftale*\nAfsluttes til egen læge."
            ),
        ),
        *references(make),
    )
    return emessage(make, f"K{version}", cast.SENT, letter)


VALID: dict[str, bytes] = {
    "XDIS01-XD0133L": _discharge_letter(OLD.format("2005/08/07"), "XD0133L"),
    "XDIS01-XD0134L": _discharge_letter(NEW.format("2018/08/06"), "XD0134L"),
    "XDIS15-XD1530L": _municipality_letter(NEW.format("2016/12/01"), "XD1530L"),
    "XDIS15-XD1531L": _municipality_letter(NEW.format("2020/05/06"), "XD1531L"),
    "XDIS22-XD2230L": _emergency_letter(NEW.format("2019/03/31"), "XD2230L"),
    "XREF01-XH0130R": _hospital_referral(OLD.format("2005/08/07"), "XH0130R"),
    "XREF01-XH0131R": _hospital_referral(NEW.format("2017/05/01"), "XH0131R"),
    "XREF15-XH1530R": _municipality_referral(NEW.format("2016/12/01"), "XH1530R"),
    "XREF15-XH1531R": _municipality_referral(NEW.format("2020/05/06"), "XH1531R"),
    "XREF22-XH2230R": _emergency_referral(NEW.format("2019/03/31"), "XH2230R"),
}


def _fault(what: str, code: str, path: str, name: str, old: str, new: str) -> Fault:
    return Fault(what, code, path, changed(VALID[name], old, new))


FAULTY: dict[str, Fault] = {
    "XDIS01-XD0133L-fault": _fault(
        "A relative is a son, as in the kommuner's letters; here a child is a child.",
        "value-not-in-list",
        "Relative/RelationCode",
        "XDIS01-XD0133L",
        "<RelationCode>barn<",
        "<RelationCode>soen<",
    ),
    "XDIS01-XD0134L-fault": _fault(
        "The priority is in lower case.",
        "value-not-in-list",
        "ActionPriority/ActionPriorityCode",
        "XDIS01-XD0134L",
        "<ActionPriorityCode>Subakut<",
        "<ActionPriorityCode>subakut<",
    ),
    "XDIS15-XD1530L-fault": _fault(
        "The sender's SpecialityName is missing, which other letters do not have.",
        "element-missing",
        "Sender",
        "XDIS15-XD1530L",
        "<SpecialityName>Træning og aktivitet</SpecialityName>",
        "",
    ),
    "XDIS15-XD1531L-fault": _fault(
        "The category is missing, as in XD1530L.",
        "element-missing",
        "ClinicalInformation",
        "XDIS15-XD1531L",
        "<CategoryCode>social</CategoryCode>",
        "",
    ),
    "XDIS22-XD2230L-fault": _fault(
        "Who signed has no job title.",
        "element-missing",
        "ClinicalInformation/Signed",
        "XDIS22-XD2230L",
        "<JobTitle>Akutsygeplejerske</JobTitle>",
        "",
    ),
    "XREF01-XH0130R-fault": _fault(
        "The patient is to be seen at home, which only XH0131R can say.",
        "value-not-in-list",
        "AdditionalInformation/ReferralStatus",
        "XREF01-XH0130R",
        "<ReferralStatus>indlaeggelse<",
        "<ReferralStatus>hjemmet<",
    ),
    "XREF01-XH0131R-fault": _fault(
        "The diagnosis does not say of what kind it is, as in XH0130R.",
        "element-missing",
        "Referral/Refer",
        "XREF01-XH0131R",
        "<DiagnoseDescriptionCode>henv_diagnose_ny_sygdom</DiagnoseDescriptionCode>",
        "",
    ),
    "XREF15-XH1530R-fault": _fault(
        "The episode is missing, which XDIS15 is to answer with.",
        "element-missing",
        "Letter",
        "XREF15-XH1530R",
        f"<EpisodeOfCareIdentifier>{cast.EPISODE}</EpisodeOfCareIdentifier>",
        "",
    ),
    "XREF15-XH1531R-fault": _fault(
        "The receiving department is missing, without which nobody in the kommune can be found.",
        "element-missing",
        "Receiver",
        "XREF15-XH1531R",
        "<DepartmentName>Social og Psykiatri</DepartmentName>",
        "",
    ),
    "XREF22-XH2230R-fault": _fault(
        "A letter that corrects another: a new one must be sent instead.",
        "value-not-in-list",
        "Letter/StatusCode",
        "XREF22-XH2230R",
        "<StatusCode>nytbrev<",
        "<StatusCode>rettetbrev<",
    ),
}
