"""Hops 2 to 5: the use case that takes a document in, from whatever way it came.

    examine ─> judge ─> admit ─┬─ Admitted: answer
                  ^            ├─ Known: duplicates.judge ─> answer as the first time, or admit as a resend or a refusal
                  └────────────┴─ Stale: judge again

A 2xx answer is given after `admit` has returned and never before (I1). A refusal is admitted too, with its raw bytes and the receipt
that it makes the hub owe, before it is answered. Whatever was said once about a letter is said again when it comes again (I5).
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from gateway.admissions import claims_of, document_claim, message_of, rows_of
from gateway.clock import danish_day
from gateway.directory import Directory, DirectoryWatch
from gateway.events import SubmissionJudged, Telemetry
from gateway.judging import Judge, Judgement
from gateway.originals import Originals
from gateway.ports import Archive, Clock, Journal, JournalUnavailable
from gateway.receipts import ReceiptDesk, longest_id
from gateway.records import (
    Admission,
    Admitted,
    Claim,
    Known,
    MessageRecord,
    NewMessage,
    Origin,
    OutboxRow,
    Stale,
    Submission,
)
from gateway.relay import Relay
from routing.decisions import Absorb, Fault, Refuse
from routing.duplicates import Holder, IdClaim, IdKind, Repeat, Resend, Reused, compare
from routing.lifecycle import State
from routing.receipts import owed
from schemas.messages import ReceiptContent

# Each round needs another writer to have won a race in between.
ROUNDS = 5
RESEND = "resend"


class Kind(StrEnum):
    """What an answer is."""

    ACCEPTED = "accepted"
    REPEAT = "repeat"  # the same document again: the first answer
    RESEND = "resend"  # the same letter in a new envelope
    RECORDED = "recorded"  # a receipt that is kept and not sent on
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the sender is told. `id` is the message that the answer is about: the first one, for a repeat or a resend.

    `receipt` is the hub's own negative receipt where one is given in the answer.
    """

    kind: Kind
    id: str
    state: State
    fault: Fault | None
    verdict: Mapping[str, Any]
    receipt: bytes | None = None
    receipt_type: str | None = None


