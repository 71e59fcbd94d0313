"""One quorum queue on RabbitMQ has no leader, so that nobody can consume it: the others go on, and it is taken up when it has one.

RabbitMQ 3.10 leaves a queue so when the node is killed within a second of the queue's first declaration; a cluster, when most of
the queue's members are away. It answers `basic.consume` not at all, or by ending the connection (541).
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from gateway.broker.queues import queue_of
from gateway.broker.rabbitmq import RabbitBroker
from gateway.broker.topology import TopologyDiffers
from gateway.events import Telemetry
from gateway.ports import INBOX, BrokerUnavailable
from tests.services.proxy import Proxy, StartProxy
from tests.services.rabbitmq import RabbitMQ
from tests.services.taking import SKIVE, Taking, eventually, parcel

VIBORG = "kommune.0791.social.xdis91.indlaeggelse"
QUEUE = queue_of("skive")
BACK_WITHIN = 60.0

pytestmark = pytest.mark.timeout(120)


@dataclass
class Subject:
    """A broker with two endpoints, both consumed, and its log."""

    broker: RabbitBroker
    telemetry: Telemetry
    written: io.StringIO
    skive: Taking
    viborg: Taking

    @property
    def log(self) -> str:
        """All that was logged."""
        self.telemetry.flush()
        return self.written.getvalue()

    async def says(self, line: str) -> None:
        """Waits until it is in the log."""

        async def said() -> bool:
            return line in self.log

        await eventually(said, BACK_WITHIN)

    async def serve(self) -> None:
        """Declares and consumes, as a gateway does once it is connected."""
        await self.broker.declare("viborg", [VIBORG])
        await self.broker.declare("skive", [SKIVE])
        await self.broker.consume(queue_of("viborg"), self.viborg, 10)
        await self.broker.consume(QUEUE, self.skive, 10)

    async def passes(self, number: int) -> None:
        """A parcel to Viborg is published and taken, once the link is up."""

        async def taken() -> bool:
            try:
                await self.broker.publish(parcel(number, endpoint="viborg", routing_key=VIBORG))
            except BrokerUnavailable:
                return False
            return True

        await eventually(taken, BACK_WITHIN)
        await self.viborg.until(lambda found: parcel(number).id in {one.parcel.id for one in found}, BACK_WITHIN)

    async def unserved(self, *queues: str) -> None:
        """Waits until it is these queues that the broker says it cannot consume, while it is up."""

        async def so() -> bool:
            return self.broker.up and self.broker.unserved == set(queues)

        await eventually(so, BACK_WITHIN)


@asynccontextmanager
async def subject(url: str) -> AsyncIterator[Subject]:
    """Connected; nothing is declared yet."""
    written = io.StringIO()
    telemetry = Telemetry(written)
    broker = RabbitBroker(url, confirm_within=2, try_again=0.5, telemetry=telemetry)
    await broker.open()
    try:
        yield Subject(broker, telemetry, written, Taking(), Taking())
    finally:
        await broker.close()


async def server_of(rabbitmq: RabbitMQ, url: str, queue: str, verb: str) -> None:
    """Does something to the queue's Raft server."""
    name = f"{url.rpartition('/')[2]}_{queue}"
    said = await asyncio.to_thread(rabbitmq.ctl, "eval", f"Q = {{'{name}', node()}}, {verb}.")
    assert said.strip() == "ok", said


STOP = "ra:stop_server(quorum_queues, Q)"
START = "ra:restart_server(quorum_queues, Q)"
ELECT = "ra:trigger_election(Q), ok"


@pytest.fixture
async def proxy(rabbitmq: RabbitMQ, proxy_to: StartProxy) -> Proxy:
    """A line to RabbitMQ that can be broken."""
    return await proxy_to(rabbitmq.port)


