"""The contract of `gateway.ports.Journal` for what becomes of a message after it was admitted, on each database."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from gateway.records import Admission, Admitted, Relayed
from gateway.store import Store
from routing.decisions import Fault
from routing.lifecycle import TRANSITIONS, Happening, State
from routing.lifecycle import after as follows
from routing.receipts import Sign
from tests.contract.journal_cases import (
    NOW,
    admitted,
    after,
    dispatch,
    everything,
    message,
    negative,
    outcome,
    relayed,
    whats,
)


async def test_every_transition_and_none_besides(store: Store) -> None:
    """An outcome moves a message exactly where the table of the lifecycle says so; else it leaves a line and nothing more."""
    pairs = [(state, happening) for state in State for happening in TRANSITIONS]
    new = await asyncio.gather(*(admitted(store, state=state, dispatch=None) for state, _ in pairs))
    answers = await asyncio.gather(*(store.conclude(outcome(m, h)) for m, (_, h) in zip(new, pairs, strict=True)))
    for m, (state, happening), answer in zip(new, pairs, answers, strict=True):
        target = follows(state, happening)
        assert (answer.state, answer.moved, answer.outbox) == (target or state, target is not None, {})
        record = await store.record(m.id)
        assert record is not None
        assert (record.state, record.changed_at) == (target or state, NOW if target is None else after(seconds=2))
        assert await whats(store, m.id) == ["admitted", happening]
    counts = await store.counts()
    assert sum(counts[state] for state in State) == len(pairs)


async def test_postponed_waits_for_its_next_attempt(store: Store) -> None:
    """A temporary failure puts the next attempt in the outbox, not before its time, and counts the attempt."""
    new = await admitted(store)
    await relayed(store, new)
    later = dispatch(after(minutes=5))
    answer = await store.conclude(outcome(new, Happening.POSTPONED, attempt=1, dispatch=later, detail={"reason": "timeout"}))
    assert (answer.state, answer.moved, list(answer.outbox)) == (State.WAITING, True, [new.id])
    assert await store.take("relay", 10, after(minutes=4)) == []
    (row,) = await store.take("relay", 10, after(minutes=5))
    assert (row.id, row.parcel.attempt, row.parcel.recovered) == (answer.outbox[new.id], 2, False)
    assert row.parcel.queued_at == NOW
    assert (await store.timeline(new.id))[-1].detail == {"reason": "timeout", "attempt": 1}


async def test_attempts_never_go_back(store: Store) -> None:
    """An outcome of an earlier attempt that comes late does not lower the count."""
    new = await admitted(store)
    await store.conclude(outcome(new, Happening.POSTPONED, attempt=3))
    await store.conclude(outcome(new, Happening.POSTPONED, attempt=2))
    record = await store.record(new.id)
    assert record is not None
    assert record.attempts == 3


@pytest.mark.parametrize("happening", [Happening.GIVEN_UP, Happening.RETURNED])
async def test_dead_letter_and_back(store: Store, happening: Happening) -> None:
    """Giving up records the fault; sending again clears it, may change the address, and counts time and attempts anew."""
    new = await admitted(store)
    await relayed(store, new)
    answer = await store.conclude(outcome(new, happening, fault=Fault.GAVE_UP, attempt=4))
    assert (answer.state, answer.outbox) == (State.DEAD_LETTER, {})
    dead = await store.record(new.id)
    assert dead is not None
    assert dead.fault is Fault.GAVE_UP
    mended = dispatch(after(hours=1), endpoint="viborg", key="kommune.0791.x.xdis91.indlaeggelse", address="5790000120048")
    retried = outcome(new, Happening.RETRIED, at=after(hours=1), actor="operator", dispatch=mended)
    assert (await store.conclude(retried)).state is State.ACCEPTED
    record = await store.record(new.id)
    assert record is not None
    assert (record.fault, record.endpoint, record.routing_key) == (None, "viborg", mended.routing_key)
    assert (record.address, record.receiver) == ("5790000120048", new.receiver)
    (row,) = await store.take("relay", 10, after(hours=1))
    assert (row.parcel.endpoint, row.parcel.address, row.parcel.receiver) == ("viborg", "5790000120048", new.receiver)
    assert (row.parcel.queued_at, row.parcel.attempt, row.parcel.recovered) == (after(hours=1), 1, False)


async def test_receipt_owed_is_stored_once(store: Store, second: Store) -> None:
    """Of many that give a message up at once, through two processes, one moves it and has its receipt stored."""
    new = await admitted(store)
    outcomes = [outcome(new, Happening.GIVEN_UP, fault=Fault.GAVE_UP, reply=negative(new)) for _ in range(20)]
    answers = await asyncio.gather(*((store, second)[i % 2].conclude(o) for i, o in enumerate(outcomes)))
    (winner,) = [o for o, a in zip(outcomes, answers, strict=True) if a.moved]
    record = await store.record(new.id)
    assert record is not None
    assert winner.reply is not None
    assert (record.receipt_sign, record.receipt_id) == (Sign.NEGATIVE, winner.reply.id)
    assert (await whats(store, new.id)).count("receipt_sent") == 1
    assert await everything(store) == {State.DEAD_LETTER: 1, State.ACCEPTED: 1, "outbox": 2}


async def test_no_second_receipt(store: Store) -> None:
    """A message whose sender has a receipt gets no other: not when it is given up a second time."""
    new = await admitted(store)
    first = negative(new)
    await store.conclude(outcome(new, Happening.GIVEN_UP, fault=Fault.GAVE_UP, reply=first))
    await store.conclude(outcome(new, Happening.RETRIED, dispatch=dispatch()))
    again = negative(new)
    answer = await store.conclude(outcome(new, Happening.GIVEN_UP, fault=Fault.GAVE_UP, reply=again))
    assert (answer.moved, answer.outbox) == (True, {})
    assert await store.record(again.id) is None
    record = await store.record(new.id)
    assert record is not None
    assert record.receipt_id == first.id


async def test_outcome_of_an_unknown_message(store: Store) -> None:
    """An outcome or a note for a message that is not there is a KeyError."""
    with pytest.raises(KeyError):
        await store.conclude(outcome(message(), Happening.DELIVERED))
    with pytest.raises(KeyError):
        await store.note(message().id, "duplicate", NOW, "epj", {})


async def test_concluded_as_one(store: Store, second: Store) -> None:
    """Two couriers that finish one message at once, in two processes, do it once."""
    new = [await admitted(store) for _ in range(10)]
    calls = [(s, m, h) for m in new for s, h in ((store, Happening.DELIVERED), (second, Happening.GIVEN_UP))]
    answers = await asyncio.gather(*(s.conclude(outcome(m, h)) for s, m, h in calls))
    delivered_and_given_up = list(zip(answers[::2], answers[1::2], strict=True))
    for delivered, given_up in delivered_and_given_up:
        assert [delivered.moved, given_up.moved].count(True) == 1
    counts = await everything(store)
    assert counts.get(State.DELIVERED, 0) + counts.get(State.DEAD_LETTER, 0) == 10


async def test_note_changes_nothing_but_the_timeline(store: Store) -> None:
    """A note is a line with the state as it is, its actor and its detail."""
    new = await admitted(store)
    before = await store.record(new.id)
    await store.note(new.id, "duplicate", after(seconds=5), "epj", {"by": "æøå", "n": [1, None]})
    line = (await store.timeline(new.id))[-1]
    assert (line.at, line.what, line.state, line.actor) == (after(seconds=5), "duplicate", State.ACCEPTED, "epj")
    assert line.detail == {"by": "æøå", "n": [1, None]}
    assert await store.record(new.id) == before


async def test_timeline_is_in_order_of_time(store: Store) -> None:
    """Lines are oldest first by their own time, and by the order of storing where that is equal."""
    new = await admitted(store)
    for what, seconds in (("third", 3), ("first", 1), ("second", 1)):
        await store.note(new.id, what, after(seconds=seconds), "hub", {})
    assert await whats(store, new.id) == ["admitted", "first", "second", "third"]


async def test_confirm_stored_with_the_outcome(store: Store) -> None:
    """A confirm that the courier takes along is one transaction with the outcome: the row goes, the timeline tells both in order."""
    new = await admitted(store)
    (row,) = await store.take("relay", 10, NOW)
    confirm = Relayed(row.id, new.id, Happening.RELAYED, after(seconds=1))
    done = outcome(new, Happening.DELIVERED, relayed=(confirm,))
    assert (await store.conclude(done)).state is State.DELIVERED
    assert await whats(store, new.id) == ["admitted", "relayed", "delivered"]
    assert await everything(store) == {State.DELIVERED: 1}
    await store.conclude(done)
    await store.relayed([confirm])
    assert (await whats(store, new.id)).count("relayed") == 1


async def test_confirm_stored_with_a_failure(store: Store) -> None:
    """The confirm of an attempt that failed takes that attempt's row and leaves the next one's."""
    new = await admitted(store)
    (row,) = await store.take("relay", 10, NOW)
    confirm = Relayed(row.id, new.id, Happening.RELAYED, after(seconds=1))
    later = dispatch(after(minutes=5))
    await store.conclude(outcome(new, Happening.POSTPONED, attempt=1, dispatch=later, relayed=(confirm,)))
    assert await everything(store) == {State.WAITING: 1, "outbox": 1}
    assert [r.parcel.attempt for r in await store.take("relay", 10, after(minutes=5))] == [2]


async def test_confirm_that_comes_after_the_delivery(store: Store) -> None:
    """A courier may be faster than the broker's confirm: then the confirm takes the row, leaves a line, and moves nothing."""
    new = message()
    answer = await store.admit(Admission(new))
    assert isinstance(answer, Admitted)
    await store.conclude(outcome(new, Happening.DELIVERED, at=after(seconds=1)))
    await store.relayed([Relayed(answer.outbox[new.id], new.id, Happening.RELAYED, after(seconds=2))])
    assert await everything(store) == {State.DELIVERED: 1}
    assert await whats(store, new.id) == ["admitted", "delivered", "relayed"]


async def test_replaced_outcome_is_not_shared(store: Store) -> None:
    """Calls for one message that are committed together see each other's effect, in the order they were made."""
    new = await admitted(store)
    postponed = outcome(new, Happening.POSTPONED, attempt=1, dispatch=dispatch(after(minutes=5)))
    delivered = replace(postponed, happening=Happening.DELIVERED, dispatch=None, attempt=2)
    one, two, three = await asyncio.gather(store.conclude(postponed), store.conclude(delivered), store.conclude(postponed))
    assert (one.state, two.state, three.state) == (State.WAITING, State.DELIVERED, State.DELIVERED)
    assert (one.moved, two.moved, three.moved) == (True, True, False)
    assert (list(one.outbox), two.outbox, three.outbox) == ([new.id], {}, {})
