"""Whether a long document keeps the others waiting: the longest time that the gateway's event loop is held while one is judged.

A ticker on the loop asks to be woken every millisecond; the longest that it had to wait beyond that is the stall. The judge and the
examiner are the gateway's own. A busy machine makes any process wait, so beside each stall stands what is left of it without the
time that the loop was ready to run and other programs had the processors, and the longest of the same loop, for as long, at rest.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.examiner import Examiner
from gateway.judging import Judge
from gateway.originals import Originals
from gateway.store import open_store
from schemas.reader import DEFAULT_LIMIT
from schemas.validator import Schemas

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

SIZES = (60_000, 1_000_000, 10_000_000, 96_000_000)
"""Bytes: judged at once, in a thread, and in a process of its own; the last is about the longest that MedCom allows."""
QUICK_SIZES = SIZES[:3]
ROUNDS = 5
_TICK_SECONDS = 0.001
_REST_SECONDS = 5.0
_SCHEDSTAT = Path("/proc/thread-self/schedstat")
_DAY = date(2026, 11, 20)  # the example's own
_SIZE = re.compile(rb"(?<=<OriginalObjectSize>)[0-9]+")
_CONTENT = re.compile(rb"(?<=<Object_Base64Encoded>)[A-Za-z0-9+/=]+")


@dataclass(frozen=True, slots=True)
class Stall:
    """A document of so many bytes, judged so many times, the first time with everything cold; times in milliseconds.

    `examine_ms` is the shortest time that it took, `stall_ms` the longest gap of all rounds, `idle_ms` the longest of a loop at rest.
    `held_ms` is the longest gap less what of it the loop's thread waited for a processor; as `stall_ms` where the kernel does not say.
    """

    scenario: str
    bytes: int
    rounds: int
    valid: bool
    examine_ms: float
    stall_ms: float
    held_ms: float
    idle_ms: float


class _Ticker:
    """The longest gap so far, and the longest but for waiting for a processor, in seconds."""

    def __init__(self) -> None:
        self.longest = self.held = 0.0
        self._last, self._waited = time.perf_counter(), _waited()

    async def run(self) -> None:
        """For ever."""
        while True:
            await asyncio.sleep(_TICK_SECONDS)
            self.look()

    def look(self) -> None:
        """Ends the gap that is now."""
        now, waited = time.perf_counter(), _waited()
        gap = now - self._last - _TICK_SECONDS
        self.longest = max(self.longest, gap)
        self.held = max(self.held, gap - (waited - self._waited))
        self._last, self._waited = now, waited


def _waited() -> float:
    """How long this thread has been ready to run and was not running, in seconds (Linux, Documentation/scheduler/sched-stats)."""
    try:
        return int(_SCHEDSTAT.read_bytes().split()[1]) / 1e9
    except FileNotFoundError:
        return 0.0


@contextmanager
def _ticking() -> Iterator[_Ticker]:
    ticker = _Ticker()
    task = asyncio.create_task(ticker.run())
    try:
        yield ticker
        ticker.look()
    finally:
        task.cancel()


@asynccontextmanager
async def _judge(schemas: Schemas, folder: Path) -> AsyncIterator[Judge]:
    """One as the gateway has it, with a journal of its own."""
    store = await open_store(f"sqlite:///{folder / 'journal.db'}", migrate=True)
    examiner = Examiner(None, DEFAULT_LIMIT)
    try:
        yield Judge(schemas, examiner, store, Originals(store), DEFAULT_LIMIT)
    finally:
        await examiner.close()
        await store.close()


async def stalls(schemas: Schemas, folder: Path, sizes: tuple[int, ...], tell: Callable[[Stall], None]) -> None:
    """Measures documents of each size, and tells of each as it is done. The schemas are compiled first, as the gateway does."""
    schemas.compile_all()
    async with _judge(schemas, folder) as judge:
        for size in sizes:
            tell(await _stall(judge, attachment(size)))


async def _stall(judge: Judge, raw: bytes) -> Stall:
    took, stalled, held, valid = [], [], [], True
    for _ in range(ROUNDS):
        with _ticking() as ticker:
            start = time.perf_counter()
            found = await judge.examine(raw, _DAY)
            took.append(time.perf_counter() - start)
        stalled.append(ticker.longest)
        held.append(ticker.held)
        valid = valid and found.valid
    with _ticking() as rest:
        await asyncio.sleep(min(sum(took), _REST_SECONDS))
    return Stall(
        scenario="stall",
        bytes=len(raw),
        rounds=ROUNDS,
        valid=valid,
        examine_ms=min(took) * 1e3,
        stall_ms=max(stalled) * 1e3,
        held_ms=max(held) * 1e3,
        idle_ms=rest.longest * 1e3,
    )


def attachment(size: int) -> bytes:
    """The shipped example of an XBIN01 with an object that makes it as long as that, to a few bytes, and right in every respect."""
    raw = files("schemas").joinpath("examples", "XBIN01-XB0131X.xml").read_bytes()
    digits = (size - len(_CONTENT.sub(b"", raw))) // 4
    raw = _SIZE.sub(b"%d" % (digits * 3), raw)
    head, tail = _CONTENT.split(raw)
    return head + b"QUJD" * digits + tail