class Intake:
    """Takes documents in. Safe to call concurrently, and to call again with the same bytes after any failure."""

    def __init__(
        self,
        *,
        journal: Journal,
        archive: Archive,
        judge: Judge,
        originals: Originals,
        desk: ReceiptDesk,
        relay: Relay,
        watch: DirectoryWatch,
        clock: Clock,
        telemetry: Telemetry,
    ) -> None:
        self._journal = journal
        self._archive = archive
        self._judge = judge
        self._originals = originals
        self._desk = desk
        self._relay = relay
        self._watch = watch
        self._clock = clock
        self._telemetry = telemetry

    async def submit(self, submission: Submission) -> Answer:
        """Takes one document in. Raises JournalUnavailable, and then nothing was promised."""
        started = time.perf_counter()
        directory = self._watch.current
        today = danish_day(self._clock.now())
        document = await self._judge.examine(submission.document.body, today)
        judgement = await self._judge.judge(document, submission.partner, directory, today)
        if _lacks_reader(judgement) and (fresh := await self._watch.refresh()) is not directory:
            # A reader that was connected a moment ago, perhaps by another process, must not cost its first sender a refusal.
            directory = fresh
            judgement = await self._judge.judge(document, submission.partner, directory, today)
        admission = self._admission(submission, judgement, directory)
        for _ in range(ROUNDS):
            result = await self._admit(admission)
            if isinstance(result, Admitted):
                answer = await self._answer(admission)
                if answer.kind is Kind.ACCEPTED and admission.regards is None:
                    self._originals.remember(admission.message)
                break
            if isinstance(result, Stale):
                judgement = await self._judge.judge(document, submission.partner, directory, today, fresh=True)
                admission = self._admission(submission, judgement, directory)
                continue
            known = await self._known(submission, judgement, admission, result, directory)
            if isinstance(known, Answer):
                answer = known
                break
            admission = known
        else:
            raise JournalUnavailable("contended")
        self._tell(submission, judgement, answer, time.perf_counter() - started)
        return answer

    def _admission(self, submission: Submission, judgement: Judgement, directory: Directory) -> Admission:
        envelope = judgement.envelope
        claims = claims_of(envelope, submission.document.body) if envelope and judgement.trusted else ()
        claims = claims or _handing_in(submission)
        message = message_of(submission, judgement, claims)
        reply = None
        if isinstance(judgement.decision, Refuse) and judgement.trusted:
            content = owed(
                judgement.decision.fault, envelope, instead=judgement.decision.instead, longest_id=longest_id(judgement.in_vans)
            )
            reply = self._refusal(content, message.id, submission, judgement, directory)
        return Admission(message, judgement.regards, reply)

    def _refusal(
        self,
        content: ReceiptContent | None,
        about: str,
        submission: Submission,
        judgement: Judgement,
        directory: Directory,
    ) -> NewMessage | None:
        if content is None:
            return None
        return self._desk.refusal(content, about, directory, in_vans=judgement.in_vans, in_answer=_answered(submission))

    async def _admit(self, admission: Admission) -> Admitted | Known | Stale:
        """Stores, with a place reserved at the relay so that the parcel goes on without being read again."""
        if admission.message.dispatch is None and (admission.reply is None or admission.reply.dispatch is None):
            return await self._journal.admit(admission)
        owner = self._relay.reserve()
        rows: list[OutboxRow] = []
        try:
            result = await self._journal.admit(replace(admission, claimed_by=owner))
            if isinstance(result, Admitted) and owner is not None:
                rows = rows_of(admission, result)
        finally:
            if owner is not None:
                self._relay.offer(*rows)
        return result

    async def _known(
        self, submission: Submission, judgement: Judgement, admission: Admission, known: Known, directory: Directory
    ) -> Answer | Admission:
        """The ids were there before: the answer of the first time, or what is to be admitted instead."""
        if same := _same_document(admission, known):
            return await self._repeated(submission, same)
        claims = [_id_claim(claim) for claim in admission.message.claims if claim.kind in _IDS]
        found = compare(claims, [Holder(_id_claim(c.claim), c.message_id) for c in known.claimed])
        if isinstance(found, Reused):
            return self._reused(submission, judgement, found, known, directory)
        if isinstance(found, Repeat):
            return await self._repeated(submission, found.first_id)
        first = await self._archive.record(found.first_id) if isinstance(found, Resend) else None
        if first is None:
            raise JournalUnavailable("contended")
        return await self._resend(submission, judgement, admission, first, directory)

    async def _repeated(self, submission: Submission, first_id: str) -> Answer:
        """The answer of the first time, and a line in the first one's timeline. What was a resend is answered as one again."""
        first = await self._archive.record(first_id)
        if first is None:
            raise JournalUnavailable("contended")
        now = self._clock.now()
        await self._journal.note(first.id, "duplicate", now, submission.partner.name, {"by": submission.origin})
        resend = await self._as_the_resend(first)
        if resend is None:
            return await self._as_the_first_time(first)
        return resend if resend.receipt is None else await self._with_receipt_of(first, resend)

    async def _as_the_resend(self, message: NewMessage | MessageRecord) -> Answer | None:
        """What the letter of a resend was answered with, or None for what is no resend."""
        if message.verdict.get("reason") != RESEND or message.regards is None:
            return None
        first = await self._archive.record(message.regards)
        return replace(await self._as_the_first_time(first), kind=Kind.RESEND) if first else None

    def _reused(
        self, submission: Submission, judgement: Judgement, found: Reused, known: Known, directory: Directory
    ) -> Admission:
        """An id used again for something else: refused and shown. Letters that are new are claimed by their refusal."""
        envelope = judgement.envelope
        assert envelope is not None  # noqa: S101 - only what was read has ids
        held = {(c.claim.kind, c.claim.identifier) for c in known.claimed}
        refusal = Refuse(
            found.fault, judgement.decision.heading, (f"D2-{found.fault.replace('_', '-')}",), directory.register.version
        )
        known_envelope = (IdKind.ENVELOPE, envelope.identifier) in held
        all_claims = claims_of(envelope, submission.document.body)
        claims = tuple(claim for claim in all_claims if (claim.kind, claim.identifier) not in held) + _handing_in(submission)
        if known_envelope:
            claims += (document_claim(envelope, submission.document.body),)
        message = message_of(submission, replace(judgement, decision=refusal, regards=None), claims)
        content = owed(
            found.fault,
            envelope,
            known_envelope=known_envelope,
            known_letters={identifier for kind, identifier in held if kind == IdKind.LETTER},
            longest_id=longest_id(judgement.in_vans),
        )
        reply = self._refusal(content, message.id, submission, judgement, directory)
        return Admission(replace(message, regards=found.first_id), None, reply)

    async def _resend(
        self, submission: Submission, judgement: Judgement, admission: Admission, first: MessageRecord, directory: Directory
    ) -> Admission:
        """The first receipt's content again, in a new envelope, if there was one; the letter is not delivered again."""
        absorb = Absorb(first.id, RESEND, judgement.decision.heading, ("D1-resend",), directory.register.version)
        claims = tuple(claim for claim in admission.message.claims if claim.kind == IdKind.ENVELOPE)
        message = message_of(submission, replace(judgement, decision=absorb, regards=None), claims)
        given = await self._judge.receipt_of(first.receipt_id) if first.receipt_id else None
        in_answer = _answered(submission) and first.verdict.get("decision") == "refuse"
        reply = self._desk.again(*given, first.id, directory, in_answer=in_answer) if given else None
        return Admission(message, None, reply)

    async def _answer(self, admission: Admission) -> Answer:
        """The answer to what was just stored."""
        message, reply = admission.message, admission.reply
        decision = str(message.verdict["decision"])
        answer = Answer(_KINDS[decision], message.id, message.state, message.fault, message.verdict)
        answer = await self._as_the_resend(message) or answer
        if reply is not None and reply.state is State.DELIVERED:
            answer = replace(answer, receipt=reply.document.body, receipt_type=reply.type)
        return answer

    async def _as_the_first_time(self, first: MessageRecord) -> Answer:
        """What the sender of `first` was told, with the state as it is now."""
        fault = first.verdict.get("fault")
        if not isinstance(fault, str):
            return Answer(Kind.REPEAT, first.id, first.state, None, first.verdict)
        return await self._with_receipt_of(first, Answer(Kind.REPEAT, first.id, first.state, Fault(fault), first.verdict))

    async def _with_receipt_of(self, message: MessageRecord, answer: Answer) -> Answer:
        """The answer with the receipt that the message was given, if it was."""
        record = await self._archive.record(message.receipt_id) if message.receipt_id else None
        document = await self._archive.document(record.id) if record else None
        return replace(answer, receipt=document.body, receipt_type=record.type) if record and document else answer

    def _tell(self, submission: Submission, judgement: Judgement, answer: Answer, seconds: float) -> None:
        self._telemetry.emit(
            SubmissionJudged(
                message_id=answer.id,
                partner=submission.partner.name,
                origin=submission.origin,
                type=judgement.document.type,
                answer=answer.kind,
                fault=answer.fault,
                findings=tuple(dict.fromkeys(finding.code for finding in judgement.findings)),
                size=len(submission.document.body),
                seconds=seconds,
            )
        )


_IDS = frozenset(IdKind)
_KINDS = {"deliver": Kind.ACCEPTED, "absorb": Kind.RECORDED, "refuse": Kind.REFUSED}


def _lacks_reader(judgement: Judgement) -> bool:
    return isinstance(judgement.decision, Refuse) and judgement.decision.fault in {Fault.NO_READER, Fault.UNKNOWN_RECEIVER}


def _same_document(admission: Admission, known: Known) -> str | None:
    """The message that these very bytes made when they came before: a resend or a refusal too keeps the answer that it was given."""
    digests = {claim.digest for claim in admission.message.claims if claim.kind != IdKind.LETTER}
    return next((c.message_id for c in known.claimed if c.claim.kind != IdKind.LETTER and c.claim.digest in digests), None)


def _answered(submission: Submission) -> bool:
    """Whether the sender waits for an answer that a receipt can be given in."""
    return submission.origin is Origin.HTTP


def _handing_in(submission: Submission) -> tuple[Claim, ...]:
    return () if submission.handing_in is None else (submission.handing_in,)


def _id_claim(claim: Claim) -> IdClaim:
    return IdClaim(IdKind(claim.kind), claim.identifier, claim.digest)
