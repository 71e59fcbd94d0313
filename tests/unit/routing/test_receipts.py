"""Receipts: what an incoming one does, and which one the hub owes."""

from dataclasses import replace

import pytest

from routing.decisions import Fault
from routing.faults import FAULTS
from routing.lifecycle import Happening, State
from routing.receipts import Forward, Hold, OriginalMessage, Reject, Sign, judge, owed, owed_for_record
from schemas.messages import LetterReference, Original, Party, ReceiptKind
from tests.unit.routing.examples import HOSPITAL, SKIVE, content, envelope, letter

ORIGINAL = OriginalMessage("m1", HOSPITAL, SKIVE, State.DELIVERED, None)
OWN = frozenset({SKIVE})
POSITIVE, NEGATIVE, NETWORK = content(), content(ReceiptKind.NEGATIVE), content(ReceiptKind.NEGATIVE_VANS)


@pytest.mark.parametrize(
    "state", [State.ACCEPTED, State.QUEUED, State.AVAILABLE, State.WAITING, State.DELIVERED, State.DEAD_LETTER]
)
def test_first_receipt_is_forwarded(state):
    """A receiver's first receipt goes on to the sender and moves the message, wherever it is on its way."""
    original = replace(ORIGINAL, state=state)
    assert judge(POSITIVE, original, OWN) == Forward(Sign.POSITIVE, Happening.RECEIPTED)
    assert judge(NEGATIVE, original, OWN) == Forward(Sign.NEGATIVE, Happening.REJECTED)
    assert judge(NETWORK, original, OWN) == Forward(Sign.NEGATIVE, Happening.REJECTED)


@pytest.mark.parametrize(
    "original",
    [
        None,
        replace(ORIGINAL, state=State.REFUSED),
        replace(ORIGINAL, state=State.ABSORBED),
        replace(ORIGINAL, is_receipt=True),
    ],
)
def test_unknown_original(original):
    """A receipt for what was never delivered from here, or for a receipt, is refused."""
    assert judge(POSITIVE, original, OWN) == Reject(Fault.RECEIPT_UNKNOWN_ORIGINAL)


def test_not_yours():
    """A partner who is not the receiver cannot give the receipt, whatever its state and whatever the document says."""
    for state in State:
        verdict = judge(POSITIVE, replace(ORIGINAL, state=state), frozenset({HOSPITAL}))
        assert isinstance(verdict, Reject)
    assert judge(POSITIVE, ORIGINAL, frozenset({HOSPITAL})) == Reject(Fault.RECEIPT_NOT_YOURS)


def test_parties_in_the_document_are_not_asked():
    """A receipt with the original's parties swapped is good where the partner is the receiver."""
    assert judge(content(sender=SKIVE, receiver=HOSPITAL), ORIGINAL, OWN) == Forward(Sign.POSITIVE, Happening.RECEIPTED)


def test_same_sign_again():
    """The same receipt again is held back and moves nothing."""
    acknowledged = replace(ORIGINAL, state=State.ACKNOWLEDGED, receipt_sign=Sign.POSITIVE)
    rejected = replace(ORIGINAL, state=State.REJECTED, receipt_sign=Sign.NEGATIVE)
    assert judge(POSITIVE, acknowledged, OWN) == Hold("repeat", None, Sign.POSITIVE)
    assert judge(NEGATIVE, rejected, OWN) == Hold("repeat", None, Sign.NEGATIVE)


def test_other_sign_afterwards():
    """A receipt of the other sign after the receiver's own is refused."""
    acknowledged = replace(ORIGINAL, state=State.ACKNOWLEDGED, receipt_sign=Sign.POSITIVE)
    rejected = replace(ORIGINAL, state=State.REJECTED, receipt_sign=Sign.NEGATIVE)
    assert judge(NEGATIVE, acknowledged, OWN) == Reject(Fault.RECEIPT_CONTRADICTS)
    assert judge(POSITIVE, rejected, OWN) == Reject(Fault.RECEIPT_CONTRADICTS)


def test_after_the_hubs_own_negative():
    """Once the hub has said no, the receiver's receipt moves the message and is not sent on, so the sender never has both."""
    given_up = replace(ORIGINAL, state=State.DEAD_LETTER, receipt_sign=Sign.NEGATIVE)
    assert judge(POSITIVE, given_up, OWN) == Hold("negative_was_sent", Happening.RECEIPTED, Sign.POSITIVE)
    assert judge(NEGATIVE, given_up, OWN) == Hold("negative_was_sent", Happening.REJECTED, Sign.NEGATIVE)
    turned = replace(given_up, state=State.ACKNOWLEDGED)
    assert judge(POSITIVE, turned, OWN) == Hold("repeat", None, Sign.POSITIVE)
    assert judge(NEGATIVE, turned, OWN) == Reject(Fault.RECEIPT_CONTRADICTS)


