"""The broker on RabbitMQ.

Every publish is persistent, mandatory and confirmed within a bounded wait, in one function; many are under way at once on one
channel, and their confirms are gathered. Endpoints and consumers are remembered and made again on every new session of the
link; one queue that is amiss is told, and keeps nobody else waiting.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import suppress

from aiormq.abc import AbstractChannel

from gateway.broker.consuming import TRY_AGAIN, Consumers
from gateway.broker.errors import translated
from gateway.broker.foreign import read_anything
from gateway.broker.handling import Handling
from gateway.broker.link import Link, Session
from gateway.broker.properties import properties_of
from gateway.broker.queues import DELIVERY_LIMIT, queue_of
from gateway.broker.topology import MESSAGES, TopologyDiffers, declare_common, declare_endpoint, ready_count
from gateway.events import BrokerAway, Telemetry
from gateway.ports import DEAD_LETTERS, INBOX, UNROUTABLE, BrokerUnavailable, Handler
from gateway.records import Parcel

CONFIRM_WITHIN = 10.0
ANSWER_WITHIN = 10.0


class RabbitBroker:
    """`Broker` on RabbitMQ 3.10 or later. `url` is `amqp://` or `amqps://user:password@host/vhost`, with aiormq's query
    parameters for TLS (`cafile`, `certfile`, `keyfile`).
    """

    durable = True

    def __init__(
        self,
        url: str,
        *,
        delivery_limit: int = DELIVERY_LIMIT,
        confirm_within: float = CONFIRM_WITHIN,
        try_again: float = TRY_AGAIN,
        telemetry: Telemetry | None = None,
    ) -> None:
        read_anything()
        self._telemetry = telemetry = telemetry or Telemetry(None)
        self._delivery_limit = delivery_limit
        self._confirm_within = confirm_within
        self._handling = Handling(telemetry)
        self._link = Link(url, self._prepare, telemetry)
        self._wanted: dict[str, frozenset[str]] = {}
        self._bound: dict[str, frozenset[str]] = {}
        self._consumers = Consumers(self._handling, telemetry, try_again)
        # What is declared and consumed changes in one place at a time, so that a new session misses nothing and does nothing
        # twice.
        self._changing = asyncio.Lock()

    @property
    def up(self) -> bool:
        """Whether there is a session that nobody has found lost."""
        return self._link.up

    @property
    def unserved(self) -> frozenset[str]:
        """The queues that do not let themselves be consumed."""
        return self._consumers.unserved

    async def open(self) -> None:
        """Connects, declares, and keeps the connection up from then on."""
        await self._link.open()

    async def close(self) -> None:
        """Stops consuming, ends the handlers that still run, and disconnects: within 7 seconds, whatever the broker does."""
        await self._consumers.forget()
        await self._handling.end()
        await self._link.close()

    async def declare(self, endpoint: str, keys: Iterable[str], gone: Iterable[str] = ()) -> None:
        """The endpoint's queue, bound to these keys. AMQP cannot tell which keys a queue is bound to, so only those are unbound
        that this object has bound itself, or that are named in `gone`. Raises BrokerUnavailable, and TopologyDiffers where the
        queue is there with other arguments; the endpoint is remembered all the same, and declared on the next session.
        """
        keys = frozenset(keys)
        async with self._changing:
            self._wanted[endpoint] = keys
            self._bound[endpoint] = self._bound.get(endpoint, frozenset()) | frozenset(gone)
            session = self._link.session
            with translated():
                async with session.bounded(ANSWER_WITHIN), session.passing_channel() as channel:
                    await self._declare(channel, endpoint, keys)

    async def publish(self, parcel: Parcel) -> None:
        """Returns once RabbitMQ has confirmed it. Raises BrokerUnavailable: at once where there is no connection."""
        session = self._link.session
        properties = properties_of(parcel)
        with translated():
            async with session.bounded(self._confirm_within):
                await session.publishing.basic_publish(
                    parcel.body or b"",
                    exchange=MESSAGES,
                    routing_key=parcel.routing_key,
                    properties=properties,
                    mandatory=True,
                    # Waiting for the socket costs a turn of the loop a message; the confirm is what counts.
                    wait=session.congested,
                )

    async def consume(self, queue: str, handler: Handler, prefetch: int) -> None:
        """Hands the queue's parcels to `handler`, from now or, where there is no connection, from when there is one. Raises
        KeyError for a queue that was not declared.
        """
        if queue not in self._queues():
            raise KeyError(queue)
        async with self._changing:
            consumer = self._consumers.add(queue, handler, prefetch)
            with suppress(BrokerUnavailable):
                await self._consumers.start(self._link.session, consumer)

    async def stop_consuming(self) -> None:
        """What was prefetched and not handed out goes back to its queue."""
        async with self._changing:
            consumers = await self._consumers.forget()
            with suppress(BrokerUnavailable), translated():
                async with self._link.session.bounded(ANSWER_WITHIN):
                    for consumer in consumers:
                        await consumer.cancel()

    async def depths(self) -> Mapping[str, int]:
        """Asks the broker for each queue in turn."""
        session = self._link.session
        with translated():
            async with session.bounded(ANSWER_WITHIN), session.passing_channel() as channel:
                return {name: await ready_count(channel, name) for name in self._queues()}

    def _queues(self) -> list[str]:
        return [INBOX, DEAD_LETTERS, UNROUTABLE, *map(queue_of, self._wanted)]

    async def _prepare(self, session: Session) -> None:
        """Makes a new session what the last one was."""
        async with self._changing:
            async with session.passing_channel() as channel:
                await declare_common(channel)
            for endpoint, keys in self._wanted.items():
                try:
                    async with session.passing_channel() as channel:
                        await self._declare(channel, endpoint, keys)
                except TopologyDiffers as differs:
                    self._telemetry.emit(BrokerAway(str(differs)))
            await self._consumers.start_all(session)

    async def _declare(self, channel: AbstractChannel, endpoint: str, keys: frozenset[str]) -> None:
        bound = self._bound.get(endpoint, frozenset())
        # Noted before it is tried: what is half done now is undone by the next call.
        self._bound[endpoint] = bound | keys
        await declare_endpoint(channel, endpoint, keys, bound - keys, self._delivery_limit)
        self._bound[endpoint] = keys
