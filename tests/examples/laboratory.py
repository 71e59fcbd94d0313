"""Laboratory requests (XREQ01) and reports (XRPT01): a kommune's rusmiddelcenter asks a hospital's laboratory, and is answered."""

from __future__ import annotations

from datetime import datetime

from lxml import etree
from lxml.builder import ElementMaker

from tests.examples.building import NEW, OLD, Fault, changed, emessage, fields, formatted, maker, moment

SENT = datetime.fromisoformat("2026-11-21T08:30")
SAMPLED = datetime.fromisoformat("2026-11-21T07:45")
ANSWERED = datetime.fromisoformat("2026-11-21T13:05")
CENTRE = {"EANIdentifier": "5790009911739", "Identifier": "5790009911739", "IdentifierCode": "lokationsnummer"}
LABORATORY = {"EANIdentifier": "5790009920014", "Identifier": "5790009920014", "IdentifierCode": "lokationsnummer"}
CENTRE_NAME = {
    "OrganisationName": "Skive Kommune",
    "DepartmentName": "Social og Psykiatri",
    "UnitName": "Rusmiddelcenter (test)",
}
LABORATORY_NAME = {"OrganisationName": "Testhospitalet", "DepartmentName": "Blodprøver og Biokemi", "UnitName": "Analysehallen"}
ADDRESS = {"StreetName": "Prøvevej 1", "SuburbName": "Prøveby", "DistrictName": "Skive", "PostCodeIdentifier": "7800"}
PERSON = {"PersonSurnameName": "Testesen", "PersonGivenName": "Test Æblegrød"}

# Code, short name, and what it is called in full; the codes are of the Danish NPU terminology.
HAEMOGLOBIN = ("NPU02319", "Hæmoglobin;B", "Hæmoglobin;B (stofkonc.)")
POTASSIUM = ("NPU03230", "Kalium;P", "Kalium;P (stofkonc.)")
CRP = ("NPU19748", "CRP;P", "C-reaktivt protein;P (massekonc.)")


def _header(make: ElementMaker, identifier: str, version: str, code: str, at: datetime) -> etree._Element:
    return make(
        "Letter",
        *fields(make, Identifier=identifier, VersionCode=version, StatisticalCode=code),
        moment(make, "Authorisation", at),
        *fields(make, TypeCode=code),
    )


def _physician(make: ElementMaker) -> etree._Element:
    return make("Physician", make("PersonInitials", "TTE"))


def _file_reference(make: ElementMaker, object_id: str) -> etree._Element:
    object_fields = {"ObjectIdentifier": object_id, "ObjectCode": "vektor_grafik", "ObjectExtensionCode": "pdf"}
    binary = make("BIN", *fields(make, **object_fields, OriginalObjectSize="20480"))
    return make("Reference", make("RefDescription", "Vejledning til prøvetagning"), binary)


# ---- requests


def _requester(make: ElementMaker, *rest: etree._Element) -> etree._Element:
    telephone = fields(make, TelephoneSubscriberIdentifier="00000000", MedicalSpecialityCode="blandet")
    return make("Sender", *fields(make, **CENTRE, **CENTRE_NAME, **ADDRESS), *telephone, _physician(make), *rest)


def _copy_and_payer(make: ElementMaker, **account: str) -> list[etree._Element]:
    receiver = make("Receiver", *fields(make, **LABORATORY, **LABORATORY_NAME))
    practice = {"Identifier": "999999", "IdentifierCode": "ydernummer", "OrganisationName": "Lægehuset Prøvevej"}
    payer = make("Payer", *fields(make, PayersTypeCode="anden", OrganisationName="Skive Kommune", **account))
    return [receiver, make("CCReceiver", *fields(make, **practice)), payer]


def _request_patient(make: ElementMaker) -> etree._Element:
    rest = fields(make, TelephoneSubscriberIdentifier="00000000")
    person = fields(make, CivilRegistrationNumber="0101010000", **PERSON, **ADDRESS)
    return make("Patient", *person, *rest, make("Consent", make("Given", "true")))


def _information(make: ElementMaker, place: list[etree._Element], sample: list[etree._Element]) -> etree._Element:
    return make(
        "RequisitionInformation",
        moment(make, "RequisitionDateTime", SENT),
        *place,
        make("SamplingDateTimeType", "faktisk"),
        moment(make, "SamplingDateTime", SAMPLED),
        make("Sample", make("RequesterSampleIdentifier", "PRV000000000001"), *sample),
        make("NumberOfTestTubes", "2"),
        formatted(make, "ClinicalInformation", "Kontrol under behandling.\nFastende siden midnat."),
        formatted(make, "Comments", "Svar ønskes samme dag."),
        make("CarbonCopyReceiver", "Lægehuset Prøvevej"),
    )


