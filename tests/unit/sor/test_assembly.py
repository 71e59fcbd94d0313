"""From entities to units: who is reached where, on which day, and whose an address is."""

from dataclasses import replace
from datetime import date

import pytest

from sor.assembly import assembled
from sor.entities import Entity, Level, Mailbox
from sor.extracts.problems import Findings
from sor.register import Register
from sor.units import Closed, Found, NotYetOpen, Sector
from tests.unit.sor.extracts import gln, sor

TODAY = date(2026, 6, 1)
START = date(2010, 1, 1)


def entity(number, parent=None, own=None, **changes):
    """An entity: an owner without parent, otherwise a unit; `own` is the number of its own lokationsnummer."""
    level = Level.OWNER if parent is None else Level.UNIT
    made = Entity(sor(number), level, f"Testenhed {number}", "", None if parent is None else sor(parent), START, line=number)
    return replace(made, mailbox=None if own is None else Mailbox(gln(own)), **changes)


KOMMUNE = entity(1, name="Skive Kommune", type="kommune")


def register(*entities):
    """The register of the entities, and the codes of what was odd."""
    findings = Findings("prøve")
    made = Register(assembled(entities, findings), "v", findings.warnings)
    return made, [warning.code for warning in findings.warnings]


def addresses(made, number):
    """The addresses of an entity in order of time: first day, last day, address, whether it is another's."""
    found = [unit for unit in made.units if unit.sor == sor(number)]
    return [(unit.valid_from, unit.valid_to, unit.gln, unit.inherited) for unit in found]


def test_address_inherited_through_generations():
    """A unit far down has the address of the first above it that has its own, and the address leads back to that one."""
    made, odd = register(KOMMUNE, entity(2, 1, own=2), entity(3, 2, inherits=True), entity(4, 3, inherits=True))
    assert addresses(made, 4) == [(START, None, gln(2), True)]
    assert made.by_gln(gln(2), TODAY).unit.sor == sor(2)
    assert made.by_sor(sor(4), TODAY).unit.gln == gln(2)
    assert [unit.sor for unit in made.sharing(gln(2), TODAY)] == [sor(2), sor(3), sor(4)]
    assert odd == []


def test_inheriting_unit_before_its_parent():
    """The order of the rows is of no matter."""
    made, _ = register(entity(3, 2, inherits=True), entity(2, 1, own=2), KOMMUNE)
    assert addresses(made, 3) == [(START, None, gln(2), True)]
    assert made.by_sor(sor(3), TODAY).unit.kommune == "Skive"


def test_address_that_repeats_the_parents():
    """A unit whose own address is its parent's is taken to inherit it, whatever the extract calls that."""
    made, odd = register(KOMMUNE, entity(2, 1, own=2), entity(3, 2, own=2), entity(4, 2, own=2, inherits=True))
    assert addresses(made, 3) == addresses(made, 4) == [(START, None, gln(2), True)]
    assert odd == []


def test_unit_without_address():
    """A unit without an address, or that inherits from one without, is known by its SOR code and not by its name."""
    made, odd = register(KOMMUNE, entity(2, 1), entity(3, 2, inherits=True))
    assert made.by_sor(sor(3), TODAY).unit.gln == ""
    assert made.by_name("Skive", "Testenhed 3") == ()
    assert made.by_gln("", TODAY) is None
    assert odd == []


def test_parents_address_ends():
    """A unit that inherits loses the address with its parent's last day, and is told of; it stays known without."""
    closed = entity(2, 1, own=2, valid_to=date(2020, 12, 31))
    made, odd = register(KOMMUNE, closed, entity(3, 2, inherits=True))
    assert addresses(made, 3) == [(START, date(2020, 12, 31), gln(2), True), (date(2021, 1, 1), None, "", False)]
    assert made.by_gln(gln(2), TODAY) == Closed(made.units[1], date(2021, 1, 1))
    assert made.by_sor(sor(3), TODAY).unit.gln == ""
    assert odd == ["inherits-closed"]


def test_parents_address_begins():
    """A unit that inherits from a future unit has no address before it opens."""
    made, _ = register(KOMMUNE, entity(2, 1, own=2, valid_from=date(2040, 1, 1)), entity(3, 2, inherits=True))
    assert isinstance(made.by_sor(sor(3), TODAY), NotYetOpen)
    assert isinstance(made.by_gln(gln(2), TODAY), NotYetOpen)


def test_parents_address_changes():
    """A unit that inherits changes its address on the day its parent does."""
    before = entity(2, 1, own=2, valid_to=date(2020, 12, 31))
    after = entity(2, 1, own=9, valid_from=date(2021, 1, 1))
    made, odd = register(KOMMUNE, before, after, entity(3, 2, inherits=True))
    assert addresses(made, 3) == [(START, date(2020, 12, 31), gln(2), True), (date(2021, 1, 1), None, gln(9), True)]
    assert made.by_gln(gln(2), TODAY).unit.replaced_by == gln(9)
    assert made.by_name("Skive", "Testenhed 3", TODAY)[0].gln == gln(9)
    assert odd == []


