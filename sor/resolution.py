"""From a kommune and what somebody wrote for a unit to one address, or the reason why there is none.

    written ─▶ kommune ─▶ harmonised name ─▶ lokationsnummer ─▶ open unit
                          exact, or an alias      the table, or the register where the table is silent

A name is taken where it is the name, a spelling of it or an agreed alias. What is only like a name is suggested and never taken;
what may be several things is refused with all of them. There is an answer for any text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from sor.harmonised import HarmonisedName, HarmonisedNames, Status
from sor.kommuner import Kommune, kommune_called, kommuner
from sor.names import slug, without_kommune
from sor.register import Register
from sor.units import Closed, Found, NotYetOpen, Sector, Unit

LONGEST_WRITTEN = 200
"""Characters that are looked at. No unit's name is near it, and what compares texts takes its time by their length."""
LIKE_ENOUGH = 80.0
"""Of 100, from where on a name is suggested: `Hjemplejen` has 86 to `Hjemmepleje`, `Sundhed` 90 to `Sundhedspleje`."""
SHORTEST_ASKED = 3
"""Letters below which everything is like something."""
MOST_SUGGESTIONS = 3


class Match(StrEnum):
    """How what was written came to mean a harmonised name."""

    EXACT = "exact"
    SPELLING = "spelling"  # case, spaces, å or aa, the kommune's own name beside it
    ALIAS = "alias"


class Reason(StrEnum):
    """Why there is no address."""

    NO_SUCH_KOMMUNE = "no-such-kommune"
    NO_SUCH_NAME = "no-such-name"
    AMBIGUOUS = "ambiguous"
    NOT_HARMONISED = "not-harmonised"
    DRAFT = "draft"
    NOT_IN_FORCE = "not-in-force"
    NO_ADDRESS = "no-address"
    SEVERAL_ADDRESSES = "several-addresses"
    NOT_IN_REGISTER = "not-in-register"
    CLOSED = "closed"
    NOT_YET_OPEN = "not-yet-open"

    @property
    def text_da(self) -> str:
        """The reason, and what to do, in Danish."""
        return REASONS[self][0]

    @property
    def text_en(self) -> str:
        """The reason, and what to do, in English."""
        return REASONS[self][1]


REASONS: dict[Reason, tuple[str, str]] = {
    Reason.NO_SUCH_KOMMUNE: ("Der er ingen kommune med det navn.", "There is no kommune of that name."),
    Reason.NO_SUCH_NAME: (
        "Det er hverken et harmoniseret enhedsnavn eller et kendt lokalt navn. Vælg et af de harmoniserede navne.",
        "It is neither a harmonised unit name nor a known local name. Choose one of the harmonised names.",
    ),
    Reason.AMBIGUOUS: (
        "Det dækker flere harmoniserede enhedsnavne. Vælg et af dem.",
        "It covers several harmonised unit names. Choose one of them.",
    ),
    Reason.NOT_HARMONISED: (
        "Det er et kendt lokalt navn, som intet harmoniseret enhedsnavn dækker endnu.",
        "It is a known local name that no harmonised unit name covers yet.",
    ),
    Reason.DRAFT: (
        "Enhedsnavnet er foreslået og ikke vedtaget, så ingen kommune er forpligtet på det endnu.",
        "The unit name is proposed and not agreed, so no kommune is bound to it yet.",
    ),
    Reason.NOT_IN_FORCE: (
        "Enhedsnavnet gælder ikke på den dag.",
        "The unit name is not in force on that day.",
    ),
    Reason.NO_ADDRESS: (
        "Kommunen har intet lokationsnummer for enhedsnavnet. Spørg kommunen.",
        "The kommune has no lokationsnummer for the unit name. Ask the kommune.",
    ),
    Reason.SEVERAL_ADDRESSES: (
        "Flere af kommunens enheder har navnet. Vælg en af dem.",
        "Several of the kommune's units have the name. Choose one of them.",
    ),
    Reason.NOT_IN_REGISTER: (
        "Kommunens lokationsnummer for enhedsnavnet findes ikke i registret.",
        "The kommune's lokationsnummer for the unit name is not in the register.",
    ),
    Reason.CLOSED: ("Enheden er lukket.", "The unit is closed."),
    Reason.NOT_YET_OPEN: ("Enheden er ikke åbnet endnu.", "The unit has not opened yet."),
}


@dataclass(frozen=True, slots=True)
class Resolved:
    """One open unit has the name in the kommune."""

    unit: Unit
    kommune: Kommune
    name: str
    how: Match


@dataclass(frozen=True, slots=True)
class Unresolved:
    """There is no one address. `names` and `units` are what it may be, all of them equally; `suggestions` are only like what was
    written, best first: of kommuner where there is none of that name, else of unit names.

    `kommune` and `name` are how far it came. `gln` is the address that cannot be used.
    """

    reason: Reason
    kommune: Kommune | None = None
    name: str | None = None
    names: tuple[str, ...] = ()
    units: tuple[Unit, ...] = ()
    gln: str | None = None
    suggestions: tuple[str, ...] = ()


