"""Search in a register, and units as FHIR Organizations."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from sor.lookup import MOST_LOOKED_AT, Lookup
from sor.organization import asked, bundle, organization
from sor.register import Register, bundled
from sor.units import Sector, Unit

DAY = date(2026, 6, 1)
LOOKUP = Lookup(bundled())


def unit(name: str, kommune: str = "Skive", **changes: object) -> Unit:
    """A unit for a test."""
    fields = {"gln": f"adresse {name} {kommune}", "sor": "", "sector": Sector.KOMMUNE, "area": "0779", "organisation": ""}
    return Unit(**(fields | {"name": name, "kommune": kommune, "valid_from": date(2020, 1, 1)} | changes))


def names(lookup: Lookup, query: str, **more: object) -> list[str]:
    """The names of the units found."""
    return [unit.name for unit in lookup.search(query, DAY, **more).units]


@pytest.mark.parametrize(
    "query", ["træning", "TRAENING", "traen", "og aktivitet", "aktivitet træning", "træning horsens", "æning"]
)
def test_any_part_in_any_order_and_spelling(query):
    """Words are found wherever they stand in the name, beside the kommune's, with Danish letters in either form."""
    assert ("Horsens", "Træning og aktivitet") in {
        (unit.kommune, unit.name) for unit in LOOKUP.search(query, DAY, limit=100).units
    }


def test_every_word_must_be_there():
    """Words that each find something find nothing together where no unit has them all, and a letter must begin one of its words."""
    assert names(LOOKUP, "sundhedspleje arbejdsmarked") == names(LOOKUP, "sundhedspleje x") == []
    assert set(names(LOOKUP, "træning a skive")) == {"Træning og aktivitet"}


def test_a_kommune_narrows_it():
    """With a kommune, by name or code and in any spelling, only its units are found; of one that is not there, none."""
    for kommune in ("Aarhus", "0751", "århus kommune"):
        found = LOOKUP.search("sundhedspleje", DAY, kommune=kommune).units
        assert [unit.gln for unit in found] == ["5790009911340"]
    assert names(LOOKUP, "sundhedspleje", kommune="Ingensteds") == []
    assert len(LOOKUP.of_kommune("Skive", DAY)) == 7


def test_the_best_come_first():
    """First the unit of that very name, then names that begin so, then the others; shorter before longer."""
    lookup = Lookup(Register(tuple(map(unit, ["Nyt Center Åen", "Åen 2", "Åen", "Center", "Åens Hus"])), "x"))
    assert names(lookup, "åen") == ["Åen", "Åen 2", "Åens Hus", "Nyt Center Åen"]


def test_units_that_are_not_open_or_have_no_address_are_left_out():
    """Nobody can write to them today."""
    assert names(LOOKUP, "voksenpsykiatri") == names(LOOKUP, "akutfunktion") == []
    assert [one.name for one in LOOKUP.search("voksenpsykiatri", date(2025, 1, 1)).units] == ["Voksenpsykiatri"]
    assert names(Lookup(Register((unit("Hus", gln=""),), "x")), "hus") == []


def test_how_many():
    """No more than were asked for, and it is told that there are others."""
    hits = LOOKUP.search("hjemmepleje", DAY, limit=5)
    assert (len(hits.units), hits.more) == (5, True)
    everything = LOOKUP.search("hjemmepleje", DAY, limit=19)
    assert (len(everything.units), everything.more) == (19, False)


def test_what_is_no_question():
    """Without letters and digits nothing is found, and a single letter must begin a word."""
    assert names(LOOKUP, "") == names(LOOKUP, "!?") == names(LOOKUP, "\ud800") == []
    assert set(names(LOOKUP, "h", kommune="Skive")) == {"Hjemmepleje"}


def test_a_search_is_bounded():
    """Where more units have the words than one search looks at, it is told that there may be more, though none of those was open."""
    many = tuple(unit(f"Hus {number}", gln=str(number)) for number in range(MOST_LOOKED_AT + 1))
    lookup = Lookup(Register(many, "x"))
    assert lookup.search("us skive", date(2019, 1, 1)).more
    assert not lookup.search("us skive findesikke", date(2019, 1, 1)).more, "the rarest word is in none"


def test_practices_by_ydernummer():
    """With and without leading zeros; one ydernummer may have two units."""
    found = LOOKUP.practices("0990001", DAY)
    assert [unit.name for unit in found] == ["Testlægerne Skive"]
    assert LOOKUP.practices("990001", DAY) == found
    assert LOOKUP.practices("1", DAY) == ()


def test_organization():
    """A unit has its SOR code and its lokationsnummer in dk-core's systems, its kommune's code, and is active while it is open."""
    skive = bundled().by_gln("5790009911739", DAY).unit
    made = organization(skive, DAY)
    assert made["identifier"] == [
        {"use": "official", "system": "urn:oid:1.2.208.176.1.1", "value": "9911731000016004"},
        {"system": "https://www.gs1.org/gln", "value": "5790009911739"},
    ]
    assert (made["resourceType"], made["id"], made["active"], made["name"]) == (
        "Organization",
        "9911731000016004",
        True,
        "Social og Psykiatri",
    )
    coding = made["address"][0]["extension"][0]["valueCodeableConcept"]["coding"][0]
    assert (coding["code"], coding["display"]) == ("0779", "Skive")
    assert not organization(replace(skive, valid_to=date(2026, 5, 31)), DAY)["active"]
    assert "meta" not in organization(replace(skive, sor=""), DAY)
    practice = organization(LOOKUP.practices("990001", DAY)[0], DAY)
    assert practice["identifier"][2] == {"system": "urn:oid:1.2.208.176.1.4", "value": "990001"}


def test_a_bundle_of_nothing_has_no_empty_list():
    """FHIR has no empty arrays."""
    assert bundle((), DAY) == {"resourceType": "Bundle", "type": "searchset"}


@pytest.mark.parametrize("system", ["https://www.gs1.org/gln", "http://www.gs1.org/gln", "urn:oid:1.3.88"])
def test_three_systems_of_a_lokationsnummer_are_one(system):
    """Whichever system the identifier is written with, it asks for the same."""
    assert asked(f"{system}|579 0009911739 ") == ("https://www.gs1.org/gln", "5790009911739")
    assert asked("5790009911739") == ("", "5790009911739")
    assert asked("urn:x|1|2") == ("urn:x|1", "2")
