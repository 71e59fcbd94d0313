"""The register that is in force: the activated version of it, or else the one that the settings name, and how it is kept fresh.

An activated version goes before the register of the settings (`MEDCOM_REGISTER`, or the one that is shipped), which is used as long as
the story of versions says nothing for the day. A version is loaded in a thread beside the work, and is then handed to the
directory as a whole; whoever has taken the directory before keeps the register that was in it.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from datetime import date

from gateway.ports import Registers
from gateway.register_history import in_force
from sor.register import Register
from sor.snapshot import SnapshotError, unpack

IN_USE_SECONDS = 10.0
"""After so long nobody decides on a register any more that is not in force."""
_AT_ONCE = 1000


class RegisterWatch:
    """Holds the register in force. `own` is the one of the settings."""

    def __init__(self, registers: Registers, own: Register) -> None:
        self._registers = registers
        self._own = own
        self._seen: tuple[int, date] | None = None
        self._retired: list[Register] = []
        self.current = own

    async def refresh(self, day: date) -> bool:
        """Takes up what is in force on the day; whether that is another register than before.

        Raises JournalUnavailable, and SnapshotError where the version cannot be read; then the register stays.
        """
        revision = await self._registers.revision()
        if self._seen == (revision, day):
            return False
        line = in_force(await self._registers.story(), day)
        before, self.current = self.current, await self._loaded(line.version if line else None)
        self._seen = revision, day
        if self.current is before:
            return False
        if before is not self._own:
            self._retired.append(before)
            asyncio.get_running_loop().call_later(IN_USE_SECONDS, self._let_go)
        return True

    def _let_go(self) -> None:
        """Of the oldest register that is not in force any more: in a thread, because it takes long."""
        asyncio.get_running_loop().run_in_executor(None, _free, self._retired)

    async def _loaded(self, version: str | None) -> Register:
        if version is None:
            return self._own
        if version == self.current.version and self.current is not self._own:
            return self.current
        content = await self._registers.content(version)
        if content is None:
            raise SnapshotError(f"{version}: not in the journal")
        return await asyncio.to_thread(_load, version, content)


def _load(version: str, content: bytes) -> Register:
    with _undisturbed():
        return unpack(version, content)


def _free(retired: list[Register]) -> None:
    """Bit by bit: half a million units that go at once hold everybody up for as long as that takes."""
    units = list(retired[0].units)
    parts = [getattr(retired[0], field.name) for field in fields(retired[0])]
    del retired[0]
    while parts:
        del parts[-1]
    while units:
        del units[-_AT_ONCE:]


@contextmanager
def _undisturbed() -> Iterator[None]:
    """The collector would go through every unit, again and again, and hold everybody up meanwhile; units are in no circles."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
