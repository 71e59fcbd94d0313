"""What stands in the way of an address: each finding on the shipped register and names, and that there is always an answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sor.coverage import Cell, Coverage, Endpoint, Life, Situation, agreed_names, kommuner_of, matrix, rows
from sor.coverage_findings import FINDINGS, Code, Severity
from sor.entities import Mailbox
from sor.harmonised import Address, HarmonisedName, HarmonisedNames, Status
from sor.name_tables import bundled as bundled_names
from sor.register import Register
from sor.register import bundled as bundled_register
from sor.units import Sector, Unit

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
NAMES = bundled_names()
REGISTER = bundled_register()
SKIVE = "5790009911739"  # Social og Psykiatri
SKIVE_CARE = "5790009911715"
CLOSED = "5790009940012"  # Silkeborg, Voksenpsykiatri, until 2025
SUCCESSOR = "5790009911036"
FUTURE = next(unit.gln for unit in REGISTER.units if unit.valid_from > NOW.date())
UNKNOWN = "5790009999999"
EVERYBODY = {unit.gln: Endpoint("hub") for unit in REGISTER.units}
TAKEN = {unit.gln: Life(NOW - timedelta(days=1)) for unit in REGISTER.units}


def situation(**changed: Any) -> Situation:
    """One in which everybody reads their mail, unless `changed` says otherwise."""
    given: dict[str, Any] = {
        "register": REGISTER,
        "names": NAMES,
        "endpoints": EVERYBODY,
        "lives": TAKEN,
        "capabilities": {},
        "now": NOW,
        **changed,
    }
    return Situation(**given)


def skive(**changed: Any) -> Cell:
    """The cell of Social og Psykiatri in Skive."""
    cells = matrix(situation(**changed), kommuner_of())
    return next(cell for cell in cells if (cell.kommune.name, cell.name) == ("Skive", "Social og Psykiatri"))


def codes(cell: Cell) -> list[Code]:
    """What was found."""
    return [found.code for found in cell.standing.findings]


def leading_to(gln: str) -> HarmonisedNames:
    """The shipped names, where Skive's Social og Psykiatri has another address."""
    moved = tuple(replace(row, gln=gln) if row.gln == SKIVE else row for row in NAMES.addresses)
    return HarmonisedNames(NAMES.names, moved, NAMES.aliases)


def with_units(*units: Unit, without: str = "") -> Register:
    """The shipped register with further units."""
    return Register((*(unit for unit in REGISTER.units if unit.gln != without), *units), "test")


def unit(gln: str, name: str = "Social og Psykiatri", sor: str = "") -> Unit:
    """A unit of Skive."""
    return Unit(gln, sor, Sector.KOMMUNE, "0779", "Skive", name, "Skive Kommune", date(2020, 1, 1))


def test_all_is_well():
    """Where everybody reads their mail the 19 kommuner have six covered cells each, with address, SOR code and reader."""
    cells = matrix(situation(), kommuner_of())
    assert len(cells) == 19 * 6
    assert {cell.standing.status for cell in cells} == {Coverage.COVERED}
    assert not any(cell.standing.findings for cell in cells)
    assert skive().standing.gln == SKIVE
    assert skive().standing.endpoint == "hub"
    assert skive().standing.taken_at == NOW - timedelta(days=1)


def test_the_six_agreed_names_and_no_draft():
    """The columns are the approved names in force, in the order of their table."""
    assert agreed_names(NAMES, NOW.date())[0] == "Hjemmepleje"
    assert len(agreed_names(NAMES, NOW.date())) == 6
    assert agreed_names(NAMES, date(2019, 12, 31)) == ()


def test_no_endpoint():
    """An address that no system reads is missing, and the text names it."""
    cell = skive(endpoints={gln: one for gln, one in EVERYBODY.items() if gln != SKIVE})
    assert codes(cell) == [Code.NO_ENDPOINT]
    assert cell.standing.status is Coverage.MISSING
    assert SKIVE in cell.standing.findings[0].text_da
    assert SKIVE in cell.standing.findings[0].text_en


