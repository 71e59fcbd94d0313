"""How the coverage looks at the terminal: a matrix where there is room for one, else a list, each place with a sign and a word.

Colour only repeats what the sign says. A wide matrix has the names above its columns, a narrower one numbers with a legend.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator, Sequence

import click

from gateway.cli.tables import INDENT, folded, printable, terminal_width
from gateway.coverage_page import SIGNS, WORDS
from sor.coverage import Cell, Coverage, Standing
from sor.coverage_findings import FINDINGS, Code

_COLOURS = {Coverage.COVERED: "green", Coverage.DOUBTFUL: "yellow", Coverage.MISSING: "red"}
_PIPED = 120
_GAP = 1
_WORD = 2 + max(map(len, WORDS.values()))


def matrix_lines(cells: Sequence[Cell]) -> Iterator[str]:
    """A row a kommune and a column a name; a list where the terminal is too narrow for it."""
    if not cells:
        yield "Der er ingen vedtagne navne. / There are no agreed names."
        return
    names = list(dict.fromkeys(printable(cell.name) for cell in cells))
    width = terminal_width() or _PIPED
    first = 1 + max(len(cell.kommune.name) for cell in cells)
    longest_words = [max(map(len, name.split())) for name in names]
    if first + sum(_GAP + max(_WORD, word) for word in longest_words) <= width:
        yield from _table(cells, names, width)
    elif first + len(names) * (_WORD + _GAP) <= width:
        yield from _table(cells, [str(number) for number, _ in enumerate(names, 1)], width)
        for number, name in enumerate(names, 1):
            yield f"{number} {name}"
    else:
        yield from _list(cells)
    yield ""


def _table(cells: Sequence[Cell], heads: Sequence[str], width: int) -> Iterator[str]:
    from rich.console import Console  # noqa: PLC0415 - takes longer to import than all else here, and --json needs none of it
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(box=None, padding=(0, _GAP, 0, 0), pad_edge=False, header_style="bold")
    table.add_column("Kommune", no_wrap=True)
    for head in heads:
        table.add_column(Text(head), min_width=_WORD, vertical="bottom")
    for start in range(0, len(cells), len(heads)):
        row = cells[start : start + len(heads)]
        marks = (Text(_mark(cell.standing), style=_COLOURS[cell.standing.status]) for cell in row)
        table.add_row(Text(row[0].kommune.name), *marks)
    drawn = io.StringIO()
    Console(file=drawn, width=width, force_terminal=True, highlight=False).print(table)
    yield from (line.rstrip() for line in drawn.getvalue().splitlines())


def _list(cells: Sequence[Cell]) -> Iterator[str]:
    kommune = ""
    for cell in cells:
        if cell.kommune.name != kommune:
            kommune = cell.kommune.name
            yield kommune
        yield f"{INDENT}{_styled(cell.standing)} {printable(cell.name)}"


def reason_lines(cells: Sequence[Cell], *, whole: bool) -> Iterator[str]:
    """Why cells are not covered: with `whole` all of each, else each reason once, with what it is true of."""
    width = terminal_width()
    if whole:
        for cell in cells:
            for found in cell.standing.findings:
                yield f"{_styled(cell.standing)} {printable(cell.name)}"
                yield from folded(printable(found.text_da), width)
        return
    for code in Code:
        hit = [cell for cell in cells if any(found.code is code for found in cell.standing.findings)]
        if hit:
            yield f"{FINDINGS[code].short_da} ({len(hit)})"
            yield from folded("; ".join(_places(cells, hit)), width)


def _places(cells: Sequence[Cell], hit: Sequence[Cell]) -> Iterator[str]:
    """Kommune by kommune; one with all its names is told without them."""
    all_of = Counter(cell.kommune.name for cell in cells)
    for kommune, number in Counter(cell.kommune.name for cell in hit).items():
        names = " · ".join(printable(cell.name) for cell in hit if cell.kommune.name == kommune)
        yield kommune if number == all_of[kommune] else f"{kommune}: {names}"


def address_lines(standings: Sequence[Standing]) -> Iterator[str]:
    """A line an address, with its unit and its reader; under it what is found."""
    width = terminal_width()
    for standing in standings:
        unit = standing.unit
        called = ", ".join(printable(part) for part in (unit.name, unit.kommune) if part) if unit else ""
        yield f"{printable(standing.gln)}  {_styled(standing)}  {called}".rstrip()
        for found in standing.findings:
            yield from folded(printable(found.text_da), width)


def summary_line(standings: Sequence[Standing]) -> str:
    """How many stand how."""
    counts = Counter(standing.status for standing in standings)
    told = ", ".join(f"{counts[status]} {WORDS[status]}" for status in Coverage)
    return f"{len(standings)} i alt: {told}"


def _mark(standing: Standing) -> str:
    return f"{SIGNS[standing.status]} {WORDS[standing.status]}"


def _styled(standing: Standing) -> str:
    return click.style(_mark(standing), fg=_COLOURS[standing.status])
