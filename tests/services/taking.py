"""What the tests of the brokers share: parcels to send, and a handler that notes what it takes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from gateway.ports import Taken
from gateway.records import Parcel

SKIVE = "kommune.0779.social-og-psykiatri.xdis91.indlaeggelse"
DEADLINE = 20.0


def parcel(number: int = 1, **changes: Any) -> Parcel:
    """A synthetic parcel for the endpoint `skive`."""
    values: dict[str, Any] = {
        "id": f"01-{number:06}",
        "endpoint": "skive",
        "address": "5790000000012",
        "routing_key": SKIVE,
        "body": f"<Emessage>{number} æøå</Emessage>".encode(),
        "content_type": "application/xml",
        "type": "XDIS91",
        "sender": "5790000000029",
        "receiver": "5790000000036",
        "heading": "indlaeggelse",
        "thread": "7f9c2f6e-episode",
        "queued_at": datetime(2026, 3, 1, 23, 15, 59, 123456, tzinfo=UTC),
        "attempt": 1,
        "recovered": False,
    }
    return Parcel(**(values | changes))


class Taking:
    """A handler that keeps what it is handed. `settle` is called with each; by default it acks."""

    def __init__(self, settle: Callable[[Taken], Awaitable[None]] = lambda taken: taken.ack()) -> None:
        self.taken: list[Taken] = []
        self._settle = settle
        self._changed = asyncio.Condition()

    async def __call__(self, taken: Taken) -> None:
        async with self._changed:
            self.taken.append(taken)
            self._changed.notify_all()
        await self._settle(taken)

    @property
    def ids(self) -> list[str]:
        """The ids of what was taken, in order, repeats included."""
        return [taken.parcel.id for taken in self.taken]

    async def until(self, condition: Callable[[list[Taken]], bool] | int, within: float = DEADLINE) -> list[Taken]:
        """Waits until so many were taken, or until the condition holds of them."""
        holds = (lambda taken: len(taken) >= condition) if isinstance(condition, int) else condition
        async with asyncio.timeout(within), self._changed:
            await self._changed.wait_for(lambda: holds(self.taken))
        return self.taken


async def hold(taken: Taken) -> None:
    """Neither acks nor releases: the test does, or nobody."""
    del taken


async def eventually(condition: Callable[[], Awaitable[bool]], within: float = DEADLINE) -> None:
    """Asks again and again, as for what a broker reports some time after it happened."""
    async with asyncio.timeout(within):
        while not await condition():  # noqa: ASYNC110 - the broker has no event to wait for
            await asyncio.sleep(0.02)
