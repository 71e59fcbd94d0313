"""What each fault means to everybody, in one closed table.

The receipt, the HTTP answer, the console and the documentation all take their words from here, so that a sender who rings about
a receipt and the operator who answers look at the same sentence. No text holds anything from a document.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from types import MappingProxyType

from routing.decisions import Fault
from schemas.messages import RefuseCode


@dataclass(frozen=True, slots=True)
class FaultMeaning:
    """A row of the table.

    `refuse_code` and `text_da` go into the receipt. `status` is the HTTP status of the answer to the one who handed the
    document in, None for what happens after acceptance. `todo_da` says what to do: to the sender where there is a status, to
    the operator where there is none. `dead_letter` says that an operator can mend it and send the message after all.
    """

    refuse_code: RefuseCode
    text_da: str
    text_en: str
    todo_da: str
    status: int | None
    dead_letter: bool = False


_UNPROCESSABLE = int(HTTPStatus.UNPROCESSABLE_ENTITY)
_CONFLICT = int(HTTPStatus.CONFLICT)
_FORBIDDEN = int(HTTPStatus.FORBIDDEN)

_BEFORE_ACCEPTANCE = {
    Fault.UNREADABLE: FaultMeaning(
        RefuseCode.SYNTAX,
        "Meddelelsen kan ikke læses som XML.",
        "The message cannot be read as XML.",
        "Ret meddelelsen, og send den igen i en ny kuvert.",
        _UNPROCESSABLE,
    ),
    Fault.TOO_LARGE: FaultMeaning(
        RefuseCode.UNSPECIFIED,
        "Meddelelsen er større end det tilladte.",
        "The message is larger than what is allowed.",
        "Del meddelelsen, eller send den uden bilag.",
        int(HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    ),
    Fault.UNKNOWN_TYPE: FaultMeaning(
        RefuseCode.VERSION,
        "Meddelelsestypen kan ikke modtages.",
        "This type of message cannot be received.",
        "Brug en meddelelsestype, som modtageren kan modtage.",
        _UNPROCESSABLE,
    ),
    Fault.UNKNOWN_VERSION: FaultMeaning(
        RefuseCode.VERSION,
        "Meddelelsens version kan ikke modtages.",
        "This version of the message cannot be received.",
        "Send meddelelsen i en version, som modtageren kan modtage.",
        _UNPROCESSABLE,
    ),
    Fault.SCHEMA: FaultMeaning(
        RefuseCode.SYNTAX,
        "Meddelelsen overholder ikke MedComs skema for typen.",
        "The message does not follow MedCom's schema for its type.",
        "Ret fejlene, og send meddelelsen igen med et nyt brevnummer i en ny kuvert.",
        _UNPROCESSABLE,
    ),
    Fault.RULE: FaultMeaning(
        RefuseCode.SYNTAX,
        "Meddelelsen overholder MedComs skema for typen, men ikke standardens øvrige regler.",
        "The message follows MedCom's schema for its type, and not the standard's other rules.",
        "Ret fejlene, og send meddelelsen igen med et nyt brevnummer i en ny kuvert.",
        _UNPROCESSABLE,
    ),
    Fault.SENDER_NOT_ALLOWED: FaultMeaning(
        RefuseCode.UNSPECIFIED,
        "Systemet må ikke sende fra afsenderens lokationsnummer.",
        "The system may not send as the sender's lokationsnummer.",
        "Kontrollér afsenderens lokationsnummer og systemets aftale med regionen.",
        _FORBIDDEN,
    ),
    # A fault in how the envelope was put together, hence `syntaksfejl`, although every letter follows its schema.
    Fault.LETTERS_DISAGREE: FaultMeaning(
        RefuseCode.SYNTAX,
        "Kuvertens breve hører ikke sammen: de har forskellige parter eller er blandet med kvitteringer.",
        "The letters of the envelope do not belong together: their parties differ, or they are mixed with receipts.",
        "Send brevene i hver sin kuvert.",
        _UNPROCESSABLE,
    ),
    Fault.UNKNOWN_RECEIVER: FaultMeaning(
        RefuseCode.UNKNOWN_ADDRESS,
        "Modtagerens lokationsnummer findes ikke i registret.",
        "The receiver's lokationsnummer is not in the register.",
        "Slå modtageren op i registret, og send til det rigtige lokationsnummer.",
        _UNPROCESSABLE,
        dead_letter=True,
    ),
    Fault.CLOSED_RECEIVER: FaultMeaning(
        RefuseCode.UNKNOWN_ADDRESS,
        "Modtagerens lokationsnummer er nedlagt.",
        "The receiver's lokationsnummer is closed.",
        "Send til den enhed, der har afløst modtageren.",
        _UNPROCESSABLE,
        dead_letter=True,
    ),
    # The address is right as such, so not `ukendt_lokationsnummer`; but a new try at it helps nobody: the sender has to find
    # another receiver, and `problem_med_modtagerID` is the code that makes senders look there.
    Fault.NO_READER: FaultMeaning(
        RefuseCode.RECEIVER_ID,
        "Ingen henter post for modtagerens lokationsnummer.",
        "Nobody fetches mail for the receiver's lokationsnummer.",
        "Kontakt modtageren ad anden vej; en operatør kan tilslutte en læser eller omadressere.",
        _UNPROCESSABLE,
        dead_letter=True,
    ),
    Fault.ENVELOPE_REUSED: FaultMeaning(
        RefuseCode.UNSPECIFIED,
        "Kuvertnummeret er brugt før til noget andet.",
        "The envelope id was used before for something else.",
        "Send igen med et nyt kuvertnummer.",
        _CONFLICT,
    ),
    Fault.LETTER_REUSED: FaultMeaning(
        RefuseCode.UNSPECIFIED,
        "Et brevnummer er brugt før til et brev med andet indhold eller i en anden sammenhæng.",
        "A letter id was used before for a letter with other content or in another context.",
        "Send igen med et nyt brevnummer i en ny kuvert.",
        _CONFLICT,
    ),
    Fault.RECEIPT_UNKNOWN_ORIGINAL: FaultMeaning(
        RefuseCode.UNSPECIFIED,
        "Kvitteringen gælder en meddelelse, som ikke er leveret herfra.",
        "The receipt is about a message that was not delivered from here.",
        "Kontrollér kvitteringens kuvertnummer, brevnummer og afsender.",
        _UNPROCESSABLE,
    ),
    Fault.RECEIPT_NOT_YOURS: FaultMeaning(
        RefuseCode.UNSPECIFIED,
        "Kvitteringen gælder en meddelelse til en anden modtager.",
        "The receipt is about a message to another receiver.",
        "Kvittér kun for meddelelser til egne lokationsnumre.",
        _FORBIDDEN,
    ),
    Fault.RECEIPT_CONTRADICTS: FaultMeaning(
        RefuseCode.UNSPECIFIED,
        "Der er allerede kvitteret med modsat fortegn.",
        "A receipt of the opposite sign has come already.",
        "Send en ny korrespondance til afsenderen, hvis den første kvittering var forkert.",
        _CONFLICT,
    ),
}

# The address is right and a receiver is there: nothing in the receiver's id is wrong, so none of these is
# `problem_med_modtagerID`, which would make the sender look for another address.
_AFTER_ACCEPTANCE = {
    Fault.REFUSED_BY_RECEIVER_SYSTEM: FaultMeaning(
        RefuseCode.UNSPECIFIED,
        "Modtagerens system afviste at tage imod meddelelsen.",
        "The receiver's system declined to take the message.",
        "Tal med modtagerens leverandør, og send igen, når fejlen er rettet.",
        None,
        dead_letter=True,
    ),
    Fault.GAVE_UP: FaultMeaning(
        RefuseCode.UNSPECIFIED,
        "Meddelelsen kunne ikke leveres inden for tidsfristen.",
        "The message could not be delivered in time.",
        "Undersøg, om modtagerens system er i drift, og send igen.",
        None,
        dead_letter=True,
    ),
    Fault.NOT_FETCHED: FaultMeaning(
        RefuseCode.UNSPECIFIED,
        "Modtageren har ikke hentet meddelelsen inden for tidsfristen.",
        "The receiver has not fetched the message in time.",
        "Kontakt modtageren; meddelelsen kan lægges i postkassen igen.",
        None,
        dead_letter=True,
    ),
    Fault.UNROUTABLE: FaultMeaning(
        RefuseCode.UNSPECIFIED,
        "Knudepunktet har ingen kø til modtageren.",
        "The hub has no queue for the receiver.",
        "Kontrollér modtagerens tilslutning, og send igen.",
        None,
        dead_letter=True,
    ),
    Fault.BROKER_DEAD_LETTERED: FaultMeaning(
        RefuseCode.UNSPECIFIED,
        "Modtagerens system gav meddelelsen tilbage for mange gange.",
        "The receiver's system gave the message back too many times.",
        "Tal med modtagerens leverandør, og send igen, når fejlen er rettet.",
        None,
        dead_letter=True,
    ),
}

FAULTS: Mapping[Fault, FaultMeaning] = MappingProxyType(_BEFORE_ACCEPTANCE | _AFTER_ACCEPTANCE)
