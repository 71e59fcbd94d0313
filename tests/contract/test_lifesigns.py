"""The contract of `gateway.lifesigns.Lifesigns`, on each database."""

from __future__ import annotations

import asyncio
import time

from gateway.lifesigns import Reader, readers_of
from gateway.records import Admission, Mode, Partner
from gateway.store import Store
from routing.lifecycle import Happening, State
from sor.coverage import Life
from tests.contract.journal_cases import (
    ENDPOINT,
    NOW,
    RECEIVER,
    admitted,
    after,
    dispatch,
    message,
    outcome,
    receipt,
    regards,
    relayed,
)

OTHER = "5790000120055"
SKIVE = Reader(RECEIVER, ENDPOINT)
QUEUE = Reader(RECEIVER, ENDPOINT, by_receipt=True)


async def life(store: Store, reader: Reader = SKIVE) -> Life:
    """The life of one reader."""
    return (await store.lives([reader]))[reader.gln]


async def test_nothing_known(store: Store) -> None:
    """An address that nobody wrote to has no life, and nobody asked about gives nothing."""
    assert await store.lives([SKIVE, Reader(OTHER, "viborg")]) == {RECEIVER: Life(), OTHER: Life()}
    assert await store.lives([]) == {}


async def test_mail_that_lies(store: Store) -> None:
    """Mail that was laid in, or given up, and never taken is missed from when the first of it came."""
    first = await admitted(store, received_at=after(hours=1))
    await store.conclude(outcome(first, Happening.GIVEN_UP))
    second = await admitted(store, received_at=after(hours=2))
    await store.conclude(outcome(second, Happening.DEPOSITED))
    assert await life(store) == Life(None, after(hours=1))


async def test_taken_and_missed_since(store: Store) -> None:
    """What was taken last gives its moment; what came before it is not missed, the first after it is."""
    for hour in (1, 2, 3, 4):
        new = await admitted(store, received_at=after(hours=hour))
        if hour == 2:
            await store.conclude(outcome(new, Happening.DELIVERED, at=after(hours=2, minutes=5)))
    assert await life(store) == Life(after(hours=2, minutes=5), after(hours=3))


async def test_receipts_are_signs(store: Store) -> None:
    """A letter that its receiver acknowledged was taken at that moment."""
    new = await admitted(store)
    await store.conclude(outcome(new, Happening.DELIVERED))
    await store.admit(Admission(receipt(new, received_at=after(hours=5)), regards=regards(new)))
    assert await life(store) == Life(after(hours=5), None)


async def test_a_queue_of_its_own(store: Store) -> None:
    """What the broker put into a receiver's own queue says nothing until it is answered, and counts as missed only if it asked for
    an answer.
    """
    quiet = await admitted(store, wants_receipt=False)
    await relayed(store, quiet, happening=Happening.HANDED_OVER)
    assert await life(store, QUEUE) == Life()
    asking = await admitted(store, received_at=after(hours=1))
    await relayed(store, asking, happening=Happening.HANDED_OVER)
    assert await life(store, QUEUE) == Life(None, after(hours=1))
    await store.admit(Admission(receipt(asking, received_at=after(hours=2)), regards=regards(asking)))
    assert await life(store, QUEUE) == Life(after(hours=2), None)


async def test_another_endpoint_and_another_address(store: Store) -> None:
    """What an earlier endpoint of the address took, what its endpoint took elsewhere, and what was refused are not its own."""
    for changed in ({"dispatch": dispatch(endpoint="old")}, {"receiver": OTHER, "dispatch": dispatch(address=OTHER)}):
        new = await admitted(store, **changed)
        await store.conclude(outcome(new, Happening.DELIVERED))
    await admitted(store, state=State.REFUSED, dispatch=None, claims=())
    assert await life(store) == Life()
    assert await life(store, Reader(OTHER, ENDPOINT)) == Life(after(seconds=2), None)


async def test_readers_of_partners() -> None:
    """Each address of each partner is a reader; only those with a queue of their own are known by receipts alone."""
    partners = [Partner("a", frozenset({OTHER, RECEIVER}), Mode.PULL, ""), Partner("b", frozenset({"1"}), Mode.AMQP, "")]
    assert readers_of(partners) == (Reader(RECEIVER, "a"), Reader(OTHER, "a"), Reader("1", "b", by_receipt=True))


async def test_by_the_addresses_and_not_the_journal(store: Store) -> None:
    """Among a thousand settled letters a hundred addresses are answered for in far less than a second."""
    for _ in range(1000 // 50):
        batch = [message(received_at=NOW) for _ in range(50)]
        await asyncio.gather(*(store.admit(Admission(new)) for new in batch))
        await asyncio.gather(*(store.conclude(outcome(new, Happening.DELIVERED)) for new in batch))
    readers = [SKIVE, *(Reader(f"{n:013}", ENDPOINT) for n in range(100))]
    began = time.perf_counter()
    assert len(await store.lives(readers)) == 101
    assert time.perf_counter() - began < 1
