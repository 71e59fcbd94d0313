"""One transaction's worth of changes: what they need is loaded at once, they are decided in memory, what they say is written at once.

So the number of statements does not grow with the number of calls that are committed together. Locks are taken in one order
everywhere (standings by id, then objects of attachments, new messages by id, claims by key, and the tally), so that two processes
on one PostgreSQL cannot wait for each other in a circle.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection

from gateway.attachments import Half
from gateway.records import Claim, Claimed, Dispatch, NewMessage
from gateway.store import blobs
from gateway.store.attachments import Ends
from gateway.store.bulk import packed
from gateway.store.statements import STANDING, STATEMENTS
from routing.lifecycle import State

T_co = TypeVar("T_co", covariant=True)
ClaimKey = tuple[str, str, str]
"""Identifier, kind and sender: the key of `claim`."""


def key_of(a: Claim) -> ClaimKey:
    """The key that a claim is unique by."""
    return a.identifier, a.kind, a.sender


@dataclass(slots=True)
class Standing:
    """A row of `standing`, changed in memory and written at the end. The fields are in the order of the columns."""

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


@dataclass(frozen=True, slots=True)
class Hold:
    """Who has an outbox row from its birth, and until when."""

    owner: str
    until: datetime


@dataclass(slots=True)
class Needs:
    """What a batch of changes has to know: these messages as they stand, who holds these claims, these messages' outbox rows,
    and what these halves of attachments belong to.
    """

    messages: set[str] = field(default_factory=set)
    claims: set[ClaimKey] = field(default_factory=set)
    outbox_of: set[str] = field(default_factory=set)
    halves: set[Half] = field(default_factory=set)


class Change(Protocol[T_co]):
    """A call that can be committed together with others."""

    def needs(self, needs: Needs) -> None:
        """Adds what `apply` will look at."""
        ...

    def apply(self, work: Work) -> Callable[[], T_co]:
        """Decides and records what is to be written; raises, having recorded nothing, where it cannot. The function returned gives
        the answer, once all is written.
        """
        ...


class Work:
    """The state that a batch sees and the rows that it writes. Not shared between threads."""

    def __init__(self, connection: Connection, needs: Needs) -> None:
        self._connection = connection
        self._statements = STATEMENTS[connection.dialect.name]
        self.standings = self._load(needs.messages)
        self._held = self._claims(needs.claims)
        self.outbox = self._outbox(needs.outbox_of & self.standings.keys())
        self._ends = Ends(connection, needs.halves)
        self._messages: list[tuple[object, ...]] = []
        self._documents: list[dict[str, Any]] = []
        self._large: list[dict[str, Any]] = []
        self._fresh: list[Standing] = []
        self._new_claims: list[tuple[str, ...]] = []
        self._mentions: list[tuple[str, ...]] = []
        self._events: list[tuple[object, ...]] = []
        self._queued: list[tuple[object, ...]] = []
        self._confirmed: set[int] = set()
        self._moved: set[str] = set()
        self._touched: set[str] = set()
        self._tally: Counter[str] = Counter()
        self._ids: dict[str, list[int]] = defaultdict(list)

    def _load(self, ids: set[str]) -> dict[str, Standing]:
        if not ids:
            return {}
        return {row.id: Standing(*row) for row in self._connection.execute(self._statements.standings, packed(ids))}

    def _claims(self, keys: set[ClaimKey]) -> dict[ClaimKey, Claimed]:
        if not keys:
            return {}
        rows = self._connection.execute(self._statements.claims, packed(keys))
        return {
            (r.identifier, r.kind, r.sender): Claimed(Claim(r.sender, r.kind, r.identifier, r.digest), r.message_id)
            for r in rows
        }

    def _outbox(self, ids: set[str]) -> dict[str, dict[int, str | None]]:
        found: dict[str, dict[int, str | None]] = defaultdict(dict)
        if ids:
            for row in self._connection.execute(self._statements.outbox, packed(ids)):
                found[row.message_id][row.id] = row.claimed_by
        return found

    def held(self, *messages: NewMessage) -> tuple[Claimed, ...]:
        """Those claims of `messages` that are held already, by whatever was stored before or comes earlier in this batch."""
        keys = (key_of(c) for m in messages for c in m.claims)
        return tuple(held for key in keys if (held := self._held.get(key)) is not None)

    def add(self, new: NewMessage, hold: Hold | None, due: datetime | None) -> None:
        """A new message with its document, claims, first timeline entry and outbox row."""
        self._messages.append(_message(new))
        large = blobs.in_pieces(self._connection, len(new.document.body))
        (self._large if large else self._documents).append({"message_id": new.id, "body": new.document.body})
        stands = self.standings[new.id] = _standing(new, due)
        self._fresh.append(stands)
        for c in new.claims:
            key = key_of(c)
            self._new_claims.append((*key, c.digest, new.id))
            self._held[key] = Claimed(c, new.id)
        named = {(new.envelope_id, "envelope"), (new.inner_id, "envelope"), *((letter, "letter") for letter in new.letter_ids)}
        named -= {(c.identifier, c.kind) for c in new.claims}
        self._mentions.extend((identifier, kind, new.id) for identifier, kind in named if identifier)
        self._tally[stands.state] += 1
        self.tell(new.id, "admitted", new.received_at, new.partner, {} if new.fault is None else {"fault": new.fault})
        if new.dispatch is not None:
            self.queue(new.id, new.dispatch, hold)
        if new.halves:
            self._attach(new)

    def _attach(self, new: NewMessage) -> None:
        """The halves of attachments that a new message has; whoever they belong with is told, and so is it."""
        for half in new.halves:
            for meeting in self._ends.join(new.id, half, new.received_at, new.state.value):
                end = meeting.end
                stands = self.standings.get(end.message_id)
                state = end.state if stands is None else stands.state
                self._events.append((end.message_id, meeting.at, "paired", state, "hub", meeting.detail))

    def queue(self, message_id: str, dispatch: Dispatch, hold: Hold | None) -> None:
        """A new outbox row."""
        held = (None, None, 0) if hold is None else (hold.owner, hold.until, 1)
        where = (dispatch.endpoint, dispatch.routing_key, dispatch.address, dispatch.not_before)
        self._queued.append((message_id, *where, *held))

    def confirm(self, message_id: str, outbox_id: int) -> None:
        """The outbox row goes."""
        del self.outbox[message_id][outbox_id]
        self._confirmed.add(outbox_id)

    def queued(self, message_id: str) -> bool:
        """Whether the message has an outbox row left."""
        return bool(self.outbox.get(message_id)) or any(row[0] == message_id for row in self._queued)

    def move(self, stands: Standing, state: State, at: datetime) -> None:
        """A change of state, which the caller has checked against the table. `attempts` is written with it."""
        self._tally[stands.state] -= 1
        self._tally[state.value] += 1
        stands.state, stands.changed_at = state.value, at
        self._moved.add(stands.id)

    def touch(self, stands: Standing) -> None:
        """Something else about the message changed."""
        self._touched.add(stands.id)

    def tell(self, message_id: str, what: str, at: datetime, actor: str, detail: Mapping[str, object]) -> None:
        """A line of the timeline, with the state that the message is in now."""
        self._events.append((message_id, at, what, self.standings[message_id].state, actor, detail))

    def outbox_ids(self, *message_ids: str) -> dict[str, int]:
        """The newest outbox row that this batch made for each of these messages, where it made one. Known after `write`."""
        return {m: max(self._ids[m]) for m in message_ids if m in self._ids}

    def write(self, slot: int) -> None:
        """Writes it all. `slot` is this writer's share of the tally."""
        sql = self._statements
        changed = (self._touched | self._moved) - {s.id for s in self._fresh}
        moved = [self.standings[i] for i in changed - self._touched]
        touched = [self.standings[i] for i in changed & self._touched]
        for statement, rows in (
            (sql.messages, sorted(self._messages, key=_first)),
            (sql.new_claims, sorted(self._new_claims)),
            (sql.new_standings, [_row(s) for s in self._fresh]),
            (sql.mentions, self._mentions),
            (sql.events, self._events),
            (sql.moves, [(s.id, s.state, s.changed_at, s.attempts) for s in moved]),
            (sql.touches, [_row(s) for s in touched]),
            (sql.confirmed, sorted(self._confirmed)),
        ):
            if rows:
                self._connection.execute(statement, packed(rows))
        if self._documents:
            self._connection.execute(sql.documents, self._documents)
        for one in self._large:
            blobs.write(self._connection, **one)
        self._ends.write()
        if self._queued:
            for row in self._connection.execute(sql.queue, packed(self._queued)):
                self._ids[row.message_id].append(row.id)
        if counted := [(slot, state, n) for state, n in sorted(self._tally.items()) if n]:
            self._connection.execute(sql.tally, packed(counted))


_row = attrgetter(*STANDING)


def _first(row: tuple[object, ...]) -> str:
    return str(row[0])


def _message(new: NewMessage) -> tuple[object, ...]:
    """In the order of the columns."""
    return (
        new.id,
        new.origin,
        new.partner,
        new.received_at,
        new.type,
        new.version,
        new.sender,
        new.receiver,
        new.envelope_id,
        new.letter_ids,
        new.thread,
        new.heading,
        new.wants_receipt,
        new.sent_at,
        new.regards,
        new.register_version,
        new.document.content_type,
        len(new.document.body),
        new.verdict,
    )


def _standing(new: NewMessage, due: datetime | None) -> Standing:
    sent = new.dispatch
    return Standing(
        id=new.id,
        state=new.state.value,
        changed_at=new.received_at,
        dispatched_at=new.received_at if sent else None,
        attempts=0,
        fault=None if new.fault is None else new.fault.value,
        endpoint=sent.endpoint if sent else None,
        routing_key=sent.routing_key if sent else None,
        address=sent.address if sent else None,
        receipt_sign=None,
        receipt_id=None,
        receipt_due_at=due,
        overdue_at=None,
    )
