"""Decisions about letters and receipts."""

from dataclasses import replace

import pytest

from routing.decide import ReceiptEffect, decide, decide_receipt, may_send
from routing.decisions import Absorb, Deliver, Fault, HeadingMatch, Recipient, Refuse
from routing.faults import FAULTS
from routing.headings import bundled as headings
from routing.lifecycle import Happening, State
from routing.receipts import OriginalMessage, Sign
from routing.rules import LETTER_RULES, RECEIPT_RULES, SENDER_RULE
from schemas.messages import ReceiptKind
from sor.register import bundled as register
from tests.unit.routing.examples import (
    CLOSED,
    ENDPOINTS,
    FUTURE,
    HOSPITAL,
    ON,
    OUTSIDE,
    RANDERS,
    SKIVE,
    SUCCESSOR,
    content,
    envelope,
    letter,
    receipt,
)

ORIGINAL = OriginalMessage("m1", HOSPITAL, SKIVE, State.DELIVERED, None)


def decided(*letters, endpoints=ENDPOINTS):
    """The decision about an envelope with these letters."""
    return decide(envelope(*letters), register=register(), endpoints=endpoints, headings=headings(), on=ON)


def decided_receipt(document, original=ORIGINAL, glns=frozenset({SKIVE}), endpoints=ENDPOINTS):
    """The decision about a receipt."""
    return decide_receipt(
        document,
        original=original,
        partner_glns=glns,
        register=register(),
        endpoints=endpoints,
        headings=headings(),
        on=ON,
    )


def test_delivered_to_the_unit_that_reads():
    """A letter to an open unit with a reader goes to that reader, with the register's words and the key to sort by."""
    unit = register().by_gln(SKIVE, ON).unit
    decision = decided(letter())
    assert decision == Deliver(
        (
            Recipient(
                SKIVE,
                unit.sor,
                "Skive",
                "Social og Psykiatri",
                "skive-omsorg",
                "kommune.0779.social-og-psykiatri.xdis91.indlaeggelse",
            ),
        ),
        headings().recognise("Indlæggelse"),
        ("R9-deliver",),
        register().version,
    )


@pytest.mark.parametrize("subject", [None, "Noget ganske andet"])
def test_heading_never_stops_a_letter(subject):
    """A letter with an unknown heading, or none, is delivered all the same, under `ukendt`."""
    decision = decided(letter(subject=subject))
    assert isinstance(decision, Deliver)
    assert decision.heading.code is None
    assert decision.recipients[0].routing_key.endswith(".xdis91.ukendt")


@pytest.mark.parametrize(
    ("letters", "fault", "rule"),
    [
        ((letter(), letter("L2", receiver=RANDERS)), Fault.LETTERS_DISAGREE, "R1-letters-agree"),
        ((letter(), letter("L2", sender=RANDERS)), Fault.LETTERS_DISAGREE, "R1-letters-agree"),
        ((letter(), letter("L2", receipt=content())), Fault.LETTERS_DISAGREE, "R2-no-receipts-among-letters"),
        ((letter(), letter(digest="d2")), Fault.LETTER_REUSED, "R3-letter-ids-differ"),
        ((letter(receiver=CLOSED),), Fault.CLOSED_RECEIVER, "R4-receiver-open"),
        ((letter(receiver=FUTURE),), Fault.UNKNOWN_RECEIVER, "R5-receiver-begun"),
        ((letter(receiver=OUTSIDE),), Fault.UNKNOWN_RECEIVER, "R6-receiver-known"),
        ((letter(receiver=""),), Fault.UNKNOWN_RECEIVER, "R6-receiver-known"),
        ((letter(receiver=RANDERS),), Fault.NO_READER, "R7-has-reader"),
    ],
)
def test_refused(letters, fault, rule):
    """Each reason not to deliver has its own fault and its own rule, and tells whether an operator can mend it."""
    decision = decided(*letters)
    assert isinstance(decision, Refuse)
    assert (decision.fault, decision.rules, decision.dead_letter) == (fault, (rule,), FAULTS[fault].dead_letter)
    assert decision.register_version == register().version
    assert decision.heading.how is HeadingMatch.EXACT


def test_closed_receiver_names_its_successor():
    """A letter to a closed unit is refused, though somebody still reads there, and points to the unit that took over."""
    assert CLOSED in ENDPOINTS
    assert decided(letter(receiver=CLOSED)).instead == SUCCESSOR
    assert decided(letter(receiver=RANDERS)).instead is None


def test_letters_disagreeing_about_a_closed_receiver():
    """Only the rule for closed receivers names a successor."""
    assert decided(letter(receiver=CLOSED), letter("L2")).instead is None


def test_connected_partner_outside_the_register():
    """A partner whom an operator has bound to an address that no register holds gets its mail, by a rule that says so."""
    decision = decided(letter(receiver="DKTESTNET"), endpoints={"DKTESTNET": "net"})
    assert decision.rules == ("R8-connected-outside-register",)
    to = decision.recipients[0]
    assert (to.gln, to.sor, to.kommune, to.unit, to.endpoint) == ("DKTESTNET", "", "", "", "net")
    assert to.routing_key.startswith("ukendt.dktestnet-")


