"""What the interface says, as JSON made from records and answers: one place, so that every path tells a message alike."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

import orjson
from aiohttp import web

from gateway.attachments import Attachment, shown
from gateway.intake import Answer, Kind
from gateway.records import Document, MessageRecord, TimelineEntry
from gateway.web.problems import problem_response
from routing.faults import FAULTS

_STATUS = {Kind.ACCEPTED: 202, Kind.REPEAT: 200, Kind.RESEND: 200, Kind.RECORDED: 200}


def json_response(body: object, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """A JSON answer."""
    return web.Response(body=orjson.dumps(body, default=str), status=status, content_type="application/json", headers=headers)


def submission_response(answer: Answer) -> web.Response:
    """The answer to a document handed in: 202, 200 for what is known, or the fault's status as a problem with findings and receipt."""
    location = {"Location": f"/v1/messages/{answer.id}"}
    if answer.fault is None:
        body = {"id": answer.id, "state": answer.state, "repeat": answer.kind in {Kind.REPEAT, Kind.RESEND}, **answer.verdict}
        return json_response(body, _STATUS[answer.kind], location)
    row = FAULTS[answer.fault]
    more: dict[str, Any] = {"id": answer.id, "state": answer.state, "fault": answer.fault, **answer.verdict}
    if answer.receipt is not None:
        more["receipt"] = {
            "type": answer.receipt_type,
            "content_type": "application/xml",
            "base64": base64.b64encode(answer.receipt).decode(),
        }
    response = problem_response(row.status or 422, answer.fault, row.text_da, row.text_en, more)
    response.headers.update(location)
    return response


def document_response(record: MessageRecord, document: Document) -> web.Response:
    """The document's own bytes, and what a receiver needs to know them by in the headers."""
    headers = {"Content-Type": document.content_type, "MedCom-Message-Id": record.id, "MedCom-Type": record.type}
    return web.Response(body=document.body, headers=headers)


def shown_in_mailbox(record: MessageRecord) -> dict[str, Any]:
    """A message as a mailbox lists it: no clinical text and no person."""
    return {
        "id": record.id,
        "type": record.type,
        "version": record.version,
        "sender": record.sender,
        "receiver": record.receiver,
        "heading": record.heading,
        "thread": record.thread,
        "envelope_id": record.envelope_id,
        "letter_ids": list(record.letter_ids),
        "wants_receipt": record.wants_receipt,
        "received_at": record.received_at,
        "size": record.size,
        "content_type": record.content_type,
    }


def shown_in_full(
    record: MessageRecord,
    timeline: Sequence[TimelineEntry],
    receipts: Sequence[MessageRecord],
    attachments: Sequence[Attachment],
) -> dict[str, Any]:
    """A message for its sender and its receivers: state, timeline, receipts, and what belongs with it."""
    return shown_in_mailbox(record) | {
        "state": record.state,
        "fault": record.fault,
        "attempts": record.attempts,
        "changed_at": record.changed_at,
        "receipt_due_at": record.receipt_due_at,
        "overdue_at": record.overdue_at,
        "register_version": record.register_version,
        "verdict": record.verdict,
        "timeline": [
            {"at": entry.at, "what": entry.what, "state": entry.state, "actor": entry.actor, "detail": entry.detail}
            for entry in timeline
        ],
        "receipts": [
            {"id": receipt.id, "type": receipt.type, "state": receipt.state, "received_at": receipt.received_at}
            for receipt in receipts
        ],
        "attachments": [shown(one) for one in attachments],
    }