def test_endpoint_disabled():
    """A system that is shut out reads nothing, whatever it took yesterday."""
    assert codes(skive(endpoints=EVERYBODY | {SKIVE: Endpoint("hub", active=False)})) == [Code.ENDPOINT_DISABLED]


@pytest.mark.parametrize(
    ("life", "expected"),
    [
        (Life(NOW - timedelta(days=14)), []),
        (Life(NOW - timedelta(days=15)), [Code.UNTRIED]),
        (Life(), [Code.UNTRIED]),
        (Life(None, NOW - timedelta(hours=23)), [Code.UNTRIED]),
        (Life(None, NOW - timedelta(hours=25)), [Code.SILENT]),
        (Life(NOW - timedelta(days=15), NOW - timedelta(days=3)), [Code.SILENT]),
        (Life(NOW - timedelta(days=2), NOW - timedelta(days=2)), []),
    ],
)
def test_silent(life: Life, expected: list[Code]):
    """Silent is who left mail for more than a day after a fortnight without a sign; who had no mail is untried."""
    assert codes(skive(lives=TAKEN | {SKIVE: life})) == expected
    assert codes(skive(lives=TAKEN | {SKIVE: life}, silent_days=1000)) == ([] if life.taken_at else expected)


def test_silent_says_when():
    """Days are told in the zone of `now`, and nothing taken is never."""
    from zoneinfo import ZoneInfo

    late = datetime(2026, 5, 1, 23, 30, tzinfo=UTC)  # the second of May in Denmark
    cell = skive(lives={SKIVE: Life(late, late)}, now=NOW.astimezone(ZoneInfo("Europe/Copenhagen")))
    assert "sidst: 02.05.2026" in cell.standing.findings[0].text_da
    assert "last: 2026-05-02" in cell.standing.findings[0].text_en
    assert "sidst: aldrig" in skive(lives={}).standing.findings[0].text_da


def test_no_address():
    """A kommune with neither a row nor a unit of the name has no address, and is asked for one."""
    rest = tuple(row for row in NAMES.addresses if row.gln != SKIVE)
    cell = skive(names=HarmonisedNames(NAMES.names, rest), register=with_units(without=SKIVE))
    assert codes(cell) == [Code.NO_ADDRESS]
    assert (cell.standing.gln, cell.standing.unit, cell.standing.status) == ("", None, Coverage.MISSING)


def test_not_in_register():
    """An address that SOR does not have is told, and that nobody reads it."""
    assert codes(skive(names=leading_to(UNKNOWN))) == [Code.NOT_IN_REGISTER, Code.NO_ENDPOINT]


def test_closed_with_successor():
    """A closed unit is told with the day it closed and the successor's address and name; that nobody reads it is no matter."""
    cell = skive(names=leading_to(CLOSED), endpoints={})
    assert codes(cell) == [Code.CLOSED]
    assert "01.01.2026" in cell.standing.findings[0].text_da
    assert f"{SUCCESSOR} (Social og Psykiatri)" in cell.standing.findings[0].text_da


def test_closed_without_successor():
    """Without a known successor the owner is to be asked."""
    gone = replace(unit(UNKNOWN), valid_to=date(2026, 1, 1))
    assert "spørg ejeren" in skive(names=leading_to(UNKNOWN), register=with_units(gone)).standing.findings[0].text_da


def test_not_yet_open():
    """A unit that opens later is told with its first day."""
    cell = skive(names=leading_to(FUTURE))
    assert codes(cell) == [Code.NOT_YET_OPEN]
    assert "01.01.2040" in cell.standing.findings[0].text_da


def test_several_units():
    """Where no row chooses between two units of the name there is no one address, and both are named."""
    cell = skive(names=HarmonisedNames(NAMES.names), register=with_units(unit(UNKNOWN)))
    assert codes(cell) == [Code.SEVERAL_UNITS]
    assert SKIVE in cell.standing.findings[0].text_da
    assert UNKNOWN in cell.standing.findings[0].text_da


