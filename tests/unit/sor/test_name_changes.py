"""What a new version of the names changes, before it takes effect."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from sor.harmonised import HarmonisedNames, Status
from sor.name_changes import Kind, compare, elsewhere
from sor.name_tables import bundled as bundled_names
from sor.register import bundled as bundled_register
from sor.resolution import Reason, Resolved, Unresolved

DAY = date(2026, 6, 1)
NEXT = date(2026, 6, 15)
OLD = bundled_names()
REGISTER = bundled_register()
SKIVE, VIBORG = "5790009911739", "5790009911838"  # Social og Psykiatri


def rolled_out() -> HarmonisedNames:
    """The shipped names with another address for Skive's Social og Psykiatri from NEXT on."""
    rows = []
    for row in OLD.addresses:
        if row.gln == SKIVE:
            rows += [replace(row, valid_to=date(2026, 6, 14)), replace(row, gln=VIBORG, valid_from=NEXT)]
        else:
            rows.append(row)
    return HarmonisedNames(OLD.names, tuple(rows), OLD.aliases)


def test_nothing_changed():
    """The same rows in another order, from other lines, are no change and send nothing elsewhere."""
    moved = tuple(replace(row, line=row.line + 7) for row in reversed(OLD.addresses))
    same = HarmonisedNames(OLD.names, moved, OLD.aliases)
    assert (compare(OLD, same), elsewhere(OLD, same, REGISTER, DAY)) == ((), ())


def test_rows_added_changed_and_removed():
    """A row of the same key is changed, another is added or removed; each is told once, with what it was and is."""
    new = HarmonisedNames(OLD.names[:-1], rolled_out().addresses, OLD.aliases)
    told = [(change.kind, type(change.row).__name__) for change in compare(OLD, new)]
    assert told == [(Kind.REMOVED, "HarmonisedName"), (Kind.CHANGED, "Address"), (Kind.ADDED, "Address")]
    back = [change.kind for change in compare(new, OLD)]
    assert back == [Kind.ADDED, Kind.CHANGED, Kind.REMOVED]


def test_what_goes_elsewhere_and_from_when():
    """A later address is told with its first day, for the name and for every alias of it, in its own kommune and no other."""
    found = elsewhere(OLD, rolled_out(), REGISTER, DAY)
    assert {(one.kommune, one.since) for one in found} == {("0779", NEXT)}
    assert {one.written for one in found} >= {"Social og Psykiatri", "Socialpsykiatri"}
    for one in found:
        assert isinstance(one.before, Resolved)
        assert isinstance(one.after, Resolved)
        assert (one.before.unit.gln, one.after.unit.gln) == (SKIVE, VIBORG)


def test_a_name_that_is_withdrawn_goes_nowhere_in_every_kommune():
    """Making a name a draft refuses it in all of the 19 kommuner from today."""
    names = tuple(replace(row, status=Status.DRAFT) if row.name == "Sundhedspleje" else row for row in OLD.names)
    found = elsewhere(OLD, HarmonisedNames(names, OLD.addresses, OLD.aliases), REGISTER, DAY)
    assert {one.written for one in found} == {"Sundhedspleje", "Sundhedsplejen"}
    assert len({one.kommune for one in found}) == 19
    assert all(isinstance(one.after, Unresolved) and one.after.reason is Reason.DRAFT for one in found)


def test_an_alias_that_comes_to_cover_two():
    """An alias that was one thing and becomes two is told as refused."""
    aliases = tuple(replace(row, names=(*row.names, "Hjemmepleje")) if row.alias == "PPL" else row for row in OLD.aliases)
    (one,) = elsewhere(OLD, HarmonisedNames(OLD.names, OLD.addresses, aliases), REGISTER, DAY)
    assert (one.kommune, one.written, one.since) == ("0791", "PPL", DAY)
    assert isinstance(one.after, Unresolved)
    assert one.after.reason is Reason.AMBIGUOUS
