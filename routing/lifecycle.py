"""The life of one message in the hub, as a table.

Every change of state in the journal goes through `TRANSITIONS`; there is no other. The adapters turn a row of the table into a
guarded `UPDATE … WHERE state IN (…)`, so two couriers cannot both finish one message, and a transition that comes too late is
a no-op that is recorded and nothing more. ARCHITECTURE.md draws this table.
"""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where a message is. `SETTLED` states ask nothing more of the hub; `FINAL` ones have no way out."""

    ACCEPTED = "accepted"  # durable in the journal, not yet confirmed by the broker
    QUEUED = "queued"  # the broker has confirmed it
    AVAILABLE = "available"  # in the receiver's mailbox, not yet acknowledged by the receiver
    WAITING = "waiting"  # an attempt failed for now; the next one has a time
    DELIVERED = "delivered"  # the receiving system has it
    ACKNOWLEDGED = "acknowledged"  # the receiver's positive receipt (XCTL03) has come
    REJECTED = "rejected"  # the receiver's negative receipt (XCTL02) has come
    DEAD_LETTER = "dead_letter"  # the hub cannot deliver it; an operator decides
    DISCARDED = "discarded"  # an operator ended it, with a reason
    REFUSED = "refused"  # never accepted: not valid, not allowed, or ids used again
    ABSORBED = "absorbed"  # a repeat of something already handled; recorded, not delivered


class Happening(StrEnum):
    """What can happen to a message after it was recorded."""

    RELAYED = "relayed"  # the broker confirmed it
    HANDED_OVER = "handed_over"  # the broker confirmed it into a queue that the receiver itself consumes
    DEPOSITED = "deposited"  # put into the receiver's mailbox
    DELIVERED = "delivered"  # the receiver took it
    POSTPONED = "postponed"  # a temporary failure
    GIVEN_UP = "given_up"  # a permanent failure, or temporary ones for too long
    RETURNED = "returned"  # the broker gave it back: no queue, or the receiver's own consumer would not keep it
    RECEIPTED = "receipted"  # a positive receipt came
    REJECTED = "rejected"  # a negative receipt came from the receiver
    RETRIED = "retried"  # an operator sends it again, to the same or another address
    DISCARDED = "discarded"  # an operator ends it


_ON_THE_WAY = frozenset({State.ACCEPTED, State.QUEUED, State.AVAILABLE, State.WAITING})

# A courier can be faster than the broker's confirm, and a receiver's receipt faster than its HTTP answer: both are why
# DELIVERED and the receipts may follow any state on the way.
TRANSITIONS: dict[Happening, tuple[frozenset[State], State]] = {
    Happening.RELAYED: (frozenset({State.ACCEPTED, State.WAITING}), State.QUEUED),
    Happening.HANDED_OVER: (frozenset({State.ACCEPTED, State.WAITING, State.QUEUED}), State.DELIVERED),
    Happening.DEPOSITED: (frozenset({State.ACCEPTED, State.QUEUED, State.WAITING}), State.AVAILABLE),
    Happening.DELIVERED: (_ON_THE_WAY, State.DELIVERED),
    Happening.POSTPONED: (frozenset({State.ACCEPTED, State.QUEUED, State.WAITING}), State.WAITING),
    Happening.GIVEN_UP: (_ON_THE_WAY, State.DEAD_LETTER),
    Happening.RETURNED: (_ON_THE_WAY | {State.DELIVERED}, State.DEAD_LETTER),
    Happening.RECEIPTED: (_ON_THE_WAY | {State.DELIVERED, State.DEAD_LETTER}, State.ACKNOWLEDGED),
    Happening.REJECTED: (_ON_THE_WAY | {State.DELIVERED, State.DEAD_LETTER}, State.REJECTED),
    Happening.RETRIED: (frozenset({State.DEAD_LETTER}), State.ACCEPTED),
    Happening.DISCARDED: (frozenset({State.DEAD_LETTER}), State.DISCARDED),
}

FINAL = frozenset(set(State) - {s for sources, _ in TRANSITIONS.values() for s in sources})
SETTLED = FINAL | {State.DELIVERED}
UNSETTLED = _ON_THE_WAY


def after(state: State, happening: Happening) -> State | None:
    """The state that `happening` leads to from `state`, or None where the table does not allow it."""
    sources, target = TRANSITIONS[happening]
    return target if state in sources else None
