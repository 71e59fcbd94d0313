"""The hub's invariants (I1 to I5 of ARCHITECTURE.md) under any order of what senders, receivers and operators can do.

The real gateway runs in the process, on SQLite and the embedded broker. Only the transport is the test's own, for its outcome is the
input: it fails as it is told to, and keeps what it was handed. After every step the gateway comes to rest, and the invariants are
held against all that was ever answered and handed over.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
from collections import Counter, defaultdict
from collections.abc import Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule

from gateway.app import Gateway, Parts, real_parts
from gateway.clock import SystemClock, new_medcom_id, new_message_id
from gateway.events import Telemetry
from gateway.intake import Answer, Kind
from gateway.mending import CannotMend, DeadLetters
from gateway.ports import Permanent, Temporary
from gateway.records import Document, MessageRecord, Mode, Origin, Parcel, Partner, Query, Submission
from gateway.settings import Settings
from gateway.transport.handed import HandedOver
from routing.decisions import Fault
from routing.lifecycle import FINAL, Happening, State
from routing.retry import RetryPolicy
from schemas.messages import ReceiptContent, ReceiptKind
from tests.faults.documents import EPJ, NOBODY, SKIVE, Letter, envelope_of, letter, receipt_for

T = TypeVar("T")
UNDER_WAY = frozenset({State.ACCEPTED, State.QUEUED, State.WAITING})
RESTS_WITHIN = 20.0


@dataclass
class Receiving:
    """The transport: fails as often as it is told to, for now or for good, and then takes."""

    failures: list[Exception] = field(default_factory=list)
    handed: list[Parcel] = field(default_factory=list)

    async def hand_over(self, parcel: Parcel, body: bytes, partner: Partner) -> HandedOver:
        """What is for the EPJ always arrives; Skive's mail meets the failures."""
        if partner.name == "skive" and self.failures:
            raise self.failures.pop(0)
        assert parcel.body == body
        self.handed.append(parcel)
        return HandedOver(Happening.DELIVERED)


@dataclass(frozen=True)
class Handed:
    """A document that was handed in, and the first answer to it."""

    letter: Letter
    answer: Answer


FAILURES = st.lists(st.just(Temporary("http-503")), max_size=3).flatmap(
    lambda temporary: st.sampled_from([temporary, [*temporary, Permanent(Fault.REFUSED_BY_RECEIVER_SYSTEM, "http-422")]])
)
KINDS = st.sampled_from([ReceiptKind.POSITIVE, ReceiptKind.NEGATIVE])


