"""The contract of `gateway.ports.Archive`, on each database."""

from __future__ import annotations

import asyncio
import os

import pytest

from gateway.records import Admission, Document, Query
from gateway.store import Store
from routing.decisions import Fault
from routing.lifecycle import Happening, State
from routing.receipts import Sign
from tests.contract.journal_cases import (
    SENDER,
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
)

OTHER = "5790000120055"


async def found(store: Store, **asked: object) -> list[str]:
    """The ids that a query finds."""
    return [record.id for record in await store.find(Query(**asked))]


async def test_what_is_not_there(store: Store) -> None:
    """An unknown message has no record, no document and no timeline, and is nobody's original."""
    assert await store.record("nobody") is None
    assert await store.document("nobody") is None
    assert await store.timeline("nobody") == []
    assert await store.original(SENDER, "E", ["L"]) is None
    assert await store.find(Query()) == []


async def test_newest_first(store: Store) -> None:
    """All messages, newest first, as many as were asked for, and the next ones from there."""
    ids = [(await admitted(store)).id for _ in range(5)][::-1]
    assert await found(store) == ids
    assert await found(store, limit=2) == ids[:2]
    assert await found(store, limit=2, before_id=ids[1]) == ids[2:4]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sender", OTHER),
        ("receiver", OTHER),
        ("type", "XDIS92"),
        ("thread", "f" * 32),
        ("regards", "some-message"),
        ("envelope_id", "E-wanted"),
    ],
)
async def test_found_by_what_the_message_says(store: Store, field: str, value: str) -> None:
    """A message is found by each of its fields, and no other with it; combined with its state too, and not with another state."""
    await admitted(store)
    wanted = [(await admitted(store, **{field: value, "claims": ()})).id for _ in range(2)][::-1]
    await admitted(store)
    assert await found(store, **{field: value}) == wanted
    assert await found(store, **{field: value}, states=frozenset({State.ACCEPTED})) == wanted
    assert await found(store, **{field: value}, before_id=wanted[0]) == wanted[1:]
    assert await found(store, **{field: value}, states=frozenset({State.QUEUED, State.DELIVERED})) == []


async def test_found_by_the_ids_inside(store: Store) -> None:
    """Envelope and letter ids find the message that holds the claim, the repeats and refusals that name it, and all letters."""
    first = await admitted(store, letter_ids=("L-one", "L-two"))
    repeat = await admitted(
        store, envelope_id=first.envelope_id, letter_ids=("L-two",), claims=(), state=State.ABSORBED, dispatch=None
    )
    assert await found(store, envelope_id=first.envelope_id) == [repeat.id, first.id]
    assert await found(store, letter_id="L-one") == [first.id]
    assert await found(store, letter_id="L-two") == [repeat.id, first.id]
    assert await found(store, letter_id="L-two", sender=SENDER, states=frozenset({State.ABSORBED})) == [repeat.id]
    assert await found(store, letter_id=first.envelope_id) == []


async def test_found_by_where_it_stands(store: Store) -> None:
    """States, endpoint, fault, time of change and of receiving each narrow the search, alone and together."""
    waiting = await queued(store, after(minutes=1))
    dead = await admitted(store, dispatch=dispatch(endpoint="viborg"))
    await store.conclude(outcome(dead, Happening.GIVEN_UP, at=after(minutes=2), fault=Fault.GAVE_UP))
    done = await admitted(store, received_at=after(minutes=3))
    await store.conclude(outcome(done, Happening.DELIVERED, at=after(minutes=4)))
    assert await found(store, states=frozenset({State.DEAD_LETTER})) == [dead.id]
    assert await found(store, states=frozenset({State.DEAD_LETTER, State.QUEUED})) == [dead.id, waiting.id]
    assert await found(store, states=frozenset({State.DELIVERED})) == [done.id]
    assert await found(store, states=frozenset(State)) == [done.id, dead.id, waiting.id]
    assert await found(store, states=frozenset()) == []
    assert await found(store, endpoint="viborg") == [dead.id]
    assert await found(store, endpoint="skive", states=frozenset({State.QUEUED})) == [waiting.id]
    assert await found(store, fault=Fault.GAVE_UP) == [dead.id]
    assert await found(store, fault=Fault.SCHEMA) == []
    assert await found(store, changed_before=after(minutes=2)) == [waiting.id]
    assert await found(store, changed_before=after(minutes=3), states=frozenset({State.QUEUED})) == [waiting.id]
    assert await found(store, since=after(minutes=3)) == [done.id]
    assert await found(store, since=after(minutes=4)) == []
    assert await found(store, since=after(minutes=-9), endpoint="skive") == [done.id, waiting.id]


