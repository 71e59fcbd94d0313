"""No address without a reader: what stands in the way of each kommune's mail under each harmonised name, and of each address.

    kommuner and names ─▶ matrix ─▶ a cell each: what is found about its one address, or why it has none
    every address in use ─▶ rows   ─▶ a row each

It judges values alone: who reads an address and when it last took anything, the gateway's journal says; what a system can take,
SOR says. The rule is that of Alliancen's working group (27.11.2019): no lokationsnummer may be without a receiver, and of each
name every kommune has one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from sor.coverage_findings import Code, Finding, Severity, finding
from sor.harmonised import HarmonisedNames, Status
from sor.identifiers import normal_gln
from sor.kommuner import Kommune, kommuner
from sor.names import fold
from sor.register import Register
from sor.resolution import Reason, Resolved, Unresolved, resolve
from sor.units import Closed, NotYetOpen, Sector, Unit

MIDTJYLLAND = "1082"
"""The region whose 19 kommuner agreed on the names (its SOR region code)."""
NEEDED = frozenset({"XDIS91"})
"""What every unit's system must be able to take to begin with: the correspondence message."""
MISSED_AFTER = timedelta(days=1)
"""How long mail lies before it says something about its reader: a night, and the morning after it."""


class Coverage(StrEnum):
    """How an address stands: mail gets through, is not known to, or does not."""

    COVERED = "covered"
    DOUBTFUL = "doubtful"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The system that an address is read by, and whether it may."""

    name: str
    active: bool = True


@dataclass(frozen=True, slots=True)
class Life:
    """What the journal has of an address at its endpoint, aware times or None: when it last took or acknowledged something, and when
    the first came that it has not taken since.
    """

    taken_at: datetime | None = None
    missed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """Everything that is judged, of one moment. Mappings are by lokationsnummer.

    `now` is aware; its zone is the one that days are told in. `capabilities` are the message types that the system behind an address
    takes, as SOR writes them; an address with none, or an empty set, is unknown. `silent_days` is how long an address may take nothing.
    """

    register: Register
    names: HarmonisedNames
    endpoints: Mapping[str, Endpoint]
    lives: Mapping[str, Life]
    capabilities: Mapping[str, frozenset[str]]
    now: datetime
    silent_days: int = 14
    needed: frozenset[str] = NEEDED
    day: date = field(init=False)
    _addresses_of: Mapping[str, frozenset[str]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "day", self.now.date())
        object.__setattr__(self, "_addresses_of", _with_several(self.register, self.day))

    def other_addresses(self, unit: Unit) -> tuple[str, ...]:
        """The further addresses that the same unit, known by its SOR code, has on the day."""
        return tuple(sorted(self._addresses_of.get(unit.sor, frozenset()) - {normal_gln(unit.gln)}))

    def namesakes(self, unit: Unit) -> tuple[str, ...]:
        """The addresses of other units of its name, in its sector and area, on the day, that are not its own."""
        if not self.register.has_namesake(unit.gln):  # one time in a thousand, and names are slow to compare
            return ()
        named = self.register.by_name(unit.area, unit.name, self.day)
        glns = {normal_gln(other.gln) for other in named if (other.sector, other.area) == (unit.sector, unit.area)}
        return tuple(sorted(glns - {normal_gln(unit.gln), *self.other_addresses(unit)}))


@dataclass(frozen=True, slots=True)
class Standing:
    """How an address stands: what a cell and a row have in common. `gln` is empty where a cell has none."""

    gln: str
    unit: Unit | None
    endpoint: str | None
    taken_at: datetime | None
    findings: tuple[Finding, ...]

    @property
    def status(self) -> Coverage:
        """By the worst finding; notes do not count."""
        weights = {found.severity for found in self.findings}
        if Severity.ERROR in weights:
            return Coverage.MISSING
        return Coverage.DOUBTFUL if Severity.WARNING in weights else Coverage.COVERED


@dataclass(frozen=True, slots=True)
class Cell:
    """A kommune and a harmonised name, and how the address stands that they lead to."""

    kommune: Kommune
    name: str
    standing: Standing


def kommuner_of(region: str = MIDTJYLLAND) -> tuple[Kommune, ...]:
    """The kommuner of a region (its SOR code), in the order of the Danish alphabet: Aarhus is the last."""
    return tuple(
        sorted((each for each in kommuner().values() if each.regionskode == region), key=lambda each: _danish(each.name))
    )


def agreed_names(names: HarmonisedNames, day: date) -> tuple[str, ...]:
    """The approved names in force on the day, in the order of their table."""
    return tuple(row.name for row in names.names if row.status is Status.APPROVED and row.in_force(day))


def matrix(situation: Situation, among: Iterable[Kommune]) -> tuple[Cell, ...]:
    """A cell for each of the kommuner under each agreed name, kommune by kommune."""
    agreed = agreed_names(situation.names, situation.day)
    return tuple(Cell(kommune, name, _cell(situation, kommune, name)) for kommune in among for name in agreed)


def rows(situation: Situation) -> Iterator[Standing]:
    """A row for each lokationsnummer in use: every address of a unit that is open or will be, that a harmonised name leads to,
    or that a system reads.
    """
    day = situation.day
    alive = {
        normal_gln(unit.gln)
        for unit in situation.register.units
        if unit.gln and (unit.valid_to is None or day <= unit.valid_to)
    }
    given = {row.gln for row in situation.names.addresses if row.in_force(day)}
    for gln in sorted(alive | given | set(situation.endpoints)):
        yield _row(situation, gln)


def _row(situation: Situation, gln: str) -> Standing:
    match situation.register.by_gln(gln, situation.day):
        case None:
            return _standing(situation, gln, None, [finding(Code.NOT_IN_REGISTER, gln)])
        case Closed() | NotYetOpen() as answer:
            return _standing(situation, gln, answer.unit, [_out_of_time(situation, gln, answer)], read=False)
        case answer:
            return _standing(situation, gln, answer.unit, [*_about(situation, answer.unit)])


def _cell(situation: Situation, kommune: Kommune, name: str) -> Standing:
    resolution = resolve(situation.names, situation.register, kommune.code, name, situation.day, suggest=False)
    if isinstance(resolution, Unresolved):
        return _unresolved(situation, resolution)
    return _standing(situation, normal_gln(resolution.unit.gln), resolution.unit, [*_about_cell(situation, resolution)])


def _unresolved(situation: Situation, why: Unresolved) -> Standing:
    if why.gln is not None:
        return _row(situation, normal_gln(why.gln))
    if why.reason is Reason.SEVERAL_ADDRESSES:
        glns = sorted({normal_gln(unit.gln) for unit in why.units})
        return Standing("", None, None, None, (finding(Code.SEVERAL_UNITS, ", ".join(glns)),))
    return Standing("", None, None, None, (finding(Code.NO_ADDRESS),))


def _about_cell(situation: Situation, found: Resolved) -> Iterator[Finding]:
    """As `_about`, and whether the kommune has other units of the agreed name, or this one another name in the register."""
    unit = found.unit
    named = situation.register.by_name(found.kommune.code, found.name, situation.day)
    own = {normal_gln(other.gln) for other in named if other.sector is Sector.KOMMUNE}
    others = own - {normal_gln(unit.gln), *situation.other_addresses(unit)}
    if others:
        yield finding(Code.DUPLICATE_NAME, ", ".join(sorted(others)))
    yield from (each for each in _about(situation, unit) if each.code is not Code.DUPLICATE_NAME or not others)
    if normal_gln(unit.gln) not in own:
        yield finding(Code.NAME_NOT_IN_REGISTER, unit.name)


def _about(situation: Situation, unit: Unit) -> Iterator[Finding]:
    if same := situation.namesakes(unit):
        yield finding(Code.DUPLICATE_NAME, ", ".join(same))
    if other := situation.other_addresses(unit):
        yield finding(Code.SEVERAL_ADDRESSES, ", ".join(other))


def _standing(situation: Situation, gln: str, unit: Unit | None, found: list[Finding], *, read: bool = True) -> Standing:
    """What is known of the address with what was found; `read` says that it matters whether somebody reads it."""
    endpoint = situation.endpoints.get(gln)
    if read:
        found += [*_about_reader(situation, gln, endpoint), *_about_mailbox(situation, gln)]
    order = list(Code)
    found.sort(key=lambda each: order.index(each.code))
    taken_at = situation.lives.get(gln, Life()).taken_at
    return Standing(gln, unit, endpoint.name if endpoint else None, taken_at, tuple(found))


def _about_reader(situation: Situation, gln: str, endpoint: Endpoint | None) -> Iterator[Finding]:
    if endpoint is None:
        yield finding(Code.NO_ENDPOINT, gln)
        return
    if not endpoint.active:
        yield finding(Code.ENDPOINT_DISABLED, endpoint.name)
        return
    life = situation.lives.get(gln, Life())
    if life.taken_at is not None and situation.now - life.taken_at <= timedelta(days=situation.silent_days):
        return
    last = _told(situation, life.taken_at) if life.taken_at else ("aldrig", "never")
    about = (endpoint.name, str(situation.silent_days), last)
    if life.missed_at is not None and situation.now - life.missed_at > MISSED_AFTER:
        yield finding(Code.SILENT, *about, _told(situation, life.missed_at))
    else:
        yield finding(Code.UNTRIED, *about)


def _about_mailbox(situation: Situation, gln: str) -> Iterator[Finding]:
    mailbox = situation.register.mailbox(gln)
    if mailbox is not None and mailbox.inactive:
        yield finding(Code.TAKES_NO_MAIL, gln, ("er inaktiv", "is inactive"))
    elif mailbox is not None and mailbox.internal:
        yield finding(Code.TAKES_NO_MAIL, gln, ("kun er til internt brug", "is for internal use alone"))
    taken = {_type(written) for written in situation.capabilities.get(gln, ())}
    if taken and (lacking := sorted(needed for needed in situation.needed if _type(needed) not in taken)):
        yield finding(Code.CAPABILITY_MISSING, ", ".join(lacking))


def _out_of_time(situation: Situation, gln: str, answer: Closed | NotYetOpen) -> Finding:
    if isinstance(answer, NotYetOpen):
        return finding(Code.NOT_YET_OPEN, gln, _day(answer.opens))
    successor = answer.unit.replaced_by
    instead = ("Ingen afløser er kendt: spørg ejeren.", "No successor is known: ask its owner.")
    if successor:
        open_units = situation.register.sharing(successor, situation.day)
        called = f" ({open_units[0].name})" if open_units else ""
        instead = (f"Afløst af {successor}{called}: brug den.", f"Its successor is {successor}{called}: use that.")
    return finding(Code.CLOSED, gln, _day(answer.since), instead)


def _told(situation: Situation, moment: datetime) -> tuple[str, str]:
    return _day(moment.astimezone(situation.now.tzinfo).date())


def _day(day: date) -> tuple[str, str]:
    return f"{day.day:02}.{day.month:02}.{day.year}", day.isoformat()


def _danish(name: str) -> str:
    # Aa counts as å, which is last; æ, ø and å go behind z in that order.
    return name.casefold().replace("aa", "å").translate(_LAST_LETTERS)


_LAST_LETTERS = str.maketrans("æøå", "{|}")


def _type(written: str) -> str:
    """SOR writes the types in its own ways; they are compared by letters and digits."""
    return fold(written)


def _with_several(register: Register, day: date) -> Mapping[str, frozenset[str]]:
    """The units, by SOR code, that have more than one address on the day."""
    first: dict[str, str] = {}
    several: dict[str, set[str]] = defaultdict(set)
    for unit in register.units:
        if unit.sor and unit.gln and unit.open_on(day):
            gln = normal_gln(unit.gln)
            if first.setdefault(unit.sor, gln) != gln:
                several[unit.sor] |= {first[unit.sor], gln}
    return MappingProxyType({sor: frozenset(glns) for sor, glns in several.items()})
