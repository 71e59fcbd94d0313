"""The contract of `gateway.ports.Journal` for admissions, outcomes and notes, on each database."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from gateway.records import Admission, Admitted, Claim, Known, Stale
from gateway.store import Store, open_store
from routing.decisions import Fault
from routing.lifecycle import Happening, State
from routing.receipts import Sign
from tests.contract.journal_cases import (
    DIGEST,
    NOW,
    admitted,
    after,
    everything,
    message,
    negative,
    outcome,
    receipt,
    regards,
    whats,
)


async def test_admission_stores_everything(store: Store) -> None:
    """What was admitted is there again: every field, the bytes, the first line of the timeline, one outbox row."""
    new = message(letter_ids=("A1", "A2"), heading="æøå")
    answer = await store.admit(Admission(new))
    assert isinstance(answer, Admitted)
    assert answer.id == new.id
    assert list(answer.outbox) == [new.id]
    record = await store.record(new.id)
    assert record is not None
    for name in (
        "id",
        "origin",
        "partner",
        "received_at",
        "type",
        "version",
        "sender",
        "receiver",
        "envelope_id",
        "letter_ids",
    ):
        assert getattr(record, name) == getattr(new, name)
    for name in ("thread", "heading", "wants_receipt", "sent_at", "state", "fault", "regards", "register_version", "verdict"):
        assert getattr(record, name) == getattr(new, name)
    assert (record.endpoint, record.routing_key, record.address) == ("skive", new.dispatch.routing_key, new.receiver)
    assert (record.attempts, record.changed_at, record.content_type) == (0, NOW, "application/xml")
    assert record.size == len(new.document.body)
    assert record.receipt_due_at == after(minutes=30)
    assert (record.receipt_sign, record.receipt_id, record.overdue_at) == (None, None, None)
    assert await store.document(new.id) == new.document
    (line,) = await store.timeline(new.id)
    assert (line.at, line.what, line.state, line.actor, line.detail) == (NOW, "admitted", State.ACCEPTED, "epj", {})
    assert await everything(store) == {State.ACCEPTED: 1, "outbox": 1}


async def test_times_come_back_in_utc(store: Store) -> None:
    """A time of another zone comes back as the same moment in UTC; a time without zone is refused and nothing is stored."""
    elsewhere = datetime.fromisoformat("2026-03-05T00:30:00.5+01:00")
    record = await store.record((await admitted(store, received_at=elsewhere)).id)
    assert record is not None
    assert record.received_at == elsewhere
    assert record.received_at.utcoffset() == timedelta(0)
    with pytest.raises(ValueError, match="zone"):
        await store.admit(Admission(message(received_at=elsewhere.replace(tzinfo=None))))
    assert await everything(store) == {State.ACCEPTED: 1, "outbox": 1}


async def test_admission_without_dispatch(store: Store) -> None:
    """What is not to be delivered has no outbox row, no endpoint and no receipt to wait for; its fault stands in the timeline."""
    new = await admitted(store, dispatch=None, state=State.REFUSED, fault=Fault.SCHEMA)
    record = await store.record(new.id)
    assert record is not None
    assert (record.endpoint, record.receipt_due_at, record.fault) == (None, None, Fault.SCHEMA)
    assert (await store.timeline(new.id))[0].detail == {"fault": "schema"}
    assert await everything(store) == {State.REFUSED: 1}


async def test_held_claim_stores_nothing(store: Store) -> None:
    """Known names the claims that are held and who holds them, and nothing of the second message is stored."""
    first = await admitted(store)
    second = message(envelope_id=first.envelope_id)
    answer = await store.admit(Admission(second))
    assert isinstance(answer, Known)
    assert [(c.claim, c.message_id) for c in answer.claimed] == [(first.claims[0], first.id)]
    assert await store.record(second.id) is None
    assert await store.document(second.id) is None
    assert await store.timeline(second.id) == []
    assert await everything(store) == {State.ACCEPTED: 1, "outbox": 1}


async def test_known_gives_the_first_digest(store: Store) -> None:
    """The claim in Known is the one that was stored, so that the caller can compare the content."""
    first = await admitted(store)
    other = Claim(first.sender, "letter", first.letter_ids[0], "b" * 64)
    answer = await store.admit(Admission(message(claims=(other,))))
    assert isinstance(answer, Known)
    assert answer.claimed[0].claim.digest == DIGEST


async def test_ids_are_unique_per_sender_and_kind(store: Store) -> None:
    """The same id is free for another sender, and as a letter where it was an envelope."""
    first = await admitted(store)
    await admitted(store, envelope_id=first.envelope_id, sender="5790000120031")
    await admitted(store, claims=(Claim(first.sender, "letter", first.envelope_id, DIGEST),))


async def test_replys_claims_count(store: Store) -> None:
    """Where the reply's own ids are held, neither the message nor the reply is stored."""
    first = await admitted(store)
    new = message()
    answer = await store.admit(Admission(new, reply=negative(new, claims=first.claims)))
    assert isinstance(answer, Known)
    assert await everything(store) == {State.ACCEPTED: 1, "outbox": 1}


