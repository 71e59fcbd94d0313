"""The ports: what the use cases need of the world, as Protocols whose docstrings are their contracts.

Each port has two adapters or more and one conformance suite in `tests/contract` that runs on all of them. An adapter translates
its driver's errors at its own edge into the two families below and lets nothing else of the driver show.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from gateway.attachments import Attachment
from gateway.records import (
    Admission,
    Admitted,
    Concluded,
    Document,
    Known,
    MessageRecord,
    OutboxRow,
    Outcome,
    Parcel,
    Partner,
    PartnerEntry,
    Query,
    Relayed,
    Stale,
    TimelineEntry,
)
from gateway.register_history import Activation, RegisterVersion
from routing.decisions import Fault
from routing.lifecycle import Happening, State


class Temporary(Exception):  # noqa: N818 - named for what it says of the failure, as Permanent is
    """It failed and may work later. `reason` is a short code without any value from a document (`timeout`, `http-503`).

    `retry_after` is in seconds where the other side named a time.
    """

    def __init__(self, reason: str, *, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after


class Permanent(Exception):  # noqa: N818 - see Temporary
    """It failed and will fail again. `fault` says why; `reason` is a short code as in `Temporary`."""

    def __init__(self, fault: Fault, reason: str) -> None:
        super().__init__(f"{fault}: {reason}")
        self.fault = fault
        self.reason = reason


class JournalUnavailable(Temporary):
    """The store did not answer, is locked, or is full. Nothing of the call is stored."""


class BrokerUnavailable(Temporary):
    """The broker did not confirm within the bounded wait. The parcel may or may not be in a queue."""


class Clock(Protocol):
    """Time. `now` is aware UTC and never goes back within a process."""

    def now(self) -> datetime:
        """The present moment."""
        ...


class Journal(Protocol):
    """The truth about every message. Each method is one transaction: when it returns, its effect survives `kill -9` and power loss;
    when it raises `JournalUnavailable`, nothing of it happened (or, where the store went away during the commit, it may have
    happened, and calling again with the same ids is safe). Calls may be made concurrently, from one process or from several on
    one PostgreSQL; an adapter is free to commit several calls together. State changes follow `routing.lifecycle.TRANSITIONS` and
    are guarded. Times are aware UTC in and out.
    """

    async def admit(self, admission: Admission) -> Admitted | Known | Stale:
        """Hop 5. Stores the message, its document, claims, first timeline entry and outbox row; `regards`; and `reply`.

        Returns `Known`, having stored nothing, where one of the claims is held already; `Stale`, having stored nothing, where
        `regards` no longer holds. Admitting the same message id twice returns `Admitted` again and stores nothing more.
        """
        ...

    async def take(self, owner: str, limit: int, now: datetime) -> Sequence[OutboxRow]:
        """Claims up to `limit` due outbox rows, oldest first, for `owner`, with a lease of `LEASE`.

        Due: `not_before <= now`, and unclaimed or with a lease that ran out (its own included). A row that was claimed before comes
        with `parcel.recovered`. Two owners never hold one row while its lease lasts.
        """
        ...

    async def relayed(self, rows: Sequence[Relayed]) -> None:
        """Hop 6, after the broker's confirm: the outbox rows go, the messages move, the timeline says so. Unknown rows are ignored."""
        ...

    async def conclude(self, outcome: Outcome) -> Concluded:
        """Hop 8. One guarded transition with its timeline entry, next attempt, and receipt owed. A transition that the table does
        not allow any more changes nothing but the timeline. Raises KeyError for an unknown message.
        """
        ...

    async def note(self, message_id: str, what: str, at: datetime, actor: str, detail: Mapping[str, object]) -> None:
        """Adds a line to a message's timeline: a duplicate that came, a look at the content. No state changes."""
        ...

    async def requeue(self, *, queued_before: datetime, limit: int, release: str | None = None) -> int:
        """Puts messages that have been QUEUED since before `queued_before`, with no outbox row, back into the outbox. Returns how
        many. Their parcels come with `recovered`. Leases held by the owner `release` end at once: for a process that starts again
        under its own name.
        """
        ...

    async def flag_overdue(self, now: datetime) -> Sequence[MessageRecord]:
        """Marks, once each, messages whose receipt was due before `now` and has not come: a bounded number, those that wait longest
        first. Returns those newly marked.
        """
        ...


