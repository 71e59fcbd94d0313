"""The one way in: bytes to everything the gateway needs to know of a document.

Reading, type, schema, values and softer rules in one pass over one tree. A document that cannot be taken gets an `Obstacle`,
which says what kind of no it is, and findings that say why; and its envelope still, where that could be read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from lxml import etree

from schemas.catalogue import MessageType, Standing
from schemas.findings import Finding, Severity
from schemas.letters import letter_elements, namespace_of, read_envelope, version_of
from schemas.messages import Envelope
from schemas.paths import place
from schemas.reader import DEFAULT_LIMIT, Reading, read
from schemas.rules.every import findings as rules_findings
from schemas.rules.looked import Document
from schemas.validator import Schemas
from schemas.wording import finding

LARGE = 1 << 20
"""From so many bytes on a letter is not written out in one piece to be hashed."""


class Obstacle(StrEnum):
    """Why a document cannot be taken, from the outside in; the first that applies is the one."""

    UNREADABLE = "unreadable"  # not XML, a wrong encoding, a DOCTYPE, several roots, too deep
    TOO_LARGE = "too_large"
    UNKNOWN_TYPE = "unknown_type"
    UNKNOWN_VERSION = "unknown_version"  # the type is known; this namespace or VersionCode of it is not
    SCHEMA = "schema"
    RULE = "rule"  # the schema takes it, and MedCom's standard forbids it all the same


@dataclass(frozen=True, slots=True)
class Examination:
    """What was found out of a document.

    `format` is `oioxml` for an Emessage of any namespace, otherwise `unknown`. `type` and `version` are the first letter's: the
    catalogue's code, and the VersionCode as written; None where they cannot be told. `schema_valid` is the schema's verdict
    alone. `envelope` is given also for a refused document, wherever ids and parties could be read within their lengths.
    """

    format: str
    type: str | None
    version: str | None
    envelope: Envelope | None
    schema_valid: bool
    findings: tuple[Finding, ...]
    obstacle: Obstacle | None

    @property
    def valid(self) -> bool:
        """Whether the document can be taken: no obstacle. Warnings do not count."""
        return self.obstacle is None


def examine(
    raw: bytes,
    schemas: Schemas,
    *,
    limit: int = DEFAULT_LIMIT,
    explain: bool = True,
    on: date | None = None,
    enveloped: bool = False,
) -> Examination:
    """Examines any bytes, and never raises. `limit` is in bytes. `on` is the Danish day of sending, by which dates are judged; None
    where they are not to be. `enveloped` says that it came in a VANSEnvelope.

    A refusal by the schema takes milliseconds to explain, and the first one of a namespace a third of a second. `explain=False` leaves
    that out, for a caller that must not wait and will ask again elsewhere.

    What a provisional schema refuses is taken all the same, where its envelope can be read and its faults are explained: as warnings.
    """
    reading = read(raw, limit)
    if reading.root is None:
        return _unreadable(reading)
    root = reading.root
    if etree.QName(root).localname != "Emessage":
        no = finding("not-emessage", *place(root))
        return Examination("unknown", None, None, None, False, (*reading.findings, no), Obstacle.UNKNOWN_TYPE)
    letters = list(letter_elements(root))
    namespace = namespace_of(root)[1:-1]
    schema_valid = schemas.knows(namespace) and schemas.accepts(root, namespace, reading.tags)
    obstacle: Obstacle | None = None
    reasons: tuple[Finding, ...] = ()
    # MedCom's own schemas accept types and versions that are not in the catalogue, and so cannot be taken.
    if not schema_valid or namespace in schemas.official:
        obstacle, reasons = _unknown(root, letters, namespace, schemas)
    if not schema_valid and obstacle is None:
        obstacle, reasons = Obstacle.SCHEMA, schemas.explain(root, namespace) if explain else ()
    envelope = read_envelope(root, schemas.catalogue, large=len(raw) > LARGE)
    if obstacle is Obstacle.SCHEMA and explain and envelope is not None and _provisional(letters, schemas):
        obstacle, reasons = None, tuple(map(_softened, reasons))
    beyond: Sequence[Finding] = ()
    if envelope is not None:
        document = Document(root, raw, reading.encoding, reading.tags, envelope, schemas.catalogue, on, enveloped)
        beyond = rules_findings(document, letters)
        if obstacle is None and any(one.severity is Severity.ERROR for one in beyond):
            obstacle = Obstacle.RULE
    kind = _kind(letters[0], schemas) if letters else None
    version = envelope.first.version if envelope else version_of(letters[0]) if letters else ""
    return Examination(
        format="oioxml",
        type=kind.code if kind else None,
        version=version or None,
        envelope=envelope,
        schema_valid=schema_valid,
        findings=(*reading.findings, *reasons, *beyond),
        obstacle=obstacle,
    )


def _unreadable(reading: Reading) -> Examination:
    large = any(one.code == "too-large" for one in reading.findings)
    obstacle = Obstacle.TOO_LARGE if large else Obstacle.UNREADABLE
    return Examination("unknown", None, None, None, False, reading.findings, obstacle)


def _unknown(
    root: etree._Element, letters: list[etree._Element], namespace: str, schemas: Schemas
) -> tuple[Obstacle | None, tuple[Finding, ...]]:
    """What there is to say of types and versions that the catalogue does not have."""
    for letter in letters:
        kind = _kind(letter, schemas)
        if kind is None:
            no = finding("type-unknown", *place(letter), expected=_known(schemas))
            return Obstacle.UNKNOWN_TYPE, (no,)
        if not _version_known(letter, namespace, kind, schemas):
            rows = schemas.catalogue.versions(kind.root)
            known = ", ".join(f"{row.version} ({row.namespace})" for row in rows)
            no = finding("version-unknown", *place(letter), type=kind.code, expected=known)
            return Obstacle.UNKNOWN_VERSION, (no,)
    if not schemas.knows(namespace):
        no = finding("type-unknown", *place(root), expected=_known(schemas))
        return Obstacle.UNKNOWN_TYPE, (no,)
    return None, ()


def _provisional(letters: list[etree._Element], schemas: Schemas) -> bool:
    """Whether all the letters are of versions whose schemas are uncertain themselves."""
    rows = [
        schemas.catalogue.find(namespace_of(letter)[1:-1], etree.QName(letter).localname, version_of(letter))
        for letter in letters
    ]
    return all(row is not None and row.status is Standing.PROVISIONAL for row in rows)


def _softened(reason: Finding) -> Finding:
    return replace(reason, severity=Severity.WARNING) if reason.severity is Severity.ERROR else reason


def _known(schemas: Schemas) -> str:
    return ", ".join(dict.fromkeys(row.code for row in schemas.catalogue.rows))


def _kind(letter: etree._Element, schemas: Schemas) -> MessageType | None:
    name = etree.QName(letter)
    here = schemas.catalogue.of_root(name.namespace or "", name.localname)
    return here or schemas.catalogue.of_root_anywhere(name.localname)


def _version_known(letter: etree._Element, namespace: str, kind: MessageType, schemas: Schemas) -> bool:
    """Whether namespace and VersionCode are known ones; a VersionCode that cannot be read is the schema's to refuse."""
    own = namespace_of(letter)[1:-1]
    if own != namespace and schemas.knows(namespace):
        return True  # a letter outside its envelope's namespace: the schema says where it belongs
    version = version_of(letter)
    if schemas.catalogue.of_root(own, kind.root) is None:
        return False
    return not version or schemas.catalogue.find(own, kind.root, version) is not None
