"""One transaction's worth of changes: what they need is loaded at once, they are decided in memory, what they say is written at once.

So the number of statements does not grow with the number of calls that are committed together. Locks are taken in one order
everywhere (standings by id, then new messages by id, then claims by key, then the tally), so that two processes on one PostgreSQL
cannot wait for each other in a circle.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import Any, Protocol, TypeVar

import orjson
from sqlalchemy import ColumnElement, Connection, Executable, Text, bindparam, cast, column, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql import FromClause

from gateway.records import Claim, Claimed, Dispatch, NewMessage
from gateway.store.tables import claim, document, event, mention, message, outbox, standing, tally
from routing.lifecycle import State

T_co = TypeVar("T_co", covariant=True)
ClaimKey = tuple[str, str, str]
"""Identifier, kind and sender: the key of `claim`."""


def key_of(a: Claim) -> ClaimKey:
    """The key that a claim is unique by."""
    return a.identifier, a.kind, a.sender


@dataclass(slots=True)
class Standing:
    """A row of `standing`, changed in memory and written at the end."""

    id: str
    state: str
    changed_at: datetime
    dispatched_at: datetime | None
    attempts: int
    fault: str | None
    endpoint: str | None
    routing_key: str | None
    address: str | None
    receipt_sign: str | None
    receipt_id: str | None
    receipt_due_at: datetime | None
    overdue_at: datetime | None


@dataclass(slots=True)
class Needs:
    """What a batch of changes has to know: these messages as they stand, who holds these claims, these messages' outbox rows."""

    messages: set[str] = field(default_factory=set)
    claims: set[ClaimKey] = field(default_factory=set)
    outbox_of: set[str] = field(default_factory=set)


class Change(Protocol[T_co]):
    """A call that can be committed together with others."""

    def needs(self, needs: Needs) -> None:
        """Adds what `apply` will look at."""
        ...

    def apply(self, work: Work) -> Callable[[], T_co]:
        """Decides and records what is to be written; raises, having recorded nothing, where it cannot. The function returned gives
        the answer, once all is written."""
        ...