def test_duplicate_name():
    """Where a row has chosen, the other unit of the name is told all the same, and once."""
    cell = skive(register=with_units(unit(UNKNOWN)))
    assert codes(cell) == [Code.DUPLICATE_NAME]
    assert UNKNOWN in cell.standing.findings[0].text_da
    assert cell.standing.status is Coverage.DOUBTFUL


def test_several_addresses():
    """A unit, known by its SOR code, that has two addresses is told with the other one, and is no namesake of itself."""
    first = next(each for each in REGISTER.units if each.gln == SKIVE)
    assert codes(skive(register=with_units(unit(UNKNOWN, sor=first.sor)))) == [Code.SEVERAL_ADDRESSES]


def test_name_not_in_register():
    """A unit of another name in SOR is told so, in a note that leaves the cell covered."""
    cell = skive(names=leading_to(UNKNOWN), register=with_units(unit(UNKNOWN, "Voksenområdet"), without=SKIVE), **_reading())
    assert codes(cell) == [Code.NAME_NOT_IN_REGISTER]
    assert "Voksenområdet" in cell.standing.findings[0].text_da
    assert cell.standing.status is Coverage.COVERED


def _reading() -> dict[str, Any]:
    return {"endpoints": EVERYBODY | {UNKNOWN: Endpoint("hub")}, "lives": TAKEN | {UNKNOWN: Life(NOW)}}


@pytest.mark.parametrize(
    ("taken", "expected"),
    [
        (frozenset(), []),
        ({"XDIS91", "XCTL03"}, []),
        ({"x-dis 91"}, []),
        ({"XDIS20"}, [Code.CAPABILITY_MISSING]),
        ({"DIS91"}, [Code.CAPABILITY_MISSING]),
    ],
)
def test_capability(taken: frozenset[str], expected: list[Code]):
    """A system whose types are known must take the correspondence as XML; one whose types are unknown is left alone."""
    assert codes(skive(capabilities={SKIVE: frozenset(taken)})) == expected


def test_what_sor_says_of_the_mailbox():
    """An address that SOR calls inactive or internal is told, also where it is read."""
    for mailbox, word in ((Mailbox(SKIVE, inactive=True), "inaktiv"), (Mailbox(SKIVE, internal=True), "internt")):
        register = Register(REGISTER.units, "test", mailboxes=MappingProxyType({SKIVE: mailbox}))
        (found,) = skive(register=register).standing.findings
        assert found.code is Code.TAKES_NO_MAIL
        assert word in found.text_da


def test_rows():
    """There is a row for each address that is open or will be, that a name leads to, or that a system reads, each once."""
    found = {row.gln: [each.code for each in row.findings] for row in rows(situation(endpoints={UNKNOWN: Endpoint("stray")}))}
    current = {each.gln for each in REGISTER.units} - {CLOSED}
    assert set(found) == current | {UNKNOWN}
    assert found[UNKNOWN] == [Code.NOT_IN_REGISTER, Code.UNTRIED]
    assert found[SKIVE] == [Code.NO_ENDPOINT]
    assert found[FUTURE] == [Code.NOT_YET_OPEN]
    read = {row.gln: [each.code for each in row.findings] for row in rows(situation())}
    assert read[CLOSED] == [Code.CLOSED]
    assert read[SKIVE] == []


def test_namesakes_among_rows():
    """Two hospital units of one name are told in the rows of both, and not a unit of the same name elsewhere."""
    first = next(each for each in REGISTER.units if each.sector is Sector.HOSPITAL)
    other = replace(first, gln=UNKNOWN, sor="")
    elsewhere = replace(first, gln="5790009999982", sor="", area="1083")
    judged = rows(situation(register=with_units(other, elsewhere), **_reading()))
    found = {row.gln: row.findings for row in judged if any(each.code is Code.DUPLICATE_NAME for each in row.findings)}
    assert set(found) == {first.gln, UNKNOWN}
    assert UNKNOWN in found[first.gln][0].text_da


