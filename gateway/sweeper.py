"""Finds what has waited too long, and acts on it: the part of the hub that notices when nothing happens.

queued and never concluded ─> back into the outbox, as a copy that the courier asks the journal about
asked-for receipt not come ─> overdue: shown, counted
letter without attachment  ─> the same, and an attachment without its letter
in a mailbox nobody reads  ─> dead letter, and the sender is told
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from gateway.directory import DirectoryWatch
from gateway.events import AttachmentMissing, DeadLetterMade, JournalAway, QueuesRefilled, ReceiptOverdue, Telemetry
from gateway.ports import Archive, Attachments, Broker, BrokerUnavailable, Clock, Journal, JournalUnavailable
from gateway.receipts import ReceiptDesk
from gateway.records import Outcome, Query
from gateway.relay import Relay
from routing.decisions import Fault
from routing.lifecycle import Happening, State

ROUND_SECONDS = 5.0
# A parcel that has been in a queue for so long was lost by the broker or forgotten by a consumer. A copy does no harm.
STALLED_AFTER = timedelta(minutes=15)
BATCH = 500
HUB = "hub"


class Sweeper:
    """Goes round for ever. Each duty is one bounded step, so that a large backlog never makes a long transaction."""

    def __init__(
        self,
        *,
        journal: Journal,
        archive: Archive,
        attachments: Attachments,
        broker: Broker,
        watch: DirectoryWatch,
        desk: ReceiptDesk,
        relay: Relay,
        clock: Clock,
        telemetry: Telemetry,
        give_up_after: timedelta,
        attachment_within: timedelta,
    ) -> None:
        self._journal = journal
        self._archive = archive
        self._attachments = attachments
        self._broker = broker
        self._watch = watch
        self._desk = desk
        self._relay = relay
        self._clock = clock
        self._telemetry = telemetry
        self._give_up_after = give_up_after
        self._attachment_within = attachment_within

    async def refill(self) -> int:
        """At start: this process's leases of its former life end, and queues that did not outlive it are filled anew."""
        now = self._clock.now()
        before = now - STALLED_AFTER if self._broker.durable else now
        total = 0
        while count := await self._requeue(before, release=self._relay.owner):
            total += count
        return total

    async def run(self) -> None:
        """Sweeps until cancelled. A journal that is away is told, and the next round tries again."""
        while True:
            try:
                await self.sweep()
            except JournalUnavailable as away:
                self._telemetry.emit(JournalAway(away.reason, "sweeper"))
            await asyncio.sleep(ROUND_SECONDS)

    async def sweep(self) -> None:
        """One round."""
        now = self._clock.now()
        await self._requeue(now - STALLED_AFTER)
        for record in await self._journal.flag_overdue(now):
            self._telemetry.emit(ReceiptOverdue(record.id, record.endpoint or ""))
        for half in await self._attachments.flag_unpaired(now - self._attachment_within, now):
            self._telemetry.emit(AttachmentMissing(half.message_id, half.role.other))
        await self._give_up_unfetched(now)
        await self._gauges()

    async def _requeue(self, before: datetime, release: str | None = None) -> int:
        count = await self._journal.requeue(queued_before=before, limit=BATCH, release=release)
        if count:
            self._telemetry.emit(QueuesRefilled(count))
            self._relay.nudge()
        return count

    async def _give_up_unfetched(self, now: datetime) -> None:
        query = Query(states=frozenset({State.AVAILABLE}), changed_before=now - self._give_up_after, limit=BATCH)
        for record in await self._archive.find(query):
            reply = self._desk.owed(record, Fault.NOT_FETCHED, self._watch.current)
            outcome = Outcome(record.id, Happening.GIVEN_UP, now, HUB, record.attempts, Fault.NOT_FETCHED, reply=reply)
            concluded = await self._journal.conclude(outcome)
            if concluded.moved:
                self._telemetry.emit(DeadLetterMade(record.id, record.endpoint or "", Fault.NOT_FETCHED))
                self._relay.nudge()

    async def _gauges(self) -> None:
        for state, count in (await self._archive.counts()).items():
            self._telemetry.messages.labels(str(state)).set(count)
        try:
            depths = await self._broker.depths()
        except BrokerUnavailable:
            return  # whoever connects to it says so; at the start it is not even an error
        for queue, depth in depths.items():
            self._telemetry.queues.labels(queue).set(depth)
