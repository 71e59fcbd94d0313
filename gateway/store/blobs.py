"""Large documents in and out of SQLite, in pieces.

Given whole, SQLite copies a document twice before it is written and Python's lock is held for all of it; a place of the right length
is made instead and filled bit by bit, and read back likewise. PostgreSQL's driver has nothing of the kind, and takes them whole.
"""

from __future__ import annotations

import io
import sqlite3
from typing import cast

from sqlalchemy import Connection, Integer, Select, func, insert, literal_column, select

from gateway.store.bulk import SQLITE
from gateway.store.tables import document

LARGE = 1 << 20
_PIECE = 1 << 18
_PLACE: Select[int] = select(literal_column("rowid", Integer)).select_from(document)


def in_pieces(connection: Connection, size: int) -> bool:
    """Whether a document of `size` bytes is to be written and read here."""
    return size > LARGE and connection.dialect.name == SQLITE


def write(connection: Connection, message_id: str, body: bytes) -> None:
    """Inserts the document of a message, within the transaction."""
    made = connection.execute(insert(document).values(message_id=message_id, body=func.zeroblob(len(body))))
    whole = memoryview(body)
    with _driver(connection).blobopen("document", "body", made.lastrowid) as place:
        for start in range(0, len(body), _PIECE):
            place.write(whole[start : start + _PIECE])


def read(connection: Connection, message_id: str) -> bytes:
    """The document of a message."""
    rowid = connection.scalars(_PLACE.where(document.c.message_id == message_id)).one()
    body = io.BytesIO()
    with _driver(connection).blobopen("document", "body", rowid, readonly=True) as place:
        while piece := place.read(_PIECE):
            body.write(piece)
    return body.getvalue()


def _driver(connection: Connection) -> sqlite3.Connection:
    return cast("sqlite3.Connection", connection.connection.dbapi_connection)
