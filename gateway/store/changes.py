"""The calls of the journal that are committed together: admit, relayed, conclude, note. Each decides in memory on a `Work`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.records import Admission, Admitted, Concluded, Dispatch, Known, NewMessage, Outcome, Regards, Relayed, Stale
from gateway.store.outbox import LEASE
from gateway.store.work import Hold, Needs, Standing, Work, key_of
from routing.lifecycle import Happening, State, after
from routing.receipts import Sign
from schemas.messages import ReceiptKind

_RECEIPTS = frozenset(kind.value for kind in ReceiptKind)
_WITH_FAULT = frozenset({Happening.GIVEN_UP, Happening.RETURNED})


def _sign_of(reply: NewMessage) -> Sign:
    """The hub's own receipts are negative, but for the first answer given again to a resend, which may have been positive."""
    return Sign.POSITIVE if reply.type == ReceiptKind.POSITIVE else Sign.NEGATIVE


def _need(needs: Needs, *messages: NewMessage) -> None:
    for new in messages:
        needs.messages.add(new.id)
        needs.claims.update(key_of(c) for c in new.claims)


def _give_receipt(work: Work, stands: Standing, given: NewMessage, sign: Sign, at: datetime) -> None:
    stands.receipt_sign, stands.receipt_id = sign.value, given.id
    work.touch(stands)
    work.tell(stands.id, "receipt_sent", at, given.partner, {"sign": sign.value, "receipt": given.id})


@dataclass(frozen=True, slots=True)
class Admit:
    """`Journal.admit`. `receipt_within` is how long a receiver has for its receipt."""

    admission: Admission
    receipt_within: timedelta

    def needs(self, needs: Needs) -> None:
        """The messages and their claims, in case they are there; the message that this one is a receipt for."""
        new = self._new()
        _need(needs, *new)
        needs.halves.update(self.admission.message.halves)
        needs.outbox_of.update(m.id for m in new)
        if self.admission.regards is not None:
            needs.messages.add(self.admission.regards.message_id)

    def apply(self, work: Work) -> Callable[[], Admitted | Known | Stale]:
        """As the port says. Raises KeyError where `regards` names no message, ValueError where its happening cannot be."""
        message = self.admission.message
        new = self._new()
        if message.id in work.standings:
            return self._again(work)
        if held := work.held(*new):
            return lambda: Known(held)
        regards = self.admission.regards
        if regards is not None and not self._holds(work, regards):
            return Stale
        hold = self._hold()
        for one in new:
            work.add(one, hold, self._due(one))
        if regards is not None:
            self._affect(work, regards)
        if self.admission.reply is not None:
            reply = self.admission.reply
            _give_receipt(work, work.standings[message.id], reply, _sign_of(reply), message.received_at)
        return lambda: Admitted(message.id, work.outbox_ids(*(m.id for m in new)))

    def _new(self) -> tuple[NewMessage, ...]:
        reply = self.admission.reply
        return (self.admission.message,) if reply is None else (self.admission.message, reply)

    def _again(self, work: Work) -> Callable[[], Admitted]:
        # Of the rows that are still there only the caller's own: another owner may have taken the rest since.
        ids = [m.id for m in self._new()]
        owner = self.admission.claimed_by
        rows = {m: [i for i, by in work.outbox.get(m, {}).items() if by == owner] for m in ids}
        before = {m: max(own) for m, own in rows.items() if own}
        return lambda: Admitted(ids[0], before | work.outbox_ids(*ids))

    @staticmethod
    def _holds(work: Work, regards: Regards) -> bool:
        stands = work.standings[regards.message_id]
        if regards.happening is not None and after(regards.expected_state, regards.happening) is None:
            raise ValueError(f"{regards.happening} does not follow {regards.expected_state}")
        if stands.receipt_sign != regards.expected_sign:
            return False
        # A receiver's receipt often overtakes the end of its own delivery: another state that it may follow does as well.
        may_follow = regards.happening is not None and after(State(stands.state), regards.happening) is not None
        return may_follow or stands.state == regards.expected_state

    def _affect(self, work: Work, regards: Regards) -> None:
        message, stands = self.admission.message, work.standings[regards.message_id]
        if regards.happening is not None:
            target = after(State(stands.state), regards.happening)
            if target is not None:
                work.move(stands, target, message.received_at)
            detail = {"sign": regards.sign.value, "receipt": message.id}
            work.tell(stands.id, regards.happening.value, message.received_at, message.partner, detail)
        if regards.forwarded:
            _give_receipt(work, stands, message, regards.sign, message.received_at)

    def _hold(self) -> Hold | None:
        owner = self.admission.claimed_by
        return None if owner is None else Hold(owner, self.admission.message.received_at + LEASE)

    def _due(self, new: NewMessage) -> datetime | None:
        asks = new.wants_receipt and new.dispatch is not None and new.type not in _RECEIPTS
        return new.received_at + self.receipt_within if asks else None