async def test_admitting_twice_is_admitting_once(store: Store) -> None:
    """The same message again gives the same answer and stores nothing more, at once or later."""
    new = Admission(message(), claimed_by="relay")
    answers = await asyncio.gather(*(store.admit(new) for _ in range(5)))
    assert [await store.admit(new), *answers] == [answers[0]] * 6
    assert len(answers[0].outbox) == 1
    assert await whats(store, new.message.id) == ["admitted"]
    assert await everything(store) == {State.ACCEPTED: 1, "outbox": 1}


async def test_reply_is_a_message_of_its_own(store: Store) -> None:
    """A reply has its own record, timeline and outbox row; the message says which receipt its sender got, and asks for no other."""
    new = message(state=State.DEAD_LETTER, fault=Fault.NO_READER, dispatch=None)
    reply = negative(new)
    answer = await store.admit(Admission(new, reply=reply))
    assert isinstance(answer, Admitted)
    assert list(answer.outbox) == [reply.id]
    record, replied = await store.record(new.id), await store.record(reply.id)
    assert record is not None
    assert replied is not None
    assert (record.receipt_sign, record.receipt_id) == (Sign.NEGATIVE, reply.id)
    assert (replied.regards, replied.state, replied.receipt_due_at) == (new.id, State.ACCEPTED, None)
    assert await whats(store, new.id) == ["admitted", "receipt_sent"]
    assert await whats(store, reply.id) == ["admitted"]


async def test_reply_given_in_the_answer(store: Store) -> None:
    """A reply without dispatch is stored and does not go to the outbox."""
    new = message(state=State.REFUSED, fault=Fault.SCHEMA, dispatch=None)
    reply = negative(new, dispatch=None, state=State.DELIVERED)
    answer = await store.admit(Admission(new, reply=reply))
    assert isinstance(answer, Admitted)
    assert answer.outbox == {}
    assert await everything(store) == {State.REFUSED: 1, State.DELIVERED: 1}


async def test_first_answer_again_may_be_positive(store: Store) -> None:
    """A resend that is answered with the first receipt's content, a positive one, has that sign."""
    new = message(state=State.ABSORBED, dispatch=None, claims=())
    await store.admit(Admission(new, reply=negative(new, type="XCTL03")))
    record = await store.record(new.id)
    assert record is not None
    assert record.receipt_sign is Sign.POSITIVE


async def test_receipt_moves_its_original(store: Store) -> None:
    """A forwarded receipt acknowledges its original in the same transaction, and is the receipt that the sender gets."""
    original = await admitted(store)
    await store.conclude(outcome(original, Happening.DELIVERED))
    came = receipt(original, received_at=after(seconds=9))
    assert isinstance(await store.admit(Admission(came, regards=regards(original))), Admitted)
    record = await store.record(original.id)
    assert record is not None
    assert (record.state, record.changed_at) == (State.ACKNOWLEDGED, after(seconds=9))
    assert (record.receipt_sign, record.receipt_id) == (Sign.POSITIVE, came.id)
    assert await whats(store, original.id) == ["admitted", "delivered", "receipted", "receipt_sent"]
    assert (await everything(store))[State.ACKNOWLEDGED] == 1


async def test_receipt_that_is_not_forwarded(store: Store) -> None:
    """A receipt that is held back moves its original and leaves the receipt that was sent as it is."""
    original = await admitted(store)
    first = negative(original)
    await store.conclude(outcome(original, Happening.GIVEN_UP, fault=Fault.GAVE_UP, reply=first))
    held = regards(original, expected_state=State.DEAD_LETTER, expected_sign=Sign.NEGATIVE, forwarded=False)
    came = receipt(original, state=State.ABSORBED, dispatch=None)
    assert isinstance(await store.admit(Admission(came, regards=held)), Admitted)
    record = await store.record(original.id)
    assert record is not None
    assert (record.state, record.receipt_sign, record.receipt_id) == (State.ACKNOWLEDGED, Sign.NEGATIVE, first.id)


@pytest.mark.parametrize("expected", [{"expected_state": State.QUEUED, "happening": None}, {"expected_sign": Sign.NEGATIVE}])
async def test_stale_receipt_stores_nothing(store: Store, expected: dict[str, object]) -> None:
    """Where the original has moved on, in state or in the receipt sent, the receipt is not stored and moves nothing."""
    original = await admitted(store)
    await store.conclude(outcome(original, Happening.DELIVERED))
    came = receipt(original)
    assert isinstance(await store.admit(Admission(came, regards=regards(original, **expected))), Stale)
    assert await store.record(came.id) is None
    assert await whats(store, original.id) == ["admitted", "delivered"]


