"""The relay's promises, on a real journal and the embedded broker: bounded memory, no lost row, queues before parcels."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from gateway.broker.embedded import EmbeddedBroker
from gateway.broker.queues import queue_of
from gateway.clock import SystemClock
from gateway.directory import Directory, DirectoryWatch
from gateway.events import Telemetry
from gateway.ports import UNROUTABLE, BrokerUnavailable
from gateway.records import Admission, Admitted, Mode, Parcel, Partner
from gateway.register_watch import RegisterWatch
from gateway.relay import HOLD, Relay
from gateway.store import Store
from routing.headings import bundled as headings
from routing.lifecycle import State
from sor.register import bundled as register
from tests.contract.journal_cases import dispatch, message
from tests.services.taking import Taking, eventually
from tests.unit.gateway.examples import SKIVE

KEY = "kommune.0779.social-og-psykiatri.xdis91.indlaeggelse"


class Subject:
    """A relay with its directory, whose changes declare queues as the gateway does."""

    def __init__(self, store: Store, broker: EmbeddedBroker) -> None:
        self.store, self.broker = store, broker
        self.watch = DirectoryWatch(
            partners=store,
            registers=RegisterWatch(store.registers, register()),
            headings=headings(),
            clock=SystemClock(),
            telemetry=Telemetry(None),
            on_change=self._declare,
        )
        self.relay = Relay(
            journal=store, broker=broker, watch=self.watch, clock=SystemClock(), telemetry=Telemetry(None), owner="her"
        )

    async def _declare(self, directory: Directory) -> None:
        for partner in directory.partners.values():
            await self.broker.declare(partner.name, [KEY])

    async def connect(self, mode: Mode = Mode.PULL) -> None:
        """Skive is connected."""
        await self.store.add(Partner("skive", frozenset({SKIVE}), mode, "hash"))

    async def accept(self, key: str = KEY) -> str:
        """A message is stored for the journal's outbox to hold."""
        new = message(dispatch=dispatch(key=key, address=SKIVE))
        assert isinstance(await self.store.admit(Admission(new)), Admitted)
        return new.id

    async def has_parcel(self) -> bool:
        """Whether Skive's queue has anything."""
        return (await self.broker.depths())[queue_of("skive")] > 0

    async def timeline(self, message_id: str) -> list[str]:
        """What the message's story says."""
        return [entry.what for entry in await self.store.timeline(message_id)]

    async def in_state(self, message_id: str, state: State) -> None:
        """Waits until it is."""

        async def there() -> bool:
            record = await self.store.record(message_id)
            return record is not None and record.state is state

        await eventually(there)


@pytest.fixture
async def subject(store: Store, broker: EmbeddedBroker):
    """A relay that runs until the end of the test."""
    made = Subject(store, broker)
    made.relay.open()
    running = asyncio.create_task(made.relay.run())
    yield made
    await made.relay.drain(5)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_row_becomes_a_parcel_and_the_message_queued(subject: Subject):
    """What is due in the outbox is published under its key, and the journal says so."""
    await subject.connect()
    await subject.watch.refresh()
    message_id = await subject.accept()
    await subject.in_state(message_id, State.QUEUED)
    assert (await subject.broker.depths())[queue_of("skive")] == 1


async def test_a_key_of_another_register_is_made_anew(subject: Subject):
    """What was decided on before the register or the day changed is published under the key that its address has now."""
    await subject.connect()
    await subject.watch.refresh()
    await subject.accept("kommune.0791.enhed-i-en-tidligere-version.xdis91.indlaeggelse")
    await eventually(subject.has_parcel)


async def test_a_receivers_own_consumer_has_it_with_the_confirm(subject: Subject):
    """For a receiver that consumes its own queue the broker's confirm is the delivery."""
    await subject.connect(Mode.AMQP)
    await subject.watch.refresh()
    await subject.in_state(await subject.accept(), State.DELIVERED)


