"""Repeats, resends and reused ids: MedCom's table for reliable messaging, as a function.

| envelope id | letter ids                           | verdict          |
|-------------|--------------------------------------|------------------|
| new         | all new                              | `New`            |
| known       | all known, of the same message       | `Repeat`         |
| new         | all known, of one message            | `Resend`         |
| known       | new, or of another message           | ENVELOPE_REUSED  |
| any         | one known with other content         | LETTER_REUSED    |
| new         | some known and some new, or of several messages | LETTER_REUSED |

Ids count per sender; the caller asks only for those that this sender holds. Equal content is judged by the letters alone, whose
digest is the same in every encoding. So an envelope that comes again with the same letters in other bytes (another encoding,
prefix or time of sending) is a repeat as well: MedCom's table has nothing but ids in it, nothing new would be delivered, and to
refuse it would send a negative receipt for a letter that may have had a positive one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from routing.decisions import Fault


class IdKind(StrEnum):
    """What an id is the id of."""

    ENVELOPE = "envelope"
    LETTER = "letter"


@dataclass(frozen=True, slots=True)
class IdClaim:
    """An id that a message claims: `digest` tells equal content from other content (SHA-256 hex). An envelope's is of the raw
    bytes and is not compared.
    """

    kind: IdKind
    identifier: str
    digest: str


@dataclass(frozen=True, slots=True)
class Holder:
    """A claim that an earlier message of the same sender holds."""

    claim: IdClaim
    message_id: str


@dataclass(frozen=True, slots=True)
class New:
    """Nothing of it was seen before: process it."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """The message `first_id` once more: do not process it, answer as the first time."""

    first_id: str


@dataclass(frozen=True, slots=True)
class Resend:
    """The letters of `first_id` in a new envelope, after a lost receipt: do not deliver, send the first receipt again."""

    first_id: str


@dataclass(frozen=True, slots=True)
class Reused:
    """An id was used before for something else: refuse it with `fault` and show it beside `first_id`."""

    fault: Fault
    first_id: str


def compare(claims: Iterable[IdClaim], held: Iterable[Holder]) -> New | Repeat | Resend | Reused:
    """What a message is, given the ids it claims (one envelope, one or more letters) and who holds those that are known."""
    claims = tuple(claims)
    holders = {(holder.claim.kind, holder.claim.identifier): holder for holder in held}
    letters = [claim for claim in claims if claim.kind is IdKind.LETTER]
    known = [(claim, holders[claim.kind, claim.identifier]) for claim in letters if (claim.kind, claim.identifier) in holders]
    envelope = next((holders.get((claim.kind, claim.identifier)) for claim in claims if claim.kind is IdKind.ENVELOPE), None)
    for claim, holder in known:
        if claim.digest != holder.claim.digest:
            return Reused(Fault.LETTER_REUSED, holder.message_id)
    first_ids = {holder.message_id for _, holder in known}
    if envelope is not None:
        same = len(known) == len(letters) and first_ids == {envelope.message_id}
        return Repeat(envelope.message_id) if same else Reused(Fault.ENVELOPE_REUSED, envelope.message_id)
    if not known:
        return New()
    first_id = known[0][1].message_id
    whole = len(known) == len(letters) and len(first_ids) == 1
    return Resend(first_id) if whole else Reused(Fault.LETTER_REUSED, first_id)
