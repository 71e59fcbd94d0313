"""From a judgement to what hop 5 stores: pure functions from values to the `Admission`.

Claims are made for every document whose envelope could be read and whose sender may send as it says, the refused ones too: a letter
that was answered once keeps its answer (I5), and an id taken from somebody else's document claims nothing.
"""

from __future__ import annotations

import hashlib

from gateway.attachments import halves_of
from gateway.judging import Judgement
from gateway.records import (
    REFERENCE_LIMIT,
    Admission,
    Admitted,
    Claim,
    Dispatch,
    NewMessage,
    OutboxRow,
    Parcel,
    Regards,
    Submission,
)
from gateway.verdicts import shown
from routing.decisions import Absorb, Decision, Deliver, Refuse
from routing.lifecycle import State
from schemas.messages import Envelope
from sor.identifiers import normal_gln

ENVELOPE = "envelope"
LETTER = "letter"
PUBLISH = "publish"
DOCUMENT = "document"


def claims_of(envelope: Envelope, raw: bytes) -> tuple[Claim, ...]:
    """The ids that a document claims for its sender: the envelope's, with the digest of the raw bytes, and each letter's."""
    sender = normal_gln(envelope.first.sender.ean)
    # Two letters with one id are refused by the rules; the id is still claimed, once.
    letters = {
        letter.identifier: Claim(sender, LETTER, letter.identifier, letter.digest) for letter in reversed(envelope.letters)
    }
    return (Claim(sender, ENVELOPE, envelope.identifier, hashlib.sha256(raw).hexdigest()), *letters.values())


def document_claim(envelope: Envelope, raw: bytes) -> Claim:
    """The raw bytes themselves: what a refusal claims whose envelope id is another document's, so that the same bytes, sent again and
    again, are answered as the first time.
    """
    digest = hashlib.sha256(raw).hexdigest()
    return Claim(normal_gln(envelope.first.sender.ean), DOCUMENT, digest, digest)


def publish_claim(sender: str, message_id: str, raw: bytes) -> Claim:
    """What is claimed by a document over AMQP that can claim no ids of its own, since the broker may bring it twice. `sender` is the
    partner's name, `message_id` the AMQP property, which a sender may leave empty: then the same bytes are the same message.
    """
    digest = hashlib.sha256(raw).hexdigest()
    return Claim(sender, PUBLISH, hashlib.sha256(f"{message_id}\0{digest}".encode()).hexdigest(), digest)


def message_of(submission: Submission, judgement: Judgement, claims: tuple[Claim, ...]) -> NewMessage:
    """The message as it is first recorded."""
    envelope, decision = judgement.envelope, judgement.decision
    first = envelope.first if envelope else None
    return NewMessage(
        id=submission.id,
        origin=submission.origin,
        partner=submission.partner.name,
        received_at=submission.received_at,
        document=submission.document,
        type=judgement.document.type,
        version=judgement.document.version,
        sender=first.sender.ean if first else "",
        receiver=first.receiver.ean if first else "",
        envelope_id=envelope.identifier if envelope else "",
        letter_ids=tuple(letter.identifier for letter in envelope.letters) if envelope else (),
        inner_id=judgement.document.inner.identifier if judgement.document.inner else "",
        thread=first.thread if first else None,
        heading=decision.heading.code,
        wants_receipt=bool(envelope and envelope.wants_receipt and first and first.receipt is None),
        sent_at=envelope.sent_at if envelope else None,
        state=_state(decision),
        fault=decision.fault if isinstance(decision, Refuse) else None,
        regards=_regards(decision, judgement.regards),
        register_version=decision.register_version,
        verdict=shown(decision, judgement.findings, judgement.document.in_vans),
        claims=claims,
        dispatch=_dispatch(decision, submission),
        halves=halves_of(envelope) if envelope and isinstance(decision, Deliver) else (),
    )


def rows_of(admission: Admission, admitted: Admitted) -> list[OutboxRow]:
    """The outbox rows that an admission has made, as the relay takes them along: without a second read of the journal."""
    messages = [admission.message, *([admission.reply] if admission.reply else [])]
    return [
        OutboxRow(admitted.outbox[message.id], _parcel(message, message.dispatch))
        for message in messages
        if message.dispatch is not None and message.id in admitted.outbox
    ]


def _parcel(message: NewMessage, dispatch: Dispatch) -> Parcel:
    return Parcel(
        id=message.id,
        endpoint=dispatch.endpoint,
        address=dispatch.address,
        routing_key=dispatch.routing_key,
        body=message.document.body if len(message.document.body) <= REFERENCE_LIMIT else None,
        content_type=message.document.content_type,
        type=message.type,
        sender=message.sender,
        receiver=message.receiver,
        heading=message.heading,
        thread=message.thread,
        queued_at=message.received_at,
    )


def _state(decision: Decision) -> State:
    if isinstance(decision, Deliver):
        return State.ACCEPTED
    if isinstance(decision, Absorb):
        return State.ABSORBED
    return State.DEAD_LETTER if decision.dead_letter else State.REFUSED


def _regards(decision: Decision, regards: Regards | None) -> str | None:
    if regards is not None:
        return regards.message_id
    return decision.first_id if isinstance(decision, Absorb) else None


def _dispatch(decision: Decision, submission: Submission) -> Dispatch | None:
    if not isinstance(decision, Deliver):
        return None
    recipient = decision.recipients[0]
    return Dispatch(recipient.endpoint, recipient.gln, recipient.routing_key, submission.received_at)
