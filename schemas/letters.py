"""A parsed Emessage to values: the envelope, its letters, and what a receipt says.

Reading asks less than the schemas do: whatever is broken elsewhere, an envelope whose ids and parties can be read is read, so
that its sender can be told. Elements are looked up by local name among their siblings, the first one: the municipality family
spreads one letter over several namespaces, and which of them an element belongs in is the schemas' to judge.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from lxml import etree

from schemas.catalogue import Catalogue
from schemas.digest import letter_digest
from schemas.messages import (
    Envelope,
    Letter,
    LetterReference,
    Original,
    Party,
    ReceiptContent,
    ReceiptKind,
    RefuseCode,
)

DANISH_TIME = ZoneInfo("Europe/Copenhagen")

_ID = 14  # String_1_14: envelope and letter ids
_EAN = 35  # EANIdentifierType
_VERSION = 7  # the longest VersionCode that a receipt can name (OriginalVersionCodeType)
_THREAD = 35
_SUBJECT = 70
_OBJECT = 36  # a UUID with its dashes: BinaryLetter 2012/03/28; ObjectIdentifier elsewhere is one character shorter

_KINDS = {
    "NegativeVansReceipt": ReceiptKind.NEGATIVE_VANS,
    "NegativeReceipt": ReceiptKind.NEGATIVE,
    "PositiveReceipt": ReceiptKind.POSITIVE,
}

# Where References stand that are not the letter's own children: with a specimen and with a result (LaboratoryRequest.xsd 2005/08/07,
# LaboratoryReport.xsd 2007/02/01, and their later versions).
_REFERENCES_IN = {
    "LaboratoryRequest": ("RequisitionInformation", "Sample"),
    "LaboratoryReport": ("LaboratoryResults", "Result"),
}

_BESIDE = frozenset({"Envelope", "Local_Elements"})

Children = dict[str, etree._Element]  # noqa: SLF001 - lxml names it no other way


def letter_elements(root: etree._Element) -> Iterator[etree._Element]:
    """The children of Emessage that are letters: all but Envelope and Local_Elements, whatever they are."""
    return (child for child in root if _local(child) not in _BESIDE)


def namespace_of(element: etree._Element) -> str:
    """The element's namespace in braces, as lxml writes it before a name; "" for none."""
    return str(element.tag).rpartition("}")[0] + "}" if str(element.tag).startswith("{") else ""


def version_of(letter: etree._Element) -> str:
    """VersionCode as written; "" where there is none, or one that no MedCom version code is as long as."""
    return _value(_inside(_children(letter), "Letter"), "VersionCode", _VERSION)


def read_envelope(root: etree._Element, catalogue: Catalogue, *, large: bool = False) -> Envelope | None:
    """The envelope, or None where an id or a party of it or of any letter is missing, empty or too long.

    A letter of a type that is not in the catalogue has the type ""; one whose VersionCode cannot be read has the version "".
    """
    fields = _inside(_children(root), "Envelope")
    identifier = _value(fields, "Identifier", _ID)
    letters = []
    for element in letter_elements(root) if identifier else ():
        letter = read_letter(element, catalogue, large=large)
        if letter is None:
            return None
        letters.append(letter)
    if not letters:
        return None
    return Envelope(
        identifier=identifier,
        sent_at=_sent_at(_inside(fields, "Sent")),
        wants_receipt=_value(fields, "AcknowledgementCode", 20) == "pluspositivkvitt",
        letters=tuple(letters),
    )


def read_letter(element: etree._Element, catalogue: Catalogue, *, large: bool = False) -> Letter | None:
    """One letter, or None where its id or a party cannot be read."""
    space, root = namespace_of(element), _local(element)
    parts = _children(element)
    header = _inside(parts, "Letter")
    identifier = _value(header, "Identifier", _ID)
    sender = _party(_inside(parts, "Sender"))
    receiver = _party(_inside(parts, "Receiver"))
    if not identifier or sender is None or receiver is None:
        return None
    kind = catalogue.of_root(space[1:-1], root) or catalogue.of_root_anywhere(root)
    more = _inside(parts, "AdditionalInformation")
    return Letter(
        type=kind.code if kind else "",
        version=_value(header, "VersionCode", _VERSION),
        identifier=identifier,
        sender=sender,
        receiver=receiver,
        digest=letter_digest(element, large=large),
        thread=_thread(header),
        subject=_value(more, "Subject", _SUBJECT).strip() or None,
        priority=_value(more, "Priority", _SUBJECT) or None,
        receipt=_receipt(_KINDS[root], _inside(parts, "OriginalEmessage"), space) if root in _KINDS else None,
        refers_to=_references(element, root) if "Reference" in parts or root in _REFERENCES_IN else (),
        carries=_objects(_all(element, ("BinaryObject",))) if "BinaryObject" in parts else (),
    )


