"""A gateway that dies by its own hand: `python dying.py publish after 5` is the real one, killed (-9) after the fifth publish.

It is composed by `gateway.app` from the real parts, of which one is wrapped in a thin shell that passes everything on and counts one
kind of call. Nothing is flushed, closed or told on the way out, as when the machine's memory or patience runs out.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import uvloop

from gateway.app import Gateway, Parts, real_parts
from gateway.events import Telemetry
from gateway.ports import Handler, Taken
from gateway.settings import Settings

JOURNAL = frozenset({"admit", "relayed", "conclude"})
BROKER = frozenset({"publish"})
TRANSPORT = frozenset({"hand_over"})
TAKEN = frozenset({"ack"})


class Fate:
    """Kills this process before or after the call of number `number` (from 1) that it is told of."""

    def __init__(self, when: str, number: int) -> None:
        self._when = when
        self._left = number

    async def around(self, call: Callable[..., Awaitable[Any]], *arguments: Any, **named: Any) -> Any:
        """Makes the call, and dies on its way where it is the one."""
        self._left -= 1
        mine = self._left == 0
        if mine and self._when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        answer = await call(*arguments, **named)
        if mine:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer


class Shell:
    """Passes everything on to `inner`, and lets fate have its way with the method `name`."""

    def __init__(self, inner: Any, name: str, fate: Fate) -> None:
        self._inner = inner
        self._name = name
        self._fate = fate

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if name != self._name:
            return found
        return lambda *arguments, **named: self._fate.around(found, *arguments, **named)


class Acking(Shell):
    """A broker whose parcels' `ack` is fated."""

    async def consume(self, queue: str, handler: Handler, prefetch: int) -> None:
        """Wraps what the handler is given."""

        async def wrapped(taken: Taken) -> None:
            await handler(Shell(taken, "ack", self._fate))  # type: ignore[arg-type]

        await self._inner.consume(queue, wrapped, prefetch)


def doom(parts: Parts, name: str, fate: Fate) -> None:
    """Wraps the part that the call `name` is made to."""
    if name in JOURNAL:
        parts.journal = Shell(parts.journal, name, fate)  # type: ignore[assignment]
    elif name in BROKER:
        parts.broker = Shell(parts.broker, name, fate)  # type: ignore[assignment]
    elif name in TRANSPORT:
        parts.transports = {mode: Shell(one, name, fate) for mode, one in parts.transports.items()}  # type: ignore[misc]
    elif name in TAKEN:
        parts.broker = Acking(parts.broker, "", fate)  # type: ignore[assignment]
    else:
        raise SystemExit(f"no such call: {name}")


async def main(name: str, when: str, number: int) -> None:
    """Runs until it dies."""
    settings = Settings()
    telemetry = Telemetry(sys.stdout, level=settings.log_level)
    async with real_parts(settings, telemetry) as parts:
        doom(parts, name, Fate(when, number))
        await Gateway(settings, parts, telemetry).run(asyncio.Event())


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
