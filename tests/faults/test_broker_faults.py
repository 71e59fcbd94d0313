"""The broker on RabbitMQ while the world breaks: the server goes, the line goes, the line goes silent."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Self

import pytest

from gateway.broker.queues import queue_of
from gateway.broker.rabbitmq import RabbitBroker
from gateway.ports import BrokerUnavailable, Taken
from tests.services.proxy import Proxy, StartProxy
from tests.services.rabbitmq import RabbitMQ
from tests.services.taking import SKIVE, Taking, eventually, hold, parcel

QUEUE = queue_of("skive")
BACK_WITHIN = 60.0

pytestmark = pytest.mark.timeout(90)


@asynccontextmanager
async def opened(url: str, confirm_within: float = 10.0) -> AsyncIterator[RabbitBroker]:
    """A broker with one endpoint."""
    broker = RabbitBroker(url, confirm_within=confirm_within)
    await broker.open()
    try:
        await broker.declare("skive", [SKIVE])
        yield broker
    finally:
        await broker.close()


@pytest.fixture
async def proxy(rabbitmq: RabbitMQ, proxy_to: StartProxy) -> Proxy:
    """A line to RabbitMQ that can be broken."""
    return await proxy_to(rabbitmq.port)


def through(proxy: Proxy, url: str, rabbitmq: RabbitMQ) -> str:
    """The same URL, by way of the proxy."""
    return url.replace(f":{rabbitmq.port}/", f":{proxy.port}/")


class Stream:
    """Several publishers that go on as a relay does: each parcel again until it is confirmed."""

    def __init__(self, broker: RabbitBroker) -> None:
        self._broker = broker
        self._next = 0
        self._tasks: list[asyncio.Task[None]] = []
        self.confirmed: list[str] = []
        self.failures = 0

    async def __aenter__(self) -> Self:
        self._tasks = [asyncio.create_task(self._publish()) for _ in range(20)]
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.wait(self._tasks)

    async def _publish(self) -> None:
        while True:
            self._next += 1
            sent = parcel(self._next, body=b"x" * 1000)
            while True:
                try:
                    await self._broker.publish(sent)
                    break
                except BrokerUnavailable:
                    self.failures += 1
                    await asyncio.sleep(0.05)
            self.confirmed.append(sent.id)

    async def more(self, count: int) -> None:
        """Waits until so many more are confirmed."""
        target = len(self.confirmed) + count

        async def reached() -> bool:
            return len(self.confirmed) >= target

        await eventually(reached, BACK_WITHIN)


async def all_consumed(stream: Stream, taking: Taking) -> None:
    """Waits until everything that was confirmed has been taken."""

    def complete(taken: list[Taken]) -> bool:
        return set(stream.confirmed) <= {t.parcel.id for t in taken}

    async def consumed() -> bool:
        return complete(taking.taken)

    await eventually(consumed, BACK_WITHIN)


@pytest.mark.parametrize("end", [RabbitMQ.stop, RabbitMQ.kill], ids=["stopped", "killed"])
async def test_broker_goes_and_comes_back(rabbitmq: RabbitMQ, rabbitmq_vhost: str, end: Callable[[RabbitMQ], None]) -> None:
    """The broker is stopped or killed in mid-stream and started: all that was confirmed is consumed, by itself."""
    async with opened(rabbitmq_vhost) as broker:
        taking = Taking()
        await broker.consume(QUEUE, taking, 50)
        async with Stream(broker) as stream:
            await stream.more(300)
            await asyncio.to_thread(rabbitmq.settle)
            await asyncio.to_thread(end, rabbitmq)
            await asyncio.to_thread(rabbitmq.start)
            await stream.more(300)
        assert stream.failures
        await all_consumed(stream, taking)


async def test_restart_keeps_what_was_confirmed(rabbitmq: RabbitMQ, rabbitmq_vhost: str) -> None:
    """Parcels that were confirmed and not yet taken are there after the broker was killed and started."""
    async with opened(rabbitmq_vhost) as broker:
        for number in range(100):
            await broker.publish(parcel(number))
        await asyncio.to_thread(rabbitmq.settle)
        await asyncio.to_thread(rabbitmq.kill)
        await asyncio.to_thread(rabbitmq.start)

        async def all_there() -> bool:
            try:
                return (await broker.depths())[QUEUE] == 100
            except BrokerUnavailable:
                return False

        await eventually(all_there, BACK_WITHIN)


async def test_line_cut(rabbitmq: RabbitMQ, rabbitmq_vhost: str, proxy: Proxy) -> None:
    """The connections are reset and refused for a while: publishes fail at once, and all goes on by itself afterwards."""
    async with opened(through(proxy, rabbitmq_vhost, rabbitmq)) as broker:
        taking = Taking()
        await broker.consume(QUEUE, taking, 50)
        async with Stream(broker) as stream:
            await stream.more(300)
            await proxy.cut()
            started = time.monotonic()
            await eventually(lambda: fails_at_once(broker), 2)
            with pytest.raises(BrokerUnavailable, match="disconnected"):
                await broker.publish(parcel(0))
            assert time.monotonic() - started < 2
            await proxy.heal()
            await stream.more(300)
        await all_consumed(stream, taking)


async def test_publishes_under_way_are_told(rabbitmq: RabbitMQ, rabbitmq_vhost: str, proxy: Proxy) -> None:
    """Every one of a thousand publishes that were under way when the line was cut ends soon: confirmed, or BrokerUnavailable."""
    async with opened(through(proxy, rabbitmq_vhost, rabbitmq)) as broker:
        proxy.black_hole(to_server=False)
        tasks = [asyncio.create_task(broker.publish(parcel(number))) for number in range(1000)]
        await asyncio.sleep(0)
        await proxy.cut()
        started = time.monotonic()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert time.monotonic() - started < 5
        assert {type(result) for result in results} <= {type(None), BrokerUnavailable}


@pytest.mark.parametrize(("to_server", "to_client"), [(True, True), (True, False), (False, True)])
async def test_black_hole(rabbitmq: RabbitMQ, rabbitmq_vhost: str, proxy: Proxy, to_server: bool, to_client: bool) -> None:
    """The line swallows bytes in one direction or both: a publish ends within its bound, and all goes on after the line is healed."""
    async with opened(through(proxy, rabbitmq_vhost, rabbitmq), confirm_within=2) as broker:
        taking = Taking()
        await broker.consume(QUEUE, taking, 50)
        async with Stream(broker) as stream:
            await stream.more(100)
            proxy.black_hole(to_server=to_server, to_client=to_client)
            started = time.monotonic()
            with pytest.raises(BrokerUnavailable):
                await broker.publish(parcel(0, body=b"x" * 1_000_000))
            assert time.monotonic() - started < 3
            # It is silent, not closed: that it is of no use must be found out.
            await eventually(lambda: fails_at_once(broker), 20)
            await proxy.heal()
            await stream.more(100)
        await all_consumed(stream, taking)


async def refused(broker: RabbitBroker) -> bool:
    """Whether a publish does not get through."""
    try:
        await broker.publish(parcel(0, routing_key="ingen"))
    except BrokerUnavailable:
        return True
    return False


async def fails_at_once(broker: RabbitBroker) -> bool:
    """Whether the broker knows that it is disconnected."""
    try:
        await broker.publish(parcel(0))
    except BrokerUnavailable as error:
        return error.reason == "disconnected"
    return False


async def test_close_in_a_black_hole(rabbitmq: RabbitMQ, rabbitmq_vhost: str, proxy: Proxy) -> None:
    """`close` ends within seconds on a line that swallows everything, with megabytes unsent and parcels held; `open` gives up."""
    url = through(proxy, rabbitmq_vhost, rabbitmq)
    broker = RabbitBroker(url)
    await broker.open()
    await broker.declare("skive", [SKIVE])
    await broker.publish(parcel())
    taking = Taking(hold)
    await broker.consume(QUEUE, taking, 1)
    (held,) = await taking.until(1)
    proxy.black_hole()
    publishing = [asyncio.create_task(broker.publish(parcel(n, body=bytes(1_000_000)))) for n in range(20)]
    started = time.monotonic()
    await held.ack()
    await broker.close()
    assert time.monotonic() - started < 8
    results = await asyncio.gather(*publishing, return_exceptions=True)
    assert {type(result) for result in results} == {BrokerUnavailable}
    started = time.monotonic()
    other = RabbitBroker(url)
    with pytest.raises(BrokerUnavailable):
        await other.open()
    assert time.monotonic() - started < 10
    await other.close()


async def test_lost_line_gives_back_what_was_held(rabbitmq: RabbitMQ, rabbitmq_vhost: str, proxy: Proxy) -> None:
    """A handler is not disturbed when the line goes; its ack comes to nothing, and the parcel comes again, redelivered."""
    async with opened(through(proxy, rabbitmq_vhost, rabbitmq)) as broker:
        go_on = asyncio.Event()
        finished = asyncio.Event()

        async def slowly(taken: Taken) -> None:
            if not taken.redelivered:
                await go_on.wait()
                finished.set()
            await taken.ack()

        taking = Taking(slowly)
        await broker.publish(parcel())
        await broker.consume(QUEUE, taking, 1)
        await taking.until(1)
        await proxy.cut()
        await eventually(lambda: fails_at_once(broker))
        await proxy.heal()
        await taking.until(2, BACK_WITHIN)
        assert taking.taken[1].redelivered
        assert not finished.is_set()
        go_on.set()
        async with asyncio.timeout(5):
            await finished.wait()


async def test_broker_short_of_memory(rabbitmq: RabbitMQ, rabbitmq_vhost: str) -> None:
    """While RabbitMQ takes nothing for want of memory, publishes end within their bound and acks still get through."""
    async with opened(rabbitmq_vhost, confirm_within=2) as broker:
        for number in range(20):
            await broker.publish(parcel(number))
        await asyncio.to_thread(rabbitmq.ctl, "set_vm_memory_high_watermark", "absolute", "1")
        try:
            # The alarm takes a moment to be raised.
            await eventually(lambda: refused(broker))
            started = time.monotonic()
            with pytest.raises(BrokerUnavailable, match="timeout"):
                await broker.publish(parcel(100, routing_key="ingen"))
            assert time.monotonic() - started < 3
            taking = Taking()
            await broker.consume(QUEUE, taking, 5)
            await taking.until(20)
        finally:
            await asyncio.to_thread(rabbitmq.ctl, "set_vm_memory_high_watermark", "absolute", "1GB")

        async def accepted() -> bool:
            return not await refused(broker)

        await eventually(accepted)


async def test_own_cancellation_passes(rabbitmq: RabbitMQ, rabbitmq_vhost: str, proxy: Proxy) -> None:
    """A publish that its caller cancels is cancelled, and not turned into an error of the broker's."""
    async with opened(through(proxy, rabbitmq_vhost, rabbitmq)) as broker:
        proxy.black_hole(to_server=False)
        publishing = asyncio.create_task(broker.publish(parcel()))
        await asyncio.sleep(0)
        publishing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await publishing


async def test_declared_while_away(rabbitmq: RabbitMQ, rabbitmq_vhost: str, proxy: Proxy) -> None:
    """While the broker is away `declare` and `depths` say so at once, and `consume` waits for it to come back."""
    async with opened(through(proxy, rabbitmq_vhost, rabbitmq)) as broker:
        await broker.publish(parcel())
        await proxy.cut()
        await eventually(lambda: fails_at_once(broker))
        with pytest.raises(BrokerUnavailable):
            await broker.declare("viborg", ["kommune.0791.#"])
        with pytest.raises(BrokerUnavailable):
            await broker.depths()
        taking = Taking()
        await broker.consume(QUEUE, taking, 1)
        await proxy.heal()
        await taking.until(1, BACK_WITHIN)
