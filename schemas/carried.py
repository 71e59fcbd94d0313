"""What the gateway goes by: one envelope, whether the document came bare or in a VANSEnvelope.

A VANSEnvelope carries the real addressing (MedCom, VANSEnvelope 1.0.4: SenderID and ReceiverID), so its ids and parties stand in the
place of the Emessage's own, and the letters are the Emessage's. A payload that is not looked into is one letter, by what the
envelope says of it; a receipt of the envelope's own is one letter that holds a receipt. Payloads are left behind here: what comes
out is small, however large the document.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace

from schemas.document import ExaminedDocument
from schemas.examine import Obstacle
from schemas.findings import Finding
from schemas.messages import Envelope, Letter, Party, ReceiptContent
from schemas.vans import EndPoint, EndPointType, MetaInformation, VansEnvelope, VansMessage, VansReceipt
from schemas.vansreceipts import from_vans
from schemas.wording import finding

VANS_VERSION = "1.0.4"
# EDIFACT's `DIS91`, FHIR's `FDIS91`, `FCTL`. The name is the sender's own words, up to 255 characters, and a type goes into log lines,
# metrics and routing keys; and what calls itself an XCTL without being one must not pass for a receipt.
_CODE = re.compile(r"F?[A-Z]{3}[0-9]{0,2}")


@dataclass(frozen=True, slots=True)
class InVans:
    """That a document came in a VANSEnvelope, and what its answers have to say of the message in it; `meta` None: no message."""

    meta: MetaInformation | None
    original: MetaInformation | None = None
    """Of a receipt of the envelope's own: what it says of the message that it is about."""


@dataclass(frozen=True, slots=True)
class Carried:
    """What was found out of a document.

    `type` and `version` are the first letter's, or what the VANSEnvelope says of a payload that is not looked into; "" where they
    cannot be told, or where what it says has no type's form. `envelope` is None where ids or parties could not be read. `inner` is
    the envelope of an Emessage that came in a VANSEnvelope, with its own ids and parties. `in_vans` is None for a bare document.
    """

    type: str
    version: str
    envelope: Envelope | None
    findings: tuple[Finding, ...]
    obstacle: Obstacle | None
    inner: Envelope | None = None
    in_vans: InVans | None = None

    @property
    def valid(self) -> bool:
        """Whether the document can be taken: no obstacle. Warnings do not count."""
        return self.obstacle is None


def carried(document: ExaminedDocument) -> Carried:
    """The one form of what was found out of a document."""
    inner = document.inner
    kind, version = (inner.type or "", inner.version or "") if inner else ("", "")
    if not document.enveloped:
        return Carried(kind, version, inner.envelope if inner else None, document.findings, document.obstacle)
    outer = document.outer
    if outer is None:
        return Carried(kind, version, None, document.findings, document.obstacle, in_vans=InVans(None))
    written = inner.envelope if inner else None
    envelope = _of_receipt(outer) or _of_letters(outer, written) or _of_payload(outer)
    if inner is None and envelope is not None:
        kind, version = envelope.first.type, envelope.first.version
    meta = outer.content.meta if isinstance(outer.content, VansMessage) else None
    original = outer.content.original if isinstance(outer.content, VansReceipt) else None
    findings = (*document.findings, *_other_parties(envelope, written))
    return Carried(kind, version, envelope, findings, document.obstacle, written, InVans(meta, original))


def _of_letters(outer: VansEnvelope, inner: Envelope | None) -> Envelope | None:
    """The Emessage's letters under the VANSEnvelope's id and parties. An end point that is no lokationsnummer changes no party."""
    if inner is None:
        return None
    letters = tuple(
        replace(letter, sender=_named(letter.sender, outer.sender), receiver=_named(letter.receiver, outer.receiver))
        for letter in inner.letters
    )
    return Envelope(outer.identifier, outer.sent_at or inner.sent_at, inner.wants_receipt, letters)


def _of_payload(outer: VansEnvelope) -> Envelope:
    """A payload that is not looked into, or that could not be taken out, as one letter."""
    content = outer.content if isinstance(outer.content, VansMessage) else None
    letter = Letter(
        type=content.meta.code if content and _CODE.fullmatch(content.meta.code) else "",
        version=(content.meta.version or "") if content else "",
        identifier=content.meta.identifier if content else outer.identifier,
        sender=Party(outer.sender.identifier),
        receiver=Party(outer.receiver.identifier),
        digest=hashlib.sha256(content.data if content else b"").hexdigest(),
    )
    return Envelope(outer.identifier, outer.sent_at, bool(content and content.meta.reliable), (letter,))


def _of_receipt(outer: VansEnvelope) -> Envelope | None:
    """A receipt of the envelope's own as one letter, whose id is the envelope's: it has no other."""
    receipt = from_vans(outer)
    if receipt is None:
        return None
    letter = Letter(
        type=receipt.content.kind,
        version=VANS_VERSION,
        identifier=receipt.letter_id,
        sender=Party(receipt.sender),
        receiver=Party(receipt.receiver),
        digest=_digest(receipt.content),
        receipt=receipt.content,
    )
    return Envelope(outer.identifier, outer.sent_at, wants_receipt=False, letters=(letter,))


def _digest(content: ReceiptContent) -> str:
    original = content.original
    said = (content.kind, original.envelope_id, *(letter.identifier for letter in original.letters))
    said = (*said, content.refuse_code or "", content.refuse_text or "")
    return hashlib.sha256("\x1f".join(said).encode()).hexdigest()


def _named(party: Party, end: EndPoint) -> Party:
    return replace(party, ean=end.identifier) if end.type is EndPointType.EAN else party


def _other_parties(outer: Envelope | None, inner: Envelope | None) -> tuple[Finding, ...]:
    if outer is None or inner is None:
        return ()
    same = all(
        (a.sender.ean, a.receiver.ean) == (b.sender.ean, b.receiver.ean)
        for a, b in zip(outer.letters, inner.letters, strict=True)
    )
    return () if same else (finding("vans-parties-differ", "/VANSEnvelope"),)
