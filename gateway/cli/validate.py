"""`medcom-gateway validate`: judges documents without sending them, as the gateway itself would."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from functools import partial

import click
import orjson

from gateway.cli.documents import Documents
from gateway.clock import SystemClock, danish_day
from gateway.validation import report_of
from schemas.document import ExaminedDocument, examine_document
from schemas.validator import Schemas, load_schemas

Examine = Callable[[bytes], ExaminedDocument]

MANY = 20
"""Documents from which on a terminal is shown how far it has come."""

_EPILOG = """\b
Examples:
  medcom-gateway validate besked.xml
  medcom-gateway validate --language en *.xml
  medcom-gateway validate --quiet ~/beskeder
  medcom-gateway validate --json - < besked.xml
  medcom-gateway example XDIS91 --fault | medcom-gateway validate -

Exit status: 0 every document is valid, 1 one is refused, 2 one cannot be read."""


@click.command(epilog=_EPILOG)
@click.argument("file", nargs=-1, required=True, metavar="FILE|FOLDER|-...")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line and a document.")
@click.option("--language", type=click.Choice(["da", "en"]), default="da", show_default=True, help="Of the readable report.")
@click.option("-q", "--quiet", is_flag=True, help="Leave out documents that nothing was found in.")
def command(file: tuple[str, ...], as_json: bool, language: str, quiet: bool) -> None:
    """Judge each FILE against MedCom's standard, without sending it.

    Of a FOLDER every *.xml in it and below it is judged, and what else looks like XML; '-' is standard input. A document in a
    VANSEnvelope is judged with its envelope.

    The verdict of each document is printed with what was found in it: the kind of fault, where it is, and what was expected.
    Nothing printed comes from the document itself but its type and version, the names of MedCom's own elements, and what a
    VANSEnvelope says of its payload.
    """
    documents = Documents(file, lambda name, why: click.echo(f"{click.format_filename(name)}: {why}", err=True))
    examined = partial(examine_document, schemas=_schemas(), on=danish_day(SystemClock().now()))
    refused = _print_json(documents, examined, quiet) if as_json else _print_report(documents, examined, language, quiet)
    sys.exit(2 if documents.complaints else 1 if refused else 0)


def _schemas() -> Schemas:
    """The schemas as `serve` would have them. Only where settings could name others are the settings read, which takes its time."""
    if not {"MEDCOM_SCHEMAS", "MEDCOM_CONFIG"} & set(os.environ):
        return load_schemas()
    from gateway.cli.opening import schemas_of, settings  # noqa: PLC0415

    return schemas_of(settings())


def _print_json(documents: Documents, examined: Examine, quiet: bool) -> bool:
    """Prints a line a document as it is judged. Returns whether one was refused."""
    refused = False
    for name, raw in documents.read():
        found = examined(raw)
        refused = refused or not found.valid
        if quiet and not found.findings:
            continue
        row = {"file": click.format_filename(name), **report_of(found)}  # a name need not be UTF-8, what is printed must
        sys.stdout.buffer.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))
        sys.stdout.buffer.flush()
    return refused


def _print_report(documents: Documents, examined: Examine, language: str, quiet: bool) -> bool:
    """Prints the readable report and, of more than one document, a count. Returns whether one was refused."""
    from gateway.cli.reports import Tally, report_lines, summary_lines  # noqa: PLC0415 - programs do not wait for it
    from gateway.cli.tables import terminal_width  # noqa: PLC0415

    tally, width = Tally(), terminal_width()
    with _progress(len(documents.names)) as (show, advance):
        for name, raw in documents.read():
            found = examined(raw)
            tally.count(found)
            if found.findings or not quiet:
                for line in report_lines(click.format_filename(name), found, language, width):
                    show(line)
            advance()
    if len(documents.names) > 1 or documents.passed_over:
        unread = len(documents.names) - tally.valid - tally.refused
        for line in summary_lines(tally, unread, documents.passed_over, language):
            click.echo(line)
    return tally.refused > 0


@contextlib.contextmanager
def _progress(total: int) -> Iterator[tuple[Callable[[str], None], Callable[[], None]]]:
    """How to print a line, and how to say that one more is done: a bar where a person is watching and there are many."""
    if total < MANY or not sys.stderr.isatty():
        yield click.echo, lambda: None
        return
    from rich.console import Console  # noqa: PLC0415 - takes longer to import than a file to judge
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    together = sys.stdout.isatty()  # then bar and lines share the terminal, and one console must draw both
    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=not together)
    with Progress(*columns, console=console, transient=True, redirect_stdout=False, redirect_stderr=together) as bar:
        task = bar.add_task("", total=total)

        def show(line: str) -> None:
            if together:
                console.print(Text.from_ansi(line), soft_wrap=True)
            else:
                click.echo(line)

        yield show, lambda: bar.advance(task)
