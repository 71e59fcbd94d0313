"""Laps: so many letters posted to one target, from the first that is due to the last that has come to its end."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import quantiles

from gateway.bench.ledger import Faults, Ledger, faults_of
from gateway.bench.load import Load
from gateway.bench.programs import Program

STALLED_SECONDS = 20.0
_POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Target:
    """Something that takes letters at `url`. `receipts`: a letter has come to its end when its receipt is with its sender."""

    program: Program
    url: str
    token: str
    receipts: bool


@dataclass(frozen=True, slots=True)
class Lap:
    """What a lap came to. Times in nanoseconds: of the whole, and of each letter from the moment it was due."""

    count: int
    duration: int
    accepts: list[int]
    deliveries: list[int]
    receipts: list[int]
    faults: Faults

    @property
    def per_second(self) -> float:
        """Letters a second that came to their end."""
        return self.count / (self.duration / 1e9)


class Course:
    """Where laps are run: a ledger for `size` letters and their numbers, each used once. `tell` hears how many more are done."""

    def __init__(self, folder: Path, size: int, tell: Callable[[int], None]) -> None:
        self.ledger_path = folder / "ledger"
        self.size = size
        self._folder = folder
        self._ledger = Ledger(self.ledger_path, size)
        self._tell = tell
        self._next = 0

    def lap(self, target: Target, letters_ask: bool, count: int, per_second: float | None = None) -> Lap:
        """Runs one: as fast as the target takes them, or at a pace. Letters ask for receipts, or not, whatever the target does.

        Raises Failed where the target has ended.
        """
        first, self._next = self._next, self._next + count
        load = Load(str(self.ledger_path), self.size, target.url, target.token, letters_ask, first, count, per_second)
        program = Program(self._folder, "load", ["gateway.bench.load"], told=asdict(load))
        try:
            self._follow(target, program, count)
        finally:
            program.close()
        return self._lap(target, first, count)

    def _follow(self, target: Target, load: Program, count: int) -> None:
        """Returns when all have come to their end, or when nothing has for a while."""
        start = seen = self._ledger.done
        moved = time.monotonic()
        while seen - start < count and time.monotonic() - moved < STALLED_SECONDS:
            time.sleep(_POLL_SECONDS)
            target.program.check()
            if not load.running:
                load.succeed()
            if (done := self._ledger.done) != seen:
                self._tell(done - seen)
                seen, moved = done, time.monotonic()

    def _lap(self, target: Target, first: int, count: int) -> Lap:
        lap, ledger = slice(first, first + count), self._ledger
        due, received, receipted = (column[lap].tolist() for column in (ledger.due, ledger.received, ledger.receipted))
        ended = receipted if target.receipts else received
        return Lap(
            count=count,
            duration=max(max(ended) - min(due), 1),
            accepts=_since(due, ledger.answered[lap].tolist()),
            deliveries=_since(due, received),
            receipts=_since(due, receipted),
            faults=faults_of(ledger, first, count, receipts=target.receipts),
        )


def percentile(durations: list[int], percent: int) -> float | None:
    """In milliseconds; None where there are too few to say."""
    return quantiles(durations, n=100, method="inclusive")[percent - 1] / 1e6 if len(durations) > 1 else None


def _since(due: list[int], happened: list[int]) -> list[int]:
    return [at - start for start, at in zip(due, happened, strict=True) if at]
