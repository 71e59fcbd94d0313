"""An extract of the national register, from a file to a register: which form it is in, its entities, its units, its oddities.

    file ─> form ─> entities (a stream) ─> Tree ─> units ─> Register

An extract with a fault is refused whole, with every fault named; the caller keeps the register that it has. The file is read once
as a stream and must be one that can be sought in.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import BinaryIO

from sor.assembly import assembled
from sor.entities import Entity, Level, Mailbox
from sor.extracts.legacy import read_legacy
from sor.extracts.mapping import ColumnMapping
from sor.extracts.problems import Findings
from sor.extracts.sor2 import read_complete, read_daily
from sor.extracts.sorxml import read_xml
from sor.names import fold
from sor.register import Register

Progress = Callable[[int], None]
"""Told how many entities have been read, every `EVERY` of them and at the end."""
EVERY = 10_000
UNPUBLISHED = ""
"""The version of a register that is not kept yet."""
_SNIFFED = 65536  # bytes: a header row is shorter
_SHOWN = 80


class Form(StrEnum):
    """The form an extract is in."""

    LEGACY = "sor.csv"
    DAILY = "SorEntity_daily.csv"
    COMPLETE = "Sor_complete.zip"
    XML = "SOR XML"


@dataclass(frozen=True, slots=True)
class Extract:
    """An extract that was read: its form, its register, and how many rows there were at each level of SOR's tree."""

    form: Form
    register: Register
    counts: Mapping[Level, int]


def read_extract(
    file: BinaryIO,
    name: str,
    mapping: ColumnMapping | None = None,
    progress: Progress | None = None,
    message_types: Mapping[str, tuple[str, ...]] | None = None,
) -> Extract:
    """Reads an extract in any of the four forms. `name` is what findings call the file, and what `mapping` knows it by.

    `message_types` are those of a LocationsCodeEDITypeMap.csv that is not in a zip with the rest (`read_capabilities`). The
    register's version is `UNPUBLISHED`: `sor.snapshot.pack` gives it one. Raises RegisterError, naming every fault.
    """
    findings = Findings(name)
    form = _form(file, findings)
    counts: Counter[Level] = Counter()
    mailboxes: dict[str, Mailbox] = {}
    entities = _entities(form, file, findings, mapping or ColumnMapping())
    units = assembled(_counted(entities, counts, mailboxes, progress), findings)
    if not units and not findings.problems:
        findings.problem(1, "", "no-units")
    findings.judge()
    for gln, types in (message_types or {}).items():
        if gln in mailboxes:
            mailboxes[gln] = replace(mailboxes[gln], message_types=types)
    register = Register(units, UNPUBLISHED, findings.warnings, MappingProxyType(mailboxes))
    return Extract(form, register, MappingProxyType(dict(counts)))


def _form(file: BinaryIO, findings: Findings) -> Form:
    start = file.read(_SNIFFED)
    file.seek(0)
    if start.startswith(b"PK"):
        return Form.COMPLETE
    text = start.removeprefix(b"\xef\xbb\xbf").replace(b"\0", b"")  # of UTF-16 enough is left to tell, and to refuse it
    if text.lstrip().startswith(b"<"):
        return Form.XML
    if not text.strip():
        findings.refuse(1, "", "empty-file")
    first = text.splitlines()[0].decode("latin-1")
    header = {fold(cell) for cell in next(csv.reader(io.StringIO(first.translate(_TO_SEMICOLON)), delimiter=";"), [])}
    if header & {"sorkode", "enhedsnavn"}:
        return Form.LEGACY
    if header & {"sorid", "entityname"}:
        return Form.DAILY
    return findings.refuse(1, "", "not-an-extract", first[:_SHOWN])


_TO_SEMICOLON = str.maketrans({",": ";", "\t": ";", "|": ";"})  # to know a file in the wrong dress, and to say what is wrong


def _entities(form: Form, file: BinaryIO, findings: Findings, mapping: ColumnMapping) -> Iterator[Entity]:
    if form is Form.XML:
        return read_xml(file, findings)
    readers = {Form.LEGACY: read_legacy, Form.DAILY: read_daily, Form.COMPLETE: read_complete}
    return readers[form](file, findings, mapping)


def _counted(
    entities: Iterable[Entity], counts: Counter[Level], mailboxes: dict[str, Mailbox], progress: Progress | None
) -> Iterator[Entity]:
    number = 0
    for number, entity in enumerate(entities, 1):
        counts[entity.level] += 1
        if entity.mailbox is not None and (not entity.inherits or entity.mailbox.gln not in mailboxes):
            mailboxes[entity.mailbox.gln] = entity.mailbox
        if progress and number % EVERY == 0:
            progress(number)
        yield entity
    if progress:
        progress(number)