class Hub(RuleBasedStateMachine):
    """A hub with an EPJ and Skive's omsorgssystem, and everything that was ever said about a letter."""

    letters = Bundle("letters")
    others = Bundle("others")
    receipts = Bundle("receipts")

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory(prefix="medcom-invariants-")
        self.receiving = Receiving()
        self.accepted: dict[str, bytes] = {}
        self.final: dict[str, State] = {}
        self.answered: dict[str, list[ReceiptContent]] = defaultdict(list)
        self.parts: Parts
        self.gateway: Gateway

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Does it, and lets the hub come to rest."""

        async def done() -> T:
            try:
                return await work
            finally:
                await self.rest()

        return self.runner.run(done())

    async def rest(self) -> None:
        """Returns when nothing is on its way."""
        async with asyncio.timeout(RESTS_WITHIN):
            while True:
                counts = await self.parts.store.counts()
                if not counts["outbox"] and not any(counts.get(state) for state in UNDER_WAY):
                    return
                await asyncio.sleep(0.002)

    @initialize()
    def start(self) -> None:
        """The gateway runs, with its two partners."""
        self.stop = asyncio.Event()
        self.stack = contextlib.AsyncExitStack()

        async def begin() -> None:
            chosen = Settings(data_dir=Path(self.folder.name), http_port=0)
            telemetry = Telemetry(None)
            self.parts = await self.stack.enter_async_context(real_parts(chosen, telemetry))
            self.parts.transports[Mode.PUSH] = self.receiving
            for name, gln in (("epj", EPJ), ("skive", SKIVE)):
                await self.parts.partners.add(Partner(name, frozenset({gln}), Mode.PUSH, name, "http://127.0.0.1:9/"))
            self.gateway = Gateway(chosen, self.parts, telemetry)
            self.gateway.courier._policy = RetryPolicy(delays=(0.0,) * 20)
            started = asyncio.get_running_loop().create_future()
            self.running = asyncio.create_task(self.gateway.run(self.stop, started))
            await started

        self.runner.run(begin())

    def teardown(self) -> None:
        """Stops it."""

        async def end() -> None:
            self.stop.set()
            await self.running
            await self.stack.aclose()

        if hasattr(self, "running"):
            self.runner.run(end())
        self.runner.close()
        self.folder.cleanup()

    def hand_in(self, body: bytes, partner: str) -> Answer:
        """Hands a document in as HTTP does, and notes what is promised and said by the answer."""
        sender = self.gateway.watch.current.partners[partner]
        document = Document(body, "application/xml")
        submission = Submission(new_message_id(), Origin.HTTP, sender, document, SystemClock().now())
        answer = self.do(self.gateway.intake.submit(submission))
        if answer.kind is Kind.ACCEPTED:
            self.accepted[answer.id] = body
        if answer.receipt is not None:
            content = envelope_of(answer.receipt).first.receipt
            assert content is not None
            for reference in content.original.letters:
                self.answered[reference.identifier].append(content)
        return answer

    # What a sender does

    @rule(target=letters, receiver=st.sampled_from([SKIVE, SKIVE, SKIVE, NOBODY]), failures=FAILURES)
    def submit(self, receiver: str, failures: list[Exception]) -> Handed:
        """A new letter, whose delivery may fail for now, and then for good."""
        self.receiving.failures = list(failures)
        sent = letter(receiver)
        answer = self.hand_in(sent.body, "epj")
        assert answer.fault is (None if receiver == SKIVE else Fault.NO_READER)
        return Handed(sent, answer)

    @rule(first=letters)
    def duplicate(self, first: Handed) -> None:
        """The same bytes again: I5, the same answer."""
        self.assert_same_answer(self.hand_in(first.letter.body, "epj"), first.answer)

    @rule(target=others, first=letters)
    def resend(self, first: Handed) -> Handed:
        """The same letter in a new envelope: answered as the first time."""
        envelope_id = new_medcom_id()
        body = first.letter.body.replace(first.letter.envelope_id.encode(), envelope_id.encode())
        answer = self.hand_in(body, "epj")
        assert (answer.id, answer.fault) == (first.answer.id, first.answer.fault)
        return Handed(Letter(envelope_id, first.letter.letter_id, first.letter.receiver, body), answer)

    @rule(target=others, first=letters)
    def reuse_letter_id(self, first: Handed) -> Handed:
        """The letter's id around other content: refused."""
        other = letter(first.letter.receiver, letter_id=first.letter.letter_id, text="Noget andet.")
        answer = self.hand_in(other.body, "epj")
        assert answer.fault is Fault.LETTER_REUSED
        return Handed(other, answer)

    @rule(first=letters)
    def reuse_envelope_id(self, first: Handed) -> None:
        """The envelope's id around another letter: refused, as often as it comes."""
        other = letter(first.letter.receiver, envelope_id=first.letter.envelope_id)
        for _ in range(2):
            assert self.hand_in(other.body, "epj").fault is Fault.ENVELOPE_REUSED

    @rule(other=others)
    def duplicate_other(self, other: Handed) -> None:
        """A resend or a refused letter once more, as after an answer that was lost: the same answer."""
        self.assert_same_answer(self.hand_in(other.letter.body, "epj"), other.answer)

    def assert_same_answer(self, answer: Answer, first: Answer) -> None:
        """The same in all but the state, which is the present one, and the word for what came."""
        assert (answer.id, answer.fault, answer.receipt) == (first.id, first.fault, first.receipt)

    # What a receiver does

    @rule(target=receipts, first=letters, kind=KINDS)
    def answer_letter(self, first: Handed, kind: ReceiptKind) -> Handed | Any:
        """The receiver sends a receipt of either sign, at any time, whatever it said before."""
        if first.letter.receiver != SKIVE:
            return multiple()
        body = receipt_for(first.letter.body, kind)
        return Handed(Letter("", "", EPJ, body), self.hand_in(body, "skive"))

    @rule(first=receipts)
    def duplicate_receipt(self, first: Handed) -> None:
        """The same receipt again: the same answer."""
        self.assert_same_answer(self.hand_in(first.letter.body, "skive"), first.answer)

    # What an operator does

    @rule(first=letters, failures=FAILURES)
    def retry(self, first: Handed, failures: list[Exception]) -> None:
        """An operator sends a dead letter again."""
        self.receiving.failures = list(failures)
        with contextlib.suppress(CannotMend):
            self.do(self.dead_letters.retry(first.answer.id, "operator:test"))

    @rule(first=consumes(letters))
    def discard(self, first: Handed) -> None:
        """An operator ends a dead letter."""
        with contextlib.suppress(CannotMend):
            self.do(self.dead_letters.discard(first.answer.id, "operator:test", "prøve"))

    @property
    def dead_letters(self) -> DeadLetters:
        """The operator's means."""
        return DeadLetters(self.parts.journal, self.parts.archive, self.gateway.watch.current, SystemClock())

    # What always holds

    def records(self) -> list[MessageRecord]:
        """All that is in the journal."""
        found = self.runner.run(self._records())
        assert len(found) < 1000
        return found

    async def _records(self) -> list[MessageRecord]:
        return list(await self.parts.archive.find(Query(limit=1000)))

    @invariant()
    def i1_what_was_accepted_is_durable(self) -> None:
        """The raw bytes and the decision of everything that was answered 2xx."""
        for message_id, body in self.accepted.items():
            document = self.runner.run(self.parts.archive.document(message_id))
            record = self.runner.run(self.parts.archive.record(message_id))
            assert document is not None
            assert document.body == body
            assert record is not None
            assert record.verdict["decision"] == "deliver"

    @invariant()
    def i3_one_final_state(self) -> None:
        """Nothing leaves a final state, and the counts agree with the messages. (I2 is that `rest` ends: what is acked is stored.)"""
        records = self.records()
        for record in records:
            if record.state in FINAL:
                assert self.final.setdefault(record.id, record.state) is record.state
        counts = Counter(self.runner.run(self.parts.archive.counts()))
        assert {state: counts[state] for state in State if counts[state]} == Counter(record.state for record in records)

    @invariant()
    def i4_every_receipt_owed_is_sent(self) -> None:
        """Whoever asked has a receipt when its letter has ended; always with the same content; no receipt has a receipt."""
        said = self.said()
        records = {record.id: record for record in self.records()}
        for message_id in self.accepted:
            record = records[message_id]
            if record.wants_receipt and record.state in {
                State.ACKNOWLEDGED,
                State.REJECTED,
                State.DEAD_LETTER,
                State.DISCARDED,
            }:
                assert said.get(record.letter_ids[0]), record.state
        assert all(len(set(contents)) == 1 for contents in said.values())
        letter_ids = {identifier for r in records.values() if not r.type.startswith("XCTL") for identifier in r.letter_ids}
        assert set(said) <= letter_ids

    @invariant()
    def i5_one_letter_one_answer(self) -> None:
        """No letter was given both signs; each was handed over once at the most, and never with other content."""
        for contents in self.said().values():
            assert len({content.kind.positive for content in contents}) <= 1
        shown = Counter(parcel.id for parcel in self.receiving.handed)
        assert not shown or max(shown.values()) == 1
        at_skive = [parcel for parcel in self.receiving.handed if parcel.endpoint == "skive"]
        letter_ids = Counter(envelope_of(parcel.body or b"").first.identifier for parcel in at_skive)
        assert not letter_ids or max(letter_ids.values()) == 1
        assert all(parcel.body == self.accepted[parcel.id] for parcel in at_skive)

    def said(self) -> dict[str, list[ReceiptContent]]:
        """Every receipt that the EPJ has had, in an answer or as a message, by the letter that it names."""
        said = defaultdict(list, {identifier: list(contents) for identifier, contents in self.answered.items()})
        for parcel in self.receiving.handed:
            content = envelope_of(parcel.body or b"").first.receipt if parcel.endpoint == "epj" else None
            for reference in content.original.letters if content else ():
                said[reference.identifier].append(content)
        return dict(said)


Hub.TestCase.settings = settings(
    max_examples=12,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # shrinking a story takes minutes, and one of 30 steps can be read
    stateful_step_count=30,
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=list(HealthCheck),
)
TestInvariants = Hub.TestCase
TestInvariants.__doc__ = "I1 to I5 hold whatever senders, receivers and operators do, in any order."


def test_lost_answers_of_resends_and_refusals() -> None:
    """I5: a resend, and a letter id used for something else, are answered alike when the same bytes come once more."""
    hub = Hub()
    try:
        hub.start()
        first = hub.submit(SKIVE, [])
        for other in (hub.resend(first), hub.reuse_letter_id(first)):
            hub.duplicate_other(other)
        hub.i5_one_letter_one_answer()
    finally:
        hub.teardown()
