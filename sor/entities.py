"""An entity of the national register (SOR), in one form for every extract that it is read from.

SOR is a tree: an institution owner (IE) has health institutions (SI), and these have organisational units (OE), which nest. An
extract says of each what is its own; whatever a unit inherits from the one above it, its lokationsnummer above all, is found by
`sor.assembly`, which makes the register's `Unit`s of them. Here is only what was written.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Level(StrEnum):
    """Where in the tree an entity stands (SOR: SOR-type, SorType; English IO, HI and OU)."""

    OWNER = "IE"
    INSTITUTION = "SI"
    UNIT = "OE"


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A lokationsnummer and what SOR says of the system behind it; empty where nothing is said.

    `internal` is for the owner's own use alone, `inactive` takes no messages. `operator` is the VANS operator. `valid_from` and
    `valid_to` (the last valid day) are the address's own life, None where the extract gives it none. `message_types` are the EDI
    types that it can take, as SOR writes them.
    """

    gln: str
    internal: bool = False
    inactive: bool = False
    system: str = ""
    supplier: str = ""
    operator: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    message_types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entity:
    """One entity as an extract has it. An entity with a history has one of these for each of its stretches of time.

    `sor` and `parent` are SOR codes, `parent` None for an owner. `mailbox` is the entity's own; where it `inherits` it is what the
    extract repeats of its parent's, if anything. `valid_from` is when this stretch begins, `first_from` when the entity began, if
    that is said; `valid_to` is the last valid day. `successors` are the SOR codes of those that have taken its place, `predecessors`
    of those whose place it took. `ydernummer` has no leading zeros. `kommunekode` is of its postal or visiting address, "" where the
    extract has none; `line` is where in the extract it stands, from 1, for findings.
    """

    sor: str
    level: Level
    name: str
    type: str
    parent: str | None
    valid_from: date
    valid_to: date | None = None
    first_from: date | None = None
    mailbox: Mailbox | None = None
    inherits: bool = False
    ydernummer: str = ""
    kommunekode: str = ""
    regionskode: str = ""
    successors: tuple[str, ...] = ()
    predecessors: tuple[str, ...] = ()
    line: int = 0
