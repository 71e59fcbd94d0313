"""The contract of `gateway.ports.Attachments`, on each database: the halves of an attachment find each other."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Engine, event

from gateway.attachments import Half, Role
from gateway.records import Admission, Admitted, Known, NewMessage, Query
from gateway.store import Store, attachments
from routing.lifecycle import Happening, State
from tests.contract.journal_cases import (
    NOW,
    RECEIVER,
    SENDER,
    admitted,
    after,
    everything,
    message,
    new_id,
    outcome,
    queued,
    whats,
)

OBJECT, ANOTHER = "8d2f6b1c4a5e4f709c3d1e2f3a4b5c6d", "bilag1"
REFERS, CARRIES = Role.REFERS, Role.CARRIES


def half(role: Role, object_id: str = OBJECT, receiver: str = RECEIVER, sender: str = SENDER) -> Half:
    """A half between the usual parties."""
    return Half(object_id, sender, receiver, role)


def letter(*object_ids: str, **changed: Any) -> NewMessage:
    """A letter that refers to these objects."""
    return message(halves=tuple(half(REFERS, one) for one in object_ids or (OBJECT,)), **changed)


def binary(*object_ids: str, **changed: Any) -> NewMessage:
    """A binary letter that carries these objects."""
    return message(type="XBIN01", halves=tuple(half(CARRIES, one) for one in object_ids or (OBJECT,)), **changed)


async def met(store: Store, new: NewMessage) -> list[tuple[str, Role, str | None, datetime | None, datetime | None]]:
    """How the halves of a message stand."""
    found = await store.of_message(new.id)
    assert {one.message_id for one in found} <= {new.id}
    return [(one.object_id, one.role, one.other_id, one.paired_at, one.missing_at) for one in found]


async def told(store: Store, new: NewMessage, what: str = "paired") -> list[tuple[datetime, str, dict[str, Any]]]:
    """The lines of a message's timeline about attachments: when, who and what."""
    return [(one.at, one.actor, dict(one.detail)) for one in await store.timeline(new.id) if one.what == what]


@pytest.mark.parametrize(("first", "second"), [(letter, binary), (binary, letter)], ids=["letter-first", "binary-first"])
async def test_either_may_come_first(store: Store, first: Any, second: Any) -> None:
    """When the later half comes both are paired, then, and both timelines say with whom and who that is."""
    one, two = first(), second(received_at=after(minutes=3))
    await admitted(store, one)
    (role,) = (h.role for h in one.halves)
    assert await met(store, one) == [(OBJECT, role, None, None, None)]
    await store.conclude(outcome(one, Happening.DELIVERED))
    await admitted(store, two)
    assert await met(store, one) == [(OBJECT, role, two.id, after(minutes=3), None)]
    assert await met(store, two) == [(OBJECT, role.other, one.id, after(minutes=3), None)]
    assert await told(store, one) == [(after(minutes=3), "hub", {"object": OBJECT, "role": role.other, "message": two.id})]
    assert await told(store, two) == [(after(minutes=3), "hub", {"object": OBJECT, "role": role, "message": one.id})]
    assert [e.state for e in await store.timeline(one.id)] == [State.ACCEPTED, State.DELIVERED, State.DELIVERED]


async def test_the_line_comes_after_the_admission(store: Store) -> None:
    """A half that was received first and stored last meets at the later of the two times, so that no line stands before `admitted`."""
    late = letter()
    other = await admitted(store, binary(received_at=after(seconds=1)))
    await admitted(store, late)
    assert await whats(store, other.id) == await whats(store, late.id) == ["admitted", "paired"]


async def test_in_one_batch(store: Store) -> None:
    """Halves that are committed together meet, whatever else is in the batch."""
    new = [kind() for kind in (letter, message, binary, message)]
    await asyncio.gather(*(admitted(store, one) for one in new))
    assert [other for _, _, other, _, _ in await met(store, new[0])] == [new[2].id]
    assert [other for _, _, other, _, _ in await met(store, new[2])] == [new[0].id]
    assert await met(store, new[1]) == []
    assert await whats(store, new[1].id) == ["admitted"]


@pytest.mark.parametrize("together", [False, True])
async def test_several_to_one_and_one_to_several(store: Store, together: bool) -> None:
    """One binary letter meets every letter that waits for one of its objects; a letter is whole only with all of its own."""
    letters = [letter(OBJECT, ANOTHER), letter(OBJECT), letter("x")]
    carrier = binary(OBJECT, ANOTHER)
    if together:
        await asyncio.gather(*(admitted(store, one) for one in (*letters, carrier)))
    else:
        for one in (*letters, carrier):
            await admitted(store, one)
    assert [row[:3] for row in await met(store, letters[0])] == [(OBJECT, REFERS, carrier.id), (ANOTHER, REFERS, carrier.id)]
    assert [row[:3] for row in await met(store, letters[1])] == [(OBJECT, REFERS, carrier.id)]
    assert [row[:3] for row in await met(store, letters[2])] == [("x", REFERS, None)]
    assert {row[:3] for row in await met(store, carrier)} == {
        (OBJECT, CARRIES, letters[0].id),
        (OBJECT, CARRIES, letters[1].id),
        (ANOTHER, CARRIES, letters[0].id),
    }
    assert len(await told(store, carrier)) == 3
    assert len(await told(store, letters[0])) == 2


