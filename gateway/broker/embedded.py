"""The broker in the process: queues in memory, for the gateway that runs with no server beside it.

Nothing here survives the process; the journal holds everything and refills the queues at start. Routing, redelivery and dead
letters are RabbitMQ's, held to it by one conformance suite. All of it runs on the event loop's thread and nothing awaits
between looking and changing, so there is no lock.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from gateway.broker.handling import Handling
from gateway.broker.queues import DELIVERY_LIMIT, HELD_BYTES, queue_of
from gateway.broker.topics import matches
from gateway.events import Telemetry
from gateway.ports import DEAD_LETTERS, INBOX, UNROUTABLE, UNROUTABLE_REASON, BrokerUnavailable, Handler
from gateway.records import Parcel


@dataclass(slots=True)
class _Held:
    """A parcel in a queue or with a consumer."""

    parcel: Parcel
    reason: str | None = None
    returns: int = 0
    redelivered: bool = False


@dataclass(slots=True)
class _Consumer:
    handler: Handler
    prefetch: int
    unacked: int = 0


@dataclass(slots=True)
class _Queue:
    """What waits (`ready`, oldest first), who takes it, and after how many returns it is a dead letter (None: never)."""

    name: str
    delivery_limit: int | None
    ready: deque[_Held] = field(default_factory=deque)
    consumers: deque[_Consumer] = field(default_factory=deque)

    def free(self) -> _Consumer | None:
        """The next consumer with room, each in its turn."""
        for _ in range(len(self.consumers)):
            self.consumers.rotate(-1)
            if self.consumers[-1].unacked < self.consumers[-1].prefetch:
                return self.consumers[-1]
        return None


class _Delivery:
    """A parcel that a handler holds: the embedded `Taken`."""

    __slots__ = ("_broker", "_consumer", "_held", "_queue", "parcel", "reason", "redelivered", "user")

    def __init__(self, broker: EmbeddedBroker, queue: _Queue, consumer: _Consumer, held: _Held) -> None:
        self.parcel = held.parcel
        self.redelivered = held.redelivered
        self.reason = held.reason
        self.user: str | None = None
        self._broker = broker
        self._queue = queue
        self._consumer = consumer
        self._held = held

    async def ack(self) -> None:
        """Forgets the parcel."""
        self._broker.settle(self, self._queue, self._consumer, self._held, again=False)

    async def release(self) -> None:
        """Gives it back to its queue."""
        self._broker.settle(self, self._queue, self._consumer, self._held, again=True)


class EmbeddedBroker:
    """`Broker` in memory. Bodies are kept while they are `held_bytes` together at the most; beyond that parcels travel by
    reference.
    """

    durable = False

    def __init__(
        self, *, delivery_limit: int = DELIVERY_LIMIT, held_bytes: int = HELD_BYTES, telemetry: Telemetry | None = None
    ) -> None:
        self._delivery_limit = delivery_limit
        self._room = held_bytes
        self._handling = Handling(telemetry or Telemetry(None))
        self._queues = {name: _Queue(name, None) for name in (INBOX, DEAD_LETTERS, UNROUTABLE)}
        self._bindings: dict[str, frozenset[str]] = {}
        self._routes: dict[str, tuple[_Queue, ...]] = {}
        self._with_consumers: dict[_Delivery, tuple[_Queue, _Consumer, _Held]] = {}
        self._open = False

    @property
    def up(self) -> bool:
        """Whether it was opened."""
        return self._open

    @property
    def unserved(self) -> frozenset[str]:
        """None: every queue is in this process."""
        return frozenset()

    async def open(self) -> None:
        """Nothing to connect to."""
        self._open = True

    async def close(self) -> None:
        """Stops consuming, ends the handlers that still run, and puts what they held back into its queue."""
        self._open = False
        await self.stop_consuming()
        for delivery, (queue, consumer, held) in list(self._with_consumers.items()):
            self.settle(delivery, queue, consumer, held, again=True)
        await self._handling.end()

    async def declare(self, endpoint: str, keys: Iterable[str], gone: Iterable[str] = ()) -> None:
        """The endpoint's queue, bound to exactly these keys; none outlives the process."""
        del gone
        name = queue_of(endpoint)
        self._queues.setdefault(name, _Queue(name, self._delivery_limit))
        self._bindings[name] = frozenset(keys)
        self._routes.clear()

    async def publish(self, parcel: Parcel) -> None:
        """Puts it into every queue that is bound to its key."""
        if not self._open:
            raise BrokerUnavailable("closed")
        queues = self._routes.get(parcel.routing_key)
        if queues is None:
            queues = self._routes[parcel.routing_key] = self._route(parcel.routing_key)
        for queue in queues:
            self._put(queue, parcel)
        if not queues:
            self._put(self._queues[UNROUTABLE], parcel, UNROUTABLE_REASON)

    async def consume(self, queue: str, handler: Handler, prefetch: int) -> None:
        """Hands the queue's parcels to `handler`. Raises KeyError for a queue that was not declared."""
        self._queues[queue].consumers.append(_Consumer(handler, prefetch))
        self._hand_out(self._queues[queue])

    async def stop_consuming(self) -> None:
        """What waits goes on waiting."""
        for queue in self._queues.values():
            queue.consumers.clear()

    async def depths(self) -> Mapping[str, int]:
        """How many wait in each queue."""
        return {queue.name: len(queue.ready) for queue in self._queues.values()}

    def settle(self, delivery: _Delivery, queue: _Queue, consumer: _Consumer, held: _Held, *, again: bool) -> None:
        """The end of one delivery: gone, back in its queue, or a dead letter. The second time it does nothing."""
        if self._with_consumers.pop(delivery, None) is None:
            return
        consumer.unacked -= 1
        if again:
            held.redelivered = True
            held.returns += 1
        if not again or self._given_up(queue, held):
            self._room += len(held.parcel.body or b"")
            if again:
                self._put(self._queues[DEAD_LETTERS], held.parcel, "delivery_limit")
        else:
            queue.ready.appendleft(held)
        self._hand_out(queue)

    def _given_up(self, queue: _Queue, held: _Held) -> bool:
        return queue.delivery_limit is not None and held.returns > queue.delivery_limit

    def _route(self, key: str) -> tuple[_Queue, ...]:
        bound = self._bindings.items()
        return tuple(self._queues[name] for name, patterns in bound if any(matches(pattern, key) for pattern in patterns))

    def _put(self, queue: _Queue, parcel: Parcel, reason: str | None = None) -> None:
        if parcel.body is not None:
            if len(parcel.body) <= self._room:
                self._room -= len(parcel.body)
            else:
                parcel = replace(parcel, body=None)
        queue.ready.append(_Held(parcel, reason))
        self._hand_out(queue)

    def _hand_out(self, queue: _Queue) -> None:
        while self._open and queue.ready and (consumer := queue.free()) is not None:
            consumer.unacked += 1
            held = queue.ready.popleft()
            delivery = _Delivery(self, queue, consumer, held)
            self._with_consumers[delivery] = (queue, consumer, held)
            self._handling.start(consumer.handler, delivery)
