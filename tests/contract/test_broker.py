"""The contract of `gateway.ports.Broker` about handing over, holding and giving back, on the embedded broker and on RabbitMQ."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from gateway.broker import make_broker
from gateway.broker.embedded import EmbeddedBroker
from gateway.broker.rabbitmq import RabbitBroker
from gateway.ports import DEAD_LETTERS, UNROUTABLE, BrokerUnavailable, Taken
from tests.contract.broker_cases import LIMIT, QUEUE, Subject, ready
from tests.services.taking import DEADLINE, SKIVE, Taking, hold, parcel


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"heading": None, "thread": None},
        {"attempt": 7, "recovered": True},
        {"body": None},
        {"body": b""},
        {"body": "blå".encode("windows-1252"), "content_type": "application/xml; charset=windows-1252"},
    ],
)
async def test_every_field_survives(subject: Subject, changes: dict[str, Any]) -> None:
    """A consumer gets the parcel that was published, with the same bytes and every field as it was."""
    sent = parcel(**changes)
    await subject.broker.publish(sent)
    taking = Taking()
    await subject.broker.consume(QUEUE, taking, 1)
    (taken,) = await taking.until(1)
    assert taken.parcel == sent
    assert not taken.redelivered
    assert taken.reason is None


async def test_large_body(subject: Subject) -> None:
    """A document of several megabytes, many frames long, arrives whole."""
    sent = parcel(body=bytes(range(256)) * (5 * 4096))
    await subject.broker.publish(sent)
    taking = Taking()
    await subject.broker.consume(QUEUE, taking, 1)
    (taken,) = await taking.until(1)
    assert taken.parcel == sent


async def test_prefetch_bounds_what_is_held(subject: Subject) -> None:
    """No more than `prefetch` parcels are out unacked, and each ack lets one more come."""
    for number in range(10):
        await subject.broker.publish(parcel(number))
    taking = Taking(hold)
    await subject.broker.consume(QUEUE, taking, 3)
    await taking.until(3)
    await ready(subject.broker, QUEUE, 7)
    assert len(taking.taken) == 3
    await taking.taken[1].ack()
    await taking.until(4)
    await ready(subject.broker, QUEUE, 6)
    assert len(taking.taken) == 4


async def test_handlers_run_beside_each_other(subject: Subject) -> None:
    """A handler that takes its time does not keep the next parcel waiting."""
    for number in range(2):
        await subject.broker.publish(parcel(number))
    both = asyncio.Barrier(2)

    async def meet(taken: Taken) -> None:
        await both.wait()
        await taken.ack()

    taking = Taking(meet)
    await subject.broker.consume(QUEUE, taking, 2)
    async with asyncio.timeout(DEADLINE):
        await taking.until(2)


async def test_ack_forgets(subject: Subject) -> None:
    """What was acked never comes again, not after a restart either."""
    await subject.broker.publish(parcel())
    taking = Taking()
    await subject.broker.consume(QUEUE, taking, 1)
    await taking.until(1)
    await ready(subject.broker, QUEUE, 0)
    await subject.restart()
    assert (await subject.broker.depths())[QUEUE] == 0


async def test_release_gives_back(subject: Subject) -> None:
    """A released parcel comes again, marked as redelivered."""
    await subject.broker.publish(parcel())

    async def first_release(taken: Taken) -> None:
        await (taken.ack() if taken.redelivered else taken.release())

    taking = Taking(first_release)
    await subject.broker.consume(QUEUE, taking, 1)
    first, second = await taking.until(2)
    assert (first.redelivered, second.redelivered) == (False, True)
    assert first.parcel == second.parcel


async def test_failing_handler_loses_nothing(subject: Subject) -> None:
    """A parcel whose handler broke down comes again."""
    await subject.broker.publish(parcel())

    async def break_down(taken: Taken) -> None:
        if not taken.redelivered:
            raise RuntimeError("a bug")
        await taken.ack()

    taking = Taking(break_down)
    await subject.broker.consume(QUEUE, taking, 1)
    await taking.until(2)
    assert taking.taken[1].redelivered


async def test_close_gives_back_what_is_held(subject: Subject) -> None:
    """Parcels held at `close` come again after the next start, redelivered; those that waited come as they were."""
    for number in range(3):
        await subject.broker.publish(parcel(number))
    holding = Taking(hold)
    await subject.broker.consume(QUEUE, holding, 2)
    await holding.until(2)
    await subject.restart()
    await ready(subject.broker, QUEUE, 3)
    taking = Taking()
    await subject.broker.consume(QUEUE, taking, 3)
    await taking.until(3)
    assert {t.parcel.id for t in taking.taken if t.redelivered} == set(holding.ids)
    assert len(set(taking.ids)) == 3


async def test_settling_after_close_is_harmless(subject: Subject) -> None:
    """`ack` and `release` never raise; what they are called for after `close` comes again."""
    for number in range(2):
        await subject.broker.publish(parcel(number))
    taking = Taking(hold)
    await subject.broker.consume(QUEUE, taking, 2)
    acked, released = list(await taking.until(2))
    await subject.broker.close()
    await acked.ack()
    await released.release()
    await subject.restart()
    await ready(subject.broker, QUEUE, 2)


async def test_close_ends_handlers(subject: Subject) -> None:
    """`close` cancels the handlers that still run, so that none outlives the broker."""
    await subject.broker.publish(parcel())
    cancelled = asyncio.Event()

    async def wait_for_ever(_: Taken) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    taking = Taking(wait_for_ever)
    await subject.broker.consume(QUEUE, taking, 1)
    await taking.until(1)
    await subject.broker.close()
    assert cancelled.is_set()


async def test_delivery_limit(subject: Subject) -> None:
    """What is given back more often than the limit allows is a dead letter, with its endpoint and the broker's reason."""
    sent = parcel()
    await subject.broker.publish(sent)
    taking, dead = Taking(lambda taken: taken.release()), Taking()
    await subject.broker.consume(DEAD_LETTERS, dead, 1)
    await subject.broker.consume(QUEUE, taking, 1)
    (letter,) = await dead.until(1)
    assert (letter.parcel, letter.reason) == (sent, "delivery_limit")
    assert letter.parcel.endpoint == "skive"
    assert len(taking.taken) == LIMIT + 1


