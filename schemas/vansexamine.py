"""Bytes to a VANSEnvelope, with the schema's verdict and what a person should know of it.

The reading is `reader`'s, so an envelope may do no more than any document. The schema decides, but for two things. Ids that are no
UUIDs are read with a warning, since a region's hospital system sends them and MedCom's own gateway takes them. And SizeInBytes
must be the payload's length: nothing else in the envelope shows that a payload was cut or altered on its way, the formats that
stay opaque here would hide it, and the one real envelope that is public has it right. So another length is an error, though the
schema allows any.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable
from dataclasses import dataclass

from lxml import etree

from schemas.examine import Examination, Obstacle
from schemas.findings import Finding
from schemas.paths import place
from schemas.reader import DEFAULT_LIMIT, Reading, read
from schemas.validator import Schemas
from schemas.vans import NAMESPACE, MetaInformation, VansEnvelope, is_uuid
from schemas.vanspayload import decoded, take, unmark
from schemas.vansreader import read_vans, readable, whole
from schemas.wording import finding

_V = f"{{{NAMESPACE}}}"
_ROOT = "VANSEnvelope"
_DATA = f"{_V}Message/{_V}Data"
_SIZE = f"{_V}Message/{_V}MetaInformation/{_V}Document/{_V}SizeInBytes"
_OWN_IDS = (f"{_V}EnvelopeIdentifier", f"{_V}Message/{_V}MetaInformation/{_V}Identifier")
_ORIGINAL_IDS = (
    f"{_V}Receipt/*/{_V}OriginalEnvelopeIdentifier",
    f"{_V}Receipt/*/{_V}OriginalMessage/{_V}Identifier",
)
_STAND_IN = "00000000-0000-0000-0000-000000000000"
_DOCUMENT = "/VANSEnvelope/Message/MetaInformation/Document"


@dataclass(frozen=True, slots=True)
class Unwrapped:
    """What was found out of a VANSEnvelope; the payload is not examined.

    `envelope` is given also for a refused one, wherever its id and both parties could be read. `schema_valid` is the schema's
    strict verdict. `obstacle` is None for an envelope that can be taken: then `envelope` and its content are there. Otherwise it is
    UNKNOWN_VERSION for a VANSEnvelope other than 1.0.4, and else SCHEMA.
    """

    envelope: VansEnvelope | None
    schema_valid: bool
    findings: tuple[Finding, ...]
    obstacle: Obstacle | None

    @property
    def valid(self) -> bool:
        """Whether the envelope can be taken. Warnings do not count."""
        return self.obstacle is None


def unwrap(raw: bytes, schemas: Schemas, *, limit: int = DEFAULT_LIMIT, explain: bool = True) -> Unwrapped | None:
    """Reads a VANSEnvelope; None for anything else and for what cannot be read at all, of which `examine` says what it is.

    Never raises. `limit` is in bytes and counts the envelope. Costs a search for one name where the document is no envelope.
    `explain=False` leaves out the schema's reasons for a refusal, which take milliseconds, and a third of a second the first time.
    """
    if len(raw) > limit or not _named(raw):
        return None
    reading, data = _parsed(raw, limit)
    root = reading.root
    if root is None or etree.QName(root).localname != _ROOT:
        return None
    if root.tag != _V + _ROOT:
        no = finding("version-unknown", *place(root), type=_ROOT, expected=f"1.0.4 ({NAMESPACE})")
        return Unwrapped(None, False, (*reading.findings, no), Obstacle.UNKNOWN_VERSION)
    return _judged(reading, root, data, schemas, explain=explain)


def payload_findings(meta: MetaInformation, found: Examination) -> tuple[Finding, ...]:
    """Warnings where the envelope says another type or version than its payload is; `found` is the payload's examination.

    Names come with `MCM:` and without, and with a number for statistics at their end (`GGOP2`). Nothing is said of a payload whose
    type could not be told: its own findings do.
    """
    if found.type is None:
        return ()
    warnings = []
    if found.type not in {meta.code, meta.code.rstrip("0123456789")}:
        warnings.append(finding("vans-name-differs", f"{_DOCUMENT}/Name"))
    if meta.version is not None and found.version is not None and meta.version != found.version:
        warnings.append(finding("vans-version-differs", f"{_DOCUMENT}/Version"))
    return tuple(warnings)


def mend_ids(root: etree._Element, *, of_originals: bool = False) -> None:
    """Puts a UUID in place of each readable id that is none, so that the schema has no say in them; or of an original's alone."""
    for element in _odd_ids(root, _ORIGINAL_IDS if of_originals else (*_OWN_IDS, *_ORIGINAL_IDS)):
        element.text = _STAND_IN


def _odd_ids(root: etree._Element, paths: Iterable[str]) -> list[etree._Element]:
    """The elements at these paths whose ids can be read and are no UUIDs."""
    found = (element for path in paths if (element := root.find(path)) is not None)
    return [element for element in found if readable(element.text) and not len(element) and not is_uuid(element.text or "")]


def _named(raw: bytes) -> bool:
    """Whether the root's name is there at all: the name of an element cannot be written in any other way."""
    if raw.startswith(codecs.BOM_UTF16_LE):
        return _ROOT.encode("utf-16-le") in raw
    if raw.startswith(codecs.BOM_UTF16_BE):
        return _ROOT.encode("utf-16-be") in raw
    return _ROOT.encode() in raw


def _parsed(raw: bytes, limit: int) -> tuple[Reading, bytes | None]:
    """The document with Data empty, and the payload; where Data is not base64, it stays as it is and the payload is None."""
    if (small := _parsed_small(raw, limit)) is not None:
        return small
    reading = read(raw, limit)
    holder = None if reading.root is None else reading.root.find(_DATA)
    if holder is None or len(holder):
        return reading, None
    text = holder.text or ""
    data = decoded(text.encode()) if text.isascii() else None
    if data is not None:
        holder.text = None
    return reading, data


def _parsed_small(raw: bytes, limit: int) -> tuple[Reading, bytes] | None:
    taken = take(raw)
    if taken is None:
        return None
    reading = read(taken[0], limit)
    return (reading, taken[1]) if reading.root is not None and unmark(reading.root.find(_DATA)) else None


def _judged(reading: Reading, root: etree._Element, data: bytes | None, schemas: Schemas, *, explain: bool) -> Unwrapped:
    envelope = read_vans(root, data)
    schema_valid = schemas.accepts(root, NAMESPACE, reading.tags)
    warnings = [finding("vans-id-not-uuid", *place(element)) for element in _odd_ids(root, (*_OWN_IDS, *_ORIGINAL_IDS))]
    faults = _payload_faults(root, data)
    refused = False
    if not schema_valid:
        mend_ids(root)
        refused = not schemas.accepts(root, NAMESPACE, reading.tags)
        if refused and explain:
            faults += schemas.explain(root, NAMESPACE)
    findings = (*reading.findings, *warnings, *faults)
    return Unwrapped(envelope, schema_valid, findings, Obstacle.SCHEMA if refused or faults else None)


def _payload_faults(root: etree._Element, data: bytes | None) -> list[Finding]:
    """What is wrong with Data itself. Text that is not base64 is taken away, so that the schema has no say in it any more."""
    holder, size = root.find(_DATA), root.find(_SIZE)
    if data is None:
        if holder is None or len(holder):
            return []
        holder.text = None
        return [finding("value-base64", *place(holder))]
    said = None if size is None else whole(size.text)
    return [finding("vans-size-differs", *place(size))] if size is not None and said not in {None, len(data)} else []
