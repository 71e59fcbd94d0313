"""What an operator can do with a dead letter, on a real journal."""

from __future__ import annotations

import pytest

from gateway.clock import SystemClock
from gateway.directory import Directory
from gateway.mending import CannotMend, DeadLetters
from gateway.records import Admission, Mode, Partner
from gateway.store import Store
from routing.decisions import Fault
from routing.headings import bundled as headings
from routing.lifecycle import State
from sor.register import bundled as register
from tests.contract.journal_cases import message
from tests.unit.gateway.examples import RANDERS, SKIVE

SKIVE_READER = Partner("skive", frozenset({SKIVE}), Mode.PULL, "hash")
ACTOR = "operator:prøve"


def desk(store: Store, *partners: Partner) -> DeadLetters:
    """The operator's desk with these partners connected."""
    return DeadLetters(store, store, Directory(partners, register(), headings()), SystemClock())


@pytest.fixture
async def dead(store: Store) -> str:
    """A letter to Skive that nobody reads."""
    new = message(receiver=SKIVE, state=State.DEAD_LETTER, fault=Fault.NO_READER, dispatch=None)
    await store.admit(Admission(new))
    return new.id


async def test_retry_sends_it_to_the_reader_there_is_now(store: Store, dead: str):
    """A retry dispatches to whoever reads the receiver's address now, under the register's key, and names the operator."""
    done = await desk(store, SKIVE_READER).retry(dead, ACTOR)
    assert (done.state, done.endpoint, done.address) == (State.ACCEPTED, "skive", SKIVE)
    (row,) = await store.take("her", 10, SystemClock().now())
    assert row.parcel.routing_key == "kommune.0779.social-og-psykiatri.xdis91.indlaeggelse"
    entry = (await store.timeline(dead))[-1]
    assert (entry.what, entry.actor) == ("retried", ACTOR)


async def test_retry_without_a_reader_changes_nothing(store: Store, dead: str):
    """Where still nobody reads, the operator is told how to connect a reader, in both languages."""
    with pytest.raises(CannotMend) as refused:
        await desk(store).retry(dead, ACTOR)
    assert f"partners add NAVN --gln {SKIVE}" in refused.value.text_da
    assert "register" not in refused.value.text_en, "the register knows this address"
    assert (await store.record(dead)).state is State.DEAD_LETTER


async def test_redirect_goes_where_it_is_told(store: Store, dead: str):
    """A redirect dispatches to the other address and keeps the receiver that the document names."""
    reader = Partner("randers", frozenset({RANDERS}), Mode.PULL, "hash")
    done = await desk(store, reader).redirect(dead, RANDERS, ACTOR, "flyttet")
    record = await store.record(dead)
    assert (done.endpoint, record.address, record.receiver) == ("randers", RANDERS, SKIVE)
    assert (await store.timeline(dead))[-1].detail["reason"] == "flyttet"


async def test_discard_ends_it(store: Store, dead: str):
    """A discarded letter has ended: its bytes stay, and nothing can be done with it any more."""
    mending = desk(store, SKIVE_READER)
    assert (await mending.discard(dead, ACTOR, "ringet")).state is State.DISCARDED
    assert await store.document(dead) is not None
    for again in (mending.retry(dead, ACTOR), mending.discard(dead, ACTOR, "igen")):
        with pytest.raises(CannotMend, match="discarded"):
            await again


async def test_what_is_not_there(store: Store):
    """An id that no message has is said to have none."""
    with pytest.raises(CannotMend, match="no message"):
        await desk(store).retry("findes-ikke", ACTOR)
