"""What routing says about a document, as values: deliver it, refuse it, or absorb it as a repeat.

A decision is made once, stored with the message, and shown for ever after; so each carries the rules that said so and the
version of the register that it was made on.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """Why the hub did not deliver. The table in `routing.faults` gives each its texts, refuse code and HTTP status."""

    UNREADABLE = "unreadable"  # not XML, a wrong encoding, a DOCTYPE, several roots, too deep
    TOO_LARGE = "too_large"
    UNKNOWN_TYPE = "unknown_type"
    UNKNOWN_VERSION = "unknown_version"
    SCHEMA = "schema"
    RULE = "rule"  # the schema takes it, and the standard forbids it all the same
    SENDER_NOT_ALLOWED = "sender_not_allowed"  # the token may not send as this lokationsnummer
    LETTERS_DISAGREE = "letters_disagree"  # letters of one envelope name different parties
    UNKNOWN_RECEIVER = "unknown_receiver"
    CLOSED_RECEIVER = "closed_receiver"
    NO_READER = "no_reader"  # the address is in the register and nobody fetches its mail
    ENVELOPE_REUSED = "envelope_reused"  # a known envelope id around something new
    LETTER_REUSED = "letter_reused"  # a known letter id with other content
    RECEIPT_UNKNOWN_ORIGINAL = "receipt_unknown_original"
    RECEIPT_NOT_YOURS = "receipt_not_yours"
    RECEIPT_CONTRADICTS = "receipt_contradicts"  # the other sign has come already
    REFUSED_BY_RECEIVER_SYSTEM = "refused_by_receiver_system"  # the transport said no, for good
    GAVE_UP = "gave_up"  # temporary failures for too long
    NOT_FETCHED = "not_fetched"  # nobody fetched it from its mailbox
    UNROUTABLE = "unroutable"  # the broker had no queue for it
    BROKER_DEAD_LETTERED = "broker_dead_lettered"  # the receiver's own consumer gave it back too often


class HeadingMatch(StrEnum):
    """How a subject was recognised as a standard heading."""

    EXACT = "exact"
    ALIAS = "alias"
    UNKNOWN = "unknown"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Heading:
    """The standard heading of a message: `code` is None where the subject is missing or not recognised."""

    code: str | None
    text: str | None
    how: HeadingMatch


@dataclass(frozen=True, slots=True)
class Recipient:
    """The one address that a message goes to: the register's unit and the endpoint (a partner's name) that reads it.

    `sor`, `kommune` and `unit` are empty for an address that the register does not hold (a partner outside it).
    """

    gln: str
    sor: str
    kommune: str
    unit: str
    endpoint: str
    routing_key: str


@dataclass(frozen=True, slots=True)
class Deliver:
    """Deliver the document, as it is, to `recipients` (exactly one in this version)."""

    recipients: tuple[Recipient, ...]
    heading: Heading
    rules: tuple[str, ...]
    register_version: str


@dataclass(frozen=True, slots=True)
class Refuse:
    """Do not deliver. `dead_letter` tells a fault that an operator can mend from one that only the sender can.

    `instead` is the address that was probably meant: the successor of a closed unit.
    """

    fault: Fault
    heading: Heading
    rules: tuple[str, ...]
    register_version: str
    dead_letter: bool = False
    instead: str | None = None


@dataclass(frozen=True, slots=True)
class Absorb:
    """Record, and do not deliver: a repeat of the message `first_id`, or a receipt that must not be sent on."""

    first_id: str
    reason: str
    heading: Heading
    rules: tuple[str, ...]
    register_version: str


Decision = Deliver | Refuse | Absorb
