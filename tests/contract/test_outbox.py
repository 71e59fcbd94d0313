"""The contract of `gateway.ports.Journal` for the outbox, lost messages and late receipts, on each database."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from gateway.records import Admission, Admitted, Document, Relayed
from gateway.store import LEASE, Store, open_store
from gateway.store import outbox as outbox_module
from routing.decisions import Fault
from routing.lifecycle import Happening, State
from tests.contract.journal_cases import (
    NOW,
    admitted,
    after,
    dispatch,
    everything,
    message,
    negative,
    outcome,
    queued,
    receipt,
    regards,
    relayed,
    whats,
)


async def test_taken_parcel_is_whole(store: Store) -> None:
    """A parcel has the bytes, the address and the headers of its message, and is a first copy."""
    new = await admitted(store)
    (row,) = await store.take("relay", 10, NOW)
    parcel = row.parcel
    assert (parcel.id, parcel.endpoint, parcel.routing_key, parcel.address) == (
        new.id,
        "skive",
        new.dispatch.routing_key,
        new.receiver,
    )
    assert (parcel.body, parcel.content_type) == (new.document.body, "application/xml")
    assert (parcel.type, parcel.sender, parcel.receiver) == (new.type, new.sender, new.receiver)
    assert (parcel.heading, parcel.thread) == (new.heading, new.thread)
    assert (parcel.queued_at, parcel.attempt, parcel.recovered) == (NOW, 1, False)


async def test_oldest_first_up_to_the_limit(store: Store) -> None:
    """Rows come in the order in which they fell due, as many as were asked for, and never before their time."""
    new = [await admitted(store, dispatch=dispatch(after(minutes=m))) for m in (3, 1, 2, 9)]
    assert [r.parcel.id for r in await store.take("relay", 2, after(minutes=5))] == [new[1].id, new[2].id]
    assert [r.parcel.id for r in await store.take("relay", 2, after(minutes=5))] == [new[0].id]
    assert await store.take("relay", 2, after(minutes=5)) == []


async def test_lease(store: Store) -> None:
    """A row that is taken is its taker's alone, not even its own again, until the lease ends; then it comes as recovered."""
    await admitted(store)
    (first,) = await store.take("one", 10, NOW)
    just_before = NOW + LEASE - timedelta(microseconds=1)
    assert await store.take("two", 10, just_before) == []
    assert await store.take("one", 10, just_before) == []
    (again,) = await store.take("two", 10, NOW + LEASE)
    assert (again.id, again.parcel.recovered) == (first.id, True)


async def test_row_that_is_born_claimed(store: Store) -> None:
    """What a relay took along in memory at admission is not handed out before its lease ends, and then as recovered."""
    new = message()
    reply = negative(new)
    answer = await store.admit(Admission(new, reply=reply, claimed_by="one"))
    assert isinstance(answer, Admitted)
    assert set(answer.outbox) == {new.id, reply.id}
    assert await store.take("two", 10, NOW) == []
    rows = await store.take("two", 10, NOW + LEASE)
    assert {r.parcel.id: r.id for r in rows} == answer.outbox
    assert all(r.parcel.recovered for r in rows)


async def test_two_owners_never_hold_one_row(store: Store, second: Store) -> None:
    """Two processes that take at once get different rows, and together all of them."""
    new = await asyncio.gather(*(admitted(store) for _ in range(100)))
    taken = await asyncio.gather(*((store, second)[i % 2].take(f"relay-{i % 2}", 10, NOW) for i in range(20)))
    ids = [row.parcel.id for rows in taken for row in rows]
    rest = [row.parcel.id for row in await store.take("relay-0", 100, NOW)]  # where two looked at the same rows, one left them
    assert sorted(ids + rest) == sorted(m.id for m in new)


