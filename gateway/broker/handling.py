"""The tasks in which handlers run: one a parcel, ended with the broker that started them."""

from __future__ import annotations

import asyncio

from gateway.events import TaskFailed, Telemetry
from gateway.ports import Handler, Taken

LAST_WORDS = 2.0
"""Seconds that handlers have, once cancelled, to come to an end."""


class Handling:
    """Starts handlers and remembers them while they run."""

    def __init__(self, telemetry: Telemetry) -> None:
        self._telemetry = telemetry
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, handler: Handler, taken: Taken) -> None:
        """Runs `handler` in a task of its own. Where it fails, which is a bug, the parcel goes back to its queue."""
        task = asyncio.create_task(self._handle(handler, taken))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def end(self) -> None:
        """Cancels the handlers that still run, all but the caller's own, and waits for them for a moment."""
        running = self._tasks - {asyncio.current_task()}
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running, timeout=LAST_WORDS)

    async def _handle(self, handler: Handler, taken: Taken) -> None:
        try:
            await handler(taken)
        except Exception as bug:  # noqa: BLE001 - whatever the bug is, it must not take the parcel with it
            self._telemetry.emit(TaskFailed("handler", repr(bug)))
            await taken.release()
