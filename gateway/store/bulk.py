"""Many rows in one statement with one parameter: a JSON array that the database takes apart itself.

This is what makes a batch cheap. The statement's text never changes, so it is prepared once; the driver has one value to convert
instead of a score a row; and the rows need no further work in Python (ADR 3 has the figures).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import (
    Column,
    ColumnElement,
    FromClause,
    Insert,
    Select,
    Table,
    Text,
    Update,
    bindparam,
    cast,
    column,
    func,
    insert,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import JSON, TypeEngine

SQLITE, POSTGRESQL = "sqlite", "postgresql"
ROWS = "rows"
"""The name of the parameter."""


def packed(rows: Iterable[object]) -> dict[str, str]:
    """The parameter, from strings or from sequences in the order of the columns."""
    try:
        return {ROWS: orjson.dumps(list(rows), default=plain, option=orjson.OPT_PASSTHROUGH_DATETIME).decode()}
    except TypeError as e:
        raise e.__cause__ or e from None  # what `plain` said, which orjson wraps


def plain(value: object) -> object:
    """What JSON has no form for. A time is text of one width, so that it sorts as time does."""
    match value:
        case datetime():
            if value.tzinfo is None:
                raise ValueError("a time without zone")
            return value.astimezone(UTC).isoformat(timespec="microseconds")
        case Mapping():
            return dict(value)
        case AbstractSet():
            return sorted(value)
    raise TypeError(f"{type(value).__name__} is not JSON")


class Unpacked:
    """The parameter as a table, on one kind of database."""

    def __init__(self, database: str) -> None:
        self._sqlite = database == SQLITE
        rows = bindparam(ROWS, type_=Text)
        self.table: FromClause
        if self._sqlite:
            each = func.json_each(rows).table_valued("value", name="each")
            # Materialised, because SQLite would write the row out as text anew for every cell.
            self.table = select(each.c.value).cte("given").prefix_with("MATERIALIZED")
        else:
            self.table = func.jsonb_array_elements(cast(rows, JSONB)).table_valued(column("value", JSONB), name="given")

    def cell(self, index: int, kind: TypeEngine[Any]) -> ColumnElement[Any]:
        """A value of each row."""
        value = self.table.c.value
        # The place is part of the statement's text, so that the databases see a constant.
        if self._sqlite:
            return func.json_extract(value, literal_column(f"'$[{index}]'"), type_=kind)
        if isinstance(kind, JSON):
            return value.op("->", return_type=JSONB())(literal_column(str(index)))
        return cast(value.op("->>", return_type=Text())(literal_column(str(index))), kind)

    def scalars(self, kind: TypeEngine[Any]) -> Select[Any]:
        """The rows themselves, where each is one value."""
        value = self.table.c.value
        return select(value if self._sqlite else cast(value.op("#>>", return_type=Text())(literal_column("'{}'")), kind))


def insertion(database: str, table: Table, columns: Iterable[Column[Any]]) -> Insert:
    """`INSERT` of the rows; their cells are in the order of `columns`."""
    given = Unpacked(database)
    columns = tuple(columns)
    cells = [given.cell(i, c.type) for i, c in enumerate(columns)]
    return insert(table).from_select([c.name for c in columns], select(*cells).select_from(given.table))


def replacement(database: str, table: Table, key: Column[Any], columns: Iterable[Column[Any]]) -> Update:
    """`UPDATE` of `columns` in the rows that the first cell is the `key` of; the further cells are in the order of `columns`."""
    given = Unpacked(database)
    values = {c.name: given.cell(i, c.type) for i, c in enumerate(columns, start=1)}
    return update(table).where(key == given.cell(0, key.type)).values(values)
