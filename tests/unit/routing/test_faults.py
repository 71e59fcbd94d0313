"""The table of faults."""

import pytest

from routing.decisions import Fault
from routing.faults import FAULTS
from schemas.messages import RefuseCode

AFTER_ACCEPTANCE = {
    Fault.REFUSED_BY_RECEIVER_SYSTEM,
    Fault.GAVE_UP,
    Fault.NOT_FETCHED,
    Fault.UNROUTABLE,
    Fault.BROKER_DEAD_LETTERED,
}


def test_table_is_total():
    """Every fault has a row, with words in both languages and something to do about it."""
    assert set(FAULTS) == set(Fault)
    for meaning in FAULTS.values():
        assert meaning.text_da.endswith(".")
        assert meaning.text_en.endswith(".")
        assert meaning.todo_da.endswith(".")
    assert len({meaning.text_da for meaning in FAULTS.values()}) == len(FAULTS)


def test_statuses():
    """What happens after acceptance has no HTTP status, and the others have the one that the interface promises."""
    assert {fault for fault, meaning in FAULTS.items() if meaning.status is None} == AFTER_ACCEPTANCE
    others = {
        Fault.TOO_LARGE: 413,
        Fault.SENDER_NOT_ALLOWED: 403,
        Fault.RECEIPT_NOT_YOURS: 403,
        Fault.ENVELOPE_REUSED: 409,
        Fault.LETTER_REUSED: 409,
        Fault.RECEIPT_CONTRADICTS: 409,
    }
    for fault in set(Fault) - AFTER_ACCEPTANCE:
        assert FAULTS[fault].status == others.get(fault, 422)


@pytest.mark.parametrize(
    ("code", "faults"),
    [
        (RefuseCode.SYNTAX, {Fault.UNREADABLE, Fault.SCHEMA, Fault.RULE, Fault.LETTERS_DISAGREE}),
        (RefuseCode.VERSION, {Fault.UNKNOWN_TYPE, Fault.UNKNOWN_VERSION}),
        (RefuseCode.UNKNOWN_ADDRESS, {Fault.UNKNOWN_RECEIVER, Fault.CLOSED_RECEIVER}),
        (RefuseCode.RECEIVER_ID, {Fault.NO_READER}),
    ],
)
def test_refuse_codes(code, faults):
    """Each of MedCom's refuse codes stands for just these faults, and all the rest are ikke_specificeret."""
    assert {fault for fault, meaning in FAULTS.items() if meaning.refuse_code is code} == faults


def test_dead_letters():
    """An operator can mend a wrong address and what happened after acceptance, and nothing else."""
    mendable = {Fault.UNKNOWN_RECEIVER, Fault.CLOSED_RECEIVER, Fault.NO_READER} | AFTER_ACCEPTANCE
    assert {fault for fault, meaning in FAULTS.items() if meaning.dead_letter} == mendable
