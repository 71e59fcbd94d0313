"""What can be wrong or odd about an extract, each with a text that says what to do, and the list that a reading keeps of them.

A problem refuses the extract whole; a warning only tells, because a real register has such rows. Half a million rows can have the
same fault: of each kind the first are kept word for word and the rest are counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

from sor.register import RegisterError
from sor.rows import RowProblem

KEPT = 100
"""How many of one kind are kept with their lines."""

EXTRACT_TEXTS: Mapping[str, tuple[str, str]] = {
    "not-an-extract": (
        "Filen er ikke et SOR-udtræk. Kendte udtræk: sor.csv, SorEntity_daily.csv, Sor_complete.zip og SOR-XML. Første linje: {0}",
        "The file is no SOR extract. Known ones: sor.csv, SorEntity_daily.csv, Sor_complete.zip and SOR XML. First line: {0}",
    ),
    "empty-file": ("Filen er tom. Hent den igen.", "The file is empty. Download it again."),
    "no-units": ("Udtrækket indeholder ingen enheder. Hent det igen.", "The extract holds no units. Download it again."),
    "delimiter": (
        "Felterne er adskilt af {0} og skal være adskilt af semikolon. Brug filen, som den hentes, uden at gemme den om.",
        "The cells are separated by {0} and must be separated by semicolons. Use the file as downloaded, without saving it anew.",
    ),
    "wrong-encoding": (
        "Tegnene kan ikke læses: filen skal være {0}. Brug filen, som den hentes, uden at gemme den om.",
        "The characters cannot be read: the file must be {0}. Use the file as downloaded, without saving it anew.",
    ),
    "column-missing": (
        "Kolonnen {0} mangler. Hent filen igen, eller skriv i kolonnefilen, hvad den hedder nu: {1}. Filen har: {2}",
        "The column {0} is missing. Download the file again, or write its present name in the column file: {1}. It has: {2}",
    ),
    "column-unknown": (
        "Det vides ikke, hvilken kolonne der er {0}. Skriv i kolonnefilen: {1}. Filen har: {2}",
        "It is not known which column is {0}. Write in the column file: {1}. The file has: {2}",
    ),
    "column-unread": (
        "{0} læses ikke, for kolonnen kendes ikke. Skriv i kolonnefilen: {1}. Filen har: {2}",
        "{0} is not read, because its column is not known. Write in the column file: {1}. The file has: {2}",
    ),
    "column-not-there": (
        "Kolonnefilen siger, at {0} er kolonnen {1}, men filen har den ikke. Ret kolonnefilen. Filen har: {2}",
        "The column file says that {0} is the column {1}, which the file does not have. Correct it. The file has: {2}",
    ),
    "column-twice": (
        "Kolonnen {0} findes to gange. Slet den ene.",
        "The column {0} is there twice. Remove one of them.",
    ),
    "mapping-row": (
        "Kolonnefilen skal have rækker med fil;felt;kolonne. Felter: {0}",
        "The column file must have rows of file;field;column. Fields: {0}",
    ),
    "cells": (
        "Rækken har {0} felter og overskriften {1}. Filen er måske ikke hentet helt: hent den igen.",
        "The row has {0} cells and the header {1}. The file may be cut off: download it again.",
    ),
    "row-unreadable": (
        "Rækken kan ikke læses: et anførselstegn er ikke lukket, eller feltet er for langt. Hent filen igen.",
        "The row cannot be read: a quotation mark is not closed, or the cell is too long. Download the file again.",
    ),
    "half-zip": (
        "Zipfilen er ikke hel. Hent den igen, og sammenlign størrelsen med den på siden.",
        "The zip file is not whole. Download it again, and compare its size with the one on the page.",
    ),
    "zip-encrypted": ("Zipfilen er krypteret. Brug den, som den hentes.", "The zip file is encrypted. Use it as downloaded."),
    "zip-too-large": ("Filen i zipfilen er større end {0} byte.", "The file in the zip file has more than {0} bytes."),
    "zip-member": (
        "Filen {0} mangler i zipfilen. Hent den igen. Den har: {1}",
        "The file {0} is not in the zip file. Download it again. It has: {1}",
    ),
    "zip-member-unread": (
        "Filen {0} mangler i zipfilen, så det, den siger, læses ikke.",
        "The file {0} is not in the zip file, so what it says is not read.",
    ),
    "xml": ("XML'en kan ikke læses: {0} Hent filen igen.", "The XML cannot be read: {0} Download the file again."),
    "xml-doctype": (
        "Filen har en DOCTYPE, og det har SOR's udtræk ikke. Hent den igen fra Sundhedsdatastyrelsen.",
        "The file has a DOCTYPE, which SOR's extracts do not. Download it again from Sundhedsdatastyrelsen.",
    ),
    "xml-root": (
        "Roden er {0} i {1} og skal være SorTree i urn:oio:sundhedsstyrelsen:organisation:1.0.0.",
        "The root is {0} in {1} and must be SorTree in urn:oio:sundhedsstyrelsen:organisation:1.0.0.",
    ),
    "element-missing": ("Elementet mangler i {0}. Hent filen igen.", "The element is missing in {0}. Download the file again."),
    "empty": ("Feltet skal udfyldes.", "The cell must be filled in."),
    "sor": ("{0} er ingen SOR-kode: den er mindst 11 cifre.", "{0} is no SOR code: that is at least 11 digits."),
    "level": ("{0} er ingen SOR-type: den er IE, SI eller OE.", "{0} is no SOR type: that is IE, SI or OE."),
    "date": (
        "{0} er ingen dato. Skriv ÅÅÅÅ-MM-DD, DD-MM-ÅÅÅÅ eller DD.MM.ÅÅÅÅ.",
        "{0} is no date. Write YYYY-MM-DD, DD-MM-YYYY or DD.MM.YYYY.",
    ),
    # What follows are warnings: the units are taken in.
    "sor-check-digit": (
        "Kontrolcifferet i SOR-koden {0} passer ikke. Koden bruges, som den er.",
        "The check digit of the SOR code {0} is wrong. The code is used as it is.",
    ),
    "gln-check-digit": (
        "Kontrolcifferet i lokationsnummeret {0} passer ikke. Det bruges, som det er; bed SOR-redaktøren rette det.",
        "The check digit of the lokationsnummer {0} is wrong. It is used as it is; ask SOR's editor to correct it.",
    ),
    "not-a-gln": (
        "{0} er ikke et lokationsnummer på 13 cifre. Det bruges, som det er; bed SOR-redaktøren rette det.",
        "{0} is not a lokationsnummer of 13 digits. It is used as it is; ask SOR's editor to correct it.",
    ),
    "ydernummer": ("{0} er intet ydernummer og ses bort fra.", "{0} is no ydernummer and is left out."),
    "no-name": (
        "Enheden har intet navn og får sin SOR-kode som navn.",
        "The unit has no name and gets its SOR code as its name.",
    ),
    "name-cut": (
        "Navnet er længere end SOR's 60 tegn og bliver skåret over.",
        "The name is longer than SOR's 60 characters and is cut off.",
    ),
    "never-open": (
        "Sidste gyldige dag ({1}) ligger før den første ({0}). Rækken springes over.",
        "The last valid day ({1}) is before the first ({0}). The row is left out.",
    ),
    "sor-twice": (
        "SOR-koden {0} har to rækker fra samme dag, i linje {1} og {2}. Den sidste bruges.",
        "The SOR code {0} has two rows from one day, in lines {1} and {2}. The last is used.",
    ),
    "no-such-parent": (
        "Den overliggende enhed {0} findes ikke i udtrækket.",
        "The unit above, {0}, is not in the extract.",
    ),
    "circle": (
        "Enheden {0} er sin egen overliggende enhed og læses uden overliggende enhed.",
        "The unit {0} stands above itself, and is read as one with none above.",
    ),
    "inherits-other": (
        "Lokationsnummeret {0} er nedarvet, men den overliggende enhed har {1}. {0} bruges.",
        "The lokationsnummer {0} is inherited, but the unit above has {1}. {0} is used.",
    ),
    "inherits-closed": (
        "Enheden {0} arver et lokationsnummer, der ikke gælder i hele dens tid. Giv den sit eget, eller luk den.",
        "The unit {0} inherits a lokationsnummer that does not last as long as it does. Give it its own, or close it.",
    ),
    "no-such-successor": ("Afløseren {0} findes ikke i udtrækket.", "The successor {0} is not in the extract."),
    "successors": (
        "Enheden {0} har afløsere med hver sin adresse ({1}), så post til den kan ikke ledes videre.",
        "The unit {0} has successors with an address each ({1}), so its mail cannot be led on.",
    ),
    "no-kommune": (
        "Det kan ikke ses, hvilken kommune {0} hører til: ejeren hedder {1}. Den kan kun findes på SOR-kode og lokationsnummer.",
        "It cannot be told which kommune {0} belongs to: its owner is {1}. It is found by SOR code and lokationsnummer alone.",
    ),
    "gln-shared": (
        "Enhederne i linje {1} og {2} har begge lokationsnummeret {0} som deres eget. Det regnes for den førstes.",
        "The units in lines {1} and {2} both have the lokationsnummer {0} as their own. It is taken to be the first's.",
    ),
    "name-twice": (
        "Enhederne i linje {1} og {2} hedder begge {0} og har hver sin adresse, så navnet siger ikke, hvor post skal hen.",
        "The units in lines {1} and {2} are both called {0} with an address each, so the name does not say where mail goes.",
    ),
    "more": ("Der er {1} af samme slags ({0}).", "There are {1} of the same kind ({0})."),
}


@dataclass(frozen=True, slots=True)
class ExtractProblem(RowProblem):
    """A fault or an oddity of an extract: `file` is the file (in a zip its member), `values` what its text names."""

    file: str = ""
    values: tuple[str, ...] = ()

    @property
    def text_da(self) -> str:
        """What is wrong and what to do, in Danish."""
        return EXTRACT_TEXTS[self.code][0].format(*self.values)

    @property
    def text_en(self) -> str:
        """What is wrong and what to do, in English."""
        return EXTRACT_TEXTS[self.code][1].format(*self.values)

    def __str__(self) -> str:
        place = [self.file] * bool(self.file) + [f"linje {self.line}"] * bool(self.line)
        place += [f"kolonne {self.column}"] * bool(self.column)
        return f"{', '.join(place)}: {self.text_da}"


class Findings:
    """What a reading has found so far. `file` is the file that is being read."""

    def __init__(self, file: str) -> None:
        self.file = file
        self._problems: list[ExtractProblem] = []
        self._warnings: list[ExtractProblem] = []
        self._counts: Counter[tuple[bool, str]] = Counter()

    def problem(self, line: int, column: str, code: str, *values: object) -> None:
        """Notes a fault; the extract will be refused at the end of the reading."""
        self._note(self._problems, True, ExtractProblem(line, column, code, self.file, _short(values)))

    def warning(self, line: int, column: str, code: str, *values: object) -> None:
        """Notes an oddity."""
        self._note(self._warnings, False, ExtractProblem(line, column, code, self.file, _short(values)))

    def refuse(self, line: int, column: str, code: str, *values: object) -> NoReturn:
        """Refuses the extract at once, because nothing after this can be read. Raises RegisterError with all that was found."""
        self.problem(line, column, code, *values)
        raise RegisterError(self.problems)

    def judge(self) -> None:
        """Raises RegisterError where a fault was found."""
        if self._problems:
            raise RegisterError(self.problems)

    @property
    def problems(self) -> tuple[RowProblem, ...]:
        """The faults, in the order in which they were found, with a count of those of a kind that are too many to name."""
        return (*self._problems, *self._rest(True))

    @property
    def warnings(self) -> tuple[RowProblem, ...]:
        """The oddities, likewise."""
        return (*self._warnings, *self._rest(False))

    def _note(self, kept: list[ExtractProblem], fault: bool, found: ExtractProblem) -> None:
        self._counts[fault, found.code] += 1
        if self._counts[fault, found.code] <= KEPT:
            kept.append(found)

    def _rest(self, faults: bool) -> list[ExtractProblem]:
        return [
            ExtractProblem(0, "", "more", self.file, (code, str(count)))
            for (fault, code), count in self._counts.items()
            if fault is faults and count > KEPT
        ]


def _short(values: tuple[object, ...]) -> tuple[str, ...]:
    return tuple(text if len(text) <= 2000 else f"{text[:2000]}…" for text in map(str, values))