def _coding(make: ElementMaker, code: str) -> list[etree._Element]:
    return fields(make, AnalysisCode=code, AnalysisCodeType="iupac", AnalysisCodeResponsible="SST")


def _analysis(make: ElementMaker, code: str, short: str) -> etree._Element:
    comment = make("LineComment", make("TextLine", "Venøst blod"), make("TextLine", "Rør med lilla prop"))
    return make("Analysis", *_coding(make, code), make("AnalysisShortName", short), comment)


def _tube(make: ElementMaker, number: str) -> list[etree._Element]:
    return fields(make, TestTubeIdentifier=number, SampleIdentifierType="nationaltproevenummer")


def _question(make: ElementMaker, code: str, text: str, *rest: etree._Element) -> etree._Element:
    return make("Question", *fields(make, Code=code, CodeType="lokal", CodeResponsible="TST", CodeText=text), *rest)


def request_0130() -> bytes:
    """XQ0130K."""
    make = maker(OLD.format("2005/08/07"))
    collector = {"Identifier": "999999", "IdentifierCode": "ydernummer", "OrganisationName": "Lægehuset Prøvevej"}
    dose = make("Numerical", *fields(make, Value="10", Unit="mg"))
    prompts = [
        make("Prompt", make("Question", "Medicin?"), make("Answer", make("Text", "Ja, fast"))),
        make("Prompt", make("Question", "Dosis?"), make("Answer", dose)),
        make("Prompt", make("Question", "Diagnose?"), make("Answer", make("DiagnoseCode", "DZ000"))),
        make("Prompt", make("Question", "Seneste dosis?"), make("Answer", moment(make, "DateTime", SAMPLED))),
    ]
    analyses = [
        make("RequestedAnalysis", make("ResultPriority", priority), make("Analysis", *_coding(make, code)))
        for priority, (code, _, _) in (("straks", HAEMOGLOBIN), ("rutine", POTASSIUM))
    ]
    letter = make(
        "LaboratoryRequest",
        _header(make, "REKV0130000001", "XQ0130K", "XREQ01", SENT),
        _requester(make),
        *_copy_and_payer(make),
        make("Collector", *fields(make, **collector), _physician(make)),
        _request_patient(make),
        _information(
            make, [make("SamplingLocationCode", "rekvirenten")], [_file_reference(make, "0123456789ABCDEF0123456789ABCDEF")]
        ),
        make("Requests", *analyses, *prompts),
    )
    return emessage(make, "KUVREQ01300001", SENT, letter)


def request_0131() -> bytes:
    """XQ0131K."""
    make = maker(OLD.format("2006/07/01"))
    original = {"Identifier": "999999", "IdentifierCode": "ydernummer", "OrganisationName": "Lægehuset Prøvevej"}
    place = [make("SamplingLocationCode", "laboratoriet_eksternt"), formatted(make, "SamplingLocation", "Prøvevej 1\nStuen")]
    numbered = fields(make, SampleIdentifierType="nationaltproevenummer", OriginalRequesterSampleIdentifier="PRV000000000000")
    site = fields(make, SampleLocation="Venstre albuebøjning", SampleMaterial="Fuldblod")
    analysis = make(
        "RequestedAnalysis",
        make("ResultPriority", "telefonsvar"),
        _analysis(make, *HAEMOGLOBIN[:2]),
        *site,
        *_tube(make, "99999999999901"),
    )
    answer = make("Answer", make("Numerical", "10.5"))
    letter = make(
        "LaboratoryRequest",
        _header(make, "REKV0131000001", "XQ0131K", "XREQ01", SENT),
        _requester(make, make("ReplyTo", "true")),
        make("OriginalRequester", *fields(make, **original, **ADDRESS, ReplyTo="false")),
        *_copy_and_payer(make, OrderIdentifier="ORDRE 1", AccountIdentifier="KONTO 1"),
        _request_patient(make),
        _information(make, place, [*numbered, _file_reference(make, "0123456789ABCDEF0123456789ABCDEF")]),
        make("Requests", analysis, make("Prompt", _question(make, "DOSIS", "Dosis i mg?"), answer)),
    )
    return emessage(make, "KUVREQ01310001", SENT, letter)


