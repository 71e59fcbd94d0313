"""Routing on any input: the lifecycle never traps a message, I5 holds, keys are plain, decisions are total."""

import re
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from routing.decide import decide
from routing.decisions import Deliver, Fault, Refuse
from routing.duplicates import Holder, IdClaim, IdKind, New, Repeat, compare
from routing.faults import FAULTS
from routing.headings import bundled as headings
from routing.keys import address_key, binding_key, routing_key
from routing.lifecycle import FINAL, SETTLED, TRANSITIONS, UNSETTLED, Happening, State, after
from routing.receipts import Forward, OriginalMessage, Reject, Sign, judge, owed, owed_for_record
from routing.retry import RetryPolicy, next_attempt
from schemas.messages import Envelope, Letter, Original, Party, ReceiptContent, ReceiptKind
from sor.identifiers import normal_gln
from sor.register import bundled as register

SENDER, RECEIVER = "5790009920014", "5790009911739"
START = datetime(2026, 11, 21, tzinfo=UTC)
GLNS = st.sampled_from([unit.gln for unit in register().units]) | st.text(max_size=40)
DAYS = st.dates(date(2019, 1, 1), date(2045, 1, 1))
BY_RECEIPT = {Happening.RECEIPTED, Happening.REJECTED}
OTHERS = st.sampled_from(sorted(set(Happening) - BY_RECEIPT))


class Life(RuleBasedStateMachine):
    """One message, with anything happening to it in any order, and its receiver and the hub both giving receipts."""

    def __init__(self):
        super().__init__()
        self.state = State.ACCEPTED
        self.sign = None
        self.sent = []
        self.given = []

    @rule(happening=OTHERS)
    def happens(self, happening):
        """Something happens; where the hub gives up, it owes the sender a receipt once."""
        new = after(self.state, happening)
        if self.state in FINAL:
            assert new is None
        if new is None:
            return
        if new is State.DEAD_LETTER:
            self.hub_says_no()
        self.state = new

    def hub_says_no(self):
        """The receipt owed for giving up."""
        original = Original("E1", SENDER, RECEIVER)
        content = owed_for_record(Fault.GAVE_UP, is_receipt=False, already_sent=self.sign is not None, original=original)
        if content is not None:
            self.sent.append(Sign.NEGATIVE)
            self.sign = Sign.NEGATIVE

    @rule(kind=st.sampled_from(ReceiptKind), by_receiver=st.booleans())
    def receipt(self, kind, by_receiver):
        """A receipt comes, from the receiver or from somebody else."""
        partner = frozenset({RECEIVER if by_receiver else SENDER})
        content = ReceiptContent(kind, Original("E1", SENDER, RECEIVER))
        verdict = judge(content, OriginalMessage("m1", SENDER, RECEIVER, self.state, self.sign), partner)
        if isinstance(verdict, Reject):
            return
        assert by_receiver
        assert verdict.sign is (Sign.POSITIVE if kind.positive else Sign.NEGATIVE)
        if verdict.happening is not None:
            new = after(self.state, verdict.happening)
            assert new is not None
            self.state = new
            self.given.append(verdict.sign)
        if isinstance(verdict, Forward):
            self.sent.append(verdict.sign)
            self.sign = verdict.sign

    @invariant()
    def never_both_signs(self):
        """The sender gets one receipt at most, so never both signs (I5)."""
        assert len(self.sent) <= 1

    @invariant()
    def receiver_decides_once(self):
        """The receiver's word moves the message once at most, and the state shows it."""
        assert len(self.given) <= 1
        if self.given:
            assert self.state is (State.ACKNOWLEDGED if self.given == [Sign.POSITIVE] else State.REJECTED)

    @invariant()
    def sender_hears_of_the_end(self):
        """A message that the receiver has answered, or the hub has given up, has had its receipt (I4)."""
        assert self.sent or self.state not in {State.ACKNOWLEDGED, State.REJECTED, State.DEAD_LETTER, State.DISCARDED}

    @precondition(lambda self: self.state in FINAL)
    @rule(happening=st.sampled_from(Happening))
    def final_is_final(self, happening):
        """There is no way out of a final state."""
        assert after(self.state, happening) is None


TestLife = Life.TestCase


def test_every_state_can_end():
    """From every state some sequence of happenings leads to a final one."""
    ends = set(FINAL)
    while more := {s for sources, target in TRANSITIONS.values() if target in ends for s in sources} - ends:
        ends |= more
    assert ends == set(State)


def test_table_is_whole():
    """Every happening has a row, every state but refused and absorbed is reached by one, and those two stay."""
    assert set(TRANSITIONS) == set(Happening)
    reached = {target for sources, target in TRANSITIONS.values() if sources}
    assert set(State) - reached == {State.REFUSED, State.ABSORBED}
    assert not SETTLED & UNSETTLED
    assert {State.REFUSED, State.ABSORBED, State.ACKNOWLEDGED, State.REJECTED, State.DISCARDED} == FINAL