def object_id(written: str) -> str:
    """An ObjectIdentifier in the form in which two are compared: lower case, without dashes and the white space around it.

    The same object has a UUID with dashes in XBIN01 2012/03/28 and without them where other letters refer to it.
    """
    return written.replace("-", "").strip().lower()


def _local(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _children(element: etree._Element) -> Children:
    # From the last to the first, so that of several the first stays.
    return {str(child.tag).rpartition("}")[2]: child for child in element.iterchildren(reversed=True)}


def _inside(parts: Children, name: str) -> Children:
    element = parts.get(name)
    return {} if element is None else _children(element)


def _all(element: etree._Element, path: tuple[str, ...]) -> list[etree._Element]:
    """The descendants at a path of local names, all of each name."""
    found = [element]
    for name in path:
        found = [child for parent in found for child in parent if _local(child) == name]
    return found


def _references(element: etree._Element, root: str) -> tuple[str, ...]:
    """The objects that the letter's References name, wherever its type has them."""
    return _objects(_all(element, (*_REFERENCES_IN.get(root, ()), "Reference", "BIN")))


def _objects(described: list[etree._Element]) -> tuple[str, ...]:
    written = (object_id(_value(_children(one), "ObjectIdentifier", _OBJECT)) for one in described)
    return tuple(dict.fromkeys(one for one in written if one))


def _value(parts: Children, name: str, longest: int) -> str:
    """The text of a child; "" where it is missing, empty or longer than MedCom allows."""
    element = parts.get(name)
    text = "" if element is None else element.text or ""
    return text if len(text) <= longest else ""


def _party(parts: Children) -> Party | None:
    ean = _value(parts, "EANIdentifier", _EAN)
    if not ean:
        return None
    return Party(
        ean=ean,
        identifier=_value(parts, "Identifier", 17),
        identifier_code=_value(parts, "IdentifierCode", 35),
        organisation=_value(parts, "OrganisationName", 35),
        department=_value(parts, "DepartmentName", 35),
        unit=_value(parts, "UnitName", 35),
    )


def _thread(header: Children) -> str | None:
    # One character more than the schema allows, four dashes off: a UUID with dashes is refused, and still shows its thread.
    written = _value(header, "EpisodeOfCareIdentifier", _THREAD + 1)
    return written.strip().replace("-", "").lower() or None


def _sent_at(sent: Children) -> datetime | None:
    written = f"{_value(sent, 'Date', 10)}T{_value(sent, 'Time', 5)}"
    try:
        return datetime.fromisoformat(written).replace(tzinfo=DANISH_TIME).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _receipt(kind: ReceiptKind, parts: Children, space: str) -> ReceiptContent | None:
    envelope_id = _value(parts, "OriginalEnvelopeIdentifier", _ID)
    sender = _value(_inside(parts, "OriginalSender"), "EANIdentifier", _EAN)
    receiver = _value(_inside(parts, "OriginalReceiver"), "EANIdentifier", _EAN)
    if not (envelope_id and sender and receiver):
        return None
    original = parts["OriginalSender"].getparent()
    named = [] if original is None else [_children(child) for child in original.iterchildren(f"{space}OriginalLetter")]
    letters = tuple(
        LetterReference(_value(letter, "OriginalLetterIdentifier", _ID), _value(letter, "OriginalVersionCode", _VERSION))
        for letter in named
    )
    # A refusal stands for the whole envelope or with a letter: the first that says anything is the receipt's.
    said = [refusal for refusal in (_refusal(place, space) for place in [parts, *named]) if refusal != (None, None)]
    code, text = said[0] if said else (None, None)
    return ReceiptContent(kind, Original(envelope_id, sender, receiver, letters), code, text)


def _refusal(parts: Children, space: str) -> tuple[RefuseCode | None, str | None]:
    written = _value(parts, "RefuseCode", 35)
    code = next((code for code in RefuseCode if code == written), None)
    text = parts.get("RefuseText")
    return code, None if text is None else plain_text(text, space)


def plain_text(element: etree._Element, space: str) -> str:
    """BreakableText as plain text: a Break is a newline, a Space a space; a newline of the file's own is a space."""
    written = [(element.text or "").replace("\n", " ")]
    for mark in element:
        if mark.tag == f"{space}Break":
            written.append("\n")
        elif mark.tag == f"{space}Space":
            written.append(" ")
        written.append((mark.tail or "").replace("\n", " "))
    return "".join(written)