class Work:
    """The state that a batch sees and the rows that it writes. Not shared between threads."""

    def __init__(self, connection: Connection, needs: Needs) -> None:
        self._connection = connection
        self.standings = self._load(needs.messages)
        self._held = self._claims(needs.claims)
        # Rows that are new in this batch have no id yet and stand under `_queued`.
        self.outbox = self._outbox(needs.outbox_of & self.standings.keys())
        self._new: dict[str, list[dict[str, Any]]] = {t.name: [] for t in (message, document, claim, mention, event)}
        self._fresh: list[Standing] = []
        self._queued: list[dict[str, Any]] = []
        self._confirmed: set[int] = set()
        self._touched: set[str] = set()
        self._tally: Counter[str] = Counter()
        self._ids: dict[str, list[int]] = defaultdict(list)

    def _load(self, ids: set[str]) -> dict[str, Standing]:
        if not ids:
            return {}
        locked = select(standing).where(standing.c.id.in_(sorted(ids))).order_by(standing.c.id).with_for_update()
        return {row.id: Standing(*row) for row in self._connection.execute(locked)}

    def _claims(self, keys: set[ClaimKey]) -> dict[ClaimKey, Claimed]:
        if not keys:
            return {}
        rows = self._connection.execute(_CLAIMS[self._connection.dialect.name], {"keys": orjson.dumps(sorted(keys)).decode()})
        return {
            (r.identifier, r.kind, r.sender): Claimed(Claim(r.sender, r.kind, r.identifier, r.digest), r.message_id) for r in rows
        }

    def _outbox(self, ids: set[str]) -> dict[str, dict[int, str | None]]:
        found: dict[str, dict[int, str | None]] = defaultdict(dict)
        if ids:
            columns = select(outbox.c.message_id, outbox.c.id, outbox.c.claimed_by)
            for row in self._connection.execute(columns.where(outbox.c.message_id.in_(sorted(ids))).order_by(outbox.c.id)):
                found[row.message_id][row.id] = row.claimed_by
        return found

    def held(self, *messages: NewMessage) -> tuple[Claimed, ...]:
        """Those claims of `messages` that are held already, by whatever was stored before or comes earlier in this batch."""
        return tuple(self._held[key_of(c)] for m in messages for c in m.claims if key_of(c) in self._held)

    def add(self, new: NewMessage, claimed: Mapping[str, Any], due: datetime | None) -> None:
        """A new message with its document, claims, first timeline entry and outbox row. `claimed` as for `queue`."""
        self._new["message"].append(_message(new))
        self._new["document"].append({"message_id": new.id, "body": new.document.body})
        self.standings[new.id] = stands = _standing(new, due)
        self._fresh.append(stands)
        for c in new.claims:
            identifier, kind, sender = key_of(c)
            row = {"identifier": identifier, "kind": kind, "sender": sender, "digest": c.digest, "message_id": new.id}
            self._new["claim"].append(row)
            self._held[key_of(c)] = Claimed(c, new.id)
        self._mention(new)
        self._tally[stands.state] += 1
        detail = {} if new.fault is None else {"fault": new.fault.value}
        self.tell(new.id, "admitted", new.received_at, new.partner, detail)
        if new.dispatch is not None:
            self.queue(new.id, new.dispatch, claimed)

    def _mention(self, new: NewMessage) -> None:
        named = {("envelope", new.envelope_id), *(("letter", letter) for letter in new.letter_ids)}
        named -= {(c.kind, c.identifier) for c in new.claims}
        self._new["mention"].extend({"identifier": i, "kind": k, "message_id": new.id} for k, i in sorted(named) if i)

    def queue(self, message_id: str, dispatch: Dispatch, claimed: Mapping[str, Any]) -> None:
        """A new outbox row. `claimed` has `claimed_by`, `lease_until` and `times_claimed`."""
        self._queued.append(
            {
                "message_id": message_id,
                "endpoint": dispatch.endpoint,
                "routing_key": dispatch.routing_key,
                "address": dispatch.address,
                "not_before": dispatch.not_before,
                **claimed,
            },
        )

    def confirm(self, message_id: str, outbox_id: int) -> None:
        """The outbox row goes."""
        del self.outbox[message_id][outbox_id]
        self._confirmed.add(outbox_id)

    def queued(self, message_id: str) -> bool:
        """Whether the message has an outbox row left."""
        return bool(self.outbox.get(message_id)) or any(row["message_id"] == message_id for row in self._queued)

    def move(self, stands: Standing, state: State, at: datetime) -> None:
        """A change of state, which the caller has checked against the table."""
        self._tally[stands.state] -= 1
        self._tally[state.value] += 1
        stands.state, stands.changed_at = state.value, at
        self.touch(stands)

    def touch(self, stands: Standing) -> None:
        """Something else about the message changed."""
        self._touched.add(stands.id)

    def tell(self, message_id: str, what: str, at: datetime, actor: str, detail: Mapping[str, object]) -> None:
        """A line of the timeline, with the state that the message is in now."""
        state = self.standings[message_id].state
        row = {"message_id": message_id, "at": at, "what": what, "state": state, "actor": actor, "detail": detail}
        self._new["event"].append(row)

    def outbox_ids(self, *message_ids: str) -> dict[str, int]:
        """The newest outbox row that this batch made for each of these messages, where it made one. Known after `write`."""
        return {m: max(self._ids[m]) for m in message_ids if m in self._ids}

    def write(self, slot: int) -> None:
        """Writes it all. `slot` is this writer's share of the tally."""
        self._new[standing.name] = [_columns(s) for s in self._fresh]
        self._touched -= {s.id for s in self._fresh}
        self._new["message"].sort(key=lambda row: row["id"])
        self._new["claim"].sort(key=lambda row: (row["identifier"], row["kind"], row["sender"]))
        for name, statement in _INSERT.items():
            if rows := self._new[name]:
                self._connection.execute(statement, rows)
        if self._touched:
            rows = [{f"new_{k}": v for k, v in _columns(self.standings[i]).items()} for i in sorted(self._touched)]
            self._connection.execute(_UPDATE, rows)
        if self._confirmed:
            self._connection.execute(outbox.delete().where(outbox.c.id.in_(sorted(self._confirmed))))
        if self._queued:
            for row in self._connection.execute(_QUEUE, self._queued):
                self._ids[row.message_id].append(row.id)
        self._count(slot)

    def _count(self, slot: int) -> None:
        changes = [{"slot": slot, "state": s, "messages": n} for s, n in sorted(self._tally.items()) if n]
        if changes:
            self._connection.execute(_TALLY[self._connection.dialect.name], changes)