def test_several_letters_with_one_pair_of_parties():
    """Letters that agree are delivered together, white space in an address notwithstanding."""
    assert isinstance(decided(letter(), letter("L2", receiver=f" {SKIVE}")), Deliver)


def test_may_send():
    """A partner sends letters as its own lokationsnumre only; a receipt's parties are not asked."""
    heading = headings().recognise("Indlæggelse")
    assert may_send(envelope(), frozenset({HOSPITAL}), "v", heading) is None
    assert may_send(receipt(), frozenset({HOSPITAL}), "v", heading) is None
    stolen = may_send(envelope(letter(), letter("L2", sender=RANDERS)), frozenset({HOSPITAL}), "v", heading)
    assert stolen == Refuse(Fault.SENDER_NOT_ALLOWED, heading, (SENDER_RULE.id,), "v")


def test_receipt_goes_to_the_originals_sender():
    """A receiver's receipt is delivered to the sender of the original and moves it."""
    decision, effect = decided_receipt(receipt())
    assert isinstance(decision, Deliver)
    to = decision.recipients[0]
    assert (to.gln, to.endpoint, to.routing_key) == (
        HOSPITAL,
        "epj",
        "hospital.1082.regionspsykiatrien-midt.xctl03.kvittering",
    )
    assert effect == ReceiptEffect("m1", Happening.RECEIPTED, Sign.POSITIVE, forwarded=True)
    assert decision.rules == ("Q8-forward",)


def test_receipt_for_a_sender_who_is_gone():
    """A receipt whose addressee is no longer connected is kept, and moves its original all the same."""
    decision, effect = decided_receipt(receipt(ReceiptKind.NEGATIVE), endpoints={SKIVE: "skive-omsorg"})
    assert isinstance(decision, Absorb)
    assert (decision.first_id, decision.reason, decision.rules) == ("m1", "no_endpoint", ("Q7-sender-not-connected",))
    assert effect == ReceiptEffect("m1", Happening.REJECTED, Sign.NEGATIVE, forwarded=False)


def test_receipt_held_back():
    """A repeat, and a receipt after the hub's own negative, are absorbed with their reasons."""
    acknowledged = replace(ORIGINAL, state=State.ACKNOWLEDGED, receipt_sign=Sign.POSITIVE)
    decision, effect = decided_receipt(receipt(), acknowledged)
    assert (decision.reason, decision.rules) == ("repeat", ("Q5-repeat",))
    assert effect == ReceiptEffect("m1", None, Sign.POSITIVE, forwarded=False)
    answered = replace(ORIGINAL, state=State.DEAD_LETTER, receipt_sign=Sign.NEGATIVE)
    decision, effect = decided_receipt(receipt(), answered)
    assert (decision.reason, decision.rules) == ("negative_was_sent", ("Q6-hub-has-answered",))
    assert effect == ReceiptEffect("m1", Happening.RECEIPTED, Sign.POSITIVE, forwarded=False)


@pytest.mark.parametrize(
    ("document", "original", "glns", "fault", "rule"),
    [
        (receipt(), None, {SKIVE}, Fault.RECEIPT_UNKNOWN_ORIGINAL, "Q2-original-delivered"),
        (receipt(), ORIGINAL, {RANDERS}, Fault.RECEIPT_NOT_YOURS, "Q3-own-receipt"),
        (
            receipt(ReceiptKind.NEGATIVE),
            replace(ORIGINAL, state=State.ACKNOWLEDGED),
            {SKIVE},
            Fault.RECEIPT_CONTRADICTS,
            "Q4-one-sign",
        ),
        (
            envelope(*receipt().letters, letter("Q2", receipt=content())),
            ORIGINAL,
            {SKIVE},
            Fault.LETTERS_DISAGREE,
            "Q1-one-receipt",
        ),
        (envelope(), ORIGINAL, {SKIVE}, Fault.LETTERS_DISAGREE, "Q1-one-receipt"),
    ],
)
def test_receipt_refused(document, original, glns, fault, rule):
    """A receipt that is not good is refused by its own rule and does nothing to any message."""
    decision, effect = decided_receipt(document, original, frozenset(glns))
    assert isinstance(decision, Refuse)
    assert (decision.fault, decision.rules, decision.dead_letter, effect) == (fault, (rule,), False, None)


def test_rules_have_words():
    """Every rule has an id of its own, words in both languages and a source, and the last one takes whatever is left."""
    rules = (*LETTER_RULES, *RECEIPT_RULES.values(), SENDER_RULE)
    assert len({rule.id for rule in rules}) == len(rules)
    for rule in rules:
        assert rule.text_da.endswith(".")
        assert rule.text_en.endswith(".")
        assert rule.source
    assert LETTER_RULES[-1].applies(None)