async def test_dead_letters_have_no_limit(subject: Subject) -> None:
    """A dead letter that is given back again and again stays, since there is no further place to go."""
    await subject.broker.publish(parcel(routing_key="ingen"))
    taking = Taking(lambda taken: taken.release() if len(taking.taken) < 30 else hold(taken))
    await subject.broker.consume(UNROUTABLE, taking, 1)
    await taking.until(30)
    assert set(taking.ids) == {parcel().id}


async def test_a_thousand_at_once(subject: Subject) -> None:
    """A thousand publishes under way at once are each confirmed, and each parcel is taken once."""
    async with asyncio.timeout(DEADLINE), asyncio.TaskGroup() as group:
        for number in range(1000):
            group.create_task(subject.broker.publish(parcel(number)))
    taking = Taking()
    await subject.broker.consume(QUEUE, taking, 100)
    await taking.until(1000)
    assert sorted(taking.ids) == [parcel(number).id for number in range(1000)]


async def test_stop_consuming(subject: Subject) -> None:
    """After `stop_consuming` nothing new is handed out, what is held may still be acked, and consuming can start again."""
    taking = Taking(hold)
    await subject.broker.consume(QUEUE, taking, 1)
    await subject.broker.publish(parcel(1))
    (held,) = await taking.until(1)
    await subject.broker.stop_consuming()
    await subject.broker.publish(parcel(2))
    await held.ack()
    await ready(subject.broker, QUEUE, 1)
    assert taking.ids == [parcel(1).id]
    later = Taking()
    await subject.broker.consume(QUEUE, later, 1)
    await later.until(1)
    assert later.ids == [parcel(2).id]


async def test_close_is_idempotent_and_final(subject: Subject) -> None:
    """`close` can be called again and before `open`, and a closed broker takes nothing more."""
    await subject.broker.close()
    await subject.broker.close()
    with pytest.raises(BrokerUnavailable):
        await subject.broker.publish(parcel())


def test_url_chooses_the_broker() -> None:
    """The URL's scheme says which broker it is; an unknown one is refused, and its password is not repeated."""
    kinds = {url: type(make_broker(url)) for url in ("embedded:", "amqp://host", "amqps://host")}
    assert kinds == {"embedded:": EmbeddedBroker, "amqp://host": RabbitBroker, "amqps://host": RabbitBroker}
    with pytest.raises(ValueError, match="embedded:, amqp:// or amqps://") as refused:
        make_broker("kafka://user:hemmelig@host")
    assert "hemmelig" not in str(refused.value)


async def test_embedded_memory_is_bounded() -> None:
    """Bodies are kept up to the cap and given up beyond it; an ack makes room again."""
    broker = EmbeddedBroker(held_bytes=10)
    await broker.open()
    await broker.declare("skive", [SKIVE])
    for number in range(3):
        await broker.publish(parcel(number, body=b"4711"))
    taking = Taking()
    await broker.consume(QUEUE, taking, 1)
    await taking.until(3)
    assert [taken.parcel.body for taken in taking.taken] == [b"4711", b"4711", None]
    await broker.publish(parcel(4, body=b"1234567890"))
    await taking.until(4)
    assert taking.taken[3].parcel.body == b"1234567890"
    await broker.close()


async def test_up_while_it_is_open(subject: Subject) -> None:
    """`up` says that the broker is connected, and no more after `close`."""
    assert subject.broker.up
    await subject.broker.close()
    assert not subject.broker.up
