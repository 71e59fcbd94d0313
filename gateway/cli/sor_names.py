"""`medcom-gateway sor names`: the harmonised unit names, and what an edited table of them would change."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click
import orjson

from gateway.addressbook import shown_refusal, shown_unit
from gateway.cli.opening import Misuse, examples
from gateway.cli.sor_lookup import day_of, register_in_force
from gateway.cli.tables import folded, printable, terminal_width
from gateway.registers import names_for
from sor.harmonised import Address, Alias, HarmonisedName, HarmonisedNames, Row, Status
from sor.kommuner import kommuner
from sor.name_changes import Change, Elsewhere, Kind, compare, elsewhere
from sor.name_tables import NameProblem, NamesError, load
from sor.names import fold
from sor.register import Register
from sor.resolution import Resolution, Resolved
from sor.units import Found

_STATUS = {Status.APPROVED: "vedtaget", Status.DRAFT: "udkast"}
_KIND = {Kind.ADDED: "ny", Kind.CHANGED: "ændret", Kind.REMOVED: "fjernet"}
_LIST = ("sor names", "sor names --json")
_CHECK = ("sor names check addresses.csv", "sor names check --on 2027-01-01 names.csv aliases.csv --json")


@click.group(invoke_without_command=True, epilog=examples(*_LIST, *_CHECK))
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_context
def command(context: click.Context, *, as_json: bool) -> None:
    """List the harmonised unit names: what each means, how many kommuner have an address for it, and what is written for it."""
    if context.invoked_subcommand is not None:
        return
    names, width = names_for(register_in_force()), terminal_width()
    for row in names.names:
        if as_json:
            click.echo(orjson.dumps(_shown_name(names, row)))
            continue
        click.echo(f"{row.name}  ({_STATUS[row.status]}, {len(_kommuner(names, row))} kommuner i tabellen)")
        for line in (row.definition, "også: " + " · ".join(_aliases(names, row))):
            for part in folded(line, width):
                click.echo(part)


@command.command(
    epilog=examples(*_CHECK) + "\n\n\b\nExit status: 0 the tables are good, 1 they are refused, 2 one cannot be read."
)
@click.argument("file", nargs=-1, required=True, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="From that day on instead of today.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line: problem, change or elsewhere.")
def check(file: tuple[Path, ...], *, on: datetime | None, as_json: bool) -> None:
    """Say what would change if each FILE (names.csv, addresses.csv or aliases.csv) took the place of its table. Nothing is changed.

    First the rows that differ, then what people write that would have another address, with the first day of it.
    """
    try:
        raws = [each.read_bytes() for each in file]
    except OSError as missing:
        raise Misuse(f"{missing.filename}: {missing.strerror}") from missing
    known, day = register_in_force(), day_of(on)
    old = names_for(known)
    try:
        new = load(*raws, base=old)
    except NamesError as refused:
        for problem in refused.problems:
            click.echo(orjson.dumps({"problem": _shown_problem(problem)}) if as_json else str(problem))
        sys.exit(1)
    changes, moved = compare(old, new), elsewhere(old, new, known, day)
    if as_json:
        for change in changes:
            click.echo(orjson.dumps({"change": _shown_change(change)}))
        for one in moved:
            click.echo(orjson.dumps({"elsewhere": _shown_elsewhere(one)}))
        return
    for line in check_lines(changes, moved, known, day):
        click.echo(line)


def check_lines(changes: tuple[Change, ...], moved: tuple[Elsewhere, ...], known: Register, day: date) -> Iterator[str]:
    """The differences as a person reads them."""
    for change in changes:
        yield f"{_KIND[change.kind]}: " + " → ".join(_row_text(row, known, day) for row in (change.before, change.after) if row)
    yield f"{len(changes)} ændringer" if changes else "Ingen ændringer."
    for one in moved:
        place = kommuner()[one.kommune].name
        yield f"fra {one.since}  {place}, {one.written}: {_outcome(one.before)} → {_outcome(one.after)}"
    if changes and not moved:
        yield "Ingen post går et andet sted hen."


def _row_text(row: Row, known: Register, day: date) -> str:
    period = f"fra {row.valid_from}" + (f" til {row.valid_to}" if row.valid_to else "")
    if isinstance(row, HarmonisedName):
        return f"navn {row.name} ({_STATUS[row.status]}, {period})"
    place = kommuner()[row.kommune].name if row.kommune else "alle kommuner"
    if isinstance(row, Alias):
        return f"alias {place}, {row.alias} = {' | '.join(row.names) or 'intet navn'} ({period})"
    return f"adresse {place}, {row.name} = {row.gln} ({_owner(row, known, day)}, {period})"


def _owner(row: Address, known: Register, day: date) -> str:
    """Who has the address on the first day that the row counts, so that a wrong number is seen before it takes effect."""
    answer = known.by_gln(row.gln, max(day, row.valid_from))
    if answer is None:
        return "FINDES IKKE I REGISTRET"
    unit = answer.unit
    elsewhere_ = "" if unit.area == row.kommune else "ANDEN KOMMUNE: "
    shut = "" if isinstance(answer, Found) else "IKKE ÅBEN: "
    return f"{shut}{elsewhere_}{printable(unit.name)}, {printable(unit.kommune)}"


def _outcome(resolution: Resolution) -> str:
    if isinstance(resolution, Resolved):
        return f"{resolution.unit.gln} ({printable(resolution.unit.kommune)})"
    return f"ingen adresse ({resolution.reason.text_da})"


def _kommuner(names: HarmonisedNames, row: HarmonisedName) -> list[str]:
    return sorted({address.kommune for address in names.addresses if fold(address.name) == fold(row.name)})


def _aliases(names: HarmonisedNames, row: HarmonisedName) -> Iterator[str]:
    for alias in names.aliases:
        if fold(row.name) in map(fold, alias.names):
            several = ", flertydigt" if len(alias.names) > 1 else ""
            yield f"{alias.alias} ({kommuner()[alias.kommune].name}{several})" if alias.kommune else alias.alias


def _cells(row: Row) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__dataclass_fields__ if name != "line"}


def _shown_name(names: HarmonisedNames, row: HarmonisedName) -> dict[str, Any]:
    aliases = [alias for alias in names.aliases if fold(row.name) in map(fold, alias.names)]
    shown = [{"kommune": alias.kommune or None, "alias": alias.alias, "covers": alias.names} for alias in aliases]
    return _cells(row) | {"kommuner": _kommuner(names, row), "aliases": shown, "names_version": names.version}


def _shown_problem(problem: NameProblem) -> dict[str, Any]:
    texts = {"text_da": problem.text_da, "text_en": problem.text_en}
    return {"table": problem.table, "line": problem.line, "column": problem.column or None, "code": problem.code} | texts


def _shown_change(change: Change) -> dict[str, Any]:
    before, after = (row and _cells(row) for row in (change.before, change.after))
    return {"kind": change.kind, "row": type(change.row).__name__, "before": before, "after": after}


def _shown_elsewhere(one: Elsewhere) -> dict[str, Any]:
    before, after = (_shown_outcome(resolution, one.since) for resolution in (one.before, one.after))
    return {"kommune": one.kommune, "written": one.written, "since": one.since, "before": before, "after": after}


def _shown_outcome(resolution: Resolution, day: date) -> dict[str, Any]:
    return shown_unit(resolution.unit, day) if isinstance(resolution, Resolved) else shown_refusal(resolution, day)
