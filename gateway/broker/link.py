"""The link to RabbitMQ: two connections that are up together or not at all, and the task that brings them back.

    connect ─> prepare (declare, consume) ─> up ─> lost ─> abandon ─> connect …
                 └───────── any failure: again, later and later ─────────┘

One connection publishes and the other does everything else: a broker that is short of memory or disk stops reading from those
that publish, and must still be able to hear acks. Whatever ends unexpectedly (a connection, a channel, a consumer) loses the
whole link, so that there is one way back and it is always the same. A link that is silent without being closed (a black hole)
is found by asking it something every few seconds. What may cost the connection that it is asked on (a consumer of a queue that did not
answer) is tried on one of its own. This is ours, and not aio-pika's RobustConnection, because of what ADR 0004
tells.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import aiormq
from aiormq.abc import AbstractChannel
from aiormq.connection import TCPTransportFactory, TLSTransportFactory, TransportFactory
from yarl import URL

from gateway.broker.errors import translated
from gateway.events import BrokerAway, Telemetry
from gateway.ports import BrokerUnavailable

OPEN_WITHIN = 9.0
PROBE_EVERY = 5.0
PROBE_WITHIN = 5.0
GOODBYE_WITHIN = 2.0
HEARTBEAT = 10
LONGEST_PAUSE = 5.0
CONGESTED = 256 * 1024  # bytes


class _Wire:
    """One connection that can be torn down: closing in good order waits for the other side, which a black hole never ends."""

    def __init__(self, url: URL, name: str) -> None:
        self.socket = _Tapped(url.scheme)
        named = url.update_query({"heartbeat": url.query.get("heartbeat", str(HEARTBEAT)), "name": name})
        self.connection = aiormq.Connection(named, transport_factory=self.socket)

    async def close(self, goodbye: float) -> None:
        """In good order within `goodbye` seconds, or else by force."""
        try:
            with suppress(BrokerUnavailable), translated():
                await asyncio.wait_for(self.connection.close(), goodbye)
        finally:
            self.socket.abort()
        with suppress(BrokerUnavailable), translated():
            await asyncio.wait_for(self.connection.close(), goodbye)


class _Tapped(TransportFactory):
    """Opens the socket as the driver does and keeps a hand on it."""

    def __init__(self, scheme: str) -> None:
        self._inner = TLSTransportFactory() if scheme == "amqps" else TCPTransportFactory()
        self._writer: asyncio.StreamWriter | None = None

    async def create(self, url: URL, **kwargs: Any) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, self._writer = await self._inner.create(url, **kwargs)
        return reader, self._writer

    def abort(self) -> None:
        if self._writer is not None:
            self._writer.transport.abort()

    def unsent(self) -> int:
        return self._writer.transport.get_write_buffer_size() if self._writer is not None else 0


class Session:
    """The link while it is up. `publishing` is a channel with confirms; `lost` is set when anything of it has ended."""

    publishing: aiormq.Channel

    def __init__(self, url: URL) -> None:
        self.lost = asyncio.Event()
        self._url = url
        self._publisher = _Wire(url, "medcom-gateway publish")
        self._worker = _Wire(url, "medcom-gateway consume")
        self._beside: list[_Wire] = []
        self._probe: AbstractChannel
        self._bounds: set[asyncio.Timeout] = set()

    async def connect(self) -> None:
        """Raises whatever the driver raises."""
        for wire in (self._publisher, self._worker):
            await wire.connection.connect()
            wire.connection.closing.add_done_callback(self.lose)
        channel = await self._publisher.connection.channel(on_return_raises=True)
        assert isinstance(channel, aiormq.Channel)  # noqa: S101 - the driver promises less than it gives: `basic_publish(wait=…)`
        self.publishing = channel
        self.publishing.closing.add_done_callback(self.lose)
        self._probe = await self.channel()

    @property
    def congested(self) -> bool:
        """Whether so much waits to be sent that a publisher should wait its turn, or memory would grow while the broker is slow."""
        return self._publisher.socket.unsent() > CONGESTED

    async def channel(self) -> AbstractChannel:
        """A channel beside the publishing one, whose end is the end of the session."""
        channel = await self._worker.connection.channel(publisher_confirms=False)
        channel.closing.add_done_callback(self.lose)
        return channel

    @asynccontextmanager
    async def passing_channel(self) -> AsyncIterator[AbstractChannel]:
        """A channel for one errand. RabbitMQ answers an error by closing the channel, and this one may be closed."""
        channel = await self._worker.connection.channel(publisher_confirms=False)
        try:
            yield channel
        finally:
            with suppress(BrokerUnavailable), translated():
                await channel.close()

    @asynccontextmanager
    async def channel_beside(self) -> AsyncIterator[AbstractChannel]:
        """A channel on a connection of its own. Where the block ends well both are part of the session from then on; where it does not,
        they end, and nothing else does.
        """
        wire = _Wire(self._url, "medcom-gateway beside")
        self._beside.append(wire)
        try:
            await wire.connection.connect()
            channel = await wire.connection.channel(publisher_confirms=False)
            yield channel
        except BaseException:
            await wire.close(goodbye=0.1)
            self._beside.remove(wire)
            raise
        wire.connection.closing.add_done_callback(self.lose)
        channel.closing.add_done_callback(self.lose)

    @asynccontextmanager
    async def bounded(self, seconds: float) -> AsyncIterator[None]:
        """Raises TimeoutError after so long, and at once when the session is lost: not each wait of the driver ends with it."""
        async with asyncio.timeout(seconds) as bound:
            self._bounds.add(bound)
            try:
                yield
            finally:
                self._bounds.discard(bound)

    def lose(self, *_: object) -> None:
        """The session is over; who waits for it need not wait longer."""
        self.lost.set()
        for bound in self._bounds:
            if not bound.expired():
                bound.reschedule(0)
        self._bounds.clear()

    async def silent_or_lost(self) -> str:
        """Returns, with the reason, when the session is of no use any more."""
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self.lost.wait(), PROBE_EVERY)
                return "connection-lost"
            try:
                with translated():
                    await asyncio.wait_for(self._probe.basic_qos(prefetch_count=1), PROBE_WITHIN)
            except BrokerUnavailable:
                return "connection-silent"

    async def close(self, goodbye: float = GOODBYE_WITHIN) -> None:
        """Within twice `goodbye` seconds."""
        self.lose()
        await asyncio.gather(*(wire.close(goodbye) for wire in (self._publisher, self._worker, *self._beside)))


class Link:
    """Keeps a session up. `prepare` makes a new session ready for use and may raise; it is then tried again."""

    def __init__(self, url: str, prepare: Callable[[Session], Awaitable[None]], telemetry: Telemetry) -> None:
        self._url = URL(url)
        self._prepare = prepare
        self._telemetry = telemetry
        self._session: Session | None = None
        self._keeper: asyncio.Task[None] | None = None

    @property
    def up(self) -> bool:
        """Whether there is a session, as far as is known."""
        return self._session is not None and not self._session.lost.is_set()

    @property
    def session(self) -> Session:
        """The session that is up. Raises BrokerUnavailable where there is none."""
        if self._session is None or self._session.lost.is_set():
            raise BrokerUnavailable("disconnected")
        return self._session

    async def open(self) -> None:
        """Returns once the session is up. Raises BrokerUnavailable, having given up, within 10 seconds."""
        if self._keeper is None:
            self._session = await self._bring_up()
            self._keeper = asyncio.create_task(self._keep(self._session), name="broker-link")

    async def close(self) -> None:
        """Idempotent, and bounded."""
        keeper, self._keeper = self._keeper, None
        if keeper is not None:
            keeper.cancel()
            # A cancellation can get lost in the driver; the keeper then sees for itself that it is nobody's, and is not waited for.
            await asyncio.wait({keeper}, timeout=GOODBYE_WITHIN)
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _keep(self, session: Session) -> None:
        while self._keeper is not None:
            reason = await session.silent_or_lost()
            self._session = None
            self._telemetry.emit(BrokerAway(reason))
            await session.close()
            session = self._session = await self._bring_back()
        await session.close()

    async def _bring_back(self) -> Session:
        pause = 0.05
        while True:
            try:
                return await self._bring_up()
            except BrokerUnavailable as error:
                self._telemetry.emit(BrokerAway(str(error)))
            await asyncio.sleep(pause * random.uniform(0.5, 1))  # noqa: S311 - several gateways should not come back in step
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _bring_up(self) -> Session:
        session = Session(self._url)
        try:
            with translated():
                async with asyncio.timeout(OPEN_WITHIN):
                    await session.connect()
                    await self._prepare(session)
        except BaseException:
            await session.close(goodbye=0.1)
            raise
        return session
