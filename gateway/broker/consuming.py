"""What is taken from RabbitMQ: parcels in a handler's hands, and the consumers that take them.

    session is new ─> start on its connection ─> runs
                             └─ fails ─> the session is lost; on the next one: beside it ─> runs
                                                                                └─ fails ─> unserved, tried again

A quorum queue that has no leader leaves a consumer without an answer for a minute and then ends its connection (541), which would
take every other queue along. So a consumer that could not be started is started on a connection of its own, again and again with
patience, while the rest goes on. A parcel taken on a session that was lost is not acked on another: RabbitMQ gives it out again,
and the courier knows it by `redelivered`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

from aiormq.abc import AbstractChannel, DeliveredMessage

from gateway.broker.errors import translated
from gateway.broker.handling import Handling
from gateway.broker.link import GOODBYE_WITHIN, Session
from gateway.broker.properties import parcel_of, reason_of
from gateway.events import QueueServed, QueueUnserved, Telemetry
from gateway.ports import BrokerUnavailable, Handler

START_WITHIN = (
    5.0  # less than a session has to come up in, so that what does not answer is found out and the next one passes it by
)
SETTLE_WITHIN = 5.0
TRY_AGAIN = 15.0


class Delivery:
    """A parcel that a handler holds: RabbitMQ's `Taken`. It belongs to the channel that it came on and dies with it."""

    __slots__ = ("_channel", "_tag", "parcel", "reason", "redelivered", "user")

    def __init__(self, channel: AbstractChannel, message: DeliveredMessage, queue: str) -> None:
        self.parcel = parcel_of(message)
        self.redelivered = bool(message.redelivered)
        self.reason = reason_of(message, queue)
        self.user: str | None = message.header.properties.user_id
        self._channel = channel
        self._tag = message.delivery_tag or 0

    async def ack(self) -> None:
        """The broker forgets it, where the channel still lives."""
        await self._settle(lambda: self._channel.basic_ack(self._tag, wait=False))

    async def release(self) -> None:
        """Back to the queue, and it counts: RabbitMQ 4.3 counts `basic.reject` towards the delivery limit, not `basic.nack`."""
        await self._settle(lambda: self._channel.basic_reject(self._tag, requeue=True, wait=False))

    async def decline(self) -> None:
        """Back to the queue untouched."""
        await self._settle(lambda: self._channel.basic_nack(self._tag, requeue=True, wait=False))

    async def _settle(self, send: Callable[[], Awaitable[None]]) -> None:
        # A dead channel refuses at once; one about to die may never take the frame, hence the bound. It comes again either way.
        with suppress(Exception):
            async with asyncio.timeout(SETTLE_WITHIN):
                await send()


@dataclass(slots=True)
class Consumer:
    """What `consume` was asked for, and where it runs at the moment. `failed` says that it could not be started when last tried."""

    queue: str
    handler: Handler
    prefetch: int
    stopped: bool = False
    failed: bool = False
    channel: AbstractChannel | None = None
    tag: str = ""

    async def cancel(self) -> None:
        """No more parcels, where it runs. Raises what the driver raises."""
        if self.channel is not None:
            await self.channel.basic_cancel(self.tag)


class Consumers:
    """All consumers of one broker, over every session. `try_again` is in seconds."""

    def __init__(self, handling: Handling, telemetry: Telemetry, try_again: float) -> None:
        self._handling = handling
        self._telemetry = telemetry
        self._try_again = try_again
        self._all: list[Consumer] = []
        self._trials: set[asyncio.Task[None]] = set()

    @property
    def unserved(self) -> frozenset[str]:
        """The queues whose consumer could not be started when last tried."""
        return frozenset(consumer.queue for consumer in self._all if consumer.failed)

    def add(self, queue: str, handler: Handler, prefetch: int) -> Consumer:
        """One more, to be started now and on every session to come."""
        consumer = Consumer(queue, handler, prefetch)
        self._all.append(consumer)
        return consumer

    async def forget(self) -> list[Consumer]:
        """Those that there were. What RabbitMQ still hands to them goes back; none is started again."""
        consumers, self._all = self._all, []
        for consumer in consumers:
            consumer.stopped = True
        trials = list(self._trials)
        for trial in trials:
            trial.cancel()
        if trials:
            await asyncio.wait(trials, timeout=GOODBYE_WITHIN)
        return consumers

    async def start_all(self, session: Session) -> None:
        """On a new session: those that failed on the last one beside it, in the background. Raises as `start`."""
        for consumer in self._all:
            consumer.channel = None
        for consumer in self._all:
            if not consumer.failed:
                await self.start(session, consumer)
        for consumer in self._all:
            if consumer.failed:
                trial = asyncio.create_task(self._start_beside(session, consumer), name=f"consume {consumer.queue}")
                self._trials.add(trial)
                trial.add_done_callback(self._trials.discard)

    async def start(self, session: Session, consumer: Consumer) -> None:
        """On the session's own connection. Raises BrokerUnavailable; the session is then lost, whichever of the two was at fault."""
        try:
            with translated():
                async with session.bounded(START_WITHIN):
                    await self._subscribe(session, await session.channel(), consumer)
        except BrokerUnavailable:
            consumer.failed = True
            session.lose()
            raise

    async def _start_beside(self, session: Session, consumer: Consumer) -> None:
        while not session.lost.is_set():
            try:
                with translated():
                    async with session.bounded(START_WITHIN), session.channel_beside() as channel:
                        await self._subscribe(session, channel, consumer)
            except BrokerUnavailable as away:
                if not session.lost.is_set():
                    self._telemetry.emit(QueueUnserved(consumer.queue, away.reason))
            else:
                consumer.failed = False
                self._telemetry.emit(QueueServed(consumer.queue))
                return
            with suppress(TimeoutError):
                await asyncio.wait_for(session.lost.wait(), self._try_again)

    async def _subscribe(self, session: Session, channel: AbstractChannel, consumer: Consumer) -> None:
        async def on_delivery(message: DeliveredMessage) -> None:
            delivery = Delivery(channel, message, consumer.queue)
            if consumer.stopped:
                await delivery.decline()
            else:
                self._handling.start(consumer.handler, delivery)

        channel.on_consumer_cancel_callbacks.add(session.lose)
        await channel.basic_qos(prefetch_count=consumer.prefetch)
        answer = await channel.basic_consume(consumer.queue, on_delivery)
        consumer.channel, consumer.tag = channel, answer.consumer_tag or ""
