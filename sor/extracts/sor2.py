"""SOR2's extracts: SorEntity_daily.csv, and Sor_complete.zip with its files.

Semicolons, UTF-8 (windows-1252 where it is not that), codes written `="…"`. The documentation does not tell the names of all
columns: that of the entity above and that of the lokationsnummer must be told by a column file, or the extract is refused. The
lokationsnummer may stand in the table of entities or, with the SOR code, in LocationsCodes.csv. Successors and message types are
read where their columns are told; where not, a warning says so.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from types import MappingProxyType
from typing import BinaryIO, TypeVar, cast

from sor.entities import Entity
from sor.extracts.capabilities import read_capabilities
from sor.extracts.entity_rows import EntityRows
from sor.extracts.locations import LOCATION_HINT, SYSTEMS, Locations, read_locations
from sor.extracts.mapping import ColumnMapping
from sor.extracts.problems import Findings
from sor.extracts.successions import read_successions
from sor.extracts.table import Column, Encoding, Table

ENTITIES = "SOREntity.csv"
LOCATIONS = "LocationsCodes.csv"
MESSAGE_TYPES = "LocationsCodeEDITypeMap.csv"
REPLACED = "SORReplacedEntities.csv"
_OTHER_SPELLINGS = {LOCATIONS: "LocationsCode.csv"}
_LARGEST = 4_000_000_000  # bytes of one unpacked file
_ENCRYPTED = 0x1
_BUFFER = 1 << 16
_NOTHING: Mapping[str, tuple[str, ...]] = MappingProxyType({})

T = TypeVar("T")
COLUMNS = (
    Column("sor", ("SorId",), required=True),
    Column("name", ("EntityName",), required=True),
    Column("level", ("SorType",), required=True),
    Column("type", ("EntityTypeName",)),
    Column("parent", required=True, hint="parent|mother|overliggende"),
    Column("gln", required=True, hint=LOCATION_HINT),
    Column("inherits", hint="inherit|nedarv"),
    Column("first_from", ("FirstFromDate",)),
    Column("valid_from", ("FromDate",), required=True),
    Column("valid_to", ("ToDate",), required=True),
    Column("ydernummer", hint="provider|yder"),
    Column("kommunekode", hint="municipality|kommune"),
    Column("regionskode", ("PostalAddressRegionCode",)),
    *SYSTEMS,
)


def read_daily(file: BinaryIO, findings: Findings, mapping: ColumnMapping) -> Iterator[Entity]:
    """The entities of a SorEntity_daily.csv, in its order. Faults go to `findings`; raises RegisterError where it cannot go on."""
    yield from _entities(file, findings, mapping, COLUMNS, Locations())


def read_complete(file: BinaryIO, findings: Findings, mapping: ColumnMapping) -> Iterator[Entity]:
    """The entities of a Sor_complete.zip (a file that can be sought in), with what its other files say of their addresses.

    Faults go to `findings`; raises RegisterError where it cannot be read on.
    """
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        findings.refuse(0, "", "half-zip")
    with archive:
        members = _Members(archive, findings)
        locations = members.read(LOCATIONS, lambda inner: read_locations(inner, findings, mapping), Locations())
        types = members.read(MESSAGE_TYPES, lambda inner: read_capabilities(inner, findings, mapping), _NOTHING)
        successors = members.read(REPLACED, lambda inner: read_successions(inner, findings, mapping), _NOTHING)
        with_types = locations.with_message_types(types)
        columns = [
            replace(column, required=False) if column.field == "gln" and locations.owners else column for column in COLUMNS
        ]
        with members.open(ENTITIES) as inner:
            for entity in _entities(inner, findings, mapping, columns, with_types):
                told = successors.get(entity.sor)
                yield replace(entity, successors=told) if told else entity


def _entities(
    file: BinaryIO, findings: Findings, mapping: ColumnMapping, columns: Sequence[Column], locations: Locations
) -> Iterator[Entity]:
    table = Table(file, Encoding.UTF_8_OR_1252, columns, findings, mapping)
    table.told(*(column for column in columns if column.field == "inherits"))
    yield from EntityRows(table, findings, locations).entities()


class _Members:
    """The files of the archive, by name whatever their folder and case."""

    def __init__(self, archive: zipfile.ZipFile, findings: Findings) -> None:
        self._archive, self._findings, self._name = archive, findings, findings.file
        self._infos = {info.filename.rpartition("/")[2].casefold(): info for info in archive.infolist() if not info.is_dir()}

    def read(self, name: str, reading: Callable[[BinaryIO], T], otherwise: T) -> T:
        """What `reading` makes of the member, `otherwise` with a warning where it is missing."""
        if self._info(name) is None:
            self._findings.file = self._name
            self._findings.warning(0, "", "zip-member-unread", name)
            return otherwise
        with self.open(name) as inner:
            return reading(inner)

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        """The member as a stream; findings name it until another is opened. Refuses where it is missing or not readable."""
        info = self._info(name)
        if info is None:
            self._findings.file = self._name
            self._findings.refuse(0, "", "zip-member", name, ", ".join(self._archive.namelist()))
        self._findings.file = info.filename.rpartition("/")[2]
        if info.flag_bits & _ENCRYPTED:
            self._findings.refuse(0, "", "zip-encrypted")
        if info.file_size > _LARGEST:
            self._findings.refuse(0, "", "zip-too-large", _LARGEST)
        try:
            inner = self._archive.open(info)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
            self._findings.refuse(0, "", "half-zip")
        # ZipExtFile reads lines in Python; a buffer reads them in C.
        with inner, io.BufferedReader(cast("io.RawIOBase", inner), _BUFFER) as stream:
            yield stream

    def _info(self, name: str) -> zipfile.ZipInfo | None:
        return self._infos.get(name.casefold()) or self._infos.get(_OTHER_SPELLINGS.get(name, "").casefold())