def request_0132() -> bytes:
    """XQ0132K."""
    make = maker(NEW.format("2017/02/17"))
    mother = {"RelationCode": "mor", "PersonSurnameName": "Testesen", "PersonGivenName": "Moder", "RelationText": "Forælder"}
    numbered = fields(
        make,
        SampleIdentifierType="nationaltproevenummer",
        OriginalRequesterSampleIdentifier="PRV000000000000",
        OriginalSampleIdentifierType="nationaltproevenummer",
    )
    analysis = make(
        "RequestedAnalysis",
        make("ResultPriority", "pakkeforloeb"),
        _analysis(make, *CRP[:2]),
        moment(make, "AnswerAtLatestDateTime", ANSWERED),
        *fields(make, SampleLocation="Venstre albuebøjning", SampleMaterialType="Blod", SampleMaterial="Plasma"),
        *_tube(make, "99999999999902"),
    )
    relation = make("Relation", *fields(make, AnalysisCode=CRP[0], SampleIdentifier="PRV000000000001"))
    fasting = make("Prompt", _question(make, "FASTE", "Fastende?", relation), make("Answer", make("Logical", "true")))
    letter = make(
        "LaboratoryRequest",
        _header(make, "REKV0132000001", "XQ0132K", "XREQ01", SENT),
        _requester(make, make("ReplyTo", "true")),
        *_copy_and_payer(make, OrderIdentifier="ORDRE 1", AccountIdentifier="KONTO 1"),
        make("Collector", make("UnitName", "Kørende prøvetagning"), _physician(make)),
        _request_patient(make),
        make("Relative", *fields(make, **mother)),
        _information(
            make,
            [make("SamplingLocationCode", "patienten"), formatted(make, "SamplingLocation", "Ring på nederste klokke")],
            [*numbered, _file_reference(make, "01234567-89ab-cdef-0123-456789abcdef")],
        ),
        make("Requests", analysis, fasting),
    )
    return emessage(make, "KUVREQ01320001", SENT, letter)


# ---- reports


def _sample(make: ElementMaker) -> etree._Element:
    return make(
        "Sample",
        *fields(make, LaboratoryInternalSampleIdentifier="LAB00000000000000001", RequesterSampleIdentifier="PRV000000000001"),
        moment(make, "SamplingDateTime", SAMPLED),
        *fields(make, Volume="6", UnitOfVolume="mL"),
        make("SamplingInterval", moment(make, "StartDateTime", SAMPLED), moment(make, "EndDateTime", SENT)),
    )


def _reported(make: ElementMaker, status: str, analysis: tuple[str, str, str], *rest: etree._Element) -> etree._Element:
    code, short, complete = analysis
    group = make("RequisitionGroup", *fields(make, Identifier="GRUPPE1", IdentifierResponsible="TST", Name="Blodprøver"))
    named = [make("AnalysisShortName", short), formatted(make, "AnalysisCompleteName", complete)]
    producer = make("ProducerOfLabResult", *fields(make, Identifier="Blodprøver og Biokemi", IdentifierCode="TST"))
    described = make("Analysis", *_coding(make, code), *named, group, make("Order", "1"))
    return make("Result", make("ResultStatusCode", status), described, producer, *rest)


def _results(make: ElementMaker, object_id: str, *last: etree._Element) -> list[etree._Element]:
    limits = fields(make, TypeOfInterval="fysiologisk", LowerLimit="7.3", UpperLimit="9.5", IntervalText="Kvinder over 18 år")
    low = fields(make, ResultType="numerisk", Value="6.1", Unit="mmol/L", ResultValidation="for_lav")
    below = fields(make, ResultType="numerisk", Operator="mindre_end", Value="4.0", Unit="mg/L")
    said = [
        formatted(make, "ResultTextValue", "Prøven var\n*let hæmolyseret*"),
        formatted(make, "ResultComments", "Kontrol anbefales."),
    ]
    interval = make("ReferenceInterval", *limits)
    first = _reported(make, "svar_endeligt", HAEMOGLOBIN, interval, *low, *said, _file_reference(make, object_id), *last)
    return [first, _reported(make, "svar_midlertidigt", CRP, *below)]