def test_after_an_operator_ended_it():
    """A message that an operator discarded stays so; its sender still learns what the receiver says, once."""
    discarded = replace(ORIGINAL, state=State.DISCARDED)
    assert judge(POSITIVE, discarded, OWN) == Forward(Sign.POSITIVE, None)
    told = replace(discarded, receipt_sign=Sign.POSITIVE)
    assert judge(POSITIVE, told, OWN) == Hold("repeat", None, Sign.POSITIVE)
    assert judge(NEGATIVE, told, OWN) == Reject(Fault.RECEIPT_CONTRADICTS)
    refused = replace(discarded, receipt_sign=Sign.NEGATIVE)
    assert judge(POSITIVE, refused, OWN) == Hold("negative_was_sent", None, Sign.POSITIVE)


def test_owed_for_every_fault():
    """A refused letter is owed an XCTL01 with the table's code and Danish text, naming envelope, parties and letters."""
    for fault in set(Fault) - {Fault.SENDER_NOT_ALLOWED}:
        made = owed(fault, envelope())
        assert made.kind is ReceiptKind.NEGATIVE_VANS
        assert made.original == Original("E1", HOSPITAL, SKIVE, (LetterReference("L1", "XD9134L"),))
        assert made.refuse_code is FAULTS[fault].refuse_code
        assert made.refuse_text.startswith(FAULTS[fault].text_da)
        assert (SKIVE in made.refuse_text) == FAULTS[fault].dead_letter
        assert (FAULTS[fault].todo_da in made.refuse_text) == (FAULTS[fault].status is not None)


def test_owed_names_the_successor():
    """The receipt for a closed receiver names the address that took over."""
    text = owed(Fault.CLOSED_RECEIVER, envelope(), instead="5790009911036").refuse_text
    assert "Afløst af lokationsnummer 5790009911036." in text.split("\n")


def test_nobody_to_answer():
    """Nothing is owed where there is no envelope, no id, no party, where the claimed sender must not hear of it, or for a receipt."""
    assert owed(Fault.UNREADABLE, None) is None
    assert owed(Fault.SCHEMA, envelope(identifier="")) is None
    assert owed(Fault.SCHEMA, envelope(identifier="X" * 15)) is None
    assert owed(Fault.SCHEMA, envelope(letter(sender=""))) is None
    assert owed(Fault.SCHEMA, envelope(replace(letter(), receiver=Party("X" * 36)))) is None
    assert owed(Fault.SENDER_NOT_ALLOWED, envelope()) is None
    assert owed(Fault.RECEIPT_NOT_YOURS, envelope(letter(receipt=POSITIVE))) is None


def test_letters_among_receipts_are_answered():
    """In a mixed envelope the letters are named and the receipts are not."""
    mixed = envelope(letter("Q1", receipt=POSITIVE, sender=SKIVE), letter("L1"))
    made = owed(Fault.LETTERS_DISAGREE, mixed)
    assert [each.identifier for each in made.original.letters] == ["L1"]
    assert made.original.sender == HOSPITAL


@pytest.mark.parametrize(
    ("known_envelope", "known", "named"),
    [
        (False, set(), ["L1", "L2"]),
        (True, set(), ["L1", "L2"]),
        (True, {"L1"}, ["L2"]),
        (False, {"L1"}, ["L2"]),
        (False, {"L1", "L2"}, []),
        (True, {"L1", "L2"}, None),
    ],
)
def test_no_second_sign_for_a_known_letter(known_envelope, known, named):
    """A refusal names only new letters, and a bare envelope only where its id is new."""
    made = owed(Fault.LETTER_REUSED, envelope(letter("L1"), letter("L2")), known_envelope=known_envelope, known_letters=known)
    assert (None if made is None else [each.identifier for each in made.original.letters]) == named


def test_what_the_receipt_has_no_room_for():
    """More letters than a receipt holds come to the whole envelope, unless one of them has been answered."""
    many = envelope(*(letter(f"L{i}") for i in range(102)))
    assert owed(Fault.SCHEMA, many).original.letters == ()
    assert len(owed(Fault.LETTER_REUSED, many, known_letters={"L99"}).original.letters) == 99
    assert len(owed(Fault.ENVELOPE_REUSED, many, known_envelope=True).original.letters) == 99
    assert owed(Fault.SCHEMA, envelope(letter("X" * 15))).original.letters == ()
    assert owed(Fault.SCHEMA, envelope(letter("X" * 15)), known_envelope=True) is None


def test_owed_for_record():
    """Giving up on a message owes its sender a negative receipt, once, and never for a receipt."""
    original = Original("E1", HOSPITAL, SKIVE, (LetterReference("L1", "XD9134L"),))
    made = owed_for_record(Fault.GAVE_UP, is_receipt=False, already_sent=False, original=original)
    assert (made.kind, made.original) == (ReceiptKind.NEGATIVE_VANS, original)
    assert made.refuse_text == f"{FAULTS[Fault.GAVE_UP].text_da}\nModtager: {SKIVE}."
    assert owed_for_record(Fault.GAVE_UP, is_receipt=True, already_sent=False, original=original) is None
    assert owed_for_record(Fault.GAVE_UP, is_receipt=False, already_sent=True, original=original) is None
    assert owed_for_record(Fault.GAVE_UP, is_receipt=False, already_sent=False, original=Original("", "", "")) is None
