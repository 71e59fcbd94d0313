"""The courier's promises, on a real journal: the outcome before the ack, and no copy that undoes it or is handed over again."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from gateway.clock import SystemClock
from gateway.courier import Courier
from gateway.directory import DirectoryWatch
from gateway.events import Telemetry
from gateway.ports import Permanent, Temporary
from gateway.receipts import ReceiptDesk
from gateway.records import Admission, Mode, NewMessage, Parcel, Partner
from gateway.register_watch import RegisterWatch
from gateway.relay import Relay
from gateway.store import Store
from gateway.transport.handed import HandedOver
from gateway.transport.mailbox import MailboxBell
from routing.decisions import Fault
from routing.headings import bundled as headings
from routing.lifecycle import Happening, State
from routing.retry import RetryPolicy
from schemas.validator import load_schemas
from sor.register import bundled as register
from tests.contract.journal_cases import dispatch, message
from tests.unit.gateway.examples import SKIVE


@dataclass
class Given:
    """A parcel in the courier's hands; what became of it, and the message's state at that moment."""

    parcel: Parcel
    store: Store
    redelivered: bool = False
    reason: str | None = None
    user: str | None = None
    ends: list[tuple[str, State | None]] = field(default_factory=list)

    async def _end(self, how: str) -> None:
        record = await self.store.record(self.parcel.id)
        self.ends.append((how, record.state if record else None))

    async def ack(self) -> None:
        await self._end("ack")

    async def release(self) -> None:
        await self._end("release")


@dataclass
class Scripted:
    """A receiver's answers, in turn: a happening, or an error."""

    answers: list[Happening | Exception]
    bodies: list[bytes] = field(default_factory=list)

    async def hand_over(self, parcel: Parcel, body: bytes, partner: Partner) -> HandedOver:
        self.bodies.append(body)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return HandedOver(answer)


class Subject:
    """A courier for one endpoint whose receiver answers as scripted."""

    def __init__(self, store: Store, broker, answers: list[Happening | Exception]) -> None:
        clock, telemetry = SystemClock(), Telemetry(None)
        watch = DirectoryWatch(
            partners=store,
            registers=RegisterWatch(store.registers, register()),
            headings=headings(),
            clock=clock,
            telemetry=telemetry,
            on_change=self._nothing,
        )
        self.store = store
        self.receiver = Scripted(answers)
        self.courier = Courier(
            journal=store,
            archive=store,
            transports={Mode.PUSH: self.receiver},
            bell=MailboxBell(),
            watch=watch,
            desk=ReceiptDesk(load_schemas(), clock, "MEDCOMHUB"),
            relay=Relay(journal=store, broker=broker, watch=watch, clock=clock, telemetry=telemetry, owner="her"),
            clock=clock,
            telemetry=telemetry,
            policy=RetryPolicy(),
        )

    async def _nothing(self, directory: object) -> None:
        """No queue is needed."""

    async def taken(self, **changes: object) -> Given:
        """A message in the journal and its parcel in the courier's hands."""
        await self.store.add(Partner("skive", frozenset({SKIVE}), Mode.PUSH, "hash", "https://skive.example/in"))
        new = message(dispatch=dispatch())
        await self.store.admit(Admission(new))
        return Given(_parcel(new), self.store, **changes)


def _parcel(new: NewMessage) -> Parcel:
    sent = new.dispatch
    assert sent is not None
    return Parcel(
        id=new.id,
        endpoint=sent.endpoint,
        address=sent.address,
        routing_key=sent.routing_key,
        body=None,
        content_type="application/xml",
        type=new.type,
        sender=new.sender,
        receiver=new.receiver,
        heading=None,
        thread=None,
        queued_at=SystemClock().now(),
    )


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (Happening.DELIVERED, State.DELIVERED),
        (Happening.DEPOSITED, State.AVAILABLE),
        (Temporary("http-503"), State.WAITING),
        (Permanent(Fault.REFUSED_BY_RECEIVER_SYSTEM, "http-422"), State.DEAD_LETTER),
    ],
)
async def test_outcome_is_stored_before_the_ack(store: Store, broker, answer: Happening | Exception, state: State):
    """Whatever a receiver answers, the outcome is in the journal when the parcel is acked, once (I2)."""
    subject = Subject(store, broker, [answer])
    taken = await subject.taken()
    await subject.courier.deliver(taken)
    assert taken.ends == [("ack", state)]


async def test_a_disabled_receiver_is_not_tried(store: Store, broker):
    """Mail to a disabled partner waits with its reason; enabled again, it is handed over without another wait."""
    subject = Subject(store, broker, [Happening.DELIVERED])
    taken = await subject.taken()
    (partner,) = await store.all()
    await store.replace(replace(partner, active=False))
    await subject.courier.deliver(taken)
    assert (taken.ends, subject.receiver.bodies) == ([("ack", State.WAITING)], [])
    assert (await store.timeline(taken.parcel.id))[-1].detail["reason"] == "partner-disabled"
    await store.replace(partner, retry_at=SystemClock().now())
    due = [row.parcel for row in await store.take("her", 10, SystemClock().now()) if row.parcel.attempt == 2]
    again = Given(due[0], store)
    await subject.courier.deliver(again)
    assert again.ends == [("ack", State.DELIVERED)]


async def test_document_that_travels_by_reference(store: Store, broker):
    """A parcel without a body is handed over with the document's own bytes, from the journal."""
    subject = Subject(store, broker, [Happening.DELIVERED])
    taken = await subject.taken()
    await subject.courier.deliver(taken)
    document = await store.document(taken.parcel.id)
    assert document is not None
    assert subject.receiver.bodies == [document.body]


async def test_copy_of_what_was_delivered(store: Store, broker):
    """A parcel that the broker gives out again after its delivery is acked and not handed over."""
    subject = Subject(store, broker, [Happening.DELIVERED])
    taken = await subject.taken()
    await subject.courier.deliver(taken)
    again = Given(taken.parcel, store, redelivered=True)
    await subject.courier.deliver(again)
    assert again.ends == [("ack", State.DELIVERED)]
    assert len(subject.receiver.bodies) == 1


async def test_stray_dead_letter_of_what_was_delivered(store: Store, broker):
    """A copy that the broker dead-letters does not make a dead letter, nor a receipt, of a message that was delivered."""
    subject = Subject(store, broker, [Happening.DELIVERED])
    taken = await subject.taken()
    await subject.courier.deliver(taken)
    stray = Given(taken.parcel, store, reason="delivery_limit")
    await subject.courier.lay_out(stray)
    record = await store.record(taken.parcel.id)
    assert stray.ends == [("ack", State.DELIVERED)]
    assert record is not None
    assert record.receipt_sign is None


@pytest.mark.parametrize(("reason", "state"), [("delivery_limit", State.DEAD_LETTER), ("unroutable", State.WAITING)])
async def test_returned_by_the_broker(store: Store, broker, reason: str, state: State):
    """What a queue gave up is a dead letter; what only lacked a queue for a moment is tried again."""
    subject = Subject(store, broker, [])
    taken = await subject.taken(reason=reason)
    await subject.courier.lay_out(taken)
    assert taken.ends == [("ack", state)]


async def test_parcel_of_nobodys(store: Store, broker):
    """A returned parcel that the journal does not know is acked and forgotten, so that it cannot go round for ever."""
    subject = Subject(store, broker, [])
    known = await subject.taken()
    stranger = Given(_parcel(message(dispatch=dispatch())), store, reason="rejected")
    await subject.courier.lay_out(stranger)
    assert stranger.ends == [("ack", None)]
    assert (await store.record(known.parcel.id)) is not None