def _report(
    make: ElementMaker,
    header: etree._Element,
    *,
    sender: list[etree._Element],
    consent: list[etree._Element],
    status: list[etree._Element],
    results: list[etree._Element],
) -> etree._Element:
    local = {"EANIdentifier": "5790009920014", "Identifier": "KBA", "IdentifierLocal": "TST"}
    practice = {"Identifier": "999999", "IdentifierCode": "ydernummer", "OrganisationName": "Lægehuset Prøvevej"}
    production = [*status, make("LaboratoryInternalProductionIdentifier", "PROD1"), moment(make, "ResultsDateTime", ANSWERED)]
    return make(
        "LaboratoryReport",
        header,
        make("Sender", *fields(make, **local, **LABORATORY_NAME, MedicalSpecialityCode="klin_biokemi"), *sender),
        make("Receiver", *fields(make, **CENTRE, **CENTRE_NAME, **ADDRESS), _physician(make)),
        make("CCReceiver", *fields(make, **practice)),
        make("Patient", *fields(make, CivilRegistrationNumber="0101010000", **PERSON), *consent),
        make(
            "RequisitionInformation",
            formatted(make, "Comments", "Modtaget i rør uden etiket;\nidentiteten er bekræftet."),
            _sample(make),
        ),
        make("LaboratoryResults", make("GeneralResultInformation", *production), *results),
    )


def report_0130() -> bytes:
    """XR0130K."""
    make = maker(OLD.format("2007/02/01"))
    header = _header(make, "SVAR0130000001", "XR0130K", "XRPT01", ANSWERED)
    results = _results(make, "0123456789ABCDEF0123456789ABCDEF")
    return emessage(make, "KUVRPT01300001", ANSWERED, _report(make, header, sender=[], consent=[], status=[], results=results))


def report_0131() -> bytes:
    """XR0131K."""
    make = maker(NEW.format("2014/10/08"))
    header = _header(make, "SVAR0131000001", "XR0131K", "XRPT01", ANSWERED)
    letter = _report(
        make,
        header,
        sender=[make("FromLabIdentifier", "KBA")],
        consent=[make("Consent", make("Given", "true"))],
        status=[make("ReportStatusCode", "del_svar")],
        results=_results(make, "01234567-89ab-cdef-0123-456789abcdef", make("ToLabIdentifier", "KMA")),
    )
    return emessage(make, "KUVRPT01310001", ANSWERED, letter)


VALID = {
    "XREQ01-XQ0130K": request_0130(),
    "XREQ01-XQ0131K": request_0131(),
    "XREQ01-XQ0132K": request_0132(),
    "XRPT01-XR0130K": report_0130(),
    "XRPT01-XR0131K": report_0131(),
}


def _fault(name: str, old: str, new: str, what: str, code: str, path: str) -> Fault:
    return Fault(what, code, path, changed(VALID[name], old, new))


_ANALYSES = "/Emessage/LaboratoryRequest[1]/Requests/RequestedAnalysis"
_RESULTS = "/Emessage/LaboratoryReport[1]/LaboratoryResults/Result[1]"
FAULTY = {
    "XREQ01-XQ0130K-fault": _fault(
        "XREQ01-XQ0130K",
        "<NumberOfTestTubes>2<",
        "<NumberOfTestTubes>0<",
        "Antallet af prøveglas er 0; i XQ0130K skal der være mindst ét.",
        "value-number",
        "/Emessage/LaboratoryRequest[1]/RequisitionInformation/NumberOfTestTubes",
    ),
    "XREQ01-XQ0131K-fault": _fault(
        "XREQ01-XQ0131K",
        "<ResultPriority>telefonsvar<",
        "<ResultPriority>akut<",
        "Hastegraden akut findes ikke; den hedder straks.",
        "value-not-in-list",
        f"{_ANALYSES}/ResultPriority",
    ),
    "XREQ01-XQ0132K-fault": _fault(
        "XREQ01-XQ0132K",
        "01234567-89ab-cdef-0123-456789abcdef",
        "VEJLEDNING-1",
        "Henvisningen til den vedhæftede fil er intet UUID.",
        "value-pattern",
        "/Emessage/LaboratoryRequest[1]/RequisitionInformation/Sample/Reference/BIN/ObjectIdentifier",
    ),
    "XRPT01-XR0130K-fault": _fault(
        "XRPT01-XR0130K",
        "<Value>6.1<",
        "<Value>6.1 (gentaget analyse)<",
        "Resultatet er over 12 tegn; bemærkningen hører til i ResultComments.",
        "value-too-long",
        f"{_RESULTS}/Value",
    ),
    "XRPT01-XR0131K-fault": _fault(
        "XRPT01-XR0131K",
        "<ReportStatusCode>del_svar</ReportStatusCode>",
        "",
        "Det siges ikke, om svaret er delvist eller komplet: ReportStatusCode mangler.",
        "element-missing",
        "/Emessage/LaboratoryReport[1]/LaboratoryResults/GeneralResultInformation",
    ),
}