async def test_found_overdue(store: Store) -> None:
    """Overdue are those that were marked and whose receipt has still not come."""
    late, came = await admitted(store), await admitted(store)
    await store.flag_overdue(after(hours=1))
    assert await found(store, overdue=True) == [came.id, late.id]
    await store.admit(Admission(receipt(came), regards=regards(came, expected_state=State.ACCEPTED)))
    assert await found(store, overdue=True) == [late.id]


async def test_mailbox(store: Store) -> None:
    """A mailbox holds the AVAILABLE messages of its endpoint at the addresses asked for, oldest first, up to the limit."""
    mine = [await admitted(store) for _ in range(3)]
    elsewhere = await admitted(store, dispatch=dispatch(endpoint="viborg"))
    redirected = await admitted(store, dispatch=dispatch(address=OTHER))
    for new in (*mine, elsewhere, redirected):
        await store.conclude(outcome(new, Happening.DEPOSITED))
    await store.conclude(outcome(mine[0], Happening.DELIVERED))
    await admitted(store)
    addresses = {mine[0].receiver}
    assert [r.id for r in await store.mailbox("skive", addresses, 10)] == [mine[1].id, mine[2].id]
    assert [r.id for r in await store.mailbox("skive", iter(addresses), 1)] == [mine[1].id]
    assert [r.id for r in await store.mailbox("skive", {OTHER}, 10)] == [redirected.id]
    assert await store.mailbox("skive", {"5790000120062"}, 10) == []
    assert await store.mailbox("skive", [], 10) == []


async def test_original(store: Store) -> None:
    """A receipt's original is who holds the envelope id for that sender, or else the first letter id that somebody holds."""
    one = await admitted(store, letter_ids=("L-a", "L-b"))
    two = await admitted(store, letter_ids=("L-c",))
    await admitted(store, envelope_id=one.envelope_id, sender=OTHER, letter_ids=("L-x",))
    named = {
        (one.envelope_id, ()): one.id,
        (one.envelope_id, ("L-c",)): one.id,
        ("E-unknown", ("L-unknown", "L-c", "L-a")): two.id,
        ("E-unknown", ("L-b",)): one.id,
        ("L-a", (one.envelope_id,)): None,
        ("E-unknown", ()): None,
    }
    for (envelope, letters), expected in named.items():
        record = await store.original(SENDER, envelope, letters)
        assert (record and record.id) == expected
    assert await store.original(OTHER, "E-unknown", ["L-a"]) is None


async def test_answers_are_there_at_once(store: Store) -> None:
    """Whoever has had the journal's answer can read what it stored, each time and from the mailbox too."""
    for _ in range(50):
        new = await admitted(store)
        await store.conclude(outcome(new, Happening.DEPOSITED))
        record = await store.record(new.id)
        assert record is not None
        assert record.state is State.AVAILABLE
        assert new.id in [r.id for r in await store.mailbox("skive", {new.receiver}, 100)]


async def test_counts_agree_with_the_messages(store: Store, second: Store) -> None:
    """After many changes through two processes the counts are what counting the messages gives; every state is there, also at 0."""
    assert set(await store.counts()) == {*State, "outbox", "overdue", "unpaired"}
    new = await asyncio.gather(*((store, second)[i % 2].admit(Admission(message())) for i in range(60)))
    records = [r for r in [await store.record(a.id) for a in new] if r is not None]
    happenings = (Happening.DELIVERED, Happening.GIVEN_UP, Happening.POSTPONED)
    changes = [
        outcome(message(id=r.id), happenings[i % 3], reply=negative(message(id=r.id)) if i % 3 == 1 else None)
        for i, r in enumerate(records)
    ]
    await asyncio.gather(*(s.conclude(c) for i, c in enumerate(changes) for s in ((store, second) if i % 2 else (second,))))
    counts = await everything(store)
    for state in State:
        assert counts.get(state, 0) == len(await store.find(Query(states=frozenset({state}), limit=1000)))
    assert sum(counts.get(state, 0) for state in State) == 80
    assert (await store.record(records[1].id)).receipt_sign is Sign.NEGATIVE


@pytest.mark.parametrize("size", [(1 << 20) - 1, 1 << 20, (1 << 20) + 1, 3_333_333])
async def test_large_document_comes_back_as_it_came(store: Store, size: int) -> None:
    """A document of megabytes has its own bytes again, and shares a batch with small ones."""
    body = os.urandom(size)
    large = await admitted(store, document=Document(body, "application/xml"))
    small = await asyncio.gather(*(admitted(store) for _ in range(3)))
    found = await store.document(large.id)
    assert found is not None
    assert found.body == body
    assert [(await store.document(one.id)).body for one in small] == [one.document.body for one in small]