def test_address_with_a_life_of_its_own():
    """A lokationsnummer that ends before its unit is closed from the day after."""
    mailbox = Mailbox(gln(2), valid_from=date(2012, 1, 1), valid_to=date(2024, 12, 31))
    made, _ = register(KOMMUNE, replace(entity(2, 1), mailbox=mailbox))
    assert made.by_gln(gln(2), TODAY).since == date(2025, 1, 1)
    assert made.by_sor(sor(2), TODAY).unit.gln == ""
    assert isinstance(made.by_gln(gln(2), date(2011, 1, 1)), NotYetOpen)


def test_rows_of_one_entity():
    """A later row ends the one before it, of two rows from one day the last counts, and the first begins with the entity."""
    rows = [entity(2, 1, own=2, name=name, valid_from=day) for name, day in (("A", START), ("B", date(2020, 1, 1)))]
    rows.append(entity(2, 1, own=2, name="C", valid_from=date(2020, 1, 1), first_from=START, line=7))
    rows[0] = replace(rows[0], first_from=date(2001, 1, 1))
    made, odd = register(KOMMUNE, *rows)
    assert [(unit.name, unit.valid_from, unit.valid_to) for unit in made.units[1:]] == [
        ("A", date(2001, 1, 1), date(2019, 12, 31)),
        ("C", date(2020, 1, 1), None),
    ]
    assert odd == ["sor-twice"]


def test_successor():
    """A closed unit's address leads to its successor's, whichever of the two rows says so, and past one without an address."""
    closed = entity(2, 1, own=2, valid_to=date(2020, 12, 31))
    cases = [
        (replace(closed, successors=(sor(3),)), entity(3, 1, own=3)),
        (closed, entity(3, 1, own=3, predecessors=(sor(2),))),
        (replace(closed, successors=(sor(4),)), entity(4, 1, successors=(sor(3),)), entity(3, 1, own=3)),
        (replace(closed, successors=(sor(4),)), entity(4, 1, own=3, inherits=True)),
    ]
    for entities in cases:
        made, odd = register(KOMMUNE, *entities)
        answer = made.by_gln(gln(2), TODAY)
        assert isinstance(answer, Closed)
        assert answer.unit.replaced_by == gln(3)
        assert odd == []


def test_successor_that_cannot_be_named():
    """Successors in a circle, unknown, or with an address each give no address; the last two are told of."""
    closed = entity(2, 1, own=2, valid_to=date(2020, 12, 31))
    circle = register(KOMMUNE, replace(closed, successors=(sor(3),)), entity(3, 1, successors=(sor(2),)))
    unknown = register(KOMMUNE, replace(closed, successors=(sor(8),)))
    split = register(KOMMUNE, replace(closed, successors=(sor(3), sor(4))), entity(3, 1, own=3), entity(4, 1, own=4))
    for made, _ in (circle, unknown, split):
        assert made.by_gln(gln(2), TODAY).unit.replaced_by is None
    assert [odd for _, odd in (circle, unknown, split)] == [[], ["no-such-successor"], ["successors"]]


def test_address_of_two_owners():
    """Of two that call one address their own the higher in the tree has it, both lines are named, and both are reached."""
    made, odd = register(entity(5, 6, own=2), entity(6, 1), replace(entity(2, 1, own=2), level=Level.INSTITUTION), KOMMUNE)
    assert made.by_gln(gln(2), TODAY).unit.sor == sor(2)
    assert made.by_sor(sor(5), TODAY).unit.gln == gln(2)
    assert odd == ["gln-shared"]
    assert made.warnings[0].values == (gln(2), "2", "5")


def test_address_that_passes_on():
    """An address that one unit had and another has now is each one's in its time, without a warning."""
    made, odd = register(
        KOMMUNE, entity(2, 1, own=2, valid_to=date(2020, 12, 31)), entity(3, 1, own=2, valid_from=date(2021, 1, 1))
    )
    assert made.by_gln(gln(2), date(2020, 12, 31)).unit.sor == sor(2)
    assert made.by_gln(gln(2), TODAY) == Found(made.units[2])
    assert odd == []


def test_parent_that_is_not_there():
    """A unit whose parent is not in the extract keeps the address that its row repeats, and answers for it."""
    made, odd = register(entity(3, 2, own=2, inherits=True))
    assert addresses(made, 3) == [(START, None, gln(2), True)]
    assert made.by_gln(gln(2), TODAY).unit.sor == sor(3)
    assert odd == ["no-such-parent"]


def test_inherited_address_that_is_not_the_parents():
    """Where a row repeats another address than its parent has, the row's is used and told of."""
    made, odd = register(KOMMUNE, entity(2, 1, own=2), entity(3, 2, own=9, inherits=True))
    assert made.by_sor(sor(3), TODAY).unit.gln == gln(9)
    assert odd == ["inherits-other"]


