"""Receipts as decisions: which one the hub owes, and what an incoming one does to the message that it is about.

A sender must never get both signs for one letter (I5). Both ways to break that are closed here: a receiver's receipt is held
back where the hub has answered already, and the hub names no letter in a refusal that it has answered for before.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum

from routing.decisions import Fault
from routing.faults import FAULTS
from routing.lifecycle import Happening, State, after
from routing.rules import NEGATIVE_WAS_SENT, REPEAT
from schemas.messages import Envelope, LetterReference, Original, ReceiptContent, ReceiptKind
from sor.identifiers import normal_gln

LONGEST_ID = 14
LONGEST_VANS_ID = 70
LONGEST_ADDRESS = 35
LONGEST_VERSION = 7
MOST_LETTERS = 99


class Sign(StrEnum):
    """The sign of a receipt. A positive and a negative one are never both sent for one letter (I5)."""

    POSITIVE = "positive"
    NEGATIVE = "negative"


@dataclass(frozen=True, slots=True)
class OriginalMessage:
    """The message that an incoming receipt is about, as the journal knows it.

    `receipt_sign` is the sign that its sender has been sent so far, by the hub or by the receiver.
    """

    id: str
    sender: str
    receiver: str
    state: State
    receipt_sign: Sign | None
    is_receipt: bool = False


@dataclass(frozen=True, slots=True)
class Forward:
    """Send the receipt on to the original's sender. `happening` is None where the original has ended and stays as it is."""

    sign: Sign
    happening: Happening | None


@dataclass(frozen=True, slots=True)
class Hold:
    """Record the receipt and do not send it on: `reason` is `repeat` or `negative_was_sent`."""

    reason: str
    happening: Happening | None
    sign: Sign


@dataclass(frozen=True, slots=True)
class Reject:
    """The receipt itself is wrong."""

    fault: Fault


def judge(content: ReceiptContent, original: OriginalMessage | None, partner_glns: AbstractSet[str]) -> Forward | Hold | Reject:
    """What an incoming receipt does, given the message that it is about and the lokationsnumre of the partner handing it in.

    Who may give it is judged by the partner alone: in real receipts the original's parties are swapped or otherwise wrong. An
    XCTL01 from a receiver (it is a network's receipt by MedCom's rules) counts as a negative one.
    """
    if original is None or original.is_receipt or original.state in {State.REFUSED, State.ABSORBED}:
        return Reject(Fault.RECEIPT_UNKNOWN_ORIGINAL)
    if normal_gln(original.receiver) not in {normal_gln(gln) for gln in partner_glns}:
        return Reject(Fault.RECEIPT_NOT_YOURS)
    sign = Sign.POSITIVE if content.kind.positive else Sign.NEGATIVE
    before = _said_by_receiver(original)
    if before is not None:
        return Hold(REPEAT, None, sign) if before is sign else Reject(Fault.RECEIPT_CONTRADICTS)
    happening = Happening.RECEIPTED if sign is Sign.POSITIVE else Happening.REJECTED
    possible = happening if after(original.state, happening) else None
    if original.receipt_sign is Sign.NEGATIVE:
        return Hold(NEGATIVE_WAS_SENT, possible, sign)
    return Forward(sign, possible)


def _said_by_receiver(original: OriginalMessage) -> Sign | None:
    """The sign that the receiver itself has given: the state tells, and a positive sign can come from nobody else."""
    if original.state is State.ACKNOWLEDGED or original.receipt_sign is Sign.POSITIVE:
        return Sign.POSITIVE
    return Sign.NEGATIVE if original.state is State.REJECTED else None


def owed(
    fault: Fault,
    envelope: Envelope | None,
    *,
    known_envelope: bool = False,
    known_letters: AbstractSet[str] = frozenset(),
    instead: str | None = None,
    longest_id: int = LONGEST_ID,
) -> ReceiptContent | None:
    """The negative VANS receipt (XCTL01) that the hub owes for refusing a document at its door, or None.

    None where nobody can be answered (no envelope, no id, no parties), where the claimed sender must not hear of it
    (SENDER_NOT_ALLOWED), and for receipts, which are never receipted. `known_envelope` and `known_letters` (ids) are those that
    an earlier message of this sender holds: a known letter has its own answer and is left out, and where no letter is left, the
    envelope is named by itself if its id is new, and else nothing. `instead` is the address that was probably meant. `longest_id` is
    how long an id may be in the receipt's form: an XCTL's or, with LONGEST_VANS_ID, a VANSEnvelope's own.
    """
    if envelope is None or fault is Fault.SENDER_NOT_ALLOWED:
        return None
    letters = [letter for letter in envelope.letters if letter.receipt is None]
    if not letters:
        return None
    new = tuple(
        LetterReference(letter.identifier, letter.version) for letter in letters if letter.identifier not in known_letters
    )
    if known_envelope or known_letters:
        new = new[:MOST_LETTERS]  # more would be named as the whole envelope, and the known ones with them
    original = Original(envelope.identifier, letters[0].sender.ean, letters[0].receiver.ean, new)
    content = _negative(fault, original, instead, longest_id)
    return None if content is None or (known_envelope and not content.original.letters) else content


def owed_for_record(
    fault: Fault, *, is_receipt: bool, already_sent: bool, original: Original, longest_id: int = LONGEST_ID
) -> ReceiptContent | None:
    """The negative VANS receipt that the hub owes for a message that it had accepted and cannot deliver, or None.

    None for a receipt, and where the sender has had a receipt for the message already, of whichever sign.
    """
    return None if is_receipt or already_sent else _negative(fault, original, None, longest_id)


def _negative(fault: Fault, original: Original, instead: str | None, longest_id: int) -> ReceiptContent | None:
    fits = (
        0 < len(original.envelope_id) <= longest_id
        and 0 < len(original.sender) <= LONGEST_ADDRESS
        and 0 < len(original.receiver) <= LONGEST_ADDRESS
    )
    if not fits:
        return None  # such a receipt could not be written (NegativeVansReceipt.xsd 2005/08/07)
    writable = tuple(
        letter
        for letter in original.letters
        if 0 < len(letter.identifier) <= longest_id and 0 < len(letter.version) <= LONGEST_VERSION
    )
    # No letters listed means the whole envelope: what more letters than the schema has room for come to.
    letters = writable if len(writable) <= MOST_LETTERS else ()
    return ReceiptContent(
        ReceiptKind.NEGATIVE_VANS,
        Original(original.envelope_id, original.sender, original.receiver, letters),
        FAULTS[fault].refuse_code,
        refuse_text(fault, original.receiver, instead),
    )


def refuse_text(fault: Fault, receiver: str, instead: str | None = None) -> str:
    """The receipt's text in Danish: what is wrong, where, and what the sender can do; the address is all it holds of
    the document.
    """
    meaning = FAULTS[fault]
    lines = [meaning.text_da]
    if meaning.dead_letter:
        lines.append(f"Modtager: {receiver}.")
    if instead:
        lines.append(f"Afløst af lokationsnummer {instead}.")
    if meaning.status is not None:
        lines.append(meaning.todo_da)
    return "\n".join(lines)