async def test_receipt_overtakes_the_end_of_the_delivery(store: Store) -> None:
    """A receipt that was decided on while its original was still queued holds when the original is delivered meanwhile."""
    original = await admitted(store)
    await store.conclude(outcome(original, Happening.DELIVERED))
    came = receipt(original)
    assert isinstance(await store.admit(Admission(came, regards=regards(original, expected_state=State.QUEUED))), Admitted)
    assert sorted(await whats(store, original.id)) == ["admitted", "delivered", "receipt_sent", "receipted"]


async def test_only_one_of_many_receipts_holds(store: Store, second: Store) -> None:
    """Of receipts that come at once, through two processes, one is forwarded and the rest are stale."""
    original = await admitted(store)
    await store.conclude(outcome(original, Happening.DELIVERED))
    admissions = [Admission(receipt(original), regards=regards(original)) for _ in range(20)]
    answers = await asyncio.gather(*((store, second)[i % 2].admit(a) for i, a in enumerate(admissions)))
    assert sorted(type(a).__name__ for a in answers) == ["Admitted"] + ["Stale"] * 19


async def test_receipt_for_an_unknown_message(store: Store) -> None:
    """`regards` that names no message is a KeyError, and nothing is stored."""
    with pytest.raises(KeyError):
        await store.admit(Admission(receipt(message()), regards=regards(message())))
    assert await everything(store) == {}


async def test_many_at_once(store: Store, second: Store) -> None:
    """Of 200 concurrent admissions, half with ids of their own and half sharing ten letters, through two processes, each own one is
    stored, and of those that share one each; the others are told which.
    """
    shared = [Claim("5790000120017", "letter", f"shared-{n}", DIGEST) for n in range(10)]
    own = [message() for _ in range(100)]
    sharing = [message(claims=(shared[n % 10],)) for n in range(100)]
    mixed = [one for pair in zip(own, sharing, strict=True) for one in pair]
    answers = await asyncio.gather(*((store, second)[i % 2].admit(Admission(m)) for i, m in enumerate(mixed)))
    stored = {m.id for m, a in zip(mixed, answers, strict=True) if isinstance(a, Admitted)}
    assert {m.id for m in own} <= stored
    assert len(stored) == 110
    for answer in answers:
        if isinstance(answer, Known):
            assert answer.claimed[0].message_id in stored
    assert await everything(store) == {State.ACCEPTED: 110, "outbox": 110}


async def test_failed_neighbour_fails_alone(store: Store) -> None:
    """A call that cannot be stored raises, and those that were committed together with it are stored."""
    good = [message() for _ in range(20)]
    bad = message(verdict={"not JSON": object()})
    answers = await asyncio.gather(*(store.admit(Admission(m)) for m in [*good[:10], bad, *good[10:]]), return_exceptions=True)
    assert isinstance(answers.pop(10), TypeError)
    assert all(isinstance(a, Admitted) for a in answers)
    assert await store.record(bad.id) is None


async def test_cancelled_caller(database_url: str, store: Store) -> None:
    """A caller that goes away while its call waits or runs loses the answer alone: the message is stored, whole."""
    theirs = await open_store(database_url)
    new = [message() for _ in range(50)]
    tasks = [asyncio.create_task(theirs.admit(Admission(m))) for m in new]
    await asyncio.sleep(0)  # let them hand in what they want
    for task in tasks:
        task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.gather(*tasks)
    await theirs.close()
    assert await everything(store) == {State.ACCEPTED: 50, "outbox": 50}
    assert await store.document(new[49].id) == new[49].document


_ADMIT_AND_DIE = """
import asyncio, os, signal, sys
from gateway.records import Admission
from gateway.store import open_store
from tests.contract.journal_cases import message

async def main():
    store = await open_store(sys.argv[1])
    new = message()
    await store.admit(Admission(new))
    os.write(1, new.id.encode())
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


async def test_answer_survives_kill(store: Store, database_url: str) -> None:
    """A process that is killed the moment it has its answer leaves the message, its bytes and its outbox row behind."""
    command = [sys.executable, "-c", _ADMIT_AND_DIE, database_url]
    done = await asyncio.to_thread(
        subprocess.run, command, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(Path.cwd())}
    )
    assert done.returncode == -signal.SIGKILL
    record = await store.record(done.stdout.decode())
    assert record is not None
    assert await store.document(record.id) is not None
    assert [row.parcel.id for row in await store.take("relay", 10, NOW)] == [record.id]


async def test_close_writes_what_waits(database_url: str, store: Store) -> None:
    """Calls under way when the store closes are stored and answered; calls that come later are refused."""
    closing = await open_store(database_url)
    tasks = [asyncio.create_task(closing.admit(Admission(message()))) for _ in range(20)]
    await asyncio.sleep(0)
    await closing.close()
    assert all(isinstance(a, Admitted) for a in await asyncio.gather(*tasks))
    assert (await everything(store))[State.ACCEPTED] == 20
    assert await closing.probe() == "closed"