@pytest.mark.parametrize("together", [False, True])
async def test_a_later_letter_meets_the_newest_carrier(store: Store, together: bool) -> None:
    """A letter about an object that has come before meets the newest that carries it, alone, however often it was named."""
    carriers, letters, again = [binary(), binary()], [letter() for _ in range(3)], binary()
    every = [*carriers, *letters, again]
    if together:
        await asyncio.gather(*(admitted(store, one) for one in every))
    else:
        for one in every:
            await admitted(store, one)
    others = [[row[2] for row in await met(store, one)] for one in every]
    assert others == [
        [letters[0].id],
        [one.id for one in letters],
        [carriers[0].id, carriers[1].id],  # which both waited
        [carriers[1].id],
        [carriers[1].id, again.id],
        [letters[2].id],
    ]


async def test_the_line_has_the_state_of_its_own_batch(store: Store) -> None:
    """A message that is delivered in the batch in which it meets its counterpart is told of as delivered."""
    first = await admitted(store, letter())
    await asyncio.gather(store.conclude(outcome(first, Happening.DELIVERED)), store.admit(Admission(binary())))
    assert [one.state for one in await store.timeline(first.id) if one.what == "paired"] == [State.DELIVERED]


async def test_one_message_with_both_halves(store: Store) -> None:
    """A document with the letter and the binary letter belongs to itself."""
    both = await admitted(store, message(halves=(half(REFERS), half(CARRIES))))
    assert [row[:3] for row in await met(store, both)] == [(OBJECT, REFERS, both.id), (OBJECT, CARRIES, both.id)]


@pytest.mark.parametrize(
    "other",
    [half(CARRIES, ANOTHER), half(CARRIES, receiver="5790000120048"), half(CARRIES, sender="5790000120055"), half(REFERS)],
    ids=["object", "receiver", "sender", "role"],
)
async def test_what_does_not_belong_together(store: Store, other: Half) -> None:
    """Another object, receiver or sender, or the same role, is no counterpart."""
    new = await admitted(store, letter())
    stranger = await admitted(store, message(halves=(other,)))
    assert [row[2] for row in [*await met(store, new), *await met(store, stranger)]] == [None, None]


async def test_what_is_not_stored_pairs_with_nothing(store: Store) -> None:
    """A repeat, which is not stored, meets nobody; nor does the same admission made again meet a second time."""
    carrier, new = await admitted(store, binary()), await admitted(store, letter())
    repeat = replace(new, id=new_id())
    assert isinstance(await store.admit(Admission(repeat)), Known)
    assert isinstance(await store.admit(Admission(new)), Admitted)
    assert len(await met(store, carrier)) == len(await told(store, carrier)) == len(await told(store, new)) == 1


async def test_an_ordinary_letter_asks_nothing(store: Store) -> None:
    """A letter without attachments is admitted, relayed and concluded without a look at the table of attachments; one with is not."""
    executed: list[str] = []

    def note(*arguments: Any) -> None:
        executed.append(arguments[2])

    event.listen(Engine, "before_cursor_execute", note)
    try:
        new = await queued(store)
        await store.conclude(outcome(new, Happening.DELIVERED))
        assert executed
        assert not [statement for statement in executed if "attachment" in statement]
        await admitted(store, letter())
        assert [statement for statement in executed if "attachment" in statement]
    finally:
        event.remove(Engine, "before_cursor_execute", note)


async def test_the_two_halves_at_once_in_two_processes(store: Store, second: Store) -> None:
    """Halves that two processes admit at the same moment find each other, each once, whichever commits first."""
    pairs = [(letter(str(n)), binary(str(n))) for n in range(60)]
    crossed = [(store, second) if n % 2 else (second, store) for n in range(60)]
    await asyncio.gather(
        *(
            where.admit(Admission(one))
            for pair, wheres in zip(pairs, crossed, strict=True)
            for one, where in zip(pair, wheres, strict=True)
        )
    )
    for one, two in pairs:
        assert [row[2] for row in await met(store, one)] == [two.id]
        assert [row[2] for row in await met(store, two)] == [one.id]
        assert len(await told(store, one)) == len(await told(store, two)) == 1