def _confirm(work: Work, rows: Iterable[Relayed]) -> None:
    """The broker's confirms of rows that are still there."""
    for row in rows:
        if row.outbox_id not in work.outbox.get(row.message_id, {}):
            continue
        work.confirm(row.message_id, row.outbox_id)
        stands = work.standings[row.message_id]
        target = after(State(stands.state), row.happening)
        if row.happening is Happening.RELAYED:
            if work.queued(row.message_id):
                target = None  # a late confirm of an earlier attempt: the next one still waits, and the state says so
            elif stands.state == State.QUEUED:
                target = State.QUEUED  # sent a second time: it counts as queued from now, so `requeue` lets it be for a while
        if target is not None:
            work.move(stands, target, row.at)
        work.tell(row.message_id, row.happening.value, row.at, "hub", {})


@dataclass(frozen=True, slots=True)
class Relay:
    """`Journal.relayed`."""

    rows: Sequence[Relayed]

    def needs(self, needs: Needs) -> None:
        """The messages and the rows that they have."""
        ids = [row.message_id for row in self.rows]
        needs.messages.update(ids)
        needs.outbox_of.update(ids)

    def apply(self, work: Work) -> Callable[[], None]:
        """As the port says."""
        _confirm(work, self.rows)
        return lambda: None


@dataclass(frozen=True, slots=True)
class Conclude:
    """`Journal.conclude`."""

    outcome: Outcome

    def needs(self, needs: Needs) -> None:
        """The message, and the receipt that it may cause."""
        needs.messages.add(self.outcome.message_id)
        if self.outcome.relayed:
            needs.outbox_of.add(self.outcome.message_id)
        if self.outcome.reply is not None:
            _need(needs, self.outcome.reply)

    def apply(self, work: Work) -> Callable[[], Concluded]:
        """As the port says. Raises ValueError where the receipt's own ids are taken."""
        outcome = self.outcome
        stands = work.standings[outcome.message_id]
        target = after(State(stands.state), outcome.happening)
        reply = outcome.reply if target is not None and stands.receipt_sign is None else None
        if reply is not None and (reply.id in work.standings or work.held(reply)):
            raise ValueError("the receipt's own ids are taken")
        _confirm(work, outcome.relayed)
        if target is None:
            work.tell(stands.id, outcome.happening.value, outcome.at, outcome.actor, {**self._detail(), "late": True})
            state = State(stands.state)
            return lambda: Concluded(state, moved=False, outbox={})
        self._move(work, stands, target)
        if reply is not None:
            work.add(reply, None, None)
            _give_receipt(work, stands, reply, _sign_of(reply), outcome.at)
        # Named one by one: another outcome for the same message may have been committed together with this one.
        ids = [stands.id] if outcome.dispatch is not None else []
        if reply is not None:
            ids.append(reply.id)
        return lambda: Concluded(target, moved=True, outbox=work.outbox_ids(*ids))

    def _move(self, work: Work, stands: Standing, target: State) -> None:
        outcome = self.outcome
        work.move(stands, target, outcome.at)
        stands.attempts = max(stands.attempts, outcome.attempt)
        if outcome.happening in _WITH_FAULT:
            stands.fault = None if outcome.fault is None else outcome.fault.value
            work.touch(stands)
        elif outcome.happening is Happening.RETRIED:
            # A new life: the waits between attempts begin short again.
            stands.fault, stands.dispatched_at, stands.attempts = None, outcome.at, 0
            work.touch(stands)
        work.tell(stands.id, outcome.happening.value, outcome.at, outcome.actor, self._detail())
        if outcome.dispatch is not None:
            self._send(work, stands, outcome.dispatch)

    @staticmethod
    def _send(work: Work, stands: Standing, dispatch: Dispatch) -> None:
        stands.endpoint, stands.routing_key, stands.address = dispatch.endpoint, dispatch.routing_key, dispatch.address
        work.touch(stands)
        work.queue(stands.id, dispatch, None)

    def _detail(self) -> dict[str, object]:
        detail = dict(self.outcome.detail)
        if self.outcome.attempt:
            detail["attempt"] = self.outcome.attempt
        if self.outcome.fault is not None:
            detail["fault"] = self.outcome.fault.value
        return detail


@dataclass(frozen=True, slots=True)
class Note:
    """`Journal.note`."""

    message_id: str
    what: str
    at: datetime
    actor: str
    detail: Mapping[str, object]

    def needs(self, needs: Needs) -> None:
        """The message."""
        needs.messages.add(self.message_id)

    def apply(self, work: Work) -> Callable[[], None]:
        """As the port says. Raises KeyError for an unknown message."""
        if self.message_id not in work.standings:
            raise KeyError(self.message_id)
        work.tell(self.message_id, self.what, self.at, self.actor, self.detail)
        return lambda: None
