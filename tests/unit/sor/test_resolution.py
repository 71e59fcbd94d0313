"""From kommune and written name to one address or a reason, on the shipped names and on small ones of the test's own."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from sor.harmonised import Address, HarmonisedNames
from sor.name_tables import bundled as bundled_names
from sor.register import Register
from sor.register import bundled as bundled_register
from sor.resolution import Match, Reason, Resolved, Unresolved, resolve
from sor.units import Unit
from tools.make_synthetic_register import HARMONISED_NAMES

DAY = date(2026, 6, 1)
NAMES = bundled_names()
REGISTER = bundled_register()
SKIVE = "5790009911739"  # Social og Psykiatri


def asked(kommune: str, written: str, on: date = DAY, names: HarmonisedNames = NAMES, register: Register = REGISTER):
    """The answer."""
    return resolve(names, register, kommune, written, on)


def with_address(**changes: object) -> HarmonisedNames:
    """The shipped names, with the row of Skive's Social og Psykiatri changed."""
    rows = [replace(row, **changes) if row.gln == SKIVE else row for row in NAMES.addresses]
    return HarmonisedNames(NAMES.names, tuple(rows), NAMES.aliases)


def without_addresses() -> HarmonisedNames:
    """The shipped names without a row for any cell."""
    return HarmonisedNames(NAMES.names, (), NAMES.aliases)


def test_every_name_in_every_kommune():
    """The six names resolve in all of the 19 kommuner, each to an address of its own."""
    answers = [asked(kommune, name) for kommune in REGISTER.kommuner for name in HARMONISED_NAMES]
    assert all(isinstance(answer, Resolved) and answer.how is Match.EXACT for answer in answers)
    assert len({answer.unit.gln for answer in answers}) == 19 * 6


@pytest.mark.parametrize(
    ("kommune", "written", "gln", "how"),
    [
        ("Skive", "Social og Psykiatri", SKIVE, Match.EXACT),
        ("0779", "Social og Psykiatri", SKIVE, Match.EXACT),
        ("SKIVE KOMMUNE", "social & psykiatri", SKIVE, Match.SPELLING),
        ("Skive", "SocialogPsykiatri", SKIVE, Match.SPELLING),
        ("Skive", "Skive Kommune - Social og Psykiatri", SKIVE, Match.SPELLING),
        ("Skive", "Socialpsykiatrien i Skive", SKIVE, Match.ALIAS),
        ("Viborg", "PPL", "5790009911852", Match.ALIAS),
        ("Viborg", "Jobcenter Viborg", "5790009911869", Match.ALIAS),
        ("Århus", "traening og aktivitet", "5790009911326", Match.SPELLING),
        ("aarhus", "Socialpsykiatri og udsatte voksne", "5790009911333", Match.ALIAS),
    ],
)
def test_what_people_write(kommune, written, gln, how):
    """Case, spacing, å for aa, the kommune's own name beside it, and agreed local names lead to the address."""
    answer = asked(kommune, written)
    assert isinstance(answer, Resolved)
    assert (answer.unit.gln, answer.how) == (gln, how)


def test_several_are_refused_with_all():
    """A local name that spans two harmonised names is refused with both (and a name of another kommune's is nothing here)."""
    for written in ("Sociale Forhold og Beskæftigelse", "socialforvaltningen"):
        answer = asked("Aarhus", written)
        assert isinstance(answer, Unresolved)
        assert (answer.reason, answer.names) == (Reason.AMBIGUOUS, ("Social og Psykiatri", "Arbejdsmarked"))
    assert asked("Skive", "Socialforvaltningen").reason is Reason.NO_SUCH_NAME


@pytest.mark.parametrize(
    ("kommune", "written", "reason", "name"),
    [
        ("Skivve", "Hjemmepleje", Reason.NO_SUCH_KOMMUNE, None),
        ("", "", Reason.NO_SUCH_KOMMUNE, None),
        ("Skive", "", Reason.NO_SUCH_NAME, None),
        ("Skive", "Familieafdelingen", Reason.NO_SUCH_NAME, None),
        ("Skive", "Hjemmepleje" + " " * 200, Reason.NO_SUCH_NAME, None),
        ("Skive" + " " * 200, "Hjemmepleje", Reason.NO_SUCH_KOMMUNE, None),
        ("Aarhus", "Center for Akut- og Opsøgende Indsatser", Reason.NOT_HARMONISED, None),
        ("Holstebro", "Misbrugsbehandling", Reason.DRAFT, "Misbrugscenter"),
        ("Syddjurs", "rusmiddelcenter", Reason.DRAFT, "Misbrugscenter"),
        ("København", "Hjemmepleje", Reason.NO_ADDRESS, "Hjemmepleje"),
    ],
)
def test_the_reason_why_not(kommune, written, reason, name):
    """Each way of having no address has a reason of its own, in Danish and in English."""
    answer = asked(kommune, written)
    assert isinstance(answer, Unresolved)
    assert (answer.reason, answer.name) == (reason, name)
    assert answer.reason.text_da != answer.reason.text_en