async def test_large_documents_travel_by_reference(database_url: str, store: Store) -> None:
    """A document above the limit is left out of the parcel; one of exactly the limit is not."""
    small = await open_store(database_url, reference_limit=10)
    await admitted(store, document=Document(b"x" * 10, "text/xml"))
    await admitted(store, document=Document(b"x" * 11, "text/xml"))
    assert [r.parcel.body for r in await small.take("relay", 10, NOW)] == [b"x" * 10, None]
    await small.close()


async def test_rows_of_ended_messages_are_cleared(store: Store) -> None:
    """A row whose message is settled or dead is never handed out and goes away, also where such rows fill a whole batch."""
    ended = [await admitted(store) for _ in range(5)]
    for new, happening in zip(ended, [Happening.DELIVERED] * 4 + [Happening.GIVEN_UP], strict=True):
        await store.conclude(outcome(new, happening))
    alive = await admitted(store, dispatch=dispatch(after(seconds=1)))
    assert [r.parcel.id for r in await store.take("relay", 2, after(seconds=1))] == [alive.id]
    assert (await everything(store))["outbox"] == 1


async def test_confirmed_row_goes(store: Store) -> None:
    """A confirm moves the message to QUEUED, takes its row and leaves a line."""
    new = await admitted(store)
    await relayed(store, new, after(seconds=1))
    record = await store.record(new.id)
    assert record is not None
    assert (record.state, record.changed_at) == (State.QUEUED, after(seconds=1))
    assert await whats(store, new.id) == ["admitted", "relayed"]
    assert await everything(store) == {State.QUEUED: 1}


async def test_confirm_into_the_receivers_own_queue(store: Store) -> None:
    """A confirm into a queue that the receiver consumes itself is the delivery."""
    new = await admitted(store)
    await relayed(store, new, happening=Happening.HANDED_OVER)
    assert await everything(store) == {State.DELIVERED: 1}


async def test_unknown_rows_are_ignored(store: Store) -> None:
    """A confirm for a row that is gone, or of another message, changes nothing; the others of the same call count."""
    one, two = await admitted(store), await admitted(store)
    rows = {r.parcel.id: r.id for r in await store.take("relay", 10, NOW)}
    confirms = [
        Relayed(rows[one.id], one.id, Happening.RELAYED, NOW),
        Relayed(rows[one.id], one.id, Happening.RELAYED, NOW),
        Relayed(rows[two.id], one.id, Happening.RELAYED, NOW),
        Relayed(999_999, two.id, Happening.RELAYED, NOW),
        Relayed(999_999, message().id, Happening.RELAYED, NOW),
    ]
    await store.relayed(confirms)
    await store.relayed(confirms)
    assert await whats(store, one.id) == ["admitted", "relayed"]
    assert await whats(store, two.id) == ["admitted"]
    assert await everything(store) == {State.QUEUED: 1, State.ACCEPTED: 1, "outbox": 1}


async def test_late_confirm_does_not_hide_the_next_attempt(store: Store) -> None:
    """A confirm of the first attempt that is stored after its failure leaves the message WAITING for the second."""
    new = await admitted(store)
    (row,) = await store.take("relay", 10, NOW)
    await store.conclude(outcome(new, Happening.POSTPONED, attempt=1, dispatch=dispatch(after(minutes=5))))
    await store.relayed([Relayed(row.id, new.id, Happening.RELAYED, after(seconds=1))])
    assert await everything(store) == {State.WAITING: 1, "outbox": 1}
    assert [r.parcel.attempt for r in await store.take("relay", 10, after(minutes=5))] == [2]


async def test_requeue(store: Store) -> None:
    """What has been QUEUED since before the time and has no row gets one, recovered, the longest waiting first, up to the limit."""
    old = [await queued(store, after(seconds=n)) for n in range(3)]
    await queued(store, after(minutes=9))
    ended = await queued(store)
    await store.conclude(outcome(ended, Happening.DELIVERED))
    assert await store.requeue(queued_before=after(minutes=9), limit=2) == 2
    assert await store.requeue(queued_before=after(minutes=9), limit=9) == 1
    assert await store.requeue(queued_before=after(minutes=9), limit=9) == 0
    rows = await store.take("relay", 10, after(minutes=9))
    assert [r.parcel.id for r in rows] == [m.id for m in old]
    assert all(r.parcel.recovered for r in rows)
    assert {r.parcel.address for r in rows} == {old[0].receiver}


