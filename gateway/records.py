"""What the journal holds and what travels between the hops, as frozen values.

A new type for each stage (`Admission` in, `OutboxRow` out, `Parcel` on the broker, `Outcome` back, `MessageRecord` for whoever
asks), so that no step can change what an earlier one saw. Times are aware UTC. Nothing here but `Document` holds clinical text
or a person's identity, and nothing but `Document` may.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from gateway.attachments import Half
from routing.decisions import Decision, Fault
from routing.lifecycle import Happening, State
from routing.receipts import Sign
from schemas.findings import Finding
from schemas.messages import Envelope

REFERENCE_LIMIT = 1024 * 1024
"""Bytes above which a document travels by reference: in memory and on the broker its parcel has no body."""


class Origin(StrEnum):
    """How a message came into the hub."""

    HTTP = "http"
    AMQP = "amqp"
    HUB = "hub"  # a receipt of the hub's own


class Mode(StrEnum):
    """How an endpoint gets its mail."""

    PULL = "pull"  # it fetches from its mailbox over HTTP
    PUSH = "push"  # the hub posts to its URL
    AMQP = "amqp"  # it consumes its own queue on the broker


@dataclass(frozen=True, slots=True)
class Former:
    """A token's hash or a secret that another has taken the place of, and that still counts before `until`."""

    value: str = field(repr=False)
    until: datetime


@dataclass(frozen=True, slots=True)
class Partner:
    """A connected system: who it may send as and fetch for (`glns`), and how it gets its mail.

    `name` is lower-case ASCII letters, digits and dashes; it names the endpoint's queue, and on RabbitMQ the partner's user.
    `token_hash` is the SHA-256 (hex) of its bearer token. One that is not `active` may do nothing, and its mail waits for it. Pushes
    to it are signed with `push_secret` (Standard Webhooks, `whsec_…`) and carry `push_bearer`, where it has them.
    """

    name: str
    glns: frozenset[str]
    mode: Mode
    token_hash: str
    push_url: str | None = None
    active: bool = True
    former_token: Former | None = None
    push_secret: str | None = field(default=None, repr=False)
    former_push_secret: Former | None = None
    push_bearer: str | None = field(default=None, repr=False)

    def push_secrets(self, now: datetime) -> tuple[str, ...]:
        """The secrets that a push is signed with at this moment, the newest first; two while one takes the place of the other."""
        former = self.former_push_secret
        old = (former.value,) if former and now < former.until else ()
        return (self.push_secret, *old) if self.push_secret else ()


@dataclass(frozen=True, slots=True)
class PartnerEntry:
    """One line of a partner's story: what was done to it, when and by whom. `detail` holds no secret and no token."""

    name: str
    at: datetime
    what: str
    actor: str
    detail: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Document:
    """The raw bytes as they came, and the content type that came with them. They are never altered."""

    body: bytes
    content_type: str


@dataclass(frozen=True, slots=True)
class Claim:
    """An id that a message claims for its sender, for ever: ids are unique per sender only.

    `kind` is `envelope` or `letter`, or `publish` for what came over AMQP and could claim neither. `digest` tells equal content from
    other content (SHA-256 hex).
    """

    sender: str
    kind: str
    identifier: str
    digest: str


@dataclass(frozen=True, slots=True)
class Claimed:
    """A claim that was there before, and the message that holds it."""

    claim: Claim
    message_id: str


@dataclass(frozen=True, slots=True)
class Regards:
    """What an incoming receipt does to the message that it is about.

    It holds only while `expected_sign` is what was sent to the message's sender, and the message is in `expected_state` or another
    that `happening` may follow; otherwise the admission is `Stale` and must be decided anew. `forwarded` says that this receipt is
    what the original's sender gets, so that `receipt_sign` and `receipt_id` of the original are set. `happening` is None where the
    state stays.
    """

    message_id: str
    expected_state: State
    expected_sign: Sign | None
    happening: Happening | None
    sign: Sign
    forwarded: bool


@dataclass(frozen=True, slots=True)
class Parcel:
    """A document on its way to an endpoint.

    `id` is the delivery's id, equal to the message's id on every attempt, so that a receiver can know a repeat. `address` is the
    lokationsnummer that it is delivered at, `receiver` the one that the document names. `body` is None where
    the document travels by reference. `recovered` says that this copy may be a second one: the courier then asks the journal
    before it hands anything over. `attempt` counts from 1. `queued_at` is when the message was dispatched: at its admission, or when
    an operator last sent it again; the time to give up counts from there.
    """

    id: str
    endpoint: str
    address: str
    routing_key: str
    body: bytes | None
    content_type: str
    type: str
    sender: str
    receiver: str
    heading: str | None
    thread: str | None
    queued_at: datetime
    attempt: int = 1
    recovered: bool = False


