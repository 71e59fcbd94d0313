"""The correspondence message XDIS91 in both versions, each with an attachment, and the receipts XCTL01-03 for the first of them."""

from __future__ import annotations

from datetime import timedelta

from lxml import etree
from lxml.builder import ElementMaker

from tests.examples.attachments import PICTURE, PLAN, Attachment
from tests.examples.building import NEW, OLD, Fault, changed, emessage, fields, formatted, maker
from tests.examples.cast import (
    CPR,
    FROM_HOSPITAL_TO_SUPPORT,
    HOME,
    HOSPITAL,
    NAME,
    PSYCHIATRY,
    SENT,
    SUPPORT,
    letter,
    new_letter,
)

_RECEIPTS = maker(OLD.format("2005/08/07"))
_WARD, _BACK = HOSPITAL["EANIdentifier"], SUPPORT["EANIdentifier"]
_VANS = "DKTESTVANS"
_TEXTS = (
    "*Status*\nTove er i ro og klar til at komme hjem i dag.\nHun ønsker selv støtte de første uger.",
    "*Aftaler*\nBostøtten besøger hende første gang på mandag.\nMedicin er udleveret til 7 dage.",
)


def correspondence(make: ElementMaker, version: str, attachment: Attachment) -> bytes:
    """XDIS91: the ward writes to the kommune's support, with the attachment that a binary letter brings."""
    sender, receiver = FROM_HOSPITAL_TO_SUPPORT
    home = {**HOME, "OccupancyText": "Pensionist", "EpisodeOfCareStatusCode": "inaktiv"}
    return emessage(
        make,
        f"K{version}",
        SENT,
        make(
            "ClinicalEmail",
            letter(make, "XDIS91", version, *new_letter(make)),
            make("Sender", *fields(make, **sender, **PSYCHIATRY)),
            make("Receiver", *fields(make, **receiver)),
            make("Patient", *fields(make, CivilRegistrationNumber=CPR, **NAME, **home)),
            make("AdditionalInformation", *fields(make, Priority="høj_prioritet", Subject="Udskrivning")),
            *(make("ClinicalInformation", formatted(make, "Text01", text)) for text in _TEXTS),
            _reference(make, attachment.name, make("BIN", *fields(make, **attachment.described(attachment.identifier.hex)))),
            _reference(make, "Om støtte i hjemmet", make("URL", "https://example.org/stoette")),
        ),
    )


def _reference(make: ElementMaker, description: str, place: etree._Element) -> etree._Element:
    return make("Reference", make("RefDescription", description), place)


def receipt(make: ElementMaker, root: str, code: str, version: str, sender: str, *said: etree._Element) -> bytes:
    """A receipt for the XDIS91 in XD9134L; it asks for none itself. `said` is what stands after the original's parties."""
    return emessage(
        make,
        f"K{version}",
        SENT + timedelta(minutes=2),
        make(
            root,
            make("Letter", *fields(make, Identifier=f"B{version}", VersionCode=version, StatisticalCode=code)),
            _address(make, "Sender", sender),
            _address(make, "Receiver", _WARD),
            make(
                "OriginalEmessage",
                make("OriginalEnvelopeIdentifier", "KXD9134L"),
                _address(make, "OriginalSender", _WARD),
                _address(make, "OriginalReceiver", _BACK),
                *said,
            ),
        ),
        wants_receipt=False,
    )


def _address(make: ElementMaker, name: str, ean: str) -> etree._Element:
    return make(name, make("EANIdentifier", ean))


def _original(make: ElementMaker, *refusal: etree._Element) -> etree._Element:
    named = fields(make, OriginalLetterIdentifier="BXD9134L", OriginalVersionCode="XD9134L")
    return make("OriginalLetter", *named, *refusal)


def _refusal(make: ElementMaker, code: str, text: str) -> list[etree._Element]:
    return [make("RefuseCode", code), formatted(make, "RefuseText", text)]


def negative_vans(make: ElementMaker) -> bytes:
    """XCTL01: the network cannot deliver the envelope."""
    refusal = _refusal(make, "ukendt_lokationsnummer", "Lokationsnummeret er ikke tilsluttet.\nMeddelelsen er ikke leveret.")
    return receipt(make, "NegativeVansReceipt", "XCTL01", "XC0130Q", _VANS, *refusal, _original(make))


def negative(make: ElementMaker) -> bytes:
    """XCTL02: the receiver's system refuses the letter."""
    refusal = _refusal(make, "problem_med_modtagerID", "Enheden tager ikke imod korrespondance.\nBrug enhedens nye adresse.")
    return receipt(make, "NegativeReceipt", "XCTL02", "XC0230Q", _BACK, _original(make, *refusal))


def positive(make: ElementMaker) -> bytes:
    """XCTL03: the receiver's system has the letter."""
    return receipt(make, "PositiveReceipt", "XCTL03", "XC0330Q", _BACK, _original(make))


VALID = {
    "XDIS91-XD9134L": correspondence(maker(OLD.format("2006/07/01")), "XD9134L", PLAN),
    "XDIS91-XD9135L": correspondence(maker(NEW.format("2015/08/01")), "XD9135L", PICTURE),
    "XCTL01-XC0130Q": negative_vans(_RECEIPTS),
    "XCTL02-XC0230Q": negative(_RECEIPTS),
    "XCTL03-XC0330Q": positive(_RECEIPTS),
}
FAULTY = {
    "XDIS91-XD9134L-fault": Fault(
        "Prioriteten er skrevet uden ø",
        "value-not-in-list",
        "/Emessage/ClinicalEmail[1]/AdditionalInformation/Priority",
        changed(VALID["XDIS91-XD9134L"], "høj_prioritet", "hoej_prioritet"),
    ),
    "XDIS91-XD9135L-fault": Fault(
        "Fed og kursiv ligger i hinanden; formatering må ikke indlejres",
        "element-unexpected",
        "/Emessage/ClinicalEmail[1]/ClinicalInformation[1]/Text01/Bold/Italic",
        changed(VALID["XDIS91-XD9135L"], "<Bold>Status</Bold>", "<Bold><Italic>Status</Italic></Bold>"),
    ),
    "XCTL01-XC0130Q-fault": Fault(
        "En kvittering har ingen TypeCode",
        "element-unexpected",
        "/Emessage/NegativeVansReceipt[1]/Letter/TypeCode",
        changed(
            VALID["XCTL01-XC0130Q"], "XCTL01</StatisticalCode>", "XCTL01</StatisticalCode>\n      <TypeCode>XCTL01</TypeCode>"
        ),
    ),
    "XCTL02-XC0230Q-fault": Fault(
        "Årsagen er ikke en af de fem koder: modtagerID skal have store bogstaver til sidst",
        "value-not-in-list",
        "/Emessage/NegativeReceipt[1]/OriginalEmessage/OriginalLetter/RefuseCode",
        changed(VALID["XCTL02-XC0230Q"], "problem_med_modtagerID", "problem_med_modtagerid"),
    ),
    "XCTL03-XC0330Q-fault": Fault(
        "En positiv kvittering kan ikke afvise noget: der skal to kvitteringer til",
        "element-unexpected",
        "/Emessage/PositiveReceipt[1]/OriginalEmessage/OriginalLetter/RefuseCode",
        changed(
            VALID["XCTL03-XC0330Q"],
            "XD9134L</OriginalVersionCode>",
            "XD9134L</OriginalVersionCode>\n          <RefuseCode>ikke_specificeret</RefuseCode>",
        ),
    ),
}
