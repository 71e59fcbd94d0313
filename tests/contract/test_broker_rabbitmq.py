"""What the broker on RabbitMQ promises beyond the port: what others on the same RabbitMQ see, send and break."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import aiormq
import pytest
from aiormq import spec
from aiormq.connection import TCPTransportFactory, TransportFactory
from yarl import URL

from gateway.broker.queues import queue_of
from gateway.broker.rabbitmq import RabbitBroker
from gateway.broker.topology import TopologyDiffers
from gateway.ports import DEAD_LETTERS, INBOX, UNROUTABLE, BrokerUnavailable
from tests.services.taking import SKIVE, Taking, eventually, parcel

QUEUE = queue_of("skive")


@pytest.fixture
async def wire(rabbitmq_vhost: str) -> AsyncIterator[aiormq.abc.AbstractChannel]:
    """A channel of somebody else's on the same virtual host."""
    connection = await aiormq.connect(rabbitmq_vhost)
    yield await connection.channel()
    await connection.close()


@pytest.fixture
async def rabbit(rabbitmq_vhost: str) -> AsyncIterator[RabbitBroker]:
    """The broker on RabbitMQ, open, with an endpoint."""
    broker = RabbitBroker(rabbitmq_vhost)
    await broker.open()
    await broker.declare("skive", [SKIVE])
    yield broker
    await broker.close()


async def test_message_on_the_wire(rabbit: RabbitBroker, wire: aiormq.abc.AbstractChannel) -> None:
    """A receiver that consumes its own queue finds the document as the body, persistent, and can sort by its properties."""
    sent = parcel()
    await rabbit.publish(sent)
    await rabbit.publish(replace(sent, body=None))
    message = await wire.basic_get(QUEUE, no_ack=True)
    properties = message.header.properties
    assert message.body == sent.body
    assert properties.delivery_mode == 2
    assert (properties.message_id, properties.message_type, properties.content_type) == (sent.id, "XDIS91", "application/xml")
    assert properties.timestamp == sent.queued_at.replace(microsecond=0)
    headers = dict(properties.headers or {})
    headers.pop("x-delivery-count", None)  # the quorum queue's own, on 3.10
    assert headers == {
        "medcom-endpoint": "skive",
        "medcom-address": sent.address,
        "medcom-sender": sent.sender,
        "medcom-receiver": sent.receiver,
        "medcom-heading": "indlaeggelse",
        "medcom-thread": sent.thread,
        "medcom-queued-at": "2026-03-01T23:15:59.123456+00:00",
    }
    by_reference = await wire.basic_get(QUEUE, no_ack=True)
    assert by_reference.body == b""
    assert (by_reference.header.properties.headers or {})["medcom-body"] == "reference"


async def test_inbox_knows_the_user(rabbit: RabbitBroker, wire: aiormq.abc.AbstractChannel) -> None:
    """What a sender publishes to the inbox comes with the user that RabbitMQ vouches for, whatever the headers are or lack."""
    taking = Taking()
    await rabbit.consume(INBOX, taking, 1)
    await wire.basic_publish(
        b"<Emessage/>", exchange=INBOX, properties=spec.Basic.Properties(user_id="guest", message_id="m-1")
    )
    await wire.basic_publish(
        b"",
        exchange=INBOX,
        routing_key="any",
        properties=spec.Basic.Properties(headers={"medcom-attempt": "x", "medcom-sender": 7, "medcom-queued-at": "i går"}),
    )
    first, second = await taking.until(2)
    assert (first.user, first.parcel.id, first.parcel.body) == ("guest", "m-1", b"<Emessage/>")
    assert second.user is None
    assert (second.parcel.sender, second.parcel.attempt, second.parcel.endpoint) == ("", 1, "")


async def test_rejected_by_the_receivers_own_consumer(rabbit: RabbitBroker, wire: aiormq.abc.AbstractChannel) -> None:
    """What a receiver's own consumer rejects is a dead letter with RabbitMQ's reason."""
    await rabbit.publish(parcel())
    message = await wire.basic_get(QUEUE)
    await wire.basic_reject(message.delivery_tag or 0, requeue=False)
    dead = Taking()
    await rabbit.consume(DEAD_LETTERS, dead, 1)
    (letter,) = await dead.until(1)
    assert (letter.parcel, letter.reason) == (parcel(), "rejected")


