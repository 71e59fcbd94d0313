"""The rules, each with its id, its words and its source for the people who ask why.

Letters: `LETTER_RULES` are asked in order and the first that applies decides; the last applies to everything that is left, so a
decision is always made. Receipts: `routing.receipts` judges, and `RECEIPT_RULES` has the rule for each way that it can end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from routing.decisions import Fault
from schemas.messages import Envelope
from sor.identifiers import normal_gln
from sor.units import Answer, Closed, NotYetOpen


@dataclass(frozen=True, slots=True)
class Situation:
    """All that the rules may look at: the envelope, what the register says of its receiver, and who reads there (or None)."""

    envelope: Envelope
    answer: Answer | None
    endpoint: str | None


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. The texts say what it demands or allows; `fault` is what it refuses with, None where it does not refuse."""

    id: str
    text_da: str
    text_en: str
    source: str
    fault: Fault | None


@dataclass(frozen=True, slots=True)
class LetterRule(Rule):
    """A rule about letters, with the situation that it applies to."""

    applies: Callable[[Situation], bool]


def _parties_differ(situation: Situation) -> bool:
    parties = {(normal_gln(each.sender.ean), normal_gln(each.receiver.ean)) for each in situation.envelope.letters}
    return len(parties) > 1


def _ids_repeat(situation: Situation) -> bool:
    letters = situation.envelope.letters
    return len({letter.identifier for letter in letters}) < len(letters)


LETTER_RULES: tuple[LetterRule, ...] = (
    LetterRule(
        "R1-letters-agree",
        "Alle breve i en kuvert har samme afsender og samme modtager.",
        "All letters of an envelope have the same sender and the same receiver.",
        "MedCom: EDIFACT's UNB has one sender and one receiver, taken from the first letter",
        Fault.LETTERS_DISAGREE,
        _parties_differ,
    ),
    LetterRule(
        "R2-no-receipts-among-letters",
        "Kvitteringer sendes i deres egne kuverter.",
        "Receipts travel in envelopes of their own.",
        "MedCom: receipts are never receipted, letters are; one envelope can only be treated one way",
        Fault.LETTERS_DISAGREE,
        lambda situation: any(letter.receipt is not None for letter in situation.envelope.letters),
    ),
    LetterRule(
        "R3-letter-ids-differ",
        "Brevene i en kuvert har hver sit brevnummer.",
        "The letters of an envelope have an id each.",
        "MedCom XDIS91, Letter/Identifier: a sender uses a letter id once",
        Fault.LETTER_REUSED,
        _ids_repeat,
    ),
    LetterRule(
        "R4-receiver-open",
        "Der sendes ikke til en nedlagt enhed; registret peger på dens afløser.",
        "Nothing is sent to a closed unit; the register points to its successor.",
        "SOR: ToDate is the last valid day",
        Fault.CLOSED_RECEIVER,
        lambda situation: isinstance(situation.answer, Closed),
    ),
    LetterRule(
        "R5-receiver-begun",
        "Der sendes ikke til en enhed før dens første gyldige dag.",
        "Nothing is sent to a unit before its first valid day.",
        "SOR: FirstFromDate is the first valid day",
        Fault.UNKNOWN_RECEIVER,
        lambda situation: isinstance(situation.answer, NotYetOpen),
    ),
    LetterRule(
        "R6-receiver-known",
        "Modtageren står i registret eller er tilsluttet.",
        "The receiver is in the register or connected.",
        "RefuseCode ukendt_lokationsnummer (NegativeVansReceipt.xsd 2005/08/07)",
        Fault.UNKNOWN_RECEIVER,
        lambda situation: situation.answer is None and situation.endpoint is None,
    ),
    LetterRule(
        "R7-has-reader",
        "Ingen adresse uden modtager: nogen skal hente postens breve.",
        "No address without a receiver: somebody has to read its mail.",
        "Alliancegruppen om IT og kommunikation, 27.11.2019: »Der må ikke være lokationsnumre uden modtager«",
        Fault.NO_READER,
        lambda situation: situation.endpoint is None,
    ),
    # A partner who was given this lokationsnummer by an operator reads there: the register is silent, the reader is known.
    LetterRule(
        "R8-connected-outside-register",
        "En tilsluttet modtager uden for registret får sin post.",
        "A connected receiver that the register does not hold gets its mail.",
        "The operator's binding of the partner to the lokationsnummer",
        None,
        lambda situation: situation.answer is None,
    ),
    LetterRule(
        "R9-deliver",
        "Åben enhed med en læser: brevet leveres.",
        "An open unit with a reader: the letter is delivered.",
        "One address for each unit, and a reader behind it",
        None,
        lambda _: True,
    ),
)