def test_what_is_like_a_name_is_suggested_and_not_taken():
    """A misspelling has suggestions of approved names, best first, and no address."""
    for written, suggestion in (
        ("Hjemplejen", "Hjemmepleje"),
        ("Skole og PPR", "Skole, dagtilbud og PPR"),
        ("social psykatri", "Social og Psykiatri"),
        ("Jobcentr", "Arbejdsmarked"),
    ):
        answer = asked("Skive", written)
        assert isinstance(answer, Unresolved)
        assert answer.suggestions[0] == suggestion
    assert asked("Skivve", "Hjemmepleje").suggestions == ("Skive",)
    assert asked("Skive", "hus og have").suggestions == ()
    assert resolve(NAMES, REGISTER, "Skive", "Hjemplejen", DAY, suggest=False).suggestions == ()


def test_an_address_that_cannot_be_used():
    """An address that the register does not know, one not yet open, and one closed, with its successor, are refused."""
    unknown = asked("Skive", "Social og Psykiatri", names=with_address(gln="5790009999999"))
    assert (unknown.reason, unknown.gln) == (Reason.NOT_IN_REGISTER, "5790009999999")
    closed = asked("Skive", "Social og Psykiatri", names=with_address(gln="5790009940012"))
    assert (closed.reason, [unit.gln for unit in closed.units]) == (Reason.CLOSED, ["5790009911036"])
    future = asked("Skive", "Social og Psykiatri", names=with_address(gln="5790009950011"))
    assert future.reason is Reason.NOT_YET_OPEN


def test_effective_dates():
    """An address takes effect on its first day and not before; after its last day the cell is empty, whatever the register says."""
    ends, begins = with_address(valid_to=DAY), with_address(valid_from=date(2026, 6, 2))
    assert isinstance(asked("Skive", "Social og Psykiatri", names=ends), Resolved)
    assert asked("Skive", "Social og Psykiatri", date(2026, 6, 2), ends).reason is Reason.NO_ADDRESS
    assert asked("Skive", "Social og Psykiatri", names=begins).reason is Reason.NO_ADDRESS
    assert asked("Skive", "Hjemmepleje", date(2019, 12, 31)).reason is Reason.NOT_IN_FORCE


def test_the_register_answers_for_a_cell_that_the_table_is_silent_on():
    """A kommune that has given one unit of its own the agreed name is found by it; two of the name are refused with both."""
    assert asked("Skive", "Social og Psykiatri", names=without_addresses()).unit.gln == SKIVE
    unit = next(unit for unit in REGISTER.units if unit.gln == SKIVE)
    twice = Register((unit, replace(unit, gln="5790009960010", sor="")), "to")
    answer = asked("Skive", "Social og Psykiatri", names=without_addresses(), register=twice)
    assert (answer.reason, len(answer.units)) == (Reason.SEVERAL_ADDRESSES, 2)
    assert asked("Viborg", "Hjemmepleje", names=without_addresses(), register=twice).reason is Reason.NO_ADDRESS


def test_of_units_that_share_an_address_the_owner_answers():
    """Where a unit and the one that inherits its address both have the name, there is one address."""
    owner: Unit = next(unit for unit in REGISTER.units if unit.gln == SKIVE)
    register = Register((owner, replace(owner, sor="9911739991000016001", inherited=True)), "arv")
    assert asked("Skive", "Social og Psykiatri", names=without_addresses(), register=register).unit == owner


def test_a_units_own_name_that_is_not_harmonised():
    """What the register itself calls a unit is shown beside the refusal and not taken for a harmonised name."""
    on = date(2025, 6, 1)
    answer = asked("Silkeborg", "Voksenpsykiatri", on)
    assert isinstance(answer, Unresolved)
    assert (answer.reason, [unit.gln for unit in answer.units]) == (Reason.NO_SUCH_NAME, ["5790009940012"])


def test_a_row_for_another_kommune_changes_nothing_here():
    """The table is asked for the kommune that was named and no other."""
    row = Address(kommune="0101", name="Hjemmepleje", gln=SKIVE, agreement="", valid_from=date(2020, 1, 1))
    names = HarmonisedNames(NAMES.names, (row,), ())
    assert asked("København", "Hjemmepleje", names=names).unit.gln == SKIVE
    assert asked("Odense", "Hjemmepleje", names=names).reason is Reason.NO_ADDRESS
