"""The published versions of the register, with the story of which was in force when. Rows are added and never altered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial

from sqlalchemy import Connection, insert, select, update

from gateway.register_history import Activation, RegisterVersion, Step
from gateway.store.groupcommit import GroupCommit
from gateway.store.readers import Readers
from gateway.store.tables import REGISTERS_REVISION, meta, register_activation, register_version

_KNOWN = [column for column in register_version.columns if column.name != "content"]


class RegisterStore:
    """`Registers` on one open database."""

    def __init__(self, writers: GroupCommit, readers: Readers) -> None:
        self._writers = writers
        self._readers = readers

    async def publish(self, new: RegisterVersion, content: bytes) -> bool:
        """As the port says."""
        return await self._writers.alone(partial(_publish, new=new, content=content))

    async def versions(self) -> Sequence[RegisterVersion]:
        """As the port says."""
        return await self._readers.read(_versions)

    async def content(self, version: str) -> bytes | None:
        """As the port says."""
        return await self._readers.read(partial(_content, version=version))

    async def activate(self, line: Activation, expected: int | None = None) -> None:
        """As the port says."""
        await self._writers.alone(partial(_activate, line=line, expected=expected))

    async def story(self) -> Sequence[Activation]:
        """As the port says."""
        return await self._readers.read(_story)

    async def revision(self) -> int:
        """As the port says."""
        return await self._readers.read(_revision)


def _publish(connection: Connection, new: RegisterVersion, content: bytes) -> bool:
    _lock(connection, 0)
    if _is_there(connection, new.version):
        return False
    row = {"created_at": new.created_at, "created_by": new.created_by, "source": new.source, "units": new.units}
    connection.execute(insert(register_version), {"version": new.version, "content": content, **row})
    return True


def _versions(connection: Connection) -> Sequence[RegisterVersion]:
    rows = connection.execute(select(*_KNOWN).order_by(register_version.c.created_at, register_version.c.version))
    return [RegisterVersion(row.version, row.created_at, row.created_by, row.source, row.units) for row in rows]


def _content(connection: Connection, version: str) -> bytes | None:
    found = connection.scalar(select(register_version.c.content).where(register_version.c.version == version))
    return None if found is None else bytes(found)


def _activate(connection: Connection, line: Activation, expected: int | None) -> None:
    if _lock(connection, 1) != expected and expected is not None:
        raise ValueError("another version was activated meanwhile: look again, and then say it again")
    if line.version is not None and not _is_there(connection, line.version):
        raise KeyError(line.version)
    row = {"at": line.at, "actor": line.actor, "step": line.step.value, "effective_from": line.effective_from.isoformat()}
    connection.execute(insert(register_activation), {"version": line.version, **row})


def _story(connection: Connection) -> Sequence[Activation]:
    rows = connection.execute(select(register_activation).order_by(register_activation.c.id))
    return [Activation(r.version, date.fromisoformat(r.effective_from), r.at, r.actor, Step(r.step)) for r in rows]


def _revision(connection: Connection) -> int:
    return connection.scalar(select(meta.c.value).where(meta.c.name == REGISTERS_REVISION)) or 0


def _lock(connection: Connection, step: int) -> int:
    """The revision as it was. Its row is a lock too, so that two processes come one after the other."""
    connection.execute(update(meta).where(meta.c.name == REGISTERS_REVISION).values(value=meta.c.value + step))
    return _revision(connection) - step


def _is_there(connection: Connection, version: str) -> bool:
    return connection.scalar(select(register_version.c.version).where(register_version.c.version == version)) is not None
