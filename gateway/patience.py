"""Waiting for a journal that is away: what the hub's own tasks do in the middle of something that must not be dropped.

Only tasks that already hold a message use it. A sender that waits for an answer is told 503 instead.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from gateway.events import JournalAway, Telemetry
from gateway.ports import JournalUnavailable

PAUSE_SECONDS = 1.0

T = TypeVar("T")


async def patiently(call: Callable[[], Awaitable[T]], telemetry: Telemetry, task: str) -> T:
    """Makes the call until the journal answers it. The call must be safe to make again, as every `Journal` method is."""
    while True:
        try:
            return await call()
        except JournalUnavailable as away:
            telemetry.emit(JournalAway(away.reason, task))
            await asyncio.sleep(PAUSE_SECONDS)