async def test_keys_of_an_earlier_process_are_unbound(rabbit: RabbitBroker, rabbitmq_vhost: str) -> None:
    """A key that an earlier process bound, and that the endpoint has no more, brings it no mail once it is named as gone."""
    later = RabbitBroker(rabbitmq_vhost)
    await later.open()
    await later.declare("skive", ["kommune.0779.ny"], gone=[SKIVE])
    await later.publish(parcel())
    depths = await later.depths()
    await later.close()
    assert (depths[QUEUE], depths[UNROUTABLE]) == (0, 1)


async def test_other_arguments_are_told(rabbit: RabbitBroker, wire: aiormq.abc.AbstractChannel) -> None:
    """A queue of ours that is there with other arguments is named in the error, and the broker goes on."""
    await wire.queue_declare(queue_of("viborg"), durable=True)
    with pytest.raises(TopologyDiffers, match=r"medcom\.endpoint\.viborg"):
        await rabbit.declare("viborg", ["kommune.0791.#"])
    await rabbit.publish(parcel())


async def test_no_confirm_without_a_queue(rabbit: RabbitBroker, wire: aiormq.abc.AbstractChannel) -> None:
    """Where an operator has deleted even the exchange of the unroutable, a parcel that fits nowhere is not taken as sent."""
    await wire.exchange_delete(UNROUTABLE)
    with pytest.raises(BrokerUnavailable, match="returned"):
        await rabbit.publish(parcel(routing_key="ingen"))


async def test_deleted_queue_is_made_again(rabbit: RabbitBroker, wire: aiormq.abc.AbstractChannel) -> None:
    """A queue that was deleted under its consumer is declared again, and consumed, by itself."""
    taking = Taking()
    await rabbit.consume(QUEUE, taking, 1)
    await wire.queue_delete(QUEUE)

    async def arrives() -> bool:
        with suppress(BrokerUnavailable):
            await rabbit.publish(parcel())
        return bool(taking.taken)

    await eventually(arrives)


async def test_open_gives_up(rabbitmq_vhost: str, unused_port: int) -> None:
    """`open` raises BrokerUnavailable within 10 seconds, with a code that says why: nobody listens, or nobody is let in."""
    started = time.monotonic()
    for url, code in (
        (f"amqp://guest:guest@127.0.0.1:{unused_port}/", "disconnected"),
        (rabbitmq_vhost.replace("guest:guest", "guest:forkert"), "access-refused"),
        (rabbitmq_vhost + "-findes-ikke", "refused"),
    ):
        broker = RabbitBroker(url)
        with pytest.raises(BrokerUnavailable, match=code):
            await broker.open()
        await broker.close()
    assert time.monotonic() - started < 10


@pytest.fixture
def unused_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


class Latin1(TransportFactory):
    """A sender's connection on which `QQQQ` goes out as four bytes that are no UTF-8."""

    async def create(self, url: URL, **kwargs: Any) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await TCPTransportFactory().create(url, **kwargs)
        write = writer.write
        writer.write = lambda data: write(bytes(data).replace(b"QQQQ", "æøå ".encode("latin-1")))  # type: ignore[method-assign]
        return reader, writer


class FarAway(datetime):
    """A time that goes out as a number of seconds which no calendar has."""

    def timestamp(self) -> float:
        return 2.0**62


async def test_inbox_survives_other_encodings(rabbit: RabbitBroker, rabbitmq_vhost: str) -> None:
    """What AMQP does not allow and RabbitMQ lets through, text in ISO-8859-1 and times beyond the calendar, stops nobody."""
    connection = aiormq.Connection(rabbitmq_vhost, transport_factory=Latin1())
    await connection.connect()
    channel = await connection.channel()
    for properties in (
        spec.Basic.Properties(message_id="QQQQ"),
        spec.Basic.Properties(message_id="m-2", headers={"medcom-heading": "QQQQ"}),
        spec.Basic.Properties(message_id="m-3", headers={"QQQQ": "x"}),
        spec.Basic.Properties(message_id="m-4", headers={"nested": {"QQQQ": ["QQQQ"]}}),
        spec.Basic.Properties(
            message_id="m-5", timestamp=FarAway(9999, 1, 1, tzinfo=UTC), headers={"when": FarAway(9999, 1, 1)}
        ),
    ):
        await channel.basic_publish(b"<Emessage/>", exchange=INBOX, routing_key="QQQQ", properties=properties)
    await connection.close()
    taking = Taking()
    await rabbit.consume(INBOX, taking, 10)
    await taking.until(5)
    assert taking.ids[1:] == ["m-2", "m-3", "m-4", "m-5"]
    assert not any(taken.redelivered for taken in taking.taken)
