"""`medcom-gateway types`: the catalogue of message types, as a person or a program reads it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

import click
import orjson

from gateway.cli.tables import INDENT, folded, terminal_width
from schemas.catalogue import Catalogue, MessageType, Standing, load_catalogue

_STANDINGS = {Standing.PRODUCTION: "i drift", Standing.OLD: "gammel", Standing.PROVISIONAL: "foreløbig"}


@dataclass(frozen=True, slots=True)
class NotCarried:
    """A type that belongs to the cooperation between hospital, kommune and practice, and that no document here can be of."""

    danish: str
    english: str
    why_da: str
    why_en: str


NOT_CARRIED = (
    NotCarried(
        "Udvidet korrespondancemeddelelse",
        "Extended correspondence message",
        "Planlagt uden typekode: der er intet OIOXML-brev og intet skema at dømme efter. Bilag sendes som XBIN01, som et XDIS91"
        " henviser til.",
        "Planned without a type code: there is no OIOXML letter and no schema to judge by. Attachments travel as XBIN01, which an"
        " XDIS91 refers to.",
    ),
    NotCarried(
        "Moderniseret sygehusadvis",
        "Modernised hospital notification",
        "Planlagt uden typekode: MedComs nye advis er en FHIR-meddelelse og ikke et OIOXML-brev. XDIS20 og XDIS17 bæres i stedet.",
        "Planned without a type code: MedCom's new notification is a FHIR message and no OIOXML letter. XDIS20 and XDIS17 are"
        " carried instead.",
    ),
    NotCarried(
        "LÆ-blanketter",
        "Forms of the social medical cooperation (LÆ)",
        "Udveksles mellem praksis og kommune gennem en webservice med sine egne standarder, ikke som breve, der kan rutes.",
        "Exchanged between practice and kommune through a web service with standards of its own, not as letters that can be routed.",
    ),
)


_EPILOG = """\b
Examples:
  medcom-gateway types
  medcom-gateway types --json
  medcom-gateway types --json | jq -r 'select(.envelope == "required") | .type'"""


@click.command(epilog=_EPILOG)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line: the versions, then what is not carried.")
def command(*, as_json: bool) -> None:
    """List the MedCom types and versions that can be judged and carried, and at the end those that cannot, and why.

    Of each version is told whether it is in production (i drift), superseded and still taken (gammel), or known from one example
    only (foreløbig): then its schema is open where the facts end, and what is found by it are warnings.
    """
    catalogue = load_catalogue()
    if as_json:
        for entry in _entries(catalogue):
            click.echo(orjson.dumps(entry))
    else:
        for line in type_lines(catalogue, terminal_width()):
            click.echo(line)


def type_lines(catalogue: Catalogue, width: int | None) -> Iterator[str]:
    """The catalogue in a block a type: its names, where it is used, and a line a version. Folded at `width` columns."""
    for _, group in groupby(sorted(catalogue.rows, key=_kind), _kind):
        versions = list(group)
        first = versions[0]
        yield f"{first.code:<7} {first.danish}"
        attached = f"bilag {', '.join(first.attachments)}" if first.attachments else "ingen bilag"
        wrapped = "skal rejse i VANSEnvelope" if first.in_envelope else "med eller uden VANSEnvelope"
        yield from folded(f"{first.english} · {first.parties} · {first.root} · {wrapped} · {attached}", width)
        for row in versions:
            yield from _version_lines(row, width)
    yield ""
    yield "Bæres ikke:"
    for one in NOT_CARRIED:
        yield f"{one.danish} / {one.english}"
        yield from folded(one.why_da, width)


def _version_lines(row: MessageType, width: int | None) -> Iterator[str]:
    line = f"{INDENT}{row.version:<8} {_STANDINGS[row.status]:<9}"
    if width is not None and len(line) + 1 + len(row.namespace) > width:
        yield line.rstrip()
        yield f"{INDENT}{row.namespace}"  # whole, so that it can be copied
    else:
        yield f"{line} {row.namespace}"


def _kind(row: MessageType) -> tuple[str, ...]:
    """What versions of a type have in common as a rule; a version that differs gets a block of its own."""
    return (row.code, row.danish, row.english, row.root, row.parties, str(row.in_envelope), *row.attachments)


def _entries(catalogue: Catalogue) -> Iterator[dict[str, object]]:
    for row in catalogue.rows:
        yield {
            "carried": True,
            "type": row.code,
            "version": row.version,
            "danish": row.danish,
            "english": row.english,
            "root": row.root,
            "namespace": row.namespace,
            "parties": row.parties.split(", "),
            "envelope": "required" if row.in_envelope else "optional",
            "status": row.status,
            "attachments": row.attachments,
            "receipt": row.receipt,
        }
    for one in NOT_CARRIED:
        yield {
            "carried": False,
            "type": None,
            "danish": one.danish,
            "english": one.english,
            "why_da": one.why_da,
            "why_en": one.why_en,
        }
