"""The composition root: the one place that knows which adapter is behind which port, and the order in which things start and stop.

    start: settings ─> schemas ─> store ─> register, directory ─> relay, sweeper ─> socket ─> broker, couriers
    stop:  socket ─> consume ─> couriers and relay drain ─> broker ─> store

The broker comes last and in the background: a hub whose broker is away accepts and keeps. At the stop each step is bounded, so that
the whole ends within ten seconds; what was not finished then is in the journal and is made again.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import aiohttp

from gateway.broker import make_broker
from gateway.broker.queues import queue_of
from gateway.clock import SystemClock, danish_day
from gateway.courier import Courier
from gateway.directory import Directory, DirectoryWatch
from gateway.events import BrokerAway, GatewayStarted, GatewayStopped, JournalAway, TaskFailed, Telemetry
from gateway.examiner import Examiner
from gateway.inbox import Inbox
from gateway.intake import Intake
from gateway.judging import Judge
from gateway.originals import Originals
from gateway.ports import (
    DEAD_LETTERS,
    INBOX,
    UNROUTABLE,
    Archive,
    Attachments,
    Broker,
    BrokerUnavailable,
    Journal,
    JournalUnavailable,
    Partners,
    Registers,
    Transport,
)
from gateway.receipts import ReceiptDesk
from gateway.records import Mode
from gateway.register_watch import RegisterWatch
from gateway.registers import register_of
from gateway.relay import Relay
from gateway.settings import Settings, masked
from gateway.store import Store, open_store
from gateway.sweeper import Sweeper
from gateway.transport import MailboxTransport, PushTransport
from gateway.transport.mailbox import MailboxBell
from gateway.web.bodies import Bodies
from gateway.web.mailboxes import Mailboxes
from gateway.web.messages import Messages
from gateway.web.probes import Probes, Readiness
from gateway.web.register import AddressBook
from gateway.web.server import Server, build
from gateway.web.validation import Validation
from routing.headings import bundled as bundled_headings
from routing.retry import RetryPolicy
from schemas.validator import load_schemas

RECONNECT_SECONDS = 1.0
# What each step of the stop may take: together less than ten seconds, though every one of them should meet a wall.
SILENCE_SECONDS = 1.0
DRAIN_SECONDS = 2.0
GOODBYE_SECONDS = 3.0
LAST_COMMIT_SECONDS = 1.0
# How long a lock on the journal is waited for. The end of the process waits for it too, once.
LOCK_SECONDS = 2.0
COMMON_PREFETCH = 64


@dataclass
class Parts:
    """The adapters that a gateway is made of. A test may wrap one to break it."""

    store: Store
    journal: Journal
    archive: Archive
    attachments: Attachments
    partners: Partners
    registers: Registers
    broker: Broker
    transports: dict[Mode, Transport]
    bell: MailboxBell
    examiner: Examiner


@contextlib.asynccontextmanager
async def real_parts(settings: Settings, telemetry: Telemetry) -> AsyncIterator[Parts]:
    """Opens the store, makes the broker and the transports; closes them at the end. The broker is not yet connected."""
    async with contextlib.AsyncExitStack() as stack:
        store = await open_store(
            settings.store_url,
            receipt_within=settings.receipt_deadline,
            migrate=settings.store_url.startswith("sqlite"),
            busy_timeout=LOCK_SECONDS,
        )
        stack.push_async_callback(_within, LAST_COMMIT_SECONDS, store.close)
        connector = aiohttp.TCPConnector(limit=0, limit_per_host=settings.endpoint_concurrency * 4)
        session = await stack.enter_async_context(
            aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
        )
        broker = make_broker(settings.broker_url, telemetry)
        stack.push_async_callback(_within, GOODBYE_SECONDS, broker.close)
        transports: dict[Mode, Transport] = {
            Mode.PUSH: PushTransport(session, settings.push_timeout, SystemClock()),
            Mode.PULL: MailboxTransport(),
        }
        examiner = Examiner(settings.schemas, settings.max_document)
        stack.push_async_callback(examiner.close)
        yield Parts(store, store, store, store, store, store.registers, broker, transports, MailboxBell(), examiner)


class Gateway:
    """One gateway process, from its parts. `run` serves until `stop` is set."""

    def __init__(self, settings: Settings, parts: Parts, telemetry: Telemetry) -> None:
        clock = SystemClock()
        schemas = load_schemas(settings.schemas)
        schemas.compile_all()  # or the first message of each namespace would hold the event loop for it
        self._settings = settings
        self._parts = parts
        self._telemetry = telemetry
        self._stopping = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._consumed: set[str] = set()
        self._connected = False
        journal, archive = parts.journal, parts.archive
        self.watch = watch = DirectoryWatch(
            partners=parts.partners,
            registers=RegisterWatch(parts.registers, register_of(settings)),
            headings=bundled_headings(),
            clock=clock,
            telemetry=telemetry,
            on_change=self._serve_endpoints,
        )
        desk = ReceiptDesk(schemas, clock, settings.hub_id)
        self.relay = relay = Relay(
            journal=journal, broker=parts.broker, watch=watch, clock=clock, telemetry=telemetry, owner=settings.instance
        )
        self.courier = Courier(
            journal=journal,
            archive=archive,
            transports=parts.transports,
            bell=parts.bell,
            watch=watch,
            desk=desk,
            relay=relay,
            clock=clock,
            telemetry=telemetry,
            policy=RetryPolicy(give_up_after=settings.give_up_after),
        )
        self.sweeper = Sweeper(
            journal=journal,
            archive=archive,
            attachments=parts.attachments,
            broker=parts.broker,
            watch=watch,
            desk=desk,
            relay=relay,
            clock=clock,
            telemetry=telemetry,
            give_up_after=timedelta(seconds=settings.give_up_after),
            attachment_within=timedelta(seconds=settings.attachment_within),
        )
        originals = Originals(archive)
        self.intake = Intake(
            journal=journal,
            archive=archive,
            judge=Judge(schemas, parts.examiner, archive, originals, settings.max_document),
            originals=originals,
            desk=desk,
            relay=relay,
            watch=watch,
            clock=clock,
            telemetry=telemetry,
        )
        self._inbox = Inbox(self.intake, watch, clock, telemetry)
        bodies = Bodies(settings.max_document)
        messages = Messages(self.intake, archive, parts.attachments, watch, clock, bodies)
        validation = Validation(schemas, watch, clock, bodies)
        mailboxes = Mailboxes(
            journal=journal, archive=archive, watch=watch, bell=parts.bell, clock=clock, stopping=self._stopping
        )
        probes = Probes(Readiness(parts.store, parts.broker, self._stopping), telemetry)
        book = AddressBook(watch, clock)
        routes = [*messages.routes(), *validation.routes(), *mailboxes.routes(), *book.routes(), *probes.routes()]
        app = build(routes, telemetry, settings.max_document)
        self._server = Server(app, settings.http_host, settings.http_port)

    async def run(self, stop: asyncio.Event, started: asyncio.Future[str] | None = None) -> None:
        """Serves until `stop` is set, then stops in order. `started` is given the URL once the socket listens."""
        await self.watch.start()
        await self.sweeper.refill()
        self._start(self.watch.run(), "directory")
        self._start(self.relay.run(), "relay")
        self._start(self.sweeper.run(), "sweeper")
        url = await self._server.start()
        self._start(self._connect(), "connect")
        self._telemetry.emit(
            GatewayStarted(
                self._settings.instance,
                url,
                masked(self._settings.store_url),
                masked(self._settings.broker_url),
                self.watch.current.register.version,
            )
        )
        if started is not None:
            started.set_result(url)
        try:
            await stop.wait()
        finally:
            await self._stop()

    async def _connect(self) -> None:
        """Connects the broker, however long it takes; then the consumers. Reconnecting later is the broker adapter's own."""
        while True:
            try:
                await self._parts.broker.open()
                self._connected = True
                await self._serve_endpoints(self.watch.current)
                self.relay.open()
                break
            except BrokerUnavailable as away:
                self._connected = False
                self._telemetry.emit(BrokerAway(away.reason))
            except JournalUnavailable as away:
                self._telemetry.emit(JournalAway(away.reason, "connect"))
            await asyncio.sleep(RECONNECT_SECONDS)
        broker = self._parts.broker
        await broker.consume(INBOX, self._inbox.take, COMMON_PREFETCH)
        await broker.consume(DEAD_LETTERS, self.courier.lay_out, COMMON_PREFETCH)
        await broker.consume(UNROUTABLE, self.courier.lay_out, COMMON_PREFETCH)

    async def _serve_endpoints(self, directory: Directory) -> None:
        """Declares every endpoint's queue, and consumes those that the hub itself delivers from.

        Where the broker is away both are remembered by its adapter, and made when it is back.
        """
        if not self._connected:
            return
        broker, today = self._parts.broker, danish_day(SystemClock().now())
        bound = await self._parts.partners.bound() if broker.durable else {}
        for partner in directory.partners.values():
            await self._declare(partner.name, directory.binding_keys(partner, today), bound.get(partner.name, frozenset()))
            if partner.mode in self._parts.transports and partner.name not in self._consumed:
                self._consumed.add(partner.name)
                await broker.consume(queue_of(partner.name), self.courier.deliver, self._settings.endpoint_concurrency)

    async def _declare(self, endpoint: str, keys: frozenset[str], before: frozenset[str]) -> None:
        """The endpoint's queue and its keys. What is bound at a durable broker is noted before it is bound and until it is unbound: a
        key that a former process bound and nobody remembers would bring somebody else's mail.
        """
        broker, partners = self._parts.broker, self._parts.partners
        if broker.durable and not keys <= before:
            await partners.note_bound(endpoint, keys | before)
        try:
            await broker.declare(endpoint, keys, before - keys)
        except BrokerUnavailable as away:
            self._telemetry.emit(BrokerAway(str(away)))
            return
        if before - keys:
            await partners.note_bound(endpoint, keys)

    def _start(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        task.add_done_callback(self._ended)
        self._tasks.append(task)

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self._telemetry.emit(TaskFailed(task.get_name(), repr(error)))

    async def _stop(self) -> None:
        started = time.perf_counter()
        self._stopping.set()
        self._parts.bell.ring_all()
        await self._server.stop()
        with contextlib.suppress(BrokerUnavailable):
            await _within(SILENCE_SECONDS, self._parts.broker.stop_consuming)
        left, _ = await asyncio.gather(self.courier.drain(DRAIN_SECONDS), self.relay.drain(DRAIN_SECONDS))
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._telemetry.emit(GatewayStopped(time.perf_counter() - started, left))


async def _within(seconds: float, step: Callable[[], Awaitable[None]]) -> None:
    """Takes a step of the stop, or leaves it where it is after so long."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await step()