@dataclass(frozen=True, slots=True)
class Dispatch:
    """What `admit` and `conclude` put into the outbox for a message: where it goes, and when at the earliest.

    `address` is the lokationsnummer that it is delivered at: the receiver's, unless an operator redirected it.
    """

    endpoint: str
    address: str
    routing_key: str
    not_before: datetime


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message as the journal first records it.

    `dispatch` is None for what is not to be delivered, which has no `halves` either. `inner_id` is the id of an Emessage that came
    in a VANSEnvelope: it claims nothing, and receipts may name it.
    """

    id: str
    origin: Origin
    partner: str
    received_at: datetime
    document: Document
    type: str
    version: str
    sender: str
    receiver: str
    envelope_id: str
    letter_ids: tuple[str, ...]
    thread: str | None
    heading: str | None
    wants_receipt: bool
    sent_at: datetime | None
    state: State
    fault: Fault | None
    regards: str | None
    register_version: str
    verdict: Mapping[str, object]
    claims: tuple[Claim, ...] = ()
    dispatch: Dispatch | None = None
    halves: tuple[Half, ...] = ()
    inner_id: str = ""


@dataclass(frozen=True, slots=True)
class Admission:
    """Everything that hop 5 stores in one transaction: the message, what it does to another one, and the receipt it causes.

    `reply` is a receipt of the hub's own, itself a message with a dispatch, or without one where it is given in the HTTP answer.
    `claimed_by` is the relay that takes the outbox rows along in memory; None leaves them to be found.
    """

    message: NewMessage
    regards: Regards | None = None
    reply: NewMessage | None = None
    claimed_by: str | None = None


@dataclass(frozen=True, slots=True)
class Admitted:
    """Stored. `outbox` holds the outbox ids, by message id, of what is now to be relayed."""

    id: str
    outbox: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Known:
    """Nothing was stored: these claims were there before. The caller decides again, knowing them."""

    claimed: tuple[Claimed, ...]


@dataclass(frozen=True, slots=True)
class Stale:
    """Nothing was stored: the message that the receipt is about has moved on. The caller decides again."""


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """A row to be relayed: its id and the parcel. `parcel.body` is None above the reference limit."""

    id: int
    parcel: Parcel


@dataclass(frozen=True, slots=True)
class Relayed:
    """A row that the broker confirmed. `happening` is RELAYED, or HANDED_OVER for a receiver that consumes its own queue."""

    outbox_id: int
    message_id: str
    happening: Happening
    at: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one attempt ended, or what an operator or the sweeper did: stored in one transaction before any broker ack.

    `dispatch` is the next attempt (POSTPONED, RETRIED). `reply` is a receipt now owed, stored only where the transition took place
    and no receipt was sent before. `actor` is `hub`, a partner's name or an operator. `detail` holds no value from the document.
    `relayed` are confirms of the message that nobody has stored yet: they are stored first, in the same transaction.
    """

    message_id: str
    happening: Happening
    at: datetime
    actor: str
    attempt: int = 0
    fault: Fault | None = None
    detail: Mapping[str, object] = field(default_factory=dict)
    dispatch: Dispatch | None = None
    reply: NewMessage | None = None
    relayed: tuple[Relayed, ...] = ()


@dataclass(frozen=True, slots=True)
class Concluded:
    """The message's state after an outcome. `moved` is false where it had been concluded before and nothing changed but the
    timeline. `outbox` holds the ids of new outbox rows by message id.
    """

    state: State
    moved: bool
    outbox: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class MessageRecord:
    """A message as the journal knows it now, without its document."""

    id: str
    origin: Origin
    partner: str
    received_at: datetime
    type: str
    version: str
    sender: str
    receiver: str
    envelope_id: str
    letter_ids: tuple[str, ...]
    thread: str | None
    heading: str | None
    wants_receipt: bool
    sent_at: datetime | None
    state: State
    fault: Fault | None
    endpoint: str | None
    address: str | None
    routing_key: str | None
    attempts: int
    changed_at: datetime
    receipt_sign: Sign | None
    receipt_id: str | None
    receipt_due_at: datetime | None
    overdue_at: datetime | None
    regards: str | None
    register_version: str
    content_type: str
    size: int
    verdict: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One line of a message's story. `what` is a Happening, `admitted`, `duplicate`, `receipt_sent`, `overdue`, `paired`,
    `attachment_missing` or an action.
    """

    at: datetime
    what: str
    state: State
    actor: str
    detail: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Query:
    """What to look for. None means any; results come newest first."""

    states: frozenset[State] | None = None
    sender: str | None = None
    receiver: str | None = None
    type: str | None = None
    envelope_id: str | None = None
    letter_id: str | None = None
    thread: str | None = None
    regards: str | None = None
    endpoint: str | None = None
    fault: Fault | None = None
    since: datetime | None = None
    changed_before: datetime | None = None
    overdue: bool = False
    unpaired: bool = False
    before_id: str | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class Submission:
    """A document handed in by a partner that has been told apart, before anything is known of its inside.

    `handing_in` is claimed where the document itself claims no id: a way in that may bring the same thing twice must name it.
    """

    id: str
    origin: Origin
    partner: Partner
    document: Document
    received_at: datetime
    handing_in: Claim | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """A submission after hops 3 and 4: what was read, what was found, what was decided."""

    submission: Submission
    envelope: Envelope | None
    findings: tuple[Finding, ...]
    decision: Decision
