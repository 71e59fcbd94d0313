"""Reads run beside the writes, in threads of their own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import Connection, Engine

from gateway.ports import JournalUnavailable
from gateway.store.engine import translated

T = TypeVar("T")


class Readers:
    """Runs reading jobs in threads, each in a transaction of its own that cannot write."""

    def __init__(self, engine: Engine, threads: int) -> None:
        self._engine = engine
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="journal-reader")
        self._closed = False

    async def read(self, job: Callable[[Connection], T]) -> T:
        """The job's answer. Raises JournalUnavailable."""
        if self._closed:
            raise JournalUnavailable("closed")
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._read, job)

    def _read(self, job: Callable[[Connection], T]) -> T:
        with translated(), self._engine.begin() as connection:
            return job(connection)

    def close(self) -> None:
        """Waits for the jobs under way."""
        self._closed = True
        self._threads.shutdown()