class Archive(Protocol):
    """Reading the journal. Answers are of one moment, and see whatever a `Journal` method that has returned has stored."""

    async def record(self, message_id: str) -> MessageRecord | None:
        """The message, or None."""
        ...

    async def document(self, message_id: str) -> Document | None:
        """The raw bytes as they came, or None."""
        ...

    async def timeline(self, message_id: str) -> Sequence[TimelineEntry]:
        """The message's story, oldest first."""
        ...

    async def original(self, sender: str, envelope_id: str, letter_ids: Sequence[str]) -> MessageRecord | None:
        """The message that a receipt is about: the one whose claims hold this envelope id, or else one of these letter ids, for
        this sender; or else the first of this sender's that had an Emessage of this id in a VANSEnvelope. None where there is none.
        """
        ...

    async def find(self, query: Query) -> Sequence[MessageRecord]:
        """The messages that match, newest first."""
        ...

    async def mailbox(self, endpoint: str, addresses: Iterable[str], limit: int) -> Sequence[MessageRecord]:
        """The AVAILABLE messages of an endpoint at these addresses (lokationsnumre), oldest first."""
        ...

    async def counts(self) -> Mapping[State | str, int]:
        """How many messages are in each state, and under `outbox` how many rows wait there, under `overdue` how many are overdue, under
        `unpaired` how many lack the other half of an attachment after the time for it.
        """
        ...


class Attachments(Protocol):
    """Letters that refer to objects, and the XBIN01s that carry them: `Journal.admit` brings them together, in either order.

    Two messages belong together that are to be delivered, have the same sender and receiver, and name the same object, one by
    referring to it and one by carrying it. When the later of them is admitted the timelines of both get a line `paired`, with the
    object and the other's id and role. A message meets all those that still wait for it; where none waits, the newest that has met
    another. Two processes that admit the two at once bring them together all the same.
    """

    async def of_message(self, message_id: str) -> Sequence[Attachment]:
        """Each half that the message has, and a further one for each counterpart after the first; the oldest first."""
        ...

    async def flag_unpaired(self, since_before: datetime, now: datetime) -> Sequence[Attachment]:
        """Marks, once each, halves admitted before `since_before` whose counterpart has not come: a bounded number, those that wait
        longest first, with a line `attachment_missing` each. Returns those newly marked. They may still be paired, and the line that
        says so is then `late`.
        """
        ...


class Partners(Protocol):
    """The connected systems, each with its story. What is told of a change is stored with it or not at all."""

    async def add(
        self, partner: Partner, *others: Partner, story: Sequence[PartnerEntry] = (), retry_at: datetime | None = None
    ) -> None:
        """Adds a partner, and changes others with it as `replace` does. Raises ValueError, saying which, where its name or one of its
        lokationsnumre is taken.
        """
        ...

    async def all(self) -> Sequence[Partner]:
        """All partners, by name, the inactive ones too."""
        ...

    async def replace(
        self,
        *changed: Partner,
        story: Sequence[PartnerEntry] = (),
        expected: int | None = None,
        retry_at: datetime | None = None,
    ) -> None:
        """Changes the partners of these names, all or none. What waits for a lokationsnummer that changes hands goes with it.

        Where an active partner is reached in another way than before, its mail that waits for a later attempt is due at `retry_at`:
        a moment when every gateway has seen the change. Raises KeyError where there is no such partner, ValueError as `add` does, and
        where the revision is not the `expected` one.
        """
        ...

    async def story(self, name: str) -> Sequence[PartnerEntry]:
        """What was done to a partner, oldest first."""
        ...

    async def revision(self) -> int:
        """A number that grows with every change, cheap to ask for."""
        ...

    async def bound(self) -> Mapping[str, frozenset[str]]:
        """The keys that each endpoint's queue may be bound to at the broker, as `note_bound` last said. No broker can be asked."""
        ...

    async def note_bound(self, endpoint: str, keys: Iterable[str]) -> None:
        """Remembers the keys of an endpoint: before they are bound, together with the old ones; and after the old ones are unbound."""
        ...