@pytest.mark.parametrize("seed", range(3))
async def test_in_whatever_order_and_through_whichever_process(store: Store, second: Store, seed: int) -> None:
    """After many halves of few objects, in any order and in two processes: a half is alone where nothing has its counterpart and
    nowhere else, two messages always know each other, and each timeline has a line for each counterpart.
    """
    chance = random.Random(seed)
    every = [half(role, one) for role in Role for one in "abcdef"][:9]  # so that three have no counterpart at all
    new = [message(halves=tuple(chance.sample(every, chance.randint(1, 3)))) for _ in range(40)]
    for batch in (new[:5], new[5:20], new[20:]):
        await asyncio.gather(*(chance.choice((store, second)).admit(Admission(one)) for one in batch))
    there = {one for each in new for one in each.halves}
    knows: set[tuple[str, str, str, Role]] = set()
    for one in new:
        rows = await store.of_message(one.id)
        alone = [(row.object_id, row.role) for row in rows if row.other_id is None]
        assert sorted(alone) == sorted((h.object_id, h.role) for h in one.halves if h.counterpart not in there)
        assert {(row.object_id, row.role) for row in rows} == {(h.object_id, h.role) for h in one.halves}
        met_with = [(one.id, row.other_id, row.object_id, row.role) for row in rows if row.other_id is not None]
        assert len(set(met_with)) == len(met_with) == len(await told(store, one))
        knows.update(met_with)
    assert knows == {(other, one, object_id, role.other) for one, other, object_id, role in knows}


async def test_what_stays_alone_is_told_once(store: Store) -> None:
    """A half whose counterpart has not come in time is marked once, told in its timeline, counted, and found."""
    waiting, carrier = await admitted(store, letter(OBJECT, ANOTHER)), await admitted(store, binary(ANOTHER))
    lonely, fresh = await admitted(store, binary("x")), await admitted(store, letter("y", received_at=after(minutes=1)))
    assert await store.flag_unpaired(NOW, after(hours=1)) == []
    flagged = await store.flag_unpaired(after(seconds=30), after(hours=1))
    assert [(one.message_id, one.object_id, one.role) for one in flagged] == [
        (waiting.id, OBJECT, REFERS),
        (lonely.id, "x", CARRIES),
    ]
    assert await store.flag_unpaired(after(seconds=30), after(hours=2)) == []
    missing = "attachment_missing"
    assert await told(store, waiting, missing) == [(after(hours=1), "hub", {"object": OBJECT, "role": CARRIES})]
    assert await told(store, lonely, missing) == [(after(hours=1), "hub", {"object": "x", "role": REFERS})]
    assert await told(store, carrier, missing) == await told(store, fresh, missing) == []
    assert (OBJECT, REFERS, None, None, after(hours=1)) in await met(store, waiting)
    assert (await everything(store))["unpaired"] == 2
    assert [one.id for one in await store.find(Query(unpaired=True))] == [lonely.id, waiting.id]
    assert [one.id for one in await store.find(Query(unpaired=True, type="XBIN01"))] == [lonely.id]
    assert [one.id for one in await store.find(Query(unpaired=True, before_id=lonely.id))] == [waiting.id]


async def test_the_other_half_after_all(store: Store) -> None:
    """A half that comes after the time pairs as any other; the line of the one that waited says that it was late."""
    waiting = await admitted(store, letter())
    await store.flag_unpaired(after(seconds=1), after(hours=1))
    carrier = await admitted(store, binary(received_at=after(hours=2)))
    assert await met(store, waiting) == [(OBJECT, REFERS, carrier.id, after(hours=2), after(hours=1))]
    assert [detail.get("late") for _, _, detail in await told(store, waiting)] == [True]
    assert [detail.get("late") for _, _, detail in await told(store, carrier)] == [None]
    assert "unpaired" not in await everything(store)
    assert await store.find(Query(unpaired=True)) == []
    # Those that come later still are told of it as of one that was never late.
    more = await admitted(store, binary(received_at=after(hours=3)))
    assert (await met(store, waiting))[1:] == [(OBJECT, REFERS, more.id, after(hours=3), None)]
    assert [detail.get("late") for _, _, detail in await told(store, waiting)] == [True, None]


async def test_flagged_in_two_processes(store: Store, second: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two processes that look at once, a few at a time, tell each lonely half once."""
    monkeypatch.setattr(attachments, "MISSING_AT_ONCE", 7)
    new = await asyncio.gather(*(admitted(store, letter(str(n))) for n in range(50)))
    found = await asyncio.gather(*((store, second)[i % 2].flag_unpaired(after(hours=1), after(hours=2)) for i in range(8)))
    marked = [one.message_id for rows in found for one in rows]
    while more := await store.flag_unpaired(after(hours=1), after(hours=2)):
        marked += [one.message_id for one in more]
    assert sorted(marked) == sorted(one.id for one in new)
