"""Search in a register by any part of a name, in milliseconds of 300,000 units, without a server.

Names are made of few words: three hundred thousand units share some tens of thousands. So a part of a name is looked for among the
words, each word knows its units, and what is left to do is to look at the units of the rarest. Units are numbered by kommune
and name, so a kommune is a range of numbers and what is found comes in an order that people read in. The index is made of a
snapshot, once, and is as immutable as that.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import chain, islice, takewhile

from sor.identifiers import normal_ydernummer
from sor.kommuner import kommune_called
from sor.names import fold_kommune, slug
from sor.register import Register
from sor.units import Sector, Unit

LONGEST_QUERY = 200
"""Characters that are looked at."""
MOST_WORDS = 8
MOST_LOOKED_AT = 20_000
"""Units that one search looks at before it says that there may be more: it bounds what `a e o` costs."""


@dataclass(frozen=True, slots=True)
class Hits:
    """The units that were found, best first; `more` where there are or may be others."""

    units: tuple[Unit, ...]
    more: bool


class Lookup:
    """The search index of one register. To make it takes a few seconds of 300,000 units; asking it changes nothing."""

    def __init__(self, register: Register) -> None:
        self.register = register
        places: dict[str, list[int]] = defaultdict(list)
        names = [slug(unit.name) if unit.gln else "" for unit in register.units]
        for number, unit in enumerate(register.units):
            if unit.gln:
                places[fold_kommune(unit.kommune)].append(number)
        self._units: list[Unit] = []
        self._names: list[str] = []
        self._lines: list[str] = []
        self._ranges: dict[str, range] = {}
        postings: dict[str, array[int]] = defaultdict(lambda: array("L"))
        for place in sorted(places):  # a kommune at a time: one sort of everything would hold up whoever shares the interpreter
            first = len(self._units)
            for number in sorted(places[place], key=lambda number: names[number].replace("-", "")):
                name, unit = names[number], register.units[number]
                line = f"-{name}-{slug(unit.kommune)}"
                for word in {*line.split("-")} - {""}:
                    postings[word].append(len(self._units))
                self._lines.append(line)
                self._names.append(name.replace("-", ""))  # as `fold` does
                self._units.append(unit)
            self._ranges[place] = range(first, len(self._units))
        practices: dict[str, list[Unit]] = defaultdict(list)
        for unit in self._units:
            if unit.sector is Sector.PRAKSIS:
                practices[normal_ydernummer(unit.area)].append(unit)
        self._practices = dict(practices)
        self._words = sorted(postings)
        self._postings = [postings[word] for word in self._words]
        self._vocabulary = "\n".join(["", *self._words, ""])
        self._starts = array("L")
        position = 1
        for word in self._words:
            self._starts.append(position)
            position += len(word) + 1

    def search(self, query: str, on: date, *, kommune: str | None = None, limit: int = 20) -> Hits:
        """The units with an address, open on a day, whose name or kommune has every word of the query in it: å as aa, æ as ae, ø as oe.

        First those whose name begins with the whole query, of which that very name comes first, then the others by kommune and name.
        A word of one letter must begin a word of theirs. With `kommune` (name or code) only its own. Of a query without letters and
        digits nothing is found.
        """
        words = [word for word in slug(query[:LONGEST_QUERY]).split("-") if word][:MOST_WORDS]
        needles = [word if len(word) > 1 else f"-{word}" for word in words]
        within = self._within(kommune)
        if not words or not within:
            return Hits((), more=False)
        found = dict.fromkeys(self._beginning("".join(words), within, on, limit + 1))
        # A single letter begins thousands of words; where there is more to go by it is only looked for in what was found.
        tellings = [word for word in words if len(word) > 1] or words[:1]
        groups = [[self._inside(self._postings[known], within) for known in self._with(word)] for word in tellings]
        rarest = min(groups, key=lambda group: sum(map(len, group)))
        too_many = sum(map(len, rarest)) > MOST_LOOKED_AT
        for number in sorted(islice(chain.from_iterable(rarest), MOST_LOOKED_AT)):
            if len(found) > limit:
                break
            line = self._lines[number]
            if all(map(line.__contains__, needles)) and self._units[number].open_on(on):
                found[number] = None
        return Hits(tuple(self._units[one] for one in islice(found, limit)), more=len(found) > limit or too_many)

    def of_kommune(self, kommune: str, on: date) -> tuple[Unit, ...]:
        """The kommune's units (its name or code) with an address that are open on a day, by name."""
        return tuple(self._units[number] for number in self._within(kommune) if self._units[number].open_on(on))

    def practices(self, ydernummer: str, on: date) -> tuple[Unit, ...]:
        """The practice's units with an address that are open on a day, with or without leading zeros; a practice may have several."""
        units = self._practices.get(normal_ydernummer(ydernummer), ())
        return tuple(unit for unit in units if unit.open_on(on))

    def _within(self, kommune: str | None) -> range:
        if kommune is None:
            return range(len(self._units))
        place = kommune_called(kommune[:LONGEST_QUERY])
        return self._ranges.get(fold_kommune(place.name if place else kommune[:LONGEST_QUERY]), range(0))

    def _beginning(self, name: str, within: range, on: date, most: int) -> list[int]:
        """The open units whose folded name begins so, in alphabetical order, which has that very name first."""
        found: list[int] = []
        for place in self._ranges.values():
            if place.start in within:
                at = range(bisect_left(self._names, name, place.start, place.stop), place.stop)
                beginning = takewhile(lambda number: self._names[number].startswith(name), at)
                found += islice((number for number in beginning if self._units[number].open_on(on)), most)
        return sorted(found, key=self._names.__getitem__)[:most]

    @staticmethod
    def _inside(posting: array[int], within: range) -> array[int]:
        if not posting or (posting[0] in within and posting[-1] in within):
            return posting
        return posting[bisect_left(posting, within.start) : bisect_left(posting, within.stop)]

    def _with(self, part: str) -> Iterator[int]:
        """The words of the vocabulary with that part in them, or of one letter those that begin with it."""
        needle, at = (part, 0) if len(part) > 1 else (f"\n{part}", 0)
        while (at := self._vocabulary.find(needle, at)) >= 0:
            known = bisect_right(self._starts, at + len(needle) - 1) - 1
            yield known
            at = self._starts[known] + len(self._words[known])