def test_circle_of_parents():
    """Entities that stand above each other are read, and the circle is told of."""
    made, odd = register(entity(2, 3, own=2), entity(3, 2, inherits=True))
    assert len(made.units) == 2
    assert odd == ["circle"]


def test_very_deep_tree():
    """A chain of five thousand parents is no deeper than one of three."""
    chain = [entity(number, number - 1, inherits=True) for number in range(3, 5000)]
    made, _ = register(*reversed(chain), entity(2, 1, own=2), KOMMUNE)
    assert made.by_sor(sor(4999), TODAY).unit.gln == gln(2)


@pytest.mark.parametrize(
    ("owner", "institution", "expected"),
    [
        ({"name": "Københavns Kommune"}, {}, (Sector.KOMMUNE, "0101", "København")),
        ({"name": "Bornholms Regionskommune"}, {}, (Sector.KOMMUNE, "0400", "Bornholm")),
        ({"name": "Socialcenter Nord", "type": "kommune", "kommunekode": "0779"}, {}, (Sector.KOMMUNE, "0779", "Skive")),
        ({"name": "Skive Kommune"}, {"kommunekode": "0791"}, (Sector.KOMMUNE, "0779", "Skive")),
        ({"name": "Region Midtjylland"}, {"kommunekode": "0791"}, (Sector.HOSPITAL, "1082", "Viborg")),
        ({"name": "Regionen", "type": "region", "regionskode": "1086"}, {}, (Sector.HOSPITAL, "1086", "")),
        ({"name": "Testklinikken"}, {"type": "22232009", "kommunekode": "0791"}, (Sector.HOSPITAL, "1082", "Viborg")),
        (
            {"name": "Testklinikken"},
            {"type": "Privathospital", "regionskode": "Region Syddanmark"},
            (Sector.HOSPITAL, "1083", ""),
        ),
        ({"name": "Testlægen", "ydernummer": "19062"}, {}, (Sector.PRAKSIS, "19062", "")),
        ({"name": "Testlægen"}, {"ydernummer": "19062", "kommunekode": "0751"}, (Sector.PRAKSIS, "19062", "Aarhus")),
        ({"name": "Regionens Testlæger"}, {"type": "lægepraksis"}, (Sector.PRAKSIS, sor(2), "")),
    ],
)
def test_sector_area_and_kommune(owner, institution, expected):
    """Sector and area come from the owner and the institution, the kommune from the owner or the address."""
    below = replace(entity(2, 1, own=2), level=Level.INSTITUTION, **institution)
    made, _ = register(entity(1, **owner), below)
    unit = made.by_gln(gln(2), TODAY).unit
    assert (unit.sector, unit.area, unit.kommune) == expected
    assert unit.organisation == owner["name"]


def test_practice_is_its_units_ydernummer():
    """A practice whose owner has the address and whose unit has the ydernummer is one practice; with two ydernumre it is not."""
    below = [entity(3, 2, ydernummer="19062", inherits=True)]
    made, _ = register(entity(1, own=1), entity(2, 1, inherits=True), *below)
    assert {unit.area for unit in made.units} == {"19062"}
    made, _ = register(entity(1, own=1), entity(2, 1), *below, entity(4, 2, ydernummer="19070", inherits=True))
    assert made.by_gln(gln(1), TODAY).unit.area == sor(1)
    assert made.by_sor(sor(4), TODAY).unit.area == "19070"


def test_kommune_that_cannot_be_told():
    """A kommune whose name is in no list and that has no address is told of, and its units are found by SOR code."""
    made, odd = register(entity(1, name="Ny Storkommune", type="kommune"), entity(2, 1, own=2))
    assert odd == ["no-kommune"]
    assert made.by_gln(gln(2), TODAY).unit.area == sor(1)
    assert made.kommuner == ()


def test_names_that_are_told_apart():
    """Units of one name with one address, or one after the other, are no namesakes."""
    named = {"name": "Hjemmepleje"}
    one, odd_one = register(KOMMUNE, entity(2, 1, own=2, **named), entity(3, 2, inherits=True, **named))
    closed = entity(2, 1, own=2, valid_to=date(2020, 12, 31), **named)
    other, odd_other = register(KOMMUNE, closed, entity(3, 1, own=3, valid_from=date(2021, 1, 1), **named))
    assert not one.has_namesake(gln(2))
    assert not other.has_namesake(gln(3))
    assert odd_one == odd_other == []


def test_namesakes_among_many():
    """Of three units of one name the two that are open together are told of, whatever the third."""
    closed = entity(2, 1, own=2, name="Ens", valid_to=date(2015, 1, 1))
    made, odd = register(KOMMUNE, closed, *(entity(n, 1, own=n, name="Ens", valid_from=date(2020, 1, 1)) for n in (3, 4)))
    assert odd == ["name-twice"]
    assert made.warnings[0].values == ("Ens", "3", "4")
