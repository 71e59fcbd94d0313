"""A register in its one canonical form: the bytes that a published version is kept as, and that the same register comes from again.

Equal content makes equal bytes, whatever file it came in and in whatever order, and the version is the digest of them. The rows
stand in order of time, so that a register is made from them without sorting; they are read one by one, so that half a million of
them never stand in memory twice. What is odd about an extract's rows is told at its import and is no part of the content.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import MISSING, fields
from datetime import date
from types import MappingProxyType
from typing import Any

import orjson

from sor.entities import Mailbox
from sor.register import Register
from sor.units import Sector, Unit

FORM = 1
"""The form of the bytes. A form that was once written is read for ever."""
VERSION_LENGTH = 12
_CHUNK = 1 << 20
_LEVEL = 6

_FIRST = "valid_from"
_UNIT = (_FIRST, *(one.name for one in fields(Unit) if one.name != _FIRST))
_MAILBOX = tuple(one.name for one in fields(Mailbox))
_SECTORS = {sector.value: sector for sector in Sector}
_DEFAULTS = {one.name: one.default for kind in (Unit, Mailbox) for one in fields(kind) if one.default is not MISSING}


class SnapshotError(ValueError):
    """The bytes are not what was published as this version."""


def pack(register: Register) -> tuple[str, bytes]:
    """The version of the register's content, and the content, compressed."""
    units = sorted(_line(unit, _UNIT) for unit in register.units)
    mailboxes = sorted(_line(mailbox, _MAILBOX) for mailbox in register.mailboxes.values())
    head = _written({"form": FORM, "units": len(units), "mailboxes": len(mailboxes)})
    digest, packer = hashlib.sha256(), zlib.compressobj(_LEVEL)
    packed = bytearray()
    for text in _texts((head, *units, *mailboxes)):
        digest.update(text)
        packed += packer.compress(text)
    return digest.hexdigest()[:VERSION_LENGTH], bytes(packed + packer.flush())


def unpack(version: str, content: bytes) -> Register:
    """The register that was packed. Raises SnapshotError where the bytes are not those of that version."""
    units, mailboxes = _read(version, content)
    return Register(units, version, (), MappingProxyType({one.gln: one for one in mailboxes}))


def units_in(version: str, content: bytes) -> tuple[Unit, ...]:
    """The units alone, to compare with, for half of the memory. Raises SnapshotError as `unpack` does."""
    return _read(version, content)[0]


def _read(version: str, content: bytes) -> tuple[tuple[Unit, ...], tuple[Mailbox, ...]]:
    digest = hashlib.sha256()
    try:
        lines = _lines(content, digest)
        head = orjson.loads(next(lines, b""))
        if head["form"] != FORM:
            raise SnapshotError(f"{version}: form {head['form']} is of a newer program")
        reader = _Reader()
        units = tuple(reader.unit(next(lines)) for _ in range(head["units"]))
        mailboxes = tuple(reader.mailbox(next(lines)) for _ in range(head["mailboxes"]))
        rest = next(lines, None)
    except (zlib.error, orjson.JSONDecodeError, KeyError, TypeError, ValueError, RuntimeError) as wrong:
        raise SnapshotError(f"{version}: {wrong}") from wrong
    if rest is not None or digest.hexdigest()[:VERSION_LENGTH] != version:
        raise SnapshotError(f"{version}: the content is not what was published")
    return units, mailboxes


def _line(value: Unit | Mailbox, names: tuple[str, ...]) -> bytes:
    """One row. Defaults at the end are left out, so that a field that is added later changes no version."""
    row = [getattr(value, name) for name in names]
    while names[len(row) - 1] in _DEFAULTS and row[-1] == _DEFAULTS[names[len(row) - 1]]:
        row.pop()
    return _written(row)


def _written(value: object) -> bytes:
    # A copy of its own size: what orjson returns holds on to kilobytes.
    return orjson.dumps(value) + b"\n"


def _texts(lines: Iterable[bytes]) -> Iterator[bytes]:
    batch: list[bytes] = []
    size = 0
    for line in lines:
        batch.append(line)
        size += len(line)
        if size > _CHUNK:
            yield b"".join(batch)
            batch, size = [], 0
    if batch:
        yield b"".join(batch)


def _lines(content: bytes, digest: Any) -> Iterator[bytes]:
    unpacker, rest = zlib.decompressobj(), b""
    while content or unpacker.unconsumed_tail:
        text = unpacker.decompress(content or unpacker.unconsumed_tail, _CHUNK)
        content = unpacker.unconsumed_tail
        digest.update(text)
        *whole, rest = (rest + text).split(b"\n")
        yield from whole
    if rest or not unpacker.eof:
        raise ValueError("cut off")


class _Reader:
    """Reads rows. Days, and words that stand in many rows, are kept once."""

    def __init__(self) -> None:
        self._days: dict[str | None, date | None] = {None: None}
        self._words: dict[str, str] = {}

    def unit(self, line: bytes) -> Unit:
        """A row of `_UNIT`."""
        first, gln, sor, sector, area, kommune, name, organisation, *rest = orjson.loads(line)
        word = self._words.setdefault
        since = self._day(first)
        assert since is not None  # noqa: S101 - a unit begins
        kept = word(area, area), word(kommune, kommune), word(name, name), word(organisation, organisation)
        if not rest:
            return Unit(gln, sor, _SECTORS[sector], *kept, since)
        until, *others = rest
        return Unit(gln, sor, _SECTORS[sector], *kept, since, self._day(until), *map(self._word, others))

    def mailbox(self, line: bytes) -> Mailbox:
        """A row of `_MAILBOX`."""
        row = dict(zip(_MAILBOX, map(self._word, orjson.loads(line)), strict=False))
        dates = {name: self._day(row[name]) for name in ("valid_from", "valid_to") if name in row}
        return Mailbox(**row | dates | {"message_types": tuple(row.get("message_types", ()))})

    def _word(self, value: Any) -> Any:
        return self._words.setdefault(value, value) if isinstance(value, str) else value

    def _day(self, written: str | None) -> date | None:
        if written not in self._days:
            self._days[written] = date.fromisoformat(str(written))
        return self._days[written]
