"""Hops 3 and 4 for one document: what it is, who may send it, where it goes.

Everything here but the look-up of a receipt's original is a pure composition of `schemas` and `routing`; the result is one value
from which the admission is made. It is made again, from what was read once, when the journal says that the world has moved on.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import date

from gateway.directory import Directory
from gateway.examiner import Examiner
from gateway.originals import Originals
from gateway.ports import Archive
from gateway.records import Partner, Regards
from routing.decide import decide, decide_receipt, may_send
from routing.decisions import Decision, Fault, Refuse
from routing.headings import heading_finding
from routing.receipts import OriginalMessage
from schemas.carried import Carried, InVans, carried
from schemas.document import examine_document
from schemas.examine import LARGE, Obstacle
from schemas.findings import Finding
from schemas.messages import Envelope, Receipt
from schemas.validator import Schemas

# Above this the parse, the schema and the digest would hold the event loop too long and go to a thread, where lxml lets go of the GIL.
INLINE_BYTES = 64 * 1024

FAULT_OF: dict[Obstacle, Fault] = {
    Obstacle.UNREADABLE: Fault.UNREADABLE,
    Obstacle.TOO_LARGE: Fault.TOO_LARGE,
    Obstacle.UNKNOWN_TYPE: Fault.UNKNOWN_TYPE,
    Obstacle.UNKNOWN_VERSION: Fault.UNKNOWN_VERSION,
    Obstacle.SCHEMA: Fault.SCHEMA,
    Obstacle.RULE: Fault.RULE,
}


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was read, found and decided. `trusted` says that the sender may send as it says, so that its ids count."""

    document: Carried
    decision: Decision
    findings: tuple[Finding, ...]
    trusted: bool
    regards: Regards | None = None

    @property
    def envelope(self) -> Envelope | None:
        """The envelope, where it could be read."""
        return self.document.envelope

    @property
    def in_vans(self) -> InVans | None:
        """How the document came in a VANSEnvelope, or None where it came bare."""
        return self.document.in_vans


class Judge:
    """Judges documents. `max_document` is in bytes."""

    def __init__(self, schemas: Schemas, examiner: Examiner, archive: Archive, originals: Originals, max_document: int) -> None:
        self._schemas = schemas
        self._examiner = examiner
        self._archive = archive
        self._originals = originals
        self._max_document = max_document

    async def examine(self, raw: bytes, on: date | None = None) -> Carried:
        """Hop 3. Small documents are examined at once, longer ones and refusals' explanations in a thread, large ones in a process of
        their own. `on` is the Danish day on which the document is handed in, None for one that was before.
        """
        if len(raw) > LARGE:
            return await self._examiner.examine(raw, on)
        if len(raw) <= INLINE_BYTES:
            found = self._examined(raw, on, explain=False)
            if found.obstacle is not Obstacle.SCHEMA:
                return found
        return await asyncio.to_thread(self._examined, raw, on, explain=True)

    def _examined(self, raw: bytes, on: date | None, *, explain: bool) -> Carried:
        return carried(examine_document(raw, self._schemas, limit=self._max_document, explain=explain, on=on))

    async def judge(
        self, document: Carried, partner: Partner, directory: Directory, on: date, *, fresh: bool = False
    ) -> Judgement:
        """Hop 4. `fresh` is for a receipt whose original turned out to have moved on: it is read from the journal."""
        envelope = document.envelope
        heading = directory.headings.recognise(envelope.first.subject if envelope else None)
        content = envelope.first.receipt if envelope else None
        if envelope is not None and content is not None and document.valid:
            original = await self._originals.find(envelope, content, fresh=fresh)
            return _judge_receipt(document, envelope, original, partner, directory, on)
        refusal = None
        # Whoever may send in a VANSEnvelope may send what is in it only as itself.
        for claimed in (envelope, document.inner):
            if claimed is not None and refusal is None:
                refusal = may_send(claimed, partner.glns, directory.register.version, heading)
        trusted = envelope is not None and refusal is None
        decision: Decision
        if refusal is not None:
            decision = refusal
        elif document.obstacle is not None:
            decision = Refuse(FAULT_OF[document.obstacle], heading, ("V1-readable",), directory.register.version)
        else:
            assert envelope is not None  # noqa: S101 - a document without obstacle has one
            decision = decide(
                envelope, register=directory.register, endpoints=directory.endpoints, headings=directory.headings, on=on
            )
        warning = heading_finding(envelope.first, heading) if envelope is not None and document.valid else None
        findings = (*document.findings, *((warning,) if warning else ()))
        return Judgement(document, decision, findings, trusted)

    async def receipt_of(self, message_id: str) -> tuple[Receipt, InVans | None] | None:
        """A receipt in the journal, read back as it was written, and its form: None where it is an XCTL."""
        stored = await self._archive.document(message_id)
        document = await self.examine(stored.body) if stored else None
        envelope = document.envelope if document else None
        content = envelope.first.receipt if envelope else None
        if document is None or envelope is None or content is None or envelope.sent_at is None:
            return None
        first = envelope.first
        receipt = Receipt(
            content, envelope.identifier, first.identifier, first.sender.ean, first.receiver.ean, envelope.sent_at
        )
        return receipt, document.in_vans


def _judge_receipt(  # noqa: PLR0917 - all that a receipt is judged on
    document: Carried,
    envelope: Envelope,
    original: OriginalMessage | None,
    partner: Partner,
    directory: Directory,
    on: date,
) -> Judgement:
    decision, effect = decide_receipt(
        envelope,
        original=original,
        partner_glns=partner.glns,
        register=directory.register,
        endpoints=directory.endpoints,
        headings=directory.headings,
        on=on,
    )
    regards = None
    if original is not None and effect is not None:
        regards = Regards(original.id, original.state, original.receipt_sign, effect.happening, effect.sign, effect.forwarded)
    trusted = not (isinstance(decision, Refuse) and decision.fault is Fault.RECEIPT_NOT_YOURS)
    return Judgement(document, decision, document.findings, trusted, regards)