class Registers(Protocol):
    """The published versions of the register (`sor.snapshot` has the form), and the story of which was in force when. What was
    published or said is never altered.
    """

    async def publish(self, new: RegisterVersion, content: bytes) -> bool:
        """Stores a version; False, and nothing changes, where it is there already. It is not in force before it is activated."""
        ...

    async def versions(self) -> Sequence[RegisterVersion]:
        """All versions, oldest first."""
        ...

    async def content(self, version: str) -> bytes | None:
        """The content as it was published, or None."""
        ...

    async def activate(self, line: Activation, expected: int | None = None) -> None:
        """Adds a line to the story. Raises KeyError where there is no such version, and ValueError where the revision is not the
        `expected` one.
        """
        ...

    async def story(self) -> Sequence[Activation]:
        """The story, oldest first."""
        ...

    async def revision(self) -> int:
        """A number that grows with every line of the story, cheap to ask for."""
        ...


class Taken(Protocol):
    """A parcel that a consumer holds. Exactly one of `ack` and `release` is called, once, by the courier."""

    parcel: Parcel
    redelivered: bool
    reason: str | None
    """The broker's own reason, for what comes from the dead-letter queue (`delivery_limit`, `rejected`, `unroutable`…)."""
    user: str | None
    """Who published it, where the broker vouches for that: the sender of what comes from INBOX."""

    async def ack(self) -> None:
        """The outcome is stored: the broker may forget it. Never raises: what could not be acked comes again."""
        ...

    async def release(self) -> None:
        """Give it back to the queue. Never raises."""
        ...


Handler = Callable[[Taken], Awaitable[None]]

INBOX = "medcom.inbox"
DEAD_LETTERS = "medcom.dead-letters"
UNROUTABLE = "medcom.unroutable"
UNROUTABLE_REASON = "unroutable"


class Broker(Protocol):
    """Queues, one an endpoint, named `medcom.endpoint.<name>`, plus INBOX, DEAD_LETTERS and UNROUTABLE.

    `durable` tells whether confirmed parcels survive a restart of the gateway; where it is false the journal refills the queues at
    start. Delivery is at least once, in no promised order. All methods may be called concurrently.
    """

    durable: bool

    @property
    def up(self) -> bool:
        """Whether it is connected as far as it knows."""
        ...

    @property
    def unserved(self) -> frozenset[str]:
        """The queues that could not be consumed when last tried, though the broker is there. They are tried again, until `close`."""
        ...

    async def open(self) -> None:
        """Connects and declares what is common to all endpoints. Raises BrokerUnavailable where it cannot, within 10 seconds."""
        ...

    async def close(self) -> None:
        """Stops consuming; parcels still held come again later. Idempotent, and never hangs on a dead connection."""
        ...

    async def declare(self, endpoint: str, keys: Iterable[str], gone: Iterable[str] = ()) -> None:
        """The endpoint's queue, bound to these keys (a topic pattern each). Idempotent. Unbound are the keys that this object has bound
        and that are not among them any more, and those in `gone`, which an earlier process had bound. Where it
        raises BrokerUnavailable the endpoint is remembered, and its queue is made before anything is published again.
        """
        ...

    async def publish(self, parcel: Parcel) -> None:
        """Returns once the parcel is confirmed durable in a queue (UNROUTABLE where no key matches). Raises BrokerUnavailable
        after a bounded wait. Many may be under way at once.
        """
        ...

    async def consume(self, queue: str, handler: Handler, prefetch: int) -> None:
        """Calls `handler` in its own task for each parcel, at most `prefetch` unacked at once, until `stop_consuming` or `close`.
        Takes up again by itself after a lost connection. What a lost connection had taken comes again, `redelivered`.
        """
        ...

    async def stop_consuming(self) -> None:
        """No new parcel is handed out; those held may still be acked."""
        ...

    async def depths(self) -> Mapping[str, int]:
        """How many parcels are ready in each declared queue. Raises BrokerUnavailable."""
        ...


class Handed(Protocol):
    """What a transport did."""

    @property
    def happening(self) -> Happening:
        """DELIVERED or DEPOSITED."""
        ...

    @property
    def detail(self) -> Mapping[str, object]:
        """What the timeline says about it."""
        ...


class Transport(Protocol):
    """Hands a parcel over to an endpoint, once. Raises Temporary or Permanent; a cancelled or timed-out call has an unknown outcome
    and counts as Temporary. The body it sends is the document's bytes, unchanged.
    """

    async def hand_over(self, parcel: Parcel, body: bytes, partner: Partner) -> Handed:
        """Returns once the endpoint has taken the document, or it lies in its mailbox."""
        ...
