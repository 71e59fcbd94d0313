"""Hop 6: from the outbox to the broker, and nobody else publishes.

    take due rows ─┐
                   ├─> held (bounded) ─> publish, confirmed ─┬─> taken along by the courier, who stores it with the outcome
    offered rows ──┘                        │                └─> after LINGER: journal.relayed
                                            └─ not confirmed: wait, publish again

Rows come two ways. Intake and courier *offer* rows that they have just stored, born claimed for this relay, so the usual message
needs no second read; what does not fit in memory, is due later, or was left by a process that died is *taken* from the journal. A
row leaves memory when its confirm is stored, so a broken broker stops the relay, never loses a row, and memory stays bounded. A row
that its own queue alone does not take leaves memory too, for the others' sake: the journal hands it out again when its lease ends.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from gateway.clock import danish_day
from gateway.directory import DirectoryWatch
from gateway.events import JournalAway, MessageRelayed, RelayDelayed, Telemetry
from gateway.patience import patiently
from gateway.ports import Broker, BrokerUnavailable, Clock, Journal, JournalUnavailable
from gateway.records import Mode, OutboxRow, Parcel, Relayed
from routing.keys import routing_key
from routing.lifecycle import Happening

HOLD = 512
POLL_SECONDS = 0.5
LINGER = 0.2  # seconds that a confirm waits for the courier, who is seldom slower and saves the journal a change of state
PAUSE_SECONDS = 1.0
DECIDING = timedelta(minutes=1)
"""For so long a message may be under way to the outbox with a directory that is no longer the current one."""


@dataclass(frozen=True, slots=True)
class _Confirmed:
    """A parcel that the broker has, not yet recorded. `started` is when its relaying began, in the performance counter's seconds."""

    parcel: Parcel
    relayed: Relayed
    started: float


