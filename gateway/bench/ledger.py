"""What became of each message, in a file that all processes of a run have in memory.

One column a happening, one place a message, times in nanoseconds of the machine's monotonic clock; 0 is not yet. Each column
has one writer, so there is no lock: the load writes `due`, `answered` and `status`, the receiver all others.
"""

from __future__ import annotations

import mmap
from dataclasses import dataclass
from pathlib import Path

_COLUMNS = ("due", "answered", "status", "received", "copies", "receipted", "receipt_copies", "altered")
_WORD = 8


class Ledger:
    """The columns, each an array of 64-bit integers by message number. `altered` counts documents that came with other bytes."""

    def __init__(self, path: Path, size: int) -> None:
        self.size = size
        bytes_in_all = (len(_COLUMNS) * size + 1) * _WORD
        if not path.exists():
            path.write_bytes(bytes(bytes_in_all))
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), bytes_in_all)
        words = memoryview(self._map).cast("q")
        self.due, self.answered, self.status, self.received, self.copies, self.receipted, self.receipt_copies, self.altered = (
            words[1 + place * size : 1 + (place + 1) * size] for place in range(len(_COLUMNS))
        )
        self._done = words[:1]

    @property
    def done(self) -> int:
        """How many messages have come to their end: received, or receipted where receipts are asked for."""
        return self._done[0]

    def count_done(self) -> None:
        """One more. The receiver's alone."""
        self._done[0] += 1


@dataclass(frozen=True, slots=True)
class Faults:
    """What a run got wrong, by kind; all zero is a good run."""

    not_accepted: int = 0
    missing: int = 0
    repeated: int = 0
    altered: int = 0
    receipts_missing: int = 0
    receipts_repeated: int = 0

    @property
    def any(self) -> bool:
        """Whether anything was wrong."""
        return self != Faults()


def faults_of(ledger: Ledger, first: int, count: int, *, receipts: bool) -> Faults:
    """Holds the messages `first` to `first + count` against the promise: each accepted, received once, unaltered, receipted once."""
    run = slice(first, first + count)
    copies, receipt_copies = ledger.copies[run].tolist(), ledger.receipt_copies[run].tolist()
    wanted = 1 if receipts else 0
    return Faults(
        not_accepted=sum(status != ACCEPTED for status in ledger.status[run].tolist()),
        missing=sum(found == 0 for found in copies),
        repeated=sum(found - 1 for found in copies if found > 1),
        altered=sum(ledger.altered[run].tolist()),
        receipts_missing=sum(found < wanted for found in receipt_copies),
        receipts_repeated=sum(found - wanted for found in receipt_copies if found > wanted),
    )


ACCEPTED = 202