async def test_one_queue_fails(rabbitmq: RabbitMQ, rabbitmq_vhost: str, proxy: Proxy) -> None:
    """The link comes back without a queue that ends each connection it is consumed on, says so, and consumes it once it answers."""
    async with subject(rabbitmq_vhost.replace(f":{rabbitmq.port}/", f":{proxy.port}/")) as here:
        await here.serve()
        await here.broker.publish(parcel(1))
        await here.skive.until(1)
        await server_of(rabbitmq, rabbitmq_vhost, QUEUE, STOP)
        await proxy.cut()
        await proxy.heal()
        await here.unserved(QUEUE)
        await here.passes(2)
        with pytest.raises(BrokerUnavailable):
            await here.broker.publish(parcel(3))
        await here.passes(4)
        await here.says('"queue":"medcom.endpoint.skive","reason":"internal-error"')
        sessions = here.log.count('"BrokerAway"')
        await server_of(rabbitmq, rabbitmq_vhost, QUEUE, START)
        await here.unserved()
        await here.broker.publish(parcel(5))
        await here.skive.until(lambda taken: parcel(5).id in {one.parcel.id for one in taken})
        await here.passes(6)
        # None of the trials cost the others their connection.
        assert here.log.count('"BrokerAway"') == sessions
        await here.says('"QueueServed"')


async def test_unserved_queue_is_let_go(rabbitmq: RabbitMQ, rabbitmq_vhost: str, proxy: Proxy) -> None:
    """While a queue is tried in vain the broker can stop consuming, and close, as ever; the queue is then not tried any more."""
    async with subject(rabbitmq_vhost.replace(f":{rabbitmq.port}/", f":{proxy.port}/")) as here:
        await here.serve()
        await server_of(rabbitmq, rabbitmq_vhost, QUEUE, STOP)
        await proxy.cut()
        await proxy.heal()
        await here.unserved(QUEUE)
        await here.broker.stop_consuming()
        await here.unserved()
        await here.broker.publish(parcel(1, endpoint="viborg", routing_key=VIBORG))
        await server_of(rabbitmq, rabbitmq_vhost, QUEUE, START)
    assert not here.viborg.taken


async def test_killed_at_once(rabbitmq: RabbitMQ, rabbitmq_vhost: str) -> None:
    """RabbitMQ is killed (-9) right after the queues were declared: the link comes back, the others are served, and so is in the end
    a queue that was left without a leader.
    """
    async with subject(rabbitmq_vhost) as here:
        await here.serve()
        await asyncio.to_thread(rabbitmq.kill)
        await asyncio.to_thread(rabbitmq.start)

        async def up() -> bool:
            return here.broker.up

        await eventually(up, BACK_WITHIN)
        stuck = here.broker.unserved
        assert len(stuck) < 5, "at least one of the five queues is served"
        assert INBOX not in stuck
        for queue in stuck:
            await server_of(rabbitmq, rabbitmq_vhost, queue, ELECT)
        await here.unserved()
        await here.passes(2)
        await here.broker.publish(parcel(3))
        await here.skive.until(1, BACK_WITHIN)


async def test_queue_of_somebody_elses(rabbitmq: RabbitMQ, rabbitmq_vhost: str, proxy: Proxy) -> None:
    """A queue that is there with other arguments than ours is named in the log at every new session, and keeps none from coming up."""
    async with subject(rabbitmq_vhost.replace(f":{rabbitmq.port}/", f":{proxy.port}/")) as here:
        vhost = rabbitmq_vhost.rpartition("/")[2]
        strange = f'rabbit_amqqueue:declare({{resource, <<"{vhost}">>, queue, <<"{QUEUE}">>}}, true, false, [], none, <<"test">>), ok.'
        await asyncio.to_thread(rabbitmq.ctl, "eval", strange)
        await here.broker.declare("viborg", [VIBORG])
        with pytest.raises(TopologyDiffers):
            await here.broker.declare("skive", [SKIVE])
        await here.broker.consume(queue_of("viborg"), here.viborg, 10)
        await proxy.cut()
        await proxy.heal()
        await here.passes(1)
        assert "'medcom.endpoint.skive' exists on the broker with other arguments" in here.log