@given(GLNS, st.text(), st.none() | st.text(), DAYS)
def test_keys_are_plain(gln, type_code, heading, on):
    """Any message has a key of five plain parts within AMQP's 255 bytes, which its own address's binding takes."""
    key = routing_key(register(), gln, type_code, heading, on)
    assert len(key.encode()) <= 255
    parts = key.split(".")
    assert len(parts) == 5
    assert all(re.fullmatch(r"[a-z0-9-]+", part) for part in parts)
    assert key.startswith(binding_key(register(), gln, on).removesuffix("#"))


ALIKE = GLNS | st.text(alphabet="aA.- ø", max_size=4)


@given(ALIKE, ALIKE, DAYS)
def test_keys_tell_addresses_apart(first, second, on):
    """On one day two addresses share a key exactly where they are one address."""
    same = address_key(register(), first, on) == address_key(register(), second, on)
    assert same == (normal_gln(first) == normal_gln(second))


LETTERS = st.builds(
    Letter,
    type=st.sampled_from(["XDIS91", "XDIS17", "XCTL03"]),
    version=st.text(max_size=9),
    identifier=st.text(max_size=16),
    sender=st.builds(Party, GLNS),
    receiver=st.builds(Party, GLNS),
    digest=st.sampled_from(["a", "b"]),
    subject=st.none() | st.text(max_size=70),
    receipt=st.none() | st.builds(ReceiptContent, st.sampled_from(ReceiptKind), st.just(Original("E", SENDER, RECEIVER))),
)
ENVELOPES = st.builds(
    Envelope,
    identifier=st.text(max_size=16),
    sent_at=st.none(),
    wants_receipt=st.booleans(),
    letters=st.lists(LETTERS, min_size=1, max_size=3).map(tuple),
)


@given(ENVELOPES, st.dictionaries(GLNS, st.sampled_from(["epj", "omsorg"])), DAYS)
def test_decisions_are_total_and_never_go_astray(envelope, endpoints, on):
    """Any envelope is delivered or refused, the same each time, and delivered only to who reads the receiver's address."""
    given_now = {"register": register(), "endpoints": endpoints, "headings": headings(), "on": on}
    decision = decide(envelope, **given_now)
    assert decision == decide(envelope, **given_now)
    assert decision.rules
    assert decision.register_version == register().version
    if isinstance(decision, Deliver):
        (to,) = decision.recipients
        assert endpoints[to.gln] == to.endpoint
        assert {normal_gln(letter.receiver.ean) for letter in envelope.letters} == {to.gln}
    else:
        assert isinstance(decision, Refuse)
        assert decision.dead_letter == FAULTS[decision.fault].dead_letter


@given(st.sampled_from(Fault), ENVELOPES, st.booleans(), st.sets(st.text(max_size=16)))
def test_receipts_owed_can_be_written(fault, envelope, known_envelope, known):
    """Whatever is refused, a receipt that is owed fits its schema and names no known letter and no known envelope by itself."""
    content = owed(fault, envelope, known_envelope=known_envelope, known_letters=known)
    if content is None:
        return
    original = content.original
    assert 0 < len(original.envelope_id) <= 14
    assert 0 < len(original.sender) <= 35
    assert 0 < len(original.receiver) <= 35
    assert all(0 < len(each.identifier) <= 14 and 0 < len(each.version) <= 7 for each in original.letters)
    assert not {each.identifier for each in original.letters} & known
    assert original.letters or not known_envelope
    assert not content.kind.positive
    assert content.refuse_text
    assert content.refuse_code


@given(ENVELOPES.filter(lambda envelope: len({letter.identifier for letter in envelope.letters}) == len(envelope.letters)))
def test_the_same_again_is_a_repeat(envelope):
    """A message is new to a sender who holds nothing, and a repeat of itself to one who holds it."""
    letters = [IdClaim(IdKind.LETTER, letter.identifier, letter.digest) for letter in envelope.letters]
    claims = [IdClaim(IdKind.ENVELOPE, envelope.identifier, "raw"), *letters]
    assert compare(claims, []) == New()
    assert compare(claims, [Holder(claim, "first") for claim in claims]) == Repeat("first")


@given(st.text(max_size=40), st.floats(1, 86400), st.lists(st.none() | st.floats(0, 5000), max_size=60))
def test_retries_go_forward_and_end(message_id, give_up_after, wishes):
    """Each next attempt is later than now and within the time to give up, and the attempts come to an end."""
    policy, now = RetryPolicy(give_up_after), START
    for attempt, wish in enumerate(wishes, 1):
        following = next_attempt(message_id, attempt, START, now, policy, wish)
        if following is None:
            assert now >= START + timedelta(seconds=give_up_after)
            return
        assert now < following <= START + timedelta(seconds=give_up_after)
        assert (following - now).total_seconds() <= 900 * 1.2
        now = following


@given(st.integers(1, 8), st.text(max_size=40))
def test_waits_grow(attempt, message_id):
    """A later attempt never waits less than an earlier one, the spread notwithstanding."""
    wait = next_attempt(message_id, attempt, START, START, RetryPolicy())
    assert wait <= next_attempt(message_id, attempt + 1, START, START, RetryPolicy())


@given(st.none() | st.text())
def test_headings_never_raise(subject):
    """Any subject is recognised, unknown or missing, and has a code exactly where it is recognised."""
    heading = headings().recognise(subject)
    assert (heading.code is None) == (heading.text is None)
    assert (heading.code is not None) == (heading.how.value in {"exact", "alias"})
