"""A connection to PostgreSQL that does not wait for ever: what is silent for too long is cut, as if it had been lost."""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import Any, TypeVar

import psycopg

R = TypeVar("R")


class Impatient(psycopg.Connection[Any]):
    """`silent_after` is in seconds; None waits for ever, as the driver does."""

    silent_after: float | None = None

    def wait(self, gen: Generator[Any, Any, R], *arguments: Any, **named: Any) -> R:
        """As the driver's, which all traffic passes through. Raises OperationalError once it has closed a silent connection."""
        if self.silent_after is not None:
            gen = self._watched(gen, self.silent_after)
        return super().wait(gen, *arguments, **named)

    def _watched(self, gen: Generator[Any, Any, R], silent_after: float) -> Generator[Any, Any, R]:
        # The driver asks again every tenth of a second whether the socket is ready, and says so each time: 0 is that it is not.
        try:
            wanted = next(gen)
            spoke = time.monotonic()
            while True:
                ready = yield wanted
                now = time.monotonic()
                if ready:
                    spoke = now
                elif now - spoke > silent_after:
                    self.pgconn.finish()
                    raise psycopg.OperationalError("the server is silent")
                wanted = gen.send(ready)
        except StopIteration as done:
            answer: R = done.value
            return answer
