"""The brokers that the broker's contract is tried on."""

from __future__ import annotations

from collections.abc import Callable

from gateway.broker.queues import queue_of
from gateway.ports import Broker
from tests.services.taking import SKIVE, eventually

QUEUE = queue_of("skive")
LIMIT = 3


class Subject:
    """The broker under test. `broker` is open, with the endpoint `skive` bound to its key."""

    def __init__(self, make: Callable[[], Broker]) -> None:
        self._make = make
        self.broker = make()

    async def open(self) -> None:
        """Opens and declares, as a gateway does at its start."""
        await self.broker.open()
        await self.broker.declare("skive", [SKIVE])

    async def restart(self) -> None:
        """What a restart of the gateway does: a new object on RabbitMQ; the embedded one is its own memory."""
        await self.broker.close()
        if self.broker.durable:
            self.broker = self._make()
        await self.open()


async def ready(broker: Broker, queue: str, count: int) -> None:
    """Waits until so many are ready in a queue."""

    async def as_many() -> bool:
        return (await broker.depths())[queue] == count

    await eventually(as_many)
