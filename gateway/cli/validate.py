"""`medcom-gateway validate`: judges documents without sending them, as the gateway itself would."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click
import orjson

from schemas.examine import Examination, examine
from schemas.findings import Finding, Severity
from schemas.validator import load_schemas

_WORDS = {
    "da": {
        "valid": "godkendt",
        "refused": "afvist",
        "line": "linje",
        Severity.ERROR: "fejl",
        Severity.WARNING: "advarsel",
        Severity.NOTE: "bemærkning",
    },
    "en": {
        "valid": "valid",
        "refused": "refused",
        "line": "line",
        Severity.ERROR: "error",
        Severity.WARNING: "warning",
        Severity.NOTE: "note",
    },
}

_EPILOG = """\b
Examples:
  medcom-gateway validate besked.xml
  medcom-gateway validate --language en *.xml
  medcom-gateway validate --json - < besked.xml

Exit status: 0 every file is valid, 1 a file is refused, 2 a file cannot be read."""


@click.command(epilog=_EPILOG)
@click.argument("file", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line and a file.")
@click.option("--language", type=click.Choice(["da", "en"]), default="da", show_default=True, help="Of the readable report.")
def command(file: tuple[str, ...], as_json: bool, language: str) -> None:
    """Judge each FILE ('-' is standard input) against MedCom's standard, without sending it.

    The verdict of each file is printed with what was found in it: the kind of fault, where it is, and what was expected.
    Nothing printed comes from the document itself but the names of MedCom's own elements.
    """
    schemas = load_schemas()
    refused = unread = False
    for name in file:
        raw = _read(name)
        if raw is None:
            unread = True
            continue
        found = examine(raw, schemas)
        shown = click.format_filename(name)  # a name need not be valid UTF-8, what is printed must
        refused = refused or not found.valid
        if as_json:
            sys.stdout.buffer.write(orjson.dumps(as_row(shown, found), option=orjson.OPT_APPEND_NEWLINE))
            sys.stdout.buffer.flush()
        else:
            for line in report(shown, found, language):
                click.echo(line)
    sys.exit(2 if unread else 1 if refused else 0)


def _read(name: str) -> bytes | None:
    try:
        return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        click.echo(f"{click.format_filename(name)}: {error.strerror}", err=True)
        return None


def as_row(name: str, found: Examination) -> dict[str, object]:
    """The JSON object of one file."""
    return {
        "file": name,
        "format": found.format,
        "type": found.type,
        "version": found.version,
        "schema_valid": found.schema_valid,
        "valid": found.valid,
        "findings": [
            {
                "code": one.code,
                "severity": one.severity,
                "path": one.path,
                "line": one.line,
                "text_da": one.text_da,
                "text_en": one.text_en,
            }
            for one in found.findings
        ],
    }


def report(name: str, found: Examination, language: str) -> Iterator[str]:
    """The readable lines of one file: the verdict, then each finding."""
    words = _WORDS[language]
    kind = " ".join(part for part in (found.type, found.version) if part) or found.format
    yield f"{name}: {words['valid' if found.valid else 'refused']} ({kind})"
    for one in found.findings:
        yield from _finding(one, words, language)


def _finding(one: Finding, words: dict[str, str], language: str) -> Iterator[str]:
    place = ", ".join(part for part in (f"{words['line']} {one.line}" if one.line else "", one.path) if part)
    yield f"  {words[one.severity]} {one.code}" + (f" ({place})" if place else "")
    yield f"    {one.text_da if language == 'da' else one.text_en}"
