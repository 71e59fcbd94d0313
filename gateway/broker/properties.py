"""A parcel as an AMQP message, and back.

Everything but the document is in properties and `medcom-*` headers, so that a receiver that consumes its own queue can sort its
mail without opening it. They are ids, codes and address numbers: never a CPR number, a name or clinical text. What comes in may
be from anyone (`medcom.inbox`), so reading takes any header of any type, and what is missing is empty.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime

from aiormq import spec
from aiormq.abc import DeliveredMessage
from pamqp.common import FieldTable

from gateway.broker.queues import endpoint_of
from gateway.ports import UNROUTABLE, UNROUTABLE_REASON
from gateway.records import Parcel

_PERSISTENT = 2
_SHORT = 255  # bytes of a short string, AMQP 0-9-1 section 4.2.5.3
_BY_REFERENCE = "reference"


def properties_of(parcel: Parcel) -> spec.Basic.Properties:
    """The properties and headers that carry all of a parcel but its body. Raises ValueError for what AMQP cannot carry."""
    for text in (parcel.id, parcel.type, parcel.content_type, parcel.routing_key):
        if len(text.encode()) > _SHORT:
            raise ValueError("an id, type, content type or routing key of more than 255 bytes")
    headers: FieldTable = {
        "medcom-endpoint": parcel.endpoint,
        "medcom-address": parcel.address,
        "medcom-sender": parcel.sender,
        "medcom-receiver": parcel.receiver,
        # The timestamp property has whole seconds.
        "medcom-queued-at": parcel.queued_at.isoformat(),
    }
    # Every header costs each side as much as reading a letter's first lines: what says nothing is left out.
    if parcel.attempt > 1:
        headers["medcom-attempt"] = parcel.attempt
    if parcel.recovered:
        headers["medcom-recovered"] = True
    if parcel.heading is not None:
        headers["medcom-heading"] = parcel.heading
    if parcel.thread is not None:
        headers["medcom-thread"] = parcel.thread
    if parcel.body is None:
        headers["medcom-body"] = _BY_REFERENCE
    return spec.Basic.Properties(
        message_id=parcel.id,
        message_type=parcel.type,
        content_type=parcel.content_type,
        timestamp=parcel.queued_at,
        delivery_mode=_PERSISTENT,
        headers=headers,
    )


def parcel_of(message: DeliveredMessage) -> Parcel:
    """The parcel that a message carries. Never raises: a stranger's message is a parcel with what it has."""
    properties = message.header.properties
    headers = _headers(message)
    return Parcel(
        id=properties.message_id or "",
        endpoint=_text(headers, "medcom-endpoint") or endpoint_of(_text(headers, "x-first-death-queue") or ""),
        address=_text(headers, "medcom-address") or "",
        routing_key=message.routing_key or "",
        body=None if headers.get("medcom-body") == _BY_REFERENCE else message.body,
        content_type=properties.content_type or "",
        type=properties.message_type or "",
        sender=_text(headers, "medcom-sender") or "",
        receiver=_text(headers, "medcom-receiver") or "",
        heading=_text(headers, "medcom-heading"),
        thread=_text(headers, "medcom-thread"),
        queued_at=_queued_at(headers, properties.timestamp),
        attempt=_attempt(headers),
        recovered=headers.get("medcom-recovered") is True,
    )


def reason_of(message: DeliveredMessage, queue: str) -> str | None:
    """Why the broker put it here: for a dead letter RabbitMQ's reason for its first death, else None."""
    if queue == UNROUTABLE:
        return UNROUTABLE_REASON
    return _text(_headers(message), "x-first-death-reason")


def _headers(message: DeliveredMessage) -> Mapping[str, object]:
    return message.header.properties.headers or {}


def _text(headers: Mapping[str, object], name: str) -> str | None:
    value = headers.get(name)
    return value if isinstance(value, str) else None


def _attempt(headers: Mapping[str, object]) -> int:
    value = headers.get("medcom-attempt")
    return value if isinstance(value, int) and value > 0 else 1


def _queued_at(headers: Mapping[str, object], timestamp: datetime | None) -> datetime:
    """The moment in the header, else the property's, else now: a stranger's message was queued at some time before."""
    with suppress(ValueError, OverflowError):
        moment = datetime.fromisoformat(_text(headers, "medcom-queued-at") or "")
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    return timestamp or datetime.now(UTC)
