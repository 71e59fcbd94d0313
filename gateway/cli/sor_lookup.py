"""`medcom-gateway sor lookup`: which address a unit has, and whose an address is."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from datetime import date, datetime

import click
import orjson

from gateway.addressbook import shown_match, shown_refusal, shown_unit
from gateway.cli.opening import Refusal, clock, directory_of, examples, with_store
from gateway.cli.tables import folded, printable, terminal_width
from gateway.clock import danish_day
from gateway.registers import names_for
from gateway.store import Store
from sor.identifiers import check_gln, check_sor, normal_gln
from sor.lookup import Lookup
from sor.register import Register
from sor.resolution import Match, Resolved, Unresolved, resolve
from sor.units import Unit

_HOW = {Match.EXACT: "navnet selv", Match.SPELLING: "anden stavemåde", Match.ALIAS: "alias"}
_EPILOG = (
    examples(
        'sor lookup "Social og Psykiatri" --kommune Skive',
        "sor lookup 5790009911739",
        "sor lookup 9911731000016004 --json",
        "sor lookup psyk",
    )
    + "\n\n\b\nExit status: 0 something was found, 1 nothing, or no one address."
)


def register_in_force() -> Register:
    """The register as a gateway with these settings would have it now. Raises Refusal."""

    async def work(store: Store) -> Register:
        return (await directory_of(store)).register

    return with_store(work)


def day_of(chosen: datetime | None) -> date:
    """The day that was chosen, or else today in Denmark."""
    return chosen.date() if chosen else danish_day(clock().now())


@click.command(epilog=_EPILOG)
@click.argument("what", metavar="NAME|GLN|SOR")
@click.option("--kommune", help="Its name or code: then NAME is a unit's name there, and has one address or none.")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="On that day instead of today.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 100), help="Of a search.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def command(what: str, *, kommune: str | None, on: datetime | None, limit: int, as_json: bool) -> None:
    """Look up a unit by its number, by kommune and name, or by any part of its name."""
    known, day = register_in_force(), day_of(on)
    number = normal_gln(what)
    if check_gln(number).ok or check_sor(number).ok:
        answers = (known.by_gln(number, day), known.by_sor(number, day))
        if not any(answers) and len(number) == 13 and not check_gln(number).ok:
            raise Refusal("Kontrolcifferet i lokationsnummeret passer ikke. / The check digit of the lokationsnummer is wrong.")
        _print_units([answer.unit for answer in answers if answer is not None], day, as_json=as_json)
    elif kommune is not None:
        _print_resolved(known, kommune, what, day, as_json=as_json)
    else:
        hits = Lookup(known).search(what, day, limit=limit)
        _print_units(hits.units, day, as_json=as_json)
        if hits.more and not as_json:
            click.echo("Der er flere; skriv mere af navnet, eller brug --limit.", err=True)


def _print_resolved(known: Register, kommune: str, what: str, day: date, *, as_json: bool) -> None:
    resolution = resolve(names_for(known), known, kommune, what, day)
    if isinstance(resolution, Resolved):
        if as_json:
            click.echo(orjson.dumps(shown_unit(resolution.unit, day) | {"match": shown_match(resolution)}))
        else:
            _print_units([resolution.unit], day, as_json=False)
            click.echo(f"fundet ved: {resolution.name} ({_HOW[resolution.how]})")
        return
    if as_json:
        click.echo(orjson.dumps(shown_refusal(resolution, day)))
    else:
        for line in refusal_lines(resolution, day):
            click.echo(line)
    sys.exit(1)


def refusal_lines(unresolved: Unresolved, day: date) -> Iterator[str]:
    """Why there is no one address, what it may be, and what was perhaps meant."""
    yield unresolved.reason.text_da + (f" ({unresolved.gln})" if unresolved.gln else "")
    if unresolved.names:
        yield "kan være: " + " | ".join(unresolved.names)
    if unresolved.units:
        yield "kan være:"
        yield from unit_lines(unresolved.units, day)
    if unresolved.suggestions:
        yield "mente du: " + " | ".join(unresolved.suggestions)


def unit_lines(units: Iterable[Unit], day: date) -> Iterator[str]:
    """Two lines a unit: its address and its name; then whose it is, its SOR code and when it is open."""
    width = terminal_width()
    for unit in units:
        place = ", ".join(printable(part) for part in (unit.name, unit.kommune) if part)
        yield f"{printable(unit.gln) or '(ingen adresse)'}  {place}"
        period = f"fra {unit.valid_from}" + (f" til {unit.valid_to}" if unit.valid_to else "")
        state = "" if unit.open_on(day) else "IKKE ÅBEN · "
        instead = f" · afløst af {unit.replaced_by}" if unit.replaced_by else ""
        inherited = " · adressen er arvet" if unit.inherited else ""
        about = f"{printable(unit.organisation)} · SOR {unit.sor or '-'} · {state}{period}{instead}{inherited}"
        yield from folded(about, width)


def _print_units(units: Iterable[Unit], day: date, *, as_json: bool) -> None:
    found = list(units)
    if as_json:
        for unit in found:
            click.echo(orjson.dumps(shown_unit(unit, day)))
    else:
        for line in unit_lines(found, day):
            click.echo(line)
    if not found:
        click.echo("Registret kender ingen sådan enhed. / The register knows no such unit.", err=True)
        sys.exit(1)
