"""MedCom's table of repeats, resends and reused ids."""

from itertools import product

import pytest

from routing.decisions import Fault
from routing.duplicates import Holder, IdClaim, IdKind, New, Repeat, Resend, Reused, compare

RAW = "raw-now"


def claims(*letters, raw=RAW):
    """The claims of an envelope E with letters given as (id, digest)."""
    return (IdClaim(IdKind.ENVELOPE, "E", raw), *(IdClaim(IdKind.LETTER, *each) for each in letters))


def holder(kind, identifier, digest, message_id):
    """A claim held by an earlier message."""
    return Holder(IdClaim(kind, identifier, digest), message_id)


ENVELOPE_HELD = {
    "new": [],
    "by-first": [holder(IdKind.ENVELOPE, "E", "raw-then", "first")],
    "by-second": [holder(IdKind.ENVELOPE, "E", RAW, "second")],
}


def letter_held(identifier, how):
    """How an earlier message holds a letter: not, with equal content, with other content, or in another message."""
    return {
        "new": [],
        "equal": [holder(IdKind.LETTER, identifier, "same", "first")],
        "other": [holder(IdKind.LETTER, identifier, "else", "first")],
        "elsewhere": [holder(IdKind.LETTER, identifier, "same", "third")],
    }[how]


def expected(envelope, letters):
    """The table once more, written case by case."""
    if "other" in letters:
        return Reused(Fault.LETTER_REUSED, "first")
    first_id = {"by-first": "first", "by-second": "second"}.get(envelope)
    if first_id:
        whole = all(how == "equal" for how in letters) and envelope == "by-first"
        return Repeat("first") if whole else Reused(Fault.ENVELOPE_REUSED, first_id)
    if set(letters) == {"new"}:
        return New()
    if set(letters) == {"equal"}:
        return Resend("first")
    if set(letters) == {"elsewhere"}:
        return Resend("third")
    known = next(how for how in letters if how != "new")
    return Reused(Fault.LETTER_REUSED, {"equal": "first", "elsewhere": "third"}[known])


WAYS = ("new", "equal", "other", "elsewhere")


@pytest.mark.parametrize(("envelope", "first", "second"), list(product(ENVELOPE_HELD, WAYS, (None, *WAYS))))
def test_table(envelope, first, second):
    """Every combination of a known or new envelope with one or two letters has the verdict of MedCom's table."""
    ways = [first] if second is None else [first, second]
    held = [*ENVELOPE_HELD[envelope], *(each for i, how in enumerate(ways) for each in letter_held(f"L{i}", how))]
    assert compare(claims(*((f"L{i}", "same") for i in range(len(ways)))), held) == expected(envelope, ways)


def test_order_of_held_makes_no_difference():
    """The order in which the journal names the holders does not change the verdict."""
    held = [*letter_held("L1", "equal"), *ENVELOPE_HELD["by-first"], *letter_held("L2", "equal")]
    for given in (held, held[::-1]):
        assert compare(claims(("L1", "same"), ("L2", "same")), given) == Repeat("first")


def test_an_id_as_letter_is_not_the_id_as_envelope():
    """Senders that use one number for envelope and letter do not trip over themselves."""
    both = (IdClaim(IdKind.ENVELOPE, "X", RAW), IdClaim(IdKind.LETTER, "X", "same"))
    assert compare(both, []) == New()
    assert compare(both, [holder(IdKind.LETTER, "X", "same", "first")]) == Resend("first")
    assert compare(both, [holder(IdKind.ENVELOPE, "X", RAW, "first")]) == Reused(Fault.ENVELOPE_REUSED, "first")


def test_five_admissions_are_five_letters():
    """Equal content under new ids is never a duplicate."""
    held = [holder(IdKind.ENVELOPE, "E0", RAW, "first"), holder(IdKind.LETTER, "L0", "same", "first")]
    assert compare(claims(("L1", "same")), held) == New()