SENDER_RULE = Rule(
    "S1-own-sender",
    "Et system sender kun fra de lokationsnumre, det er tilknyttet.",
    "A system sends only as the lokationsnumre that it is bound to.",
    "The operator's binding of the partner to its lokationsnumre",
    Fault.SENDER_NOT_ALLOWED,
)

REPEAT, NEGATIVE_WAS_SENT, NO_ENDPOINT, FORWARD = "repeat", "negative_was_sent", "no_endpoint", "forward"

_RELIABLE = "MedCom, reliable messaging"

RECEIPT_RULES: Mapping[Fault | str, Rule] = MappingProxyType(
    {
        Fault.LETTERS_DISAGREE: Rule(
            "Q1-one-receipt",
            "En kuvert med en kvittering indeholder netop den.",
            "An envelope with a receipt holds just that.",
            "One message, one effect: two receipts would be about two messages",
            Fault.LETTERS_DISAGREE,
        ),
        Fault.RECEIPT_UNKNOWN_ORIGINAL: Rule(
            "Q2-original-delivered",
            "Der kvitteres for en meddelelse, som er leveret herfra, og aldrig for en kvittering.",
            "A receipt is about a message that was delivered from here, and never about a receipt.",
            f"{_RELIABLE}: receipts are never receipted",
            Fault.RECEIPT_UNKNOWN_ORIGINAL,
        ),
        Fault.RECEIPT_NOT_YOURS: Rule(
            "Q3-own-receipt",
            "Kun meddelelsens modtager kvitterer for den.",
            "Only a message's receiver gives its receipt.",
            "The operator's binding of the partner to its lokationsnumre",
            Fault.RECEIPT_NOT_YOURS,
        ),
        Fault.RECEIPT_CONTRADICTS: Rule(
            "Q4-one-sign",
            "En kvittering kan ikke siden få modsat fortegn.",
            "A receipt cannot change its sign afterwards.",
            f"{_RELIABLE}: a positive and a negative receipt for one message are forbidden",
            Fault.RECEIPT_CONTRADICTS,
        ),
        REPEAT: Rule(
            "Q5-repeat",
            "Samme kvittering igen sendes ikke videre.",
            "The same receipt again is not sent on.",
            _RELIABLE,
            None,
        ),
        NEGATIVE_WAS_SENT: Rule(
            "Q6-hub-has-answered",
            "Afsenderen har allerede fået en negativ kvittering herfra; modtagerens noteres kun.",
            "The sender has had a negative receipt from here already; the receiver's is recorded only.",
            f"{_RELIABLE}: a positive and a negative receipt for one message are forbidden",
            None,
        ),
        NO_ENDPOINT: Rule(
            "Q7-sender-not-connected",
            "Afsenderen er ikke længere tilsluttet; kvitteringen noteres kun.",
            "The sender is no longer connected; the receipt is recorded only.",
            "The outcome is told where there is a way to tell it",
            None,
        ),
        FORWARD: Rule(
            "Q8-forward",
            "Modtagerens kvittering sendes til meddelelsens afsender.",
            "The receiver's receipt is sent to the message's sender.",
            "MedCom XCTL02 and XCTL03: from the receiver of the original to its sender",
            None,
        ),
    }
)
