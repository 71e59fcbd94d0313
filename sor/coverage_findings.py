"""What can be wrong or odd about an address: the closed list of codes, each with its weight and a text that says what to do.

Part of `sor.coverage`, which decides when each is true. A text has places for what it names; a value that reads differently in the
two languages comes as a pair.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much it weighs: with an error mail does not get through, with a warning it is not known to, a note is only told."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Code(StrEnum):
    """Every finding there is, in the order in which they are told."""

    NO_ADDRESS = "no-address"
    NOT_IN_REGISTER = "not-in-register"
    CLOSED = "closed"
    NOT_YET_OPEN = "not-yet-open"
    SEVERAL_UNITS = "several-units"
    NO_ENDPOINT = "no-endpoint"
    ENDPOINT_DISABLED = "endpoint-disabled"
    SILENT = "silent"
    UNTRIED = "untried"
    TAKES_NO_MAIL = "takes-no-mail"
    CAPABILITY_MISSING = "capability-missing"
    DUPLICATE_NAME = "duplicate-name"
    SEVERAL_ADDRESSES = "several-addresses"
    NAME_NOT_IN_REGISTER = "name-not-in-register"


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the list: weight, two words for a narrow place in Danish, and the whole text in both languages."""

    severity: Severity
    short_da: str
    text_da: str
    text_en: str


FINDINGS: dict[Code, Entry] = {
    Code.NO_ADDRESS: Entry(
        Severity.ERROR,
        "intet lokationsnummer",
        "Kommunen har intet lokationsnummer for navnet, og ingen af dens enheder i SOR hedder sådan. Spørg kommunen, og skriv det ind.",
        "The kommune has no lokationsnummer for the name, and none of its units in SOR bears it. Ask the kommune, and enter it.",
    ),
    Code.NOT_IN_REGISTER: Entry(
        Severity.ERROR,
        "ikke i SOR",
        "Lokationsnummeret {0} findes ikke i SOR. Ret det, eller få det oprettet.",
        "The lokationsnummer {0} is not in SOR. Correct it, or have it created.",
    ),
    Code.CLOSED: Entry(
        Severity.ERROR,
        "enheden er lukket",
        "Enheden bag {0} lukkede {1}. {2}",
        "The unit behind {0} closed on {1}. {2}",
    ),
    Code.NOT_YET_OPEN: Entry(
        Severity.ERROR,
        "ikke åbnet endnu",
        "Enheden bag {0} åbner først {1}. Brug en anden adresse til da.",
        "The unit behind {0} does not open until {1}. Use another address until then.",
    ),
    Code.SEVERAL_UNITS: Entry(
        Severity.ERROR,
        "flere enheder med navnet",
        "Flere af kommunens enheder har navnet ({0}), så navnet alene fører ingen steder hen. Vælg en af dem.",
        "Several of the kommune's units have the name ({0}), so that the name alone leads nowhere. Choose one of them.",
    ),
    Code.NO_ENDPOINT: Entry(
        Severity.ERROR,
        "ingen læser",
        "Intet system læser {0}: post dertil bliver afvist. Tilslut enhedens system, eller luk adressen.",
        "No system reads {0}: mail to it is refused. Connect the unit's system, or close the address.",
    ),
    Code.ENDPOINT_DISABLED: Entry(
        Severity.ERROR,
        "systemet er lukket ude",
        "Systemet {0} er lukket ude, og posten venter på det. Luk det ind igen, eller lad et andet system tage adressen.",
        "The system {0} is shut out, and its mail waits for it. Let it in again, or have another system take the address.",
    ),
    Code.SILENT: Entry(
        Severity.ERROR,
        "tager ikke sin post",
        "Systemet {0} har ikke taget post i {1} dage (sidst: {2}), skønt der kom post {3}. Ring til dem, der driver det.",
        "The system {0} has taken no mail for {1} days (last: {2}), though mail came on {3}. Ring those who run it.",
    ),
    Code.UNTRIED: Entry(
        Severity.WARNING,
        "ikke prøvet",
        "Systemet {0} har ikke taget post i {1} dage (sidst: {2}), og ingen har skrevet til det. Send et prøvebrev.",
        "The system {0} has taken no mail for {1} days (last: {2}), and nobody has written to it. Send a trial letter.",
    ),
    Code.TAKES_NO_MAIL: Entry(
        Severity.WARNING,
        "modtager ikke ifølge SOR",
        "SOR siger, at {0} {1}. Få det rettet i SOR, eller brug en anden adresse.",
        "SOR says that {0} {1}. Have it corrected in SOR, or use another address.",
    ),
    Code.CAPABILITY_MISSING: Entry(
        Severity.WARNING,
        "kan ikke modtage typen",
        "Enhedens system kan ifølge SOR ikke modtage {0}. Spørg leverandøren, eller led posten til en enhed, der kan.",
        "According to SOR the unit's system cannot take {0}. Ask its supplier, or lead the mail to a unit that can.",
    ),
    Code.DUPLICATE_NAME: Entry(
        Severity.WARNING,
        "navnet bruges flere steder",
        "Andre enheder samme sted har også navnet ({0}). Giv dem hver sit navn i SOR.",
        "Other units in the same place have the name too ({0}). Give each a name of its own in SOR.",
    ),
    Code.SEVERAL_ADDRESSES: Entry(
        Severity.WARNING,
        "enheden har flere adresser",
        "Enheden har også {0}. Behold én adresse, og luk resten.",
        "The unit has {0} as well. Keep one address, and close the others.",
    ),
    Code.NAME_NOT_IN_REGISTER: Entry(
        Severity.NOTE,
        "hedder andet i SOR",
        "Enheden hedder »{0}« i SOR. Giv den det aftalte navn dér.",
        'The unit is called "{0}" in SOR. Give it the agreed name there.',
    ),
}

Value = str | tuple[str, str]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about an address, in Danish and English. The texts may hold what a kommune or SOR wrote: escape them."""

    code: Code
    text_da: str
    text_en: str

    @property
    def severity(self) -> Severity:
        """How much it weighs."""
        return FINDINGS[self.code].severity

    @property
    def short_da(self) -> str:
        """It in a few words, for a narrow place."""
        return FINDINGS[self.code].short_da


def finding(code: Code, *values: Value) -> Finding:
    """The finding with these values in its texts; a pair is Danish and English."""
    pairs = [value if isinstance(value, tuple) else (value, value) for value in values]
    entry = FINDINGS[code]
    danish, english = entry.text_da.format(*(da for da, _ in pairs)), entry.text_en.format(*(en for _, en in pairs))
    return Finding(code, danish.strip(), english.strip())
