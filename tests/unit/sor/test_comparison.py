"""What is otherwise in one register than in another."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from sor.comparison import ChangeKind, Whither, changes, touched, whither
from sor.register import Register, bundled
from sor.units import Sector, Unit

DAY = date(2026, 11, 22)
SOR = "9911739000016009"
UNIT = Unit("5790009911739", SOR, Sector.KOMMUNE, "0779", "Skive", "Testenhed", "Skive Kommune", date(2020, 1, 1))
PLAIN = replace(UNIT, gln="5790009910930", sor="", name="Uden SOR")


def kinds(before: tuple[Unit, ...], after: tuple[Unit, ...], day: date = DAY) -> list[ChangeKind]:
    """The kinds of change from the one to the other."""
    return [change.kind for change in changes(before, after, day)]


def test_each_kind_of_change():
    """A unit is new, gone, renamed, moved or readdressed, or several of these; what stays is not mentioned."""
    assert kinds((UNIT, PLAIN), (PLAIN, UNIT)) == []
    assert kinds((), (UNIT,)) == [ChangeKind.NEW]
    assert kinds((UNIT, PLAIN), (PLAIN,)) == [ChangeKind.GONE]
    assert kinds((UNIT,), (replace(UNIT, name="Andet"),)) == [ChangeKind.RENAMED]
    assert kinds((UNIT,), (replace(UNIT, area="0791", kommune="Viborg"),)) == [ChangeKind.MOVED]
    assert kinds((UNIT,), (replace(UNIT, gln=""),)) == [ChangeKind.READDRESSED]
    both = replace(UNIT, gln="5790009910930", name="Andet")
    assert kinds((UNIT,), (both,)) == [ChangeKind.RENAMED, ChangeKind.READDRESSED]


def test_as_of_the_day():
    """A unit that closes is gone from the day after its last one, whichever register it stands in."""
    closing = replace(UNIT, valid_to=DAY)
    assert kinds((UNIT,), (closing,)) == []
    assert kinds((UNIT,), (closing,), date(2026, 11, 23)) == [ChangeKind.GONE]


def test_a_unit_without_sor_code_is_its_address():
    """A unit without SOR code that has another address is gone and new; a change of its name is one of name."""
    assert kinds((PLAIN,), (replace(PLAIN, gln="5790009911739"),)) == [ChangeKind.GONE, ChangeKind.NEW]
    assert kinds((PLAIN,), (replace(PLAIN, name="Nyt"),)) == [ChangeKind.RENAMED]


def test_whither():
    """Mail finds a unit, a closed one with its successor, one to come, or nobody."""
    ended = replace(UNIT, valid_to=date(2025, 1, 1), replaced_by="5790009910930")
    register = Register((ended, replace(PLAIN, valid_from=date(2027, 1, 1))), "a")
    assert whither(register, "5790009911739", DAY) == Whither("closed", ended, "5790009910930")
    assert whither(register, "5790009911739", date(2025, 1, 1)) == Whither("found", ended)
    assert whither(register, "5790009910930", DAY).how == "future"
    assert whither(register, "5790009999999", DAY) == Whither("unknown")


def test_untouched_addresses_are_answered_alike():
    """Every address whose answer differs between two registers on some day is among the touched, and few others are."""
    units = list(bundled().units)
    units[3] = replace(units[3], area="0101")
    units[5] = replace(units[5], valid_to=date(2026, 12, 1))
    after = Register((*units[1:], PLAIN), "b")
    found = touched(bundled(), after)
    days = (date(2020, 6, 1), DAY, date(2026, 12, 2))
    differ = {u.gln for u in (*bundled().units, PLAIN) for d in days if bundled().by_gln(u.gln, d) != after.by_gln(u.gln, d)}
    assert differ <= found
    assert len(found) <= 4
