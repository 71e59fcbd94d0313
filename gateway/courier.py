"""Hops 7 and 8: from an endpoint's queue to the endpoint, and the only place that acks.

    taken ─> is it still wanted? ─> transport.hand_over ─> journal.conclude ─> ack
              (asked only of copies)      │                    │
                                          └ Temporary/Permanent┘ one outcome either way

The ack comes after the outcome is stored (I2) and nowhere else. A courier that dies between the two makes the same delivery again,
with the same id, which is how the receiver knows it. While the journal is away the courier holds its parcel and waits: giving it
back would only bring it round again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from gateway.directory import DirectoryWatch
from gateway.events import AttemptConcluded, DeadLetterMade, ParcelSkipped, TaskFailed, Telemetry
from gateway.patience import T, patiently
from gateway.ports import UNROUTABLE_REASON, Archive, Clock, Journal, Permanent, Taken, Temporary, Transport
from gateway.receipts import ReceiptDesk
from gateway.records import Dispatch, Mode, Outcome, Parcel, Partner, Relayed
from gateway.relay import Relay
from gateway.transport.mailbox import MailboxBell
from routing.decisions import Fault
from routing.lifecycle import UNSETTLED, Happening, State
from routing.retry import LONGEST_DELAY, RetryPolicy, next_attempt

PAUSE_SECONDS = 1.0
HUB = "hub"

_Work = Callable[[Taken, bool], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class _Ending:
    """How an attempt ended, before it is told to the journal."""

    happening: Happening
    actor: str
    reason: str | None = None
    fault: Fault | None = None
    retry_after: float | None = None
    detail: Mapping[str, object] | None = None


class Courier:
    """Hands parcels over. `transports` has one for each mode that the hub itself delivers by."""

    def __init__(
        self,
        *,
        journal: Journal,
        archive: Archive,
        transports: Mapping[Mode, Transport],
        bell: MailboxBell,
        watch: DirectoryWatch,
        desk: ReceiptDesk,
        relay: Relay,
        clock: Clock,
        telemetry: Telemetry,
        policy: RetryPolicy,
    ) -> None:
        self._journal = journal
        self._archive = archive
        self._transports = transports
        self._bell = bell
        self._watch = watch
        self._desk = desk
        self._relay = relay
        self._clock = clock
        self._telemetry = telemetry
        self._policy = policy
        self._under_way: dict[str, asyncio.Event] = {}
        self._idle = asyncio.Event()
        self._idle.set()

    async def deliver(self, taken: Taken) -> None:
        """Takes one parcel from an endpoint's queue to its ack."""
        await self._guarded(taken, self._deliver)

    async def lay_out(self, taken: Taken) -> None:
        """Records what the broker returned: as a dead letter, or for another try where only its queue was missing. Then acks."""
        await self._guarded(taken, self._lay_out)

    async def drain(self, seconds: float) -> int:
        """Lets the deliveries under way end, for so long at the most. Returns how many are left."""
        try:
            async with asyncio.timeout(seconds):
                await self._idle.wait()
        except TimeoutError:
            pass
        return len(self._under_way)

    async def _guarded(self, taken: Taken, work: _Work) -> None:
        """One copy of a message at a time in this process; a second copy then finds the first one's outcome in the journal."""
        parcel = taken.parcel
        # Of a later attempt there may be two: each copy of the one before that failed has asked for it.
        copy = taken.redelivered or parcel.recovered or parcel.attempt > 1
        while (other := self._under_way.get(parcel.id)) is not None:
            await other.wait()
            copy = True
        self._under_way[parcel.id] = done = asyncio.Event()
        self._idle.clear()
        try:
            await work(taken, copy)
        except Exception as bug:  # noqa: BLE001 - the top of a use case: one parcel's bug must not stop its queue
            self._telemetry.emit(TaskFailed("courier", repr(bug)))
            await asyncio.sleep(PAUSE_SECONDS)
            await taken.release()
        finally:
            del self._under_way[parcel.id]
            done.set()
            if not self._under_way:
                self._idle.set()

    async def _deliver(self, taken: Taken, copy: bool) -> None:
        parcel, started = taken.parcel, time.perf_counter()
        if copy and not await self._wanted(parcel):
            await taken.ack()
            return
        ending = await self._attempt(parcel)
        outcome = await self._conclude(parcel, ending)
        await taken.ack()
        if outcome.happening is Happening.DEPOSITED:
            self._bell.ring(parcel.endpoint)
        elapsed = time.perf_counter() - started
        self._telemetry.emit(
            AttemptConcluded(parcel.id, parcel.endpoint, parcel.type, outcome.happening, ending.reason, parcel.attempt, elapsed)
        )

    async def _lay_out(self, taken: Taken, copy: bool) -> None:
        del copy  # whatever comes back may be one
        parcel = taken.parcel
        partner = await self._partner(parcel.endpoint)
        ours = partner is not None and partner.mode in self._transports
        if ours and not await self._wanted(parcel):
            # Only from a queue that the receiver itself consumes can come back what counts as delivered; elsewhere it is a stray copy.
            await taken.ack()
            return
        if taken.reason != UNROUTABLE_REASON:
            ending = _Ending(Happening.RETURNED, HUB, taken.reason, Fault.BROKER_DEAD_LETTERED)
        elif ours:
            # The queue was not there for a moment, or its bindings were of yesterday: both mend themselves.
            ending = _Ending(Happening.POSTPONED, HUB, taken.reason)
        else:
            ending = _Ending(Happening.RETURNED, HUB, taken.reason, Fault.UNROUTABLE)
        try:
            await self._conclude(parcel, ending)
        except KeyError:
            self._telemetry.emit(ParcelSkipped(parcel.id, parcel.endpoint, "unknown"))
        await taken.ack()

    async def _partner(self, endpoint: str) -> Partner | None:
        """The endpoint's partner. One that is not known yet, or disabled, may have been added or enabled a moment ago."""
        known = self._watch.current.partners.get(endpoint)
        return known if known and known.active else (await self._patiently(self._watch.refresh)).partners.get(endpoint)

    async def _wanted(self, parcel: Parcel) -> bool:
        record = await self._patiently(lambda: self._archive.record(parcel.id))
        if record is not None and record.state in UNSETTLED - {State.AVAILABLE}:
            return True
        self._telemetry.emit(ParcelSkipped(parcel.id, parcel.endpoint, "unknown" if record is None else record.state))
        return False

    async def _attempt(self, parcel: Parcel) -> _Ending:
        partner = await self._partner(parcel.endpoint)
        if partner is None or partner.mode not in self._transports:
            return _Ending(Happening.GIVEN_UP, HUB, "no-endpoint", Fault.NO_READER)
        if not partner.active:
            # Its mail waits where operators see it. Whoever enables it makes what waits due at once.
            return _Ending(Happening.POSTPONED, HUB, "partner-disabled", retry_after=LONGEST_DELAY)
        try:
            body = parcel.body if parcel.body is not None else await self._document(parcel)
            handed = await self._transports[partner.mode].hand_over(parcel, body, partner)
        except Temporary as failure:
            return _Ending(Happening.POSTPONED, partner.name, failure.reason, retry_after=failure.retry_after)
        except Permanent as failure:
            return _Ending(Happening.GIVEN_UP, partner.name, failure.reason, failure.fault)
        return _Ending(handed.happening, partner.name, detail=handed.detail)

    async def _outcome(self, parcel: Parcel, ending: _Ending, relayed: tuple[Relayed, ...]) -> Outcome:
        now, dispatch = self._clock.now(), None
        if ending.happening is Happening.POSTPONED:
            again = next_attempt(parcel.id, parcel.attempt, parcel.queued_at, now, self._policy, ending.retry_after)
            if again is None:
                ending = _Ending(Happening.GIVEN_UP, HUB, ending.reason, Fault.GAVE_UP)
            else:
                dispatch = Dispatch(parcel.endpoint, parcel.address, parcel.routing_key, again)
        detail = dict(ending.detail or {}) | ({"reason": ending.reason} if ending.reason else {})
        reply = None
        if ending.fault is not None:
            record = await self._patiently(lambda: self._archive.record(parcel.id))
            reply = self._desk.owed(record, ending.fault, self._watch.current) if record else None
        return Outcome(
            parcel.id, ending.happening, now, ending.actor, parcel.attempt, ending.fault, detail, dispatch, reply, relayed
        )

    async def _conclude(self, parcel: Parcel, ending: _Ending) -> Outcome:
        """Stores the outcome, and the broker's confirm with it where that was not stored yet."""
        with self._relay.taken_along(parcel.id) as relayed:
            outcome = await self._outcome(parcel, ending, relayed)
            # Shielded: a stop must not lose a verdict that is already on its way to the journal.
            concluded = await asyncio.shield(self._patiently(lambda: self._journal.conclude(outcome)))
        if concluded.outbox:
            self._relay.nudge()
        if concluded.moved and outcome.fault is not None:
            self._telemetry.emit(DeadLetterMade(parcel.id, parcel.endpoint, outcome.fault))
        return outcome

    async def _document(self, parcel: Parcel) -> bytes:
        document = await self._patiently(lambda: self._archive.document(parcel.id))
        if document is None:
            raise Permanent(Fault.GAVE_UP, "document-missing")
        return document.body

    async def _patiently(self, call: Callable[[], Awaitable[T]]) -> T:
        return await patiently(call, self._telemetry, "courier")