class Relay:
    """Moves rows from the journal's outbox to the broker. `owner` is this process's name in the journal's leases."""

    def __init__(
        self, *, journal: Journal, broker: Broker, watch: DirectoryWatch, clock: Clock, telemetry: Telemetry, owner: str
    ) -> None:
        self.owner = owner
        self._journal = journal
        self._broker = broker
        self._watch = watch
        self._clock = clock
        self._telemetry = telemetry
        self._held: dict[int, asyncio.Task[None]] = {}
        self._reserved = 0
        self._nudge = asyncio.Event()
        self._passable = asyncio.Event()
        self._confirmed: dict[str, list[_Confirmed]] = {}
        self._recordable = asyncio.Event()
        self._emptied = asyncio.Event()
        self._stopping = asyncio.Event()

    def reserve(self) -> str | None:
        """A place in memory for a row that is about to be stored: the owner to store as `claimed_by`, or None where memory is full."""
        if self._stopping.is_set() or len(self._held) + self._reserved >= HOLD:
            return None
        self._reserved += 1
        return self.owner

    def offer(self, *rows: OutboxRow) -> None:
        """Takes the rows for which a place was reserved; no rows give the place back."""
        self._reserved -= 1
        for row in rows:
            self._hold(row)

    def open(self) -> None:
        """The endpoints' queues are declared: what is held may be published. Until then it waits, for it would find no queue."""
        self._passable.set()

    def nudge(self) -> None:
        """There is something new in the outbox: do not wait for the next poll."""
        self._nudge.set()

    @contextmanager
    def taken_along(self, message_id: str) -> Iterator[tuple[Relayed, ...]]:
        """The message's confirms that are not stored yet, for a caller that stores them together with something else. Where it fails
        they are stored here after all.
        """
        taken = self._confirmed.pop(message_id, [])
        try:
            yield tuple(one.relayed for one in taken)
        except BaseException:
            self._confirmed.setdefault(message_id, []).extend(taken)
            self._recordable.set()
            raise
        self._let_go(taken)

    async def run(self) -> None:
        """Takes due rows and records confirms until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._take_all(), name="relay take")
            group.create_task(self._record_all(), name="relay record")

    async def _take_all(self) -> None:
        """Full batches follow on each other without a pause."""
        while True:
            try:
                full = await self._take()
            except JournalUnavailable as away:
                self._telemetry.emit(JournalAway(away.reason, "relay"))
                full = False
            if not full:
                self._nudge.clear()
                with suppress(TimeoutError):
                    async with asyncio.timeout(POLL_SECONDS):
                        await self._nudge.wait()

    async def drain(self, seconds: float) -> None:
        """Lets what is held be confirmed, for so long at the most. The rest stays in the outbox."""
        self._stopping.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._held:
                    self._emptied.clear()
                    await self._emptied.wait()
        for task in self._held.values():
            task.cancel()

    async def _take(self) -> bool:
        room = HOLD - len(self._held) - self._reserved
        if room < HOLD // 4:
            return False
        rows = await self._journal.take(self.owner, room, self._clock.now())
        for row in rows:
            if row.id not in self._held:
                self._hold(row)
        return len(rows) == room

    def _hold(self, row: OutboxRow) -> None:
        self._held[row.id] = asyncio.create_task(self._relay(row), name=f"relay {row.parcel.id}")

    async def _relay(self, row: OutboxRow) -> None:
        started = time.perf_counter()
        if row.parcel.endpoint not in self._watch.current.partners:
            # Connected a moment ago, and a letter was sent there at once: the queue must be there before the parcel is.
            await patiently(self._watch.refresh, self._telemetry, "relay")
        if not await self._publish(row.parcel):
            self._held.pop(row.id, None)
            return
        partner = self._watch.current.partners.get(row.parcel.endpoint)
        handed_over = partner is not None and partner.mode is Mode.AMQP
        happening = Happening.HANDED_OVER if handed_over else Happening.RELAYED
        relayed = Relayed(row.id, row.parcel.id, happening, self._clock.now())
        self._confirmed.setdefault(row.parcel.id, []).append(_Confirmed(row.parcel, relayed, started))
        self._recordable.set()

    async def _record_all(self) -> None:
        """Records the confirms that no courier has taken along, many in one call."""
        while True:
            await self._recordable.wait()
            self._recordable.clear()
            waiting = tuple(self._confirmed)
            with suppress(TimeoutError):
                async with asyncio.timeout(LINGER):
                    await self._stopping.wait()
            batch = [one for message_id in waiting for one in self._confirmed.pop(message_id, ())]
            if batch:
                relayed = [confirmed.relayed for confirmed in batch]
                await patiently(partial(self._journal.relayed, relayed), self._telemetry, "relay")
                self._let_go(batch)
            if self._confirmed:
                self._recordable.set()

    def _let_go(self, batch: Iterable[_Confirmed]) -> None:
        """Only what is recorded leaves memory."""
        for confirmed in batch:
            self._held.pop(confirmed.relayed.outbox_id, None)
            self._tell(confirmed)
        if not self._held:
            self._emptied.set()

    def _tell(self, confirmed: _Confirmed) -> None:
        parcel, elapsed = confirmed.parcel, time.perf_counter() - confirmed.started
        self._telemetry.emit(MessageRelayed(parcel.id, parcel.endpoint, parcel.routing_key, parcel.attempt, elapsed))

    def _keyed(self, parcel: Parcel) -> Parcel:
        """With the key that its address has now: the register or the day may be another than when it was decided where it goes."""
        if parcel.queued_at > self._watch.keys_since + DECIDING:
            return parcel
        register, today = self._watch.current.register, danish_day(self._clock.now())
        return replace(parcel, routing_key=routing_key(register, parcel.address, parcel.type, parcel.heading, today))

    async def _publish(self, parcel: Parcel) -> bool:
        """Returns once the broker has it; False where the broker is there and its queue does not take it (no leader, for one)."""
        while True:
            if not self._passable.is_set():
                await self._passable.wait()
                # By now it may lie in a queue already: its own confirm was lost, or it waited so long that another process took it.
                parcel = replace(parcel, recovered=True)
            await self._watch.settled.wait()
            try:
                await self._broker.publish(self._keyed(parcel))
            except BrokerUnavailable as away:
                if self._broker.up:
                    self._telemetry.emit(RelayDelayed(away.reason, len(self._held)))
                    return False
                # One row finds the broker away and says so; all wait for the same moment to try again.
                if self._passable.is_set():
                    self._passable.clear()
                    asyncio.get_running_loop().call_later(PAUSE_SECONDS, self._passable.set)
                    self._telemetry.emit(RelayDelayed(away.reason, len(self._held)))
            else:
                return True