async def test_a_reader_connected_a_moment_ago_has_its_queue_first(subject: Subject):
    """A letter for an endpoint that the directory does not know yet waits for the queue and is not returned as unroutable: an
    operator who connects a reader and sends a dead letter again at once is done.
    """
    await subject.watch.refresh()
    await subject.connect()
    await subject.in_state(await subject.accept(), State.QUEUED)
    depths = await subject.broker.depths()
    assert (depths[queue_of("skive")], depths[UNROUTABLE]) == (1, 0)


async def test_a_broker_that_is_away_loses_nothing(subject: Subject):
    """Rows stay while the broker is away and go when it is back, each once."""
    await subject.connect()
    await subject.watch.refresh()
    await subject.broker.close()
    ids = [await subject.accept() for _ in range(5)]
    assert {(await subject.store.record(each)).state for each in ids} == {State.ACCEPTED}
    await subject.broker.open()
    for each in ids:
        await subject.in_state(each, State.QUEUED)
    taking = Taking()
    await subject.broker.consume(queue_of("skive"), taking, 10)
    await taking.until(5)
    assert sorted(taking.ids) == sorted(ids)


async def test_memory_is_bounded(store: Store, broker: EmbeddedBroker):
    """No more than HOLD places are given out; one that is given back, or a drain, changes what there is."""
    relay = Subject(store, broker).relay
    assert [relay.reserve() for _ in range(HOLD)] == ["her"] * HOLD
    assert relay.reserve() is None
    relay.offer()
    assert relay.reserve() == "her"
    relay.offer()
    await relay.drain(0.1)
    assert relay.reserve() is None, "a relay that stops takes nothing more into memory"


async def test_a_confirm_that_is_taken_along_is_not_recorded_twice(subject: Subject):
    """Who takes a message's confirms along stores them; the relay lets go of the row and records nothing more."""
    await subject.connect()
    await subject.watch.refresh()
    message_id = await subject.accept()
    await eventually(subject.has_parcel)
    with subject.relay.taken_along(message_id) as confirms:
        await subject.store.relayed(confirms)
    assert len(confirms) == 1
    await subject.relay.drain(5)
    assert await subject.timeline(message_id) == ["admitted", "relayed"]


async def test_a_confirm_whose_taker_failed_is_recorded_after_all(subject: Subject):
    """Where the one who took it along comes to grief, the confirm is recorded by the relay."""
    await subject.connect()
    await subject.watch.refresh()
    message_id = await subject.accept()
    await eventually(subject.has_parcel)
    with suppress(LookupError), subject.relay.taken_along(message_id) as confirms:
        assert confirms
        raise LookupError
    await subject.in_state(message_id, State.QUEUED)


class OneRefused(EmbeddedBroker):
    """A broker with one queue that takes nothing, as RabbitMQ's does that has no leader. `refused` is what it turned down."""

    def __init__(self) -> None:
        super().__init__()
        self.ill: set[str] = set()
        self.refused: list[str] = []

    async def publish(self, parcel: Parcel) -> None:
        if parcel.id in self.ill:
            self.refused.append(parcel.id)
            raise BrokerUnavailable("nack")
        await super().publish(parcel)


async def test_a_queue_that_takes_nothing_keeps_no_other_waiting(store: Store):
    """A row that its own queue turns down leaves memory, stays in the outbox, and the others go past it at once."""
    broker = OneRefused()
    await broker.open()
    subject = Subject(store, broker)
    subject.relay.open()
    running = asyncio.create_task(subject.relay.run())
    await subject.connect()
    await subject.watch.refresh()
    ill = message(dispatch=dispatch(key=KEY, address=SKIVE))
    broker.ill.add(ill.id)
    await store.admit(Admission(ill))
    await eventually(lambda: _true(broker.refused))
    for _ in range(3):
        await subject.in_state(await subject.accept(), State.QUEUED)
    await subject.relay.drain(5)
    running.cancel()
    assert broker.refused == [ill.id]
    assert (await store.counts())["outbox"] == 1
    await broker.close()


async def _true(what: object) -> bool:
    return bool(what)
