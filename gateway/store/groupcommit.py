"""Group commit: whatever calls are waiting when a writer is free go into one transaction.

    caller ── commit(change) ──► waiting ──► a writer takes up to BATCH ──► one transaction in a thread ──► each caller's answer

There is no delay to wait for more: batches form while the commit before is under way. A batch that fails for the sake of one change
is done again one change at a time, so no caller suffers for another. A caller that is cancelled loses its answer and nothing else:
what it asked for is done, whole. Jobs that cannot share a transaction (`alone`) go through the same writers, in turn.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection

from gateway.ports import JournalUnavailable
from gateway.store.engine import Engines, raced, translated
from gateway.store.work import Change, Needs, Work

T = TypeVar("T")
BATCH = 256
_TRIES = 3  # of a transaction that another process got in the way of
_SLOTS = 64  # of the tally: enough that the processes on one database seldom share one


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A call that waits: a change, or a job that wants a transaction to itself."""

    answer: asyncio.Future[Any]
    change: Change[Any] | None = None
    job: Callable[[Connection], Any] | None = None


@dataclass(frozen=True, slots=True)
class _Failed:
    """What became of a call that raised."""

    error: Exception


class GroupCommit:
    """The writers of one database, in one process and on one event loop, from `start` to `close`."""

    def __init__(self, engines: Engines) -> None:
        self._engine = engines.writer
        self._threads = ThreadPoolExecutor(engines.writers, thread_name_prefix="journal-writer")
        self._slots = [secrets.randbelow(_SLOTS) for _ in range(engines.writers)]
        self._waiting: deque[_Waiting] = deque()
        self._arrived = asyncio.Event()
        self._closing = False
        self._writers: list[asyncio.Task[None]] = []
        self._refused: tuple[float, str] | None = None

    def start(self) -> None:
        """Starts the writers."""
        self._writers = [asyncio.create_task(self._run(slot), name="journal-writer") for slot in self._slots]

    async def close(self) -> None:
        """Writes what waits, then ends. Calls that come later raise JournalUnavailable."""
        self._closing = True
        self._arrived.set()
        await asyncio.gather(*self._writers)
        self._threads.shutdown()

    def refused_within(self, seconds: float) -> str | None:
        """Why the database last refused a write, where that was no longer ago than this."""
        if self._refused is None or asyncio.get_running_loop().time() - self._refused[0] > seconds:
            return None
        return self._refused[1]

    async def commit(self, change: Change[T]) -> T:
        """Commits a change, together with whatever else waits, and returns its answer."""
        return await self._ask(change=change)  # type: ignore[no-any-return]

    async def alone(self, job: Callable[[Connection], T]) -> T:
        """Runs `job` in a transaction of its own; once more where another process got in its way."""
        return await self._ask(job=job)  # type: ignore[no-any-return]

    async def _ask(self, change: Change[Any] | None = None, job: Callable[[Connection], Any] | None = None) -> Any:
        if self._closing:
            raise JournalUnavailable("closed")
        waiting = _Waiting(asyncio.get_running_loop().create_future(), change, job)
        self._waiting.append(waiting)
        self._arrived.set()
        return await waiting.answer

    async def _run(self, slot: int) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting or not self._closing:
            if not self._waiting:
                self._arrived.clear()
                await self._arrived.wait()
                continue
            calls = self._next()
            answers = await loop.run_in_executor(self._threads, self._answers, calls, slot)
            for call, answer in zip(calls, answers, strict=True):
                if isinstance(answer, _Failed) and isinstance(answer.error, JournalUnavailable):
                    self._refused = loop.time(), answer.error.reason
                if call.answer.done():
                    continue  # its caller was cancelled
                if isinstance(answer, _Failed):
                    call.answer.set_exception(answer.error)
                else:
                    call.answer.set_result(answer)
            # What waits for the next calls must not hold the last ones' documents.
            del calls, answers, call, answer

    def _next(self) -> list[_Waiting]:
        calls = [self._waiting.popleft()]
        while calls[0].job is None and self._waiting and self._waiting[0].job is None and len(calls) < BATCH:
            calls.append(self._waiting.popleft())
        return calls

    def _answers(self, calls: Sequence[_Waiting], slot: int) -> list[Any]:
        """One answer a call, `_Failed` for those that raised. Runs in a writer's thread."""
        try:
            return self._tried(calls, slot)
        except JournalUnavailable as e:
            return [_Failed(e)] * len(calls)
        except Exception as e:  # noqa: BLE001 - a bug in one call must not take its neighbours along; the caller gets it
            if len(calls) == 1:
                return [_Failed(e)]
        answers: list[Any] = []
        for call in calls:
            answer = self._answers([call], slot)[0]
            answers.append(answer)
            if isinstance(answer, _Failed) and isinstance(answer.error, JournalUnavailable):
                # The rest would wait as long, each for itself.
                return answers + [answer] * (len(calls) - len(answers))
        return answers

    def _tried(self, calls: Sequence[_Waiting], slot: int) -> list[Any]:
        for _ in range(_TRIES - 1):
            try:
                return self._committed(calls, slot)
            except Exception as e:
                if not raced(e):
                    raise
        return self._committed(calls, slot)

    def _committed(self, calls: Sequence[_Waiting], slot: int) -> list[Any]:
        if calls[0].job is not None:
            with translated(), self._engine.begin() as connection:
                return [calls[0].job(connection)]
        changes = [call.change for call in calls if call.change is not None]
        needs = Needs()
        for change in changes:
            change.needs(needs)
        with translated(), self._engine.begin() as connection:
            work = Work(connection, needs)
            applied = [_applied(change, work) for change in changes]
            work.write(slot)
        return [a if isinstance(a, _Failed) else a() for a in applied]


def _applied(change: Change[Any], work: Work) -> Callable[[], Any] | _Failed:
    try:
        return change.apply(work)
    except (KeyError, ValueError) as e:
        return _Failed(e)