def _message(new: NewMessage) -> dict[str, Any]:
    return {
        "id": new.id,
        "origin": new.origin.value,
        "partner": new.partner,
        "received_at": new.received_at,
        "type": new.type,
        "version": new.version,
        "sender": new.sender,
        "receiver": new.receiver,
        "envelope_id": new.envelope_id,
        "letter_ids": new.letter_ids,
        "thread": new.thread,
        "heading": new.heading,
        "wants_receipt": new.wants_receipt,
        "sent_at": new.sent_at,
        "regards": new.regards,
        "register_version": new.register_version,
        "content_type": new.document.content_type,
        "size": len(new.document.body),
        "verdict": new.verdict,
    }


def _standing(new: NewMessage, due: datetime | None) -> Standing:
    return Standing(
        id=new.id,
        state=new.state.value,
        changed_at=new.received_at,
        dispatched_at=new.received_at if new.dispatch else None,
        attempts=0,
        fault=None if new.fault is None else new.fault.value,
        endpoint=new.dispatch.endpoint if new.dispatch else None,
        routing_key=new.dispatch.routing_key if new.dispatch else None,
        address=new.dispatch.address if new.dispatch else None,
        receipt_sign=None,
        receipt_id=None,
        receipt_due_at=due,
        overdue_at=None,
    )


_STANDING = tuple(c.name for c in standing.columns)
_values_of = attrgetter(*_STANDING)


def _columns(stands: Standing) -> dict[str, Any]:
    return dict(zip(_STANDING, _values_of(stands), strict=True))


def _claims_of(wanted: FromClause, identifier: ColumnElement[str], kind: ColumnElement[str], sender: ColumnElement[str]) -> Executable:
    key = (claim.c.identifier == identifier) & (claim.c.kind == kind) & (claim.c.sender == sender)
    return select(claim).select_from(wanted.join(claim, key))


def _claims_by_database() -> dict[str, Executable]:
    # One parameter for any number of keys. SQLite has no index for `(a, b, c) IN (VALUES …)`, and PostgreSQL plans a long one slowly.
    keys = bindparam("keys", type_=Text)
    one = func.json_each(keys).table_valued("value", name="wanted")
    other = func.jsonb_array_elements(cast(keys, postgresql.JSONB)).table_valued(column("value", postgresql.JSONB), name="wanted")
    return {
        "sqlite": _claims_of(one, *(func.json_extract(one.c.value, f"$[{i}]") for i in range(3))),
        "postgresql": _claims_of(other, *(other.c.value[i].astext for i in range(3))),
    }


def _added(statement: sqlite.Insert | postgresql.Insert) -> Executable:
    total = tally.c.messages + statement.excluded.messages
    return statement.on_conflict_do_update(index_elements=[tally.c.slot, tally.c.state], set_={"messages": total})


_CLAIMS = _claims_by_database()
_TALLY = {"sqlite": _added(sqlite.insert(tally)), "postgresql": _added(postgresql.insert(tally))}
_INSERT = {t.name: insert(t) for t in (message, claim, document, standing, mention, event)}
_QUEUE = insert(outbox).returning(outbox.c.message_id, outbox.c.id)
_UPDATE = (
    update(standing)
    .where(standing.c.id == bindparam("new_id"))
    .values({name: bindparam(f"new_{name}") for name in _STANDING if name != "id"})
)