Resolution = Resolved | Unresolved


def resolve(
    names: HarmonisedNames, register: Register, kommune: str, written: str, on: date, *, suggest: bool = True
) -> Resolution:
    """Who has what is written for a unit in a kommune (its name or code) on the day `on`. Total: it never raises.

    Without `suggest` nothing is suggested, which is some fifty times as fast where there is no answer.
    """
    place = kommune_called(kommune) if len(kommune) <= LONGEST_WRITTEN else None
    if place is None:
        known = {each.name: (each.name,) for each in kommuner().values()}
        return Unresolved(Reason.NO_SUCH_KOMMUNE, suggestions=_like(kommune, known) if suggest else ())
    meant = _meant(names, place, written, on) if len(written) <= LONGEST_WRITTEN else Unresolved(Reason.NO_SUCH_NAME, place)
    if isinstance(meant, Unresolved):
        if suggest and meant.reason is Reason.NO_SUCH_NAME:
            asked = written[:LONGEST_WRITTEN]
            likely = _like(without_kommune(asked, place.name), names.terms(place.code, on))
            return replace(meant, units=register.by_name(place.code, asked, on), suggestions=likely)
        return meant
    name, how = meant
    unit = _unit(names, register, place, name, on)
    return unit if isinstance(unit, Unresolved) else Resolved(unit, place, name.name, how)


def _meant(names: HarmonisedNames, place: Kommune, written: str, on: date) -> tuple[HarmonisedName, Match] | Unresolved:
    """The approved name in force that is meant, and how."""
    rows, how = names.named(written), Match.SPELLING
    if not rows:
        bare = without_kommune(written, place.name)
        alias = names.meant(place.code, written, on) or names.meant(place.code, bare, on)
        if alias and len(alias.names) != 1:
            reason = Reason.AMBIGUOUS if alias.names else Reason.NOT_HARMONISED
            return Unresolved(reason, place, names=alias.names)
        rows, how = (names.named(alias.names[0]), Match.ALIAS) if alias else (names.named(bare), how)
    if not rows:
        return Unresolved(Reason.NO_SUCH_NAME, place)
    row = next((row for row in rows if row.in_force(on)), None)
    if row is None:
        return Unresolved(Reason.NOT_IN_FORCE, place, rows[-1].name)
    if row.status is not Status.APPROVED:
        return Unresolved(Reason.DRAFT, place, row.name)
    return row, Match.EXACT if row.name == written else how


def _unit(names: HarmonisedNames, register: Register, place: Kommune, name: HarmonisedName, on: date) -> Unit | Unresolved:
    rows = names.addressed(place.code, name.name)
    if rows:
        row = next((row for row in rows if row.in_force(on)), None)
        return _at(register, place, name.name, row.gln, on) if row else Unresolved(Reason.NO_ADDRESS, place, name.name)
    # A kommune that has given its unit the agreed name in the register itself needs no row.
    own = tuple(unit for unit in register.by_name(place.code, name.name, on) if unit.sector is Sector.KOMMUNE)
    if len({unit.gln for unit in own}) == 1:  # of units that inherit one address its owner answers
        return _at(register, place, name.name, own[0].gln, on)
    return Unresolved(Reason.SEVERAL_ADDRESSES if own else Reason.NO_ADDRESS, place, name.name, units=own)


def _at(register: Register, place: Kommune, name: str, gln: str, on: date) -> Unit | Unresolved:
    match register.by_gln(gln, on):
        case Found(unit):
            return unit
        case Closed(unit, _):
            successor = register.by_gln(unit.replaced_by, on) if unit.replaced_by else None
            instead = (successor.unit,) if isinstance(successor, Found) else ()
            return Unresolved(Reason.CLOSED, place, name, units=instead, gln=gln)
        case NotYetOpen():
            return Unresolved(Reason.NOT_YET_OPEN, place, name, gln=gln)
        case None:
            return Unresolved(Reason.NOT_IN_REGISTER, place, name, gln=gln)


def _like(written: str, choices: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """What the choices most like what was written lead to, best first. Compared word by word, spelling folded."""
    from rapidfuzz import fuzz, process  # noqa: PLC0415 - takes longer to import than all else here, and few questions need it

    asked = _words(written[:LONGEST_WRITTEN])
    if len(asked) < SHORTEST_ASKED:
        return ()
    keys = [_words(choice) for choice in choices]
    found = process.extract(asked, keys, scorer=fuzz.WRatio, limit=None, score_cutoff=LIKE_ENOUGH)
    leads = list(choices.values())
    likely = dict.fromkeys(lead for _, _, index in found for lead in leads[index])
    return tuple(likely)[:MOST_SUGGESTIONS]


def _words(text: str) -> str:
    # Without the small word that half of the names have, and that makes any two of them alike.
    return " ".join(word for word in slug(text).split("-") if word != "og")