def test_kommuner_in_danish_order():
    """The 19 kommuner of Region Midtjylland come as a Danish reader looks for them: Aarhus last, Ringkøbing-Skjern after Randers."""
    names = [each.name for each in kommuner_of()]
    assert len(names) == 19
    assert (names[0], names[-2:]) == ("Favrskov", ["Viborg", "Aarhus"])
    assert names.index("Ringkøbing-Skjern") == names.index("Randers") + 1


def test_every_finding_can_be_told():
    """Each code has a weight, a short form and both texts, and the places in the two texts are the same."""
    assert set(FINDINGS) == set(Code)
    for entry in FINDINGS.values():
        assert entry.short_da
        assert entry.severity in Severity
        assert {place for place in "0123" if f"{{{place}}}" in entry.text_da} == {
            place for place in "0123" if f"{{{place}}}" in entry.text_en
        }


DAYS = st.dates(date(2024, 1, 1), date(2028, 1, 1))
GLNS = st.sampled_from(["", "1", SKIVE, SKIVE_CARE, UNKNOWN, "5790009911036"])
TEXTS = st.sampled_from(["Hjemmepleje", "hjemme pleje", "Social og Psykiatri", "", "{0}", "<b>"])
UNITS = st.builds(
    Unit,
    gln=GLNS,
    sor=st.sampled_from(["", "11", "12"]),
    sector=st.sampled_from(Sector),
    area=st.sampled_from(["0779", "1082", ""]),
    kommune=st.sampled_from(["Skive", "Aarhus", "", "Nowhere"]),
    name=TEXTS,
    organisation=st.just(""),
    valid_from=DAYS,
    valid_to=st.none() | DAYS,
    replaced_by=st.none() | GLNS,
    inherited=st.booleans(),
)
ADDRESSES = st.builds(
    Address, agreement=st.just(""), valid_from=DAYS, valid_to=st.none() | DAYS, kommune=st.just("0779"), name=TEXTS, gln=GLNS
)
AGREED = st.builds(
    HarmonisedName,
    agreement=st.just(""),
    valid_from=DAYS,
    valid_to=st.none() | DAYS,
    name=TEXTS,
    definition=st.just(""),
    status=st.sampled_from(Status),
)
LIVES = st.builds(Life, st.none() | st.just(NOW - timedelta(days=30)), st.none() | st.just(NOW - timedelta(days=20)))


@settings(max_examples=150)
@given(
    units=st.lists(UNITS, max_size=6),
    agreed=st.lists(AGREED, max_size=4),
    addresses=st.lists(ADDRESSES, max_size=4),
    endpoints=st.dictionaries(GLNS, st.builds(Endpoint, st.text(max_size=3), st.booleans())),
    lives=st.dictionaries(GLNS, LIVES),
    capabilities=st.dictionaries(GLNS, st.frozensets(st.text(max_size=3), max_size=2)),
)
def test_total(units, agreed, addresses, endpoints, lives, capabilities):
    """For any register, names and facts there is one cell for each kommune and agreed name and one row an address; what is not
    covered says why, in both languages, and what is covered has an open unit and a reader that takes its mail.
    """
    names = HarmonisedNames(tuple(agreed), tuple(addresses))
    facts = {"endpoints": endpoints, "lives": lives, "capabilities": capabilities}
    now = situation(register=Register(tuple(units), "any"), names=names, **facts)
    columns = agreed_names(names, now.day)
    cells = matrix(now, kommuner_of())
    assert [(cell.kommune.name, cell.name) for cell in cells] == [(k.name, name) for k in kommuner_of() for name in columns]
    found = list(rows(now))
    assert len({row.gln for row in found}) == len(found)
    for standing in (*(cell.standing for cell in cells), *found):
        assert all(each.text_da and each.text_en for each in standing.findings)
        if standing.status is not Coverage.COVERED:
            assert standing.findings
        else:
            assert standing.unit is not None
            assert standing.unit.open_on(now.day)
            assert standing.endpoint is not None
            assert standing.taken_at is not None
