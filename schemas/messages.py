"""A MedCom message as values: the envelope, its letters, and what a receipt says.

These types are the whole of what the rest of the gateway knows about a document's inside. The reader makes them, routing
decides on them, the writer turns a `Receipt` back into bytes. They hold what addressing, correlation and sorting need and no
clinical text: that stays in the raw bytes, which travel unchanged.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ReceiptKind(StrEnum):
    """The three MedCom receipts (OIOXML namespace 2005/08/07)."""

    NEGATIVE_VANS = "XCTL01"
    NEGATIVE = "XCTL02"
    POSITIVE = "XCTL03"

    @property
    def positive(self) -> bool:
        """Whether this kind says that the letter was taken over."""
        return self is ReceiptKind.POSITIVE


class RefuseCode(StrEnum):
    """The five RefuseCode values of XCTL01 and XCTL02 (NegativeReceipt.xsd 2005/08/07)."""

    UNSPECIFIED = "ikke_specificeret"
    UNKNOWN_ADDRESS = "ukendt_lokationsnummer"
    RECEIVER_ID = "problem_med_modtagerID"
    VERSION = "problem_med_version"
    SYNTAX = "syntaksfejl"


@dataclass(frozen=True, slots=True)
class Party:
    """A sender or receiver as the letter names it. `ean` is 1..35 characters: usually a GLN, sometimes a VANS id."""

    ean: str
    identifier: str = ""
    identifier_code: str = ""
    organisation: str = ""
    department: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class LetterReference:
    """A letter as a receipt names it: its id (1..14 characters) and version code (1..7, with or without the leading X)."""

    identifier: str
    version: str


@dataclass(frozen=True, slots=True)
class Original:
    """What a receipt is about: OriginalEmessage of XCTL01-03. No letters listed means the whole envelope."""

    envelope_id: str
    sender: str
    receiver: str
    letters: tuple[LetterReference, ...] = ()


@dataclass(frozen=True, slots=True)
class ReceiptContent:
    """What a receipt says, apart from its own ids and times. `refuse_code` and `refuse_text` are None in a positive one.

    `refuse_text` is plain text in which a newline stands for the `Break` element.
    """

    kind: ReceiptKind
    original: Original
    refuse_code: RefuseCode | None = None
    refuse_text: str | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """A whole receipt, ready to be written: its content, its own ids (1..14 characters), its parties' EAN identifiers and the
    time of sending (aware; written as Danish local time).
    """

    content: ReceiptContent
    envelope_id: str
    letter_id: str
    sender: str
    receiver: str
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter of an Emessage.

    `type` is the catalogue's code (`XDIS91`), `version` the VersionCode as written (`XD9134L`). `thread` is
    EpisodeOfCareIdentifier, lower-cased without dashes. `subject` is AdditionalInformation/Subject, stripped, None where it is
    missing or empty. `digest` is the SHA-256 (hex) of the letter element's canonical XML: equal for equal letters whatever the
    envelope, the prefix in use or the encoding. `receipt` is set for XCTL01-03 alone.

    `refers_to` are the objects that the letter's References name and that come in binary letters; `carries` are those that it
    brings itself, an XBIN01. Both are normalised as `schemas.letters.object_id` has it, each object once.
    """

    type: str
    version: str
    identifier: str
    sender: Party
    receiver: Party
    digest: str
    thread: str | None = None
    subject: str | None = None
    priority: str | None = None
    receipt: ReceiptContent | None = None
    refers_to: tuple[str, ...] = ()
    carries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Envelope:
    """An Emessage that could be read: the envelope's own fields and one or more letters.

    `sent_at` is aware UTC (the document has Danish local time without zone); None where the date is no real date.
    `wants_receipt` is true for `pluspositivkvitt`.
    """

    identifier: str
    sent_at: datetime | None
    wants_receipt: bool
    letters: tuple[Letter, ...]

    @property
    def first(self) -> Letter:
        """The first letter, whose parties are the envelope's (EDIFACT UNB takes them from it)."""
        return self.letters[0]
