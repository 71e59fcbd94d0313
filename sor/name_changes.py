"""What a new version of the harmonised names changes: row by row, and whose mail would go elsewhere from which day on.

Whoever edits the tables sees this before anything takes effect. Rows are compared by what they say, so that sorting a file or
commenting it is no change; where mail would go is found by resolving everything that can be written, in both versions, on every
day on which one of them changes.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import zip_longest

from sor.harmonised import HarmonisedNames, Row
from sor.kommuner import kommuner
from sor.register import Register
from sor.resolution import Resolution, Resolved, resolve

_NEVER = date.max


class Kind(StrEnum):
    """What became of a row."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Change:
    """A row before and after; None where it was not there. At least one of them is."""

    before: Row | None
    after: Row | None

    @property
    def kind(self) -> Kind:
        """What became of the row."""
        if self.before is None:
            return Kind.ADDED
        return Kind.CHANGED if self.after is not None else Kind.REMOVED

    @property
    def row(self) -> Row:
        """The row as it is after, or as it was."""
        row = self.after or self.before
        assert row is not None  # noqa: S101 - a change of nothing is never made
        return row


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """From `since` on what is `written` in a kommune (a kommunekode) has another answer."""

    kommune: str
    written: str
    since: date
    before: Resolution
    after: Resolution


def compare(old: HarmonisedNames, new: HarmonisedNames) -> tuple[Change, ...]:
    """Every row that differs, in the order names, addresses, aliases, and of a table by key and time."""
    return (
        *_changes(old.names, new.names),
        *_changes(old.addresses, new.addresses),
        *_changes(old.aliases, new.aliases),
    )


def _changes(old: Iterable[Row], new: Iterable[Row]) -> Iterator[Change]:
    before, after = Counter(old), Counter(new)
    gone, come = _by_key(before - after), _by_key(after - before)
    for key in sorted(gone.keys() | come.keys()):
        for pair in zip_longest(gone.get(key, ()), come.get(key, ())):
            yield Change(*pair)


def _by_key(rows: Iterable[Row]) -> dict[tuple[str, ...], list[Row]]:
    groups: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row.valid_from):
        groups[row.key].append(row)
    return groups


def elsewhere(old: HarmonisedNames, new: HarmonisedNames, register: Register, on: date) -> tuple[Elsewhere, ...]:
    """Everything that would be answered otherwise on the day `on` or on a later one, by kommune; of each the first such day.

    An answer is another one where the address is, or the reason for which there is none.
    """
    changed = [change.row for change in compare(old, new)]
    days = [on, *sorted(day for day in _turning_days((*_rows(old), *_rows(new))) if day > on)] if changed else []
    everywhere = any(_kommune(row) == "" for row in changed)
    places = {row.kommune for names in (old, new) for row in names.addresses} | {_kommune(row) for row in changed}
    found: dict[tuple[str, str], Elsewhere] = {}
    for kommune in sorted(places & set(kommuner())):
        if not everywhere and not any(_kommune(row) == kommune for row in changed):
            continue
        for day in days:
            for written in {**old.terms(kommune, day), **new.terms(kommune, day)}:
                if (kommune, written) not in found:
                    before = resolve(old, register, kommune, written, day, suggest=False)
                    after = resolve(new, register, kommune, written, day, suggest=False)
                    if _outcome(before) != _outcome(after):
                        found[kommune, written] = Elsewhere(kommune, written, day, before, after)
    return tuple(found.values())


def _rows(names: HarmonisedNames) -> tuple[Row, ...]:
    return (*names.names, *names.addresses, *names.aliases)


def _kommune(row: Row) -> str:
    return getattr(row, "kommune", "")


def _turning_days(rows: Iterable[Row]) -> set[date]:
    starts, ends = {row.valid_from for row in rows}, {row.valid_to for row in rows}
    return starts | {end + timedelta(days=1) for end in ends if end is not None and end < _NEVER}


def _outcome(resolution: Resolution) -> tuple[object, ...]:
    if isinstance(resolution, Resolved):
        return (resolution.unit.gln,)
    return (resolution.reason, resolution.names, resolution.gln)
