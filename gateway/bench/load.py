"""The load: a process that posts letters, as fast as they are taken or at a set pace, and notes in the ledger when.

*Closed*: so many connections, each posting its next letter when the last was answered, and no more than `WINDOW` letters on the
way at once, so that what is measured is a pace that can be kept and not a backlog that grows. *Open*: letters leave at their
time whatever became of those before, and latency counts from that time, so a target that stalls cannot hide it.
"""

from __future__ import annotations

import asyncio
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import orjson
import uvloop

from gateway.bench.documents import Template, letters
from gateway.bench.ledger import Ledger
from gateway.bench.posting import Door
from schemas.validator import load_schemas

WINDOW = 512
CONNECTIONS = 64
_LOOK_SECONDS = 0.002


@dataclass(frozen=True, slots=True)
class Load:
    """What to post: the letters `first` to `first + count`. `per_second` None is closed, a pace is open."""

    ledger: str
    size: int
    url: str
    token: str
    receipts: bool
    first: int
    count: int
    per_second: float | None = None


async def run(load: Load) -> None:
    """Posts them all and returns when the last is answered."""
    ledger = Ledger(Path(load.ledger), load.size)
    door, template = Door(load.url, load.token), letters(load_schemas(), receipts=load.receipts)
    try:
        if load.per_second is None:
            await _closed(load, ledger, door, template)
        else:
            await _open(load, load.per_second, ledger, door, template)
    finally:
        door.close()


async def _closed(load: Load, ledger: Ledger, door: Door, template: Template) -> None:
    numbers = iter(range(load.first, load.first + load.count))
    window = asyncio.Semaphore(WINDOW)

    async def connection() -> None:
        for number in numbers:
            await window.acquire()
            ledger.due[number] = time.monotonic_ns()
            await _post(number, ledger, door, template)

    following = asyncio.create_task(_follow(ledger, window))
    await asyncio.gather(*(connection() for _ in range(CONNECTIONS)))
    following.cancel()


async def _follow(ledger: Ledger, window: asyncio.Semaphore) -> None:
    """Opens the window for each letter that has come to its end, for ever."""
    seen = ledger.done
    while True:
        await asyncio.sleep(_LOOK_SECONDS)
        done = ledger.done
        for _ in range(done - seen):
            window.release()
        seen = done


async def _open(load: Load, per_second: float, ledger: Ledger, door: Door, template: Template) -> None:
    loop = asyncio.get_running_loop()
    start, start_ns = loop.time() + 0.05, time.monotonic_ns() + 50_000_000
    posts: list[asyncio.Task[None]] = []
    for place in range(load.count):
        await asyncio.sleep(start + place / per_second - loop.time())
        number = load.first + place
        ledger.due[number] = start_ns + int(place / per_second * 1e9)
        posts.append(asyncio.create_task(_post(number, ledger, door, template)))
    await asyncio.gather(*posts)


async def _post(number: int, ledger: Ledger, door: Door, template: Template) -> None:
    status = await door.post(template.document(number))
    ledger.answered[number] = time.monotonic_ns()
    ledger.status[number] = status


if __name__ == "__main__":
    uvloop.run(run(Load(**orjson.loads(sys.stdin.buffer.read()))))
