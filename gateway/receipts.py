"""The hub's own receipts as messages: from what routing says is owed to a document in the outbox.

A receipt is composed before the transaction that stores it together with its cause, so that it exists exactly when the cause does
(I4). It is a message like any other from then on: relayed, delivered, tried again with the same content. What came in a
VANSEnvelope is answered in one: with that envelope's own receipt, which means the same.
"""

from __future__ import annotations

from dataclasses import replace

from gateway.clock import danish_day, new_medcom_id, new_message_id, new_vans_id
from gateway.directory import Directory
from gateway.ports import Clock
from gateway.records import Dispatch, Document, MessageRecord, NewMessage, Origin
from gateway.verdicts import vans_of
from routing.decisions import Fault
from routing.keys import routing_key
from routing.lifecycle import State
from routing.receipts import LONGEST_ID, LONGEST_VANS_ID, owed_for_record
from schemas.carried import VANS_VERSION, InVans
from schemas.messages import LetterReference, Original, Receipt, ReceiptContent
from schemas.validator import Schemas
from schemas.vansreceipts import to_vans
from schemas.vanswriter import wrap
from schemas.writer import write_receipt
from sor.identifiers import normal_gln

CONTENT_TYPE = "application/xml"


class ReceiptDesk:
    """Composes the hub's receipts. `hub_id` is the EAN identifier that they are sent from."""

    def __init__(self, schemas: Schemas, clock: Clock, hub_id: str) -> None:
        self._schemas = schemas
        self._clock = clock
        self._hub_id = hub_id
        self._versions = {row.code: row.version for row in schemas.catalogue.rows if row.receipt}

    def refusal(
        self, content: ReceiptContent, regards: str, directory: Directory, *, in_vans: InVans | None, in_answer: bool
    ) -> NewMessage:
        """A new negative receipt to the sender of the original about the message `regards`, in the form that the original came in.

        `in_answer` is for one that is given in the HTTP answer itself: it is recorded as delivered and not dispatched.
        """
        form = None if in_vans is None else InVans(None, in_vans.meta)
        receipt = Receipt(
            content, _new_envelope_id(form), new_medcom_id(), self._hub_id, content.original.sender, self._clock.now()
        )
        return self._message(receipt, form, regards, directory, in_answer=in_answer)

    def again(self, first: Receipt, form: InVans | None, regards: str, directory: Directory, *, in_answer: bool) -> NewMessage:
        """The same content as `first` in a new envelope (MedCom, reliable messaging: a resend is answered as the first time)."""
        receipt = replace(first, envelope_id=_new_envelope_id(form), sent_at=self._clock.now())
        return self._message(receipt, form, regards, directory, in_answer=in_answer)

    def owed(self, record: MessageRecord, fault: Fault, directory: Directory) -> NewMessage | None:
        """The negative VANS receipt that giving up on `record` makes the hub owe its sender, or None."""
        letters = tuple(LetterReference(identifier, record.version) for identifier in record.letter_ids)
        in_vans = vans_of(record.verdict)
        content = owed_for_record(
            fault,
            is_receipt=record.type.startswith("XCTL"),
            already_sent=record.receipt_sign is not None,
            original=Original(record.envelope_id, record.sender, record.receiver, letters),
            longest_id=longest_id(in_vans),
        )
        return None if content is None else self.refusal(content, record.id, directory, in_vans=in_vans, in_answer=False)

    def _message(
        self, receipt: Receipt, form: InVans | None, regards: str, directory: Directory, *, in_answer: bool
    ) -> NewMessage:
        """The receipt as a message. One whose receiver has no endpoint is born a dead letter, so that it is seen."""
        kind, now = receipt.content.kind, receipt.sent_at
        address = normal_gln(receipt.receiver)
        endpoint = None if in_answer else directory.endpoints.get(address)
        dispatch = None
        if endpoint is not None:
            key = routing_key(directory.register, address, kind, None, danish_day(now))
            dispatch = Dispatch(endpoint, address, key, now)
        return NewMessage(
            id=new_message_id(),
            origin=Origin.HUB,
            partner=self._hub_id,
            received_at=now,
            document=Document(self._written(receipt, form), CONTENT_TYPE),
            type=kind,
            version=VANS_VERSION if form else self._versions[kind],
            sender=receipt.sender,
            receiver=receipt.receiver,
            envelope_id=receipt.envelope_id,
            letter_ids=() if form else (receipt.letter_id,),
            thread=None,
            heading=None,
            wants_receipt=False,
            sent_at=now,
            state=State.DELIVERED if in_answer else State.ACCEPTED if dispatch else State.DEAD_LETTER,
            fault=None if in_answer or dispatch else Fault.NO_READER,
            regards=regards,
            register_version=directory.register.version,
            verdict={"decision": "deliver", "rules": ["receipt-owed"], "findings": []},
            dispatch=dispatch,
        )

    def _written(self, receipt: Receipt, form: InVans | None) -> bytes:
        if form is None:
            return write_receipt(receipt, self._schemas)
        return wrap(to_vans(receipt, form.original), self._schemas)


def longest_id(in_vans: InVans | None) -> int:
    """How long an id may be in the receipts of this form."""
    return LONGEST_ID if in_vans is None else LONGEST_VANS_ID


def _new_envelope_id(form: InVans | None) -> str:
    return new_medcom_id() if form is None else new_vans_id()
