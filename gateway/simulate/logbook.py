"""What a simulated system has seen and done: one line an event, durable before anybody is answered.

The logbook is the system's whole memory. It is what is printed, what a test waits for, and what is read back after a `kill -9`, so
that a letter is shown once and a receipt owed is still sent. In a file it is JSON, one entry a line; a last line that was cut off in
the middle was never promised to anybody and is dropped.
"""

from __future__ import annotations

import asyncio
import os
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import orjson

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Entry:
    """One event. `at` is aware UTC. `what` is one of: sent, answered, received, repeat, receipt, listening, misbehaved, hub_away,
    turned_away, not_allowed, ack_refused, stopped. `facts` are JSON values; `document` among them is base64, and the only one with
    anything from inside a letter.
    """

    at: datetime
    what: str
    facts: Mapping[str, Any]

    def line(self, *, whole: bool) -> bytes:
        """The entry as a JSON object; without its document unless `whole`."""
        facts = {key: value for key, value in self.facts.items() if whole or key != "document"}
        return orjson.dumps({"at": self.at, "what": self.what, **facts})


class Logbook:
    """Entries in the order they happened. `path` is None for one that lives in memory alone; `listener` is called with each new one.

    A new entry is on disk when `write` returns. One process at a time may have a file open.
    """

    def __init__(self, path: Path | None = None, listener: Callable[[Entry], None] | None = None) -> None:
        self.entries: list[Entry] = []
        self._by_kind: dict[str, list[Entry]] = defaultdict(list)
        self._listener = listener
        self._waiting: set[asyncio.Event] = set()
        self._file: int | None = None
        if path is not None:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            self._read_back(path)

    def write(self, what: str, **facts: Any) -> Entry:
        """Adds an entry. Raises OSError where it cannot be kept, and then it did not happen."""
        entry = Entry(datetime.now(UTC), what, facts)
        if self._file is not None:
            _write_all(self._file, entry.line(whole=True) + b"\n")
            os.fsync(self._file)
        self._keep(entry)
        if self._listener is not None:
            self._listener(entry)
        for waiter in self._waiting:
            waiter.set()
        return entry

    def of(self, what: str) -> Iterator[Entry]:
        """The entries of one kind, oldest first."""
        return iter(self._by_kind[what])

    def count(self, what: str) -> int:
        """How many entries of one kind there are."""
        return len(self._by_kind[what])

    async def until(self, found: Callable[[], T | None], within: float | None) -> T:
        """The first thing that `found` finds, asked now and after every new entry.

        Raises TimeoutError after `within` seconds; None waits for ever.
        """
        news = asyncio.Event()
        self._waiting.add(news)
        try:
            async with asyncio.timeout(within):
                while (result := found()) is None:
                    await news.wait()
                    news.clear()
            return result
        finally:
            self._waiting.discard(news)

    def close(self) -> None:
        """Closes the file. Idempotent."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _keep(self, entry: Entry) -> None:
        self.entries.append(entry)
        self._by_kind[entry.what].append(entry)

    def _read_back(self, path: Path) -> None:
        content = path.read_bytes()
        whole = content[: content.rfind(b"\n") + 1]
        for line in whole.splitlines():
            facts = orjson.loads(line)
            self._keep(Entry(datetime.fromisoformat(facts.pop("at")), facts.pop("what"), facts))
        assert self._file is not None  # noqa: S101 - opened by whoever calls this
        os.ftruncate(self._file, len(whole))
        os.lseek(self._file, 0, os.SEEK_END)


def _write_all(file: int, data: bytes) -> None:
    while data:
        data = data[os.write(file, data) :]
