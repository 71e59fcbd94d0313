"""Hop 3 for large documents, in a process of its own.

Reading a document of many megabytes holds Python's lock for tens of milliseconds at a time, in whatever thread it is done, and no
other letter would be answered meanwhile. So it is done elsewhere: the document goes to a child over a pipe, in pieces, and what was
found comes back. One child works on one document at a time and lives on for the next; it ends with its parent, whose end of the
pipe closes then. A document that the child does not survive is refused, and takes nobody along.
"""

from __future__ import annotations

import asyncio
import contextlib
import pickle
import struct
import sys
from datetime import date
from pathlib import Path

from schemas.carried import Carried, carried
from schemas.document import examine_document
from schemas.examine import Obstacle
from schemas.validator import load_schemas
from schemas.wording import finding

_PIECE = 1 << 18
_ASKED = struct.Struct(">QI")  # the document's length; the day as an ordinal, 0 for none
_ANSWERED = struct.Struct(">Q")
_TRIES = 2  # the first child may have ended for reasons of its own
_START_SECONDS, _SECONDS_A_MEGABYTE = 30.0, 1.0


class Examiner:
    """The child and the way to it. `official` is the folder of MedCom's own schemas, `limit` a document's most bytes."""

    def __init__(self, official: Path | None, limit: int) -> None:
        self._arguments = (str(limit), str(official or ""))
        self._turn = asyncio.Lock()
        self._child: asyncio.subprocess.Process | None = None

    async def examine(self, raw: bytes, on: date | None) -> Carried:
        """What was found out of a document. Never raises but when cancelled."""
        async with self._turn:
            for _ in range(_TRIES):
                with contextlib.suppress(OSError, EOFError, TimeoutError):
                    async with asyncio.timeout(_START_SECONDS + _SECONDS_A_MEGABYTE * len(raw) / 1e6):
                        return await self._asked(raw, on)
                await self.close()
        return Carried("", "", None, (finding("reader-failed"),), Obstacle.UNREADABLE)

    async def close(self) -> None:
        """Ends the child."""
        child, self._child = self._child, None
        if child is not None:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
            await child.wait()

    async def _asked(self, raw: bytes, on: date | None) -> Carried:
        child = self._child = self._child or await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "gateway.examiner",
            *self._arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        assert child.stdin is not None  # noqa: S101 - it was asked for
        assert child.stdout is not None  # noqa: S101 - it was asked for
        try:
            child.stdin.write(_ASKED.pack(len(raw), on.toordinal() if on else 0))
            whole = memoryview(raw)
            for start in range(0, len(raw), _PIECE):
                child.stdin.write(whole[start : start + _PIECE])
                await child.stdin.drain()
            (size,) = _ANSWERED.unpack(await child.stdout.readexactly(_ANSWERED.size))
            found = pickle.loads(await child.stdout.readexactly(size))  # noqa: S301 - from our own child
        except asyncio.CancelledError:
            self._child = None  # an answer that nobody waits for must not be the next one's
            child.kill()
            raise
        assert isinstance(found, Carried)  # noqa: S101 - the child sends nothing else
        return found


def main() -> None:
    """The child: examines what comes in on standard input until that ends."""
    limit, official = int(sys.argv[1]), sys.argv[2]
    schemas = load_schemas(Path(official) if official else None)
    asked, answers = sys.stdin.buffer, sys.stdout.buffer
    while len(header := asked.read(_ASKED.size)) == _ASKED.size:
        length, day = _ASKED.unpack(header)
        on = date.fromordinal(day) if day else None
        found = pickle.dumps(carried(examine_document(asked.read(length), schemas, limit=limit, on=on)))
        answers.write(_ANSWERED.pack(len(found)) + found)
        answers.flush()


if __name__ == "__main__":
    main()