async def test_requeued_message_gets_its_time(store: Store) -> None:
    """A message that was sent a second time counts as queued from then: the next sweep lets it be."""
    new = await admitted(store)
    await relayed(store, new)
    assert await store.requeue(queued_before=after(minutes=10), limit=9) == 1
    await relayed(store, new, after(minutes=10))
    assert await store.requeue(queued_before=after(minutes=10), limit=9) == 0
    assert await everything(store) == {State.QUEUED: 1}
    assert await store.requeue(queued_before=after(minutes=11), limit=9) == 1


async def test_requeue_in_two_processes(store: Store, second: Store) -> None:
    """Two processes that sweep at once put each message back once."""
    new = await asyncio.gather(*(admitted(store) for _ in range(50)))
    rows = await store.take("relay", 100, NOW)
    await store.relayed([Relayed(r.id, r.parcel.id, Happening.RELAYED, NOW) for r in rows])
    counts = await asyncio.gather(
        *((store, second)[i % 2].requeue(queued_before=after(minutes=1), limit=100) for i in range(8))
    )
    assert sum(counts) == len(new)
    assert (await everything(store))["outbox"] == len(new)


async def test_release(store: Store) -> None:
    """A process that starts again under its own name ends its leases of before, and no other's."""
    mine, other = await admitted(store), await admitted(store, dispatch=dispatch(after(seconds=1)))
    await store.take("one", 1, NOW)
    await store.take("two", 1, after(seconds=1))
    assert await store.requeue(queued_before=NOW, limit=10, release="one") == 0
    (row,) = await store.take("one", 10, after(seconds=1))
    assert (row.parcel.id, row.parcel.recovered) == (mine.id, True)
    assert row.parcel.id != other.id


async def test_overdue_is_told_once(store: Store) -> None:
    """A message whose receipt was due and has not come is marked once, with a line, and counted until the receipt comes."""
    new = await admitted(store)
    await admitted(store, received_at=after(minutes=10))
    assert await store.flag_overdue(after(minutes=30)) == []
    (flagged,) = await store.flag_overdue(after(minutes=31))
    assert (flagged.id, flagged.overdue_at) == (new.id, after(minutes=31))
    assert flagged == await store.record(new.id)
    assert await store.flag_overdue(after(minutes=32)) == []
    assert await whats(store, new.id) == ["admitted", "overdue"]
    assert (await everything(store))["overdue"] == 1
    await store.admit(Admission(receipt(new), regards=regards(new, expected_state=State.ACCEPTED)))
    assert "overdue" not in await everything(store)


async def test_what_is_never_overdue(store: Store) -> None:
    """Receipts, messages that ask for none, those not dispatched, and those whose sender has had one are not overdue."""
    given_up = await admitted(store)
    await store.conclude(outcome(given_up, Happening.GIVEN_UP, fault=Fault.GAVE_UP, reply=negative(given_up)))
    await admitted(store, wants_receipt=False)
    await admitted(store, dispatch=None, state=State.REFUSED)
    await admitted(store, receipt(given_up, wants_receipt=True))
    assert await store.flag_overdue(after(days=1)) == []


async def test_overdue_in_two_processes(store: Store, second: Store, monkeypatch) -> None:
    """Two processes that look at once, a few at a time, tell each overdue message once."""
    monkeypatch.setattr(outbox_module, "OVERDUE_AT_ONCE", 7)
    new = await asyncio.gather(*(admitted(store) for _ in range(50)))
    told = [
        r.id
        for rows in await asyncio.gather(*((store, second)[i % 2].flag_overdue(after(hours=1)) for i in range(8)))
        for r in rows
    ]
    while more := await store.flag_overdue(after(hours=1)):
        told += [r.id for r in more]
    assert sorted(told) == sorted(m.id for m in new)
