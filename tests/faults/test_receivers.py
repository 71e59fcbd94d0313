"""A receiver that is down, slow, broken or unwilling: it holds up nobody else, and what becomes of its mail is told once."""

from __future__ import annotations

from collections import Counter

import pytest

from gateway.records import Mode
from routing.decisions import Fault
from routing.lifecycle import State
from schemas.messages import ReceiptKind
from tests.faults.documents import NOBODY, SKIVE, VIBORG, Letter, letters
from tests.faults.outside import Manner, System
from tests.faults.world import World
from tests.services.gateway import until

HOLSTEBRO = NOBODY  # connected by the tests that need one more receiver
PROMPT = 5.0
"""Seconds in which the others have their mail: two of the relay's polls, and room for a busy machine."""


def has_all(system: System, sent: list[Letter]) -> bool:
    """Whether the system has every letter that is for it."""
    return len(system.kept) == sum(letter.receiver == system.gln for letter in sent)


@pytest.mark.parametrize(
    "manner", [None, Manner.FAIL, Manner.GARBAGE, Manner.HANG, Manner.SLOW], ids=lambda m: m.value if m else "down"
)
def test_others_are_not_delayed(embedded: World, manner: Manner | None) -> None:
    """Forty letters to a receiver that does not take them come first; two others have theirs at once, and it has its own when it
    is well again.
    """
    embedded.gateway.environment["MEDCOM_PUSH_TIMEOUT"] = "2"
    holstebro = embedded.join("holstebro", HOLSTEBRO, Mode.PUSH)
    if manner is not None:
        embedded.skive.manner = manner
    else:
        embedded.outside.run(embedded.skive.down())
    stuck, passing = letters(40, SKIVE), letters(20, VIBORG, HOLSTEBRO)
    embedded.gateway.start()
    embedded.outside.run(embedded.epj.send(stuck))
    embedded.outside.run(embedded.epj.send(passing))
    until(lambda: has_all(embedded.viborg, passing) and has_all(holstebro, passing), PROMPT, "the others' mail")
    if manner is not Manner.SLOW:
        assert embedded.count(State.DELIVERED, State.ACKNOWLEDGED) < len(stuck + passing) * 2
    embedded.skive.manner = Manner.TAKE
    if manner is None:
        embedded.outside.run(embedded.skive.up())
    embedded.settled(stuck + passing)
    embedded.assert_promises(stuck + passing)


def negative_receipts(here: World) -> Counter[str]:
    """How many XCTL01 the EPJ has for each envelope."""
    contents = [envelope.first.receipt for envelope in here.epj.letters]
    return Counter(c.original.envelope_id for c in contents if c is not None and c.kind is ReceiptKind.NEGATIVE_VANS)


def test_receiver_that_refuses(either: World) -> None:
    """A letter that its receiver will never take is a dead letter with its reason, and its sender has one XCTL01."""
    sent = letters(6, SKIVE)
    either.skive.manner = Manner.REFUSE
    either.gateway.start()
    either.outside.run(either.epj.send(sent))
    wanted = Counter({State.DEAD_LETTER.value: len(sent), State.DELIVERED.value: len(sent)})
    until(lambda: either.counts() == wanted, what="the dead letters and their receipts")
    dead = either.found("--state", "dead_letter")
    assert {message["fault"] for message in dead} == {Fault.REFUSED_BY_RECEIVER_SYSTEM.value}
    assert negative_receipts(either) == Counter(letter.envelope_id for letter in sent)
    assert either.skive.kept == {}


def test_given_up_then_sent_again(either: World) -> None:
    """What is given up is a dead letter with one XCTL01; when an operator sends it again it is delivered, and the receiver's
    positive receipt goes no further, for the sender was told the opposite.
    """
    sent = letters(3, SKIVE)
    either.gateway.environment["MEDCOM_GIVE_UP_AFTER"] = "3"
    either.skive.manner = Manner.FAIL
    either.gateway.start()
    either.outside.run(either.epj.send(sent))
    wanted = Counter({State.DEAD_LETTER.value: len(sent), State.DELIVERED.value: len(sent)})
    until(lambda: either.counts() == wanted, what="the dead letters and their receipts")
    dead = either.found("--state", "dead_letter")
    assert {message["fault"] for message in dead} == {Fault.GAVE_UP.value}
    either.skive.manner = Manner.TAKE
    either.gateway.command("dead-letters", "retry", *(message["id"] for message in dead))
    # The letter, its XCTL01, and the XCTL03 that is kept in the journal and goes no further.
    wanted = Counter({state.value: len(sent) for state in (State.ACKNOWLEDGED, State.DELIVERED, State.ABSORBED)})
    until(lambda: either.counts() == wanted, what="the delivery and the receipts that are held back")
    assert Counter(e.identifier for e in either.skive.letters) == Counter(letter.envelope_id for letter in sent)
    assert negative_receipts(either) == Counter(letter.envelope_id for letter in sent)
    assert len(either.epj.kept) == len(sent)
