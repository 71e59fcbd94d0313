"""`medcom-gateway sor coverage`: under which harmonised names a kommune has an address with a reader, and why not under the others."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
import orjson

from gateway.cli.opening import Misuse, clock, directory_of, examples, with_store
from gateway.cli.sor_coverage_lines import address_lines, matrix_lines, reason_lines, summary_line
from gateway.coverage import shown_cell, shown_standing, situation_of
from gateway.coverage_page import Edition, page
from gateway.registers import names_for
from gateway.store import Store
from sor.coverage import Coverage, Situation, kommuner_of, matrix, rows
from sor.kommuner import Kommune, kommune_called

_EPILOG = (
    examples(
        "sor coverage",
        "sor coverage --kommune Skive --silent-days 30",
        "sor coverage --json | jq 'select(.status != \"covered\")'",
        "sor coverage --html daekning.html",
        "sor coverage --addresses",
    )
    + "\n\n\b\nExit status: 0 all are covered, 1 some are not, 2 misuse."
)


@click.command(epilog=_EPILOG)
@click.option("--kommune", help="Only this one, by name or code.")
@click.option("--silent-days", default=14, show_default=True, type=click.IntRange(1, 3650), help="Days without a sign of life.")
@click.option("--addresses", is_flag=True, help="Every address in use, of hospitals and practices too, in place of the matrix.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line: a cell, or with --addresses an address.")
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), help="Write a page for people to this file as well.")
def command(*, kommune: str | None, silent_days: int, addresses: bool, as_json: bool, html: Path | None) -> None:
    """Show, for each kommune and harmonised name, whether there is one address and whether somebody reads it."""
    if addresses and (html or kommune):
        raise Misuse("--addresses kan ikke bruges sammen med --html eller --kommune. / --addresses goes with neither.")
    among = _among(kommune)

    async def work(store: Store) -> Situation:
        register = (await directory_of(store)).register
        names = names_for(register)
        return await situation_of(store, store, register=register, names=names, now=clock().now(), silent_days=silent_days)

    situation = with_store(work)
    if addresses:
        sys.exit(_print_addresses(situation, as_json=as_json))
    sys.exit(_print_matrix(situation, among, as_json=as_json, html=html, only_one=kommune is not None))


def _among(kommune: str | None) -> Sequence[Kommune]:
    if kommune is None:
        return kommuner_of()
    found = kommune_called(kommune)
    if found is None:
        raise Misuse("Der er ingen kommune med det navn eller den kode. / There is no kommune of that name or code.")
    return (found,)


def _print_matrix(situation: Situation, among: Sequence[Kommune], *, as_json: bool, html: Path | None, only_one: bool) -> int:
    cells = matrix(situation, among)
    if html is not None:
        edition = Edition(situation.now, situation.register.version, situation.names.version, situation.silent_days)
        try:
            html.write_text(page(cells, edition), "utf-8")
        except OSError as failed:
            raise Misuse(f"{html}: {failed.strerror}") from failed
    if as_json:
        _print_lines(orjson.dumps(shown_cell(cell)).decode() for cell in cells)
    else:
        _print_lines(matrix_lines(cells))
        _print_lines(reason_lines(cells, whole=only_one))
        click.echo(summary_line([cell.standing for cell in cells]))
    return 0 if all(cell.standing.status is Coverage.COVERED for cell in cells) else 1


def _print_addresses(situation: Situation, *, as_json: bool) -> int:
    standings = list(rows(situation))
    if as_json:
        _print_lines(orjson.dumps(shown_standing(standing)).decode() for standing in standings)
    else:
        _print_lines(address_lines(standings))
        click.echo(summary_line(standings))
    return 0 if all(standing.status is Coverage.COVERED for standing in standings) else 1


def _print_lines(lines: Iterator[str]) -> None:
    for line in lines:
        click.echo(line)
