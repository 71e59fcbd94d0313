"""Attachments as values: which objects the letters of a message refer to or carry, and how each of them stands.

MedCom sends an attachment in a message of its own (XBIN01), beside the letter that refers to it. The two belong together by the
object's id; either may come first, and each is delivered for itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from schemas.messages import Envelope
from sor.identifiers import normal_gln


class Role(StrEnum):
    """What a message has to do with an attachment."""

    REFERS = "refers"  # a letter of it has a Reference to the object
    CARRIES = "carries"  # a letter of it is an XBIN01 with the object's bytes

    @property
    def other(self) -> Role:
        """The role of the other half."""
        return Role.REFERS if self is Role.CARRIES else Role.CARRIES


@dataclass(frozen=True, slots=True)
class Half:
    """One half of an attachment: it belongs to whatever has the other role for the same object, sender and receiver.

    `object_id` is normalised (`schemas.letters.object_id`), and so are the two addresses. The receiver counts, because an object that
    went to one is no use to another, and because not all ids are UUIDs.
    """

    object_id: str
    sender: str
    receiver: str
    role: Role

    @property
    def counterpart(self) -> Half:
        """The other half."""
        return Half(self.object_id, self.sender, self.receiver, self.role.other)


@dataclass(frozen=True, slots=True)
class Attachment:
    """How one half of a message stands now. `other_id` is the message with the other half and `paired_at` when they met, both None
    while it is awaited. `missing_at` is when it had been awaited for too long; it may have come since.
    """

    message_id: str
    object_id: str
    role: Role
    other_id: str | None
    paired_at: datetime | None
    missing_at: datetime | None


def shown(one: Attachment) -> dict[str, object]:
    """How an attachment looks to programs, over HTTP and at the command line alike."""
    return {
        "object": one.object_id,
        "role": one.role,
        "message": one.other_id,
        "paired_at": one.paired_at,
        "missing_at": one.missing_at,
    }


def halves_of(envelope: Envelope) -> tuple[Half, ...]:
    """The attachments that the letters of a document refer to or carry, each once."""
    halves = {
        Half(object_id, normal_gln(letter.sender.ean), normal_gln(letter.receiver.ean), role): None
        for letter in envelope.letters
        if letter.refers_to or letter.carries
        for role, object_ids in ((Role.REFERS, letter.refers_to), (Role.CARRIES, letter.carries))
        for object_id in object_ids
    }
    return tuple(halves)
