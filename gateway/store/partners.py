"""The connected systems with their stories, and a revision that grows with each change so that others can keep them in memory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from gateway.records import Former, Mode, Partner, PartnerEntry
from gateway.store.tables import PARTNERS_REVISION, binding, meta, outbox, partner, partner_event, partner_gln, standing

_WAY_IN = ("mode", "push_url", "active", "push_secret", "push_bearer")


def add(connection: Connection, new: Partner, others: Sequence[Partner] = (), story: Sequence[PartnerEntry] = ()) -> None:
    """`Partners.add`."""
    _grow(connection)
    if connection.scalar(select(partner.c.name).where(partner.c.name == new.name)) is not None:
        raise ValueError(f"a partner named {new.name} is there already")
    connection.execute(insert(partner), {"name": new.name, **_columns(new)})
    _change(connection, others)
    _bind(connection, [new, *others])
    _tell(connection, story)


def replace(
    connection: Connection, changed: Sequence[Partner], story: Sequence[PartnerEntry] = (), expected: int | None = None
) -> None:
    """`Partners.replace`."""
    if _grow(connection) != expected and expected is not None:
        raise ValueError("the partners were changed by somebody else meanwhile: look again, and then say it again")
    _change(connection, changed)
    _bind(connection, changed)
    _tell(connection, story)


def read_all(connection: Connection) -> Sequence[Partner]:
    """`Partners.all`."""
    glns: dict[str, set[str]] = defaultdict(set)
    for row in connection.execute(select(partner_gln)):
        glns[row.name].add(row.gln)
    return [_partner(row, frozenset(glns[row.name])) for row in connection.execute(select(partner).order_by(partner.c.name))]


def story_of(connection: Connection, name: str) -> Sequence[PartnerEntry]:
    """`Partners.story`."""
    rows = connection.execute(select(partner_event).where(partner_event.c.name == name).order_by(partner_event.c.id))
    return [PartnerEntry(row.name, row.at, row.what, row.actor, row.detail) for row in rows]


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


def _grow(connection: Connection) -> int:
    """The revision as it was."""
    # First of all: the row is a lock too, so that two processes change partners one after the other.
    connection.execute(update(meta).where(meta.c.name == PARTNERS_REVISION).values(value=meta.c.value + 1))
    return revision(connection) - 1


def _partner(row: Row[*tuple[Any, ...]], glns: frozenset[str]) -> Partner:
    return Partner(
        name=row.name,
        glns=glns,
        mode=Mode(row.mode),
        token_hash=row.token_hash,
        push_url=row.push_url,
        active=row.active,
        former_token=_former(row.former_token_hash, row.former_token_until),
        push_secret=row.push_secret,
        former_push_secret=_former(row.former_push_secret, row.former_push_secret_until),
        push_bearer=row.push_bearer,
    )


def _former(value: str | None, until: datetime | None) -> Former | None:
    return Former(value, until) if value is not None and until is not None else None


def _columns(one: Partner) -> dict[str, Any]:
    token, secret = one.former_token, one.former_push_secret
    return {
        "mode": one.mode.value,
        "token_hash": one.token_hash,
        "push_url": one.push_url,
        "active": one.active,
        "former_token_hash": token.value if token else None,
        "former_token_until": token.until if token else None,
        "push_secret": one.push_secret,
        "former_push_secret": secret.value if secret else None,
        "former_push_secret_until": secret.until if secret else None,
        "push_bearer": one.push_bearer,
    }


def _change(connection: Connection, changed: Iterable[Partner]) -> None:
    """Stores all but the lokationsnumre, which all of them give up: who takes over what another has is bound after this."""
    for one in changed:
        before = connection.execute(select(partner).where(partner.c.name == one.name)).mappings().one_or_none()
        if before is None:
            raise KeyError(one.name)
        after = _columns(one)
        connection.execute(update(partner).where(partner.c.name == one.name).values(after))
        connection.execute(partner_gln.delete().where(partner_gln.c.name == one.name))
        if one.active and any(before[name] != after[name] for name in _WAY_IN):
            _hasten(connection, one.name)


def _hasten(connection: Connection, name: str) -> None:
    """What waits for a later attempt is due since the last one failed. Rows that a relay holds are on their way already."""
    failed_at = select(standing.c.changed_at).where(standing.c.id == outbox.c.message_id).scalar_subquery()
    connection.execute(
        update(outbox).where(outbox.c.endpoint == name, outbox.c.claimed_by.is_(None)).values(not_before=failed_at)
    )


def _bind(connection: Connection, partners: Sequence[Partner]) -> None:
    for one in partners:
        others = select(partner_gln).where(partner_gln.c.gln.in_(sorted(one.glns)))
        taken = connection.execute(others.order_by(partner_gln.c.gln)).first()
        if taken is not None:
            raise ValueError(f"lokationsnummer {taken.gln} belongs to {taken.name}")
        if one.glns:
            connection.execute(insert(partner_gln), [{"gln": gln, "name": one.name} for gln in sorted(one.glns)])


def _tell(connection: Connection, story: Iterable[PartnerEntry]) -> None:
    if rows := [{"name": e.name, "at": e.at, "what": e.what, "actor": e.actor, "detail": dict(e.detail)} for e in story]:
        connection.execute(insert(partner_event), rows)
