"""The connected systems, and a revision that grows with each change so that others can keep them in memory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from gateway.records import Mode, Partner
from gateway.store.tables import PARTNERS_REVISION, binding, meta, partner, partner_gln


def add(connection: Connection, new: Partner) -> None:
    """`Partners.add`."""
    _grow(connection)
    if connection.scalar(select(partner.c.name).where(partner.c.name == new.name)) is not None:
        raise ValueError(f"a partner named {new.name} is there already")
    _refuse_taken(connection, new)
    connection.execute(insert(partner), {"name": new.name, **_columns(new)})
    _bind(connection, new)


def replace(connection: Connection, changed: Partner) -> None:
    """`Partners.replace`."""
    _grow(connection)
    if connection.execute(update(partner).where(partner.c.name == changed.name).values(_columns(changed))).rowcount == 0:
        raise KeyError(changed.name)
    _refuse_taken(connection, changed)
    connection.execute(partner_gln.delete().where(partner_gln.c.name == changed.name))
    _bind(connection, changed)


def read_all(connection: Connection) -> Sequence[Partner]:
    """`Partners.all`."""
    glns: dict[str, set[str]] = defaultdict(set)
    for row in connection.execute(select(partner_gln)):
        glns[row.name].add(row.gln)
    return [
        Partner(r.name, frozenset(glns[r.name]), Mode(r.mode), r.token_hash, r.push_url, r.active)
        for r in connection.execute(select(partner).order_by(partner.c.name))
    ]


def revision(connection: Connection) -> int:
    """`Partners.revision`."""
    return connection.scalar(select(meta.c.value).where(meta.c.name == PARTNERS_REVISION)) or 0


def bound(connection: Connection) -> dict[str, frozenset[str]]:
    """`Partners.bound`."""
    keys: dict[str, set[str]] = defaultdict(set)
    for row in connection.execute(select(binding)):
        keys[row.endpoint].add(row.key)
    return {endpoint: frozenset(found) for endpoint, found in keys.items()}


def note_bound(connection: Connection, endpoint: str, keys: Iterable[str]) -> None:
    """`Partners.note_bound`. The revision is the lock here too, and does not grow: no partner changed."""
    connection.execute(update(meta).where(meta.c.name == PARTNERS_REVISION).values(value=meta.c.value))
    connection.execute(delete(binding).where(binding.c.endpoint == endpoint))
    if rows := [{"endpoint": endpoint, "key": key} for key in sorted(set(keys))]:
        connection.execute(insert(binding), rows)


def _grow(connection: Connection) -> None:
    # First of all: the row is a lock too, so that two processes change partners one after the other.
    connection.execute(update(meta).where(meta.c.name == PARTNERS_REVISION).values(value=meta.c.value + 1))


def _columns(one: Partner) -> dict[str, Any]:
    return {"mode": one.mode.value, "token_hash": one.token_hash, "push_url": one.push_url, "active": one.active}


def _refuse_taken(connection: Connection, one: Partner) -> None:
    others = select(partner_gln).where(partner_gln.c.gln.in_(sorted(one.glns)), partner_gln.c.name != one.name)
    taken = connection.execute(others.order_by(partner_gln.c.gln)).first()
    if taken is not None:
        raise ValueError(f"lokationsnummer {taken.gln} belongs to {taken.name}")


def _bind(connection: Connection, one: Partner) -> None:
    if one.glns:
        connection.execute(insert(partner_gln), [{"gln": gln, "name": one.name} for gln in sorted(one.glns)])
