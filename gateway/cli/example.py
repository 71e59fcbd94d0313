"""`medcom-gateway example`: a synthetic message of a type, right or with a typical fault, to try a system with."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable

import click

from schemas.catalogue import Catalogue, MessageType, Standing, load_catalogue

ATTACHMENT = "XBIN01"
_OBJECT_ID = re.compile(rb"<ObjectIdentifier>([0-9A-Fa-f-]+)</")


_EPILOG = """\b
Examples:
  medcom-gateway example XDIS91
  medcom-gateway example XDIS01-XD0133L > epikrise.xml
  medcom-gateway example XREF01 --fault | medcom-gateway validate -
  medcom-gateway example --list"""


@click.command(epilog=_EPILOG)
@click.argument("type_", metavar="[TYPE[-VERSION]]", required=False)
@click.option("--fault", is_flag=True, help="The one with a typical fault.")
@click.option("--list", "listed", is_flag=True, help="What examples there are.")
def command(type_: str | None, *, fault: bool, listed: bool) -> None:
    """Print a synthetic message of TYPE, as the bytes that it would be sent as.

    Without VERSION it is the first version in production, or the last one where none is. No person, address or number in the examples
    is real. A letter that refers to an attachment and the XBIN01 that holds it belong together: which, is said on standard error.
    """
    catalogue = load_catalogue()
    if listed == (type_ is not None):
        raise click.UsageError("Give either a TYPE or --list.")
    if type_ is None:
        for line in _list(catalogue):
            click.echo(line)
        return
    row = chosen(catalogue, type_)
    raw = _file(row, fault=fault).read_bytes()
    for other in companions(catalogue, row, raw):
        click.echo(f"Hører sammen med / belongs together with: medcom-gateway example {_name(other)}", err=True)
    sys.stdout.buffer.write(raw)


def chosen(catalogue: Catalogue, asked: str) -> MessageType:
    """The version that is meant by `XDIS91` or `XDIS91-XD9134L`, in letters of any case. Raises UsageError, naming those there are."""
    code, _, version = asked.upper().partition("-")
    rows = [row for row in catalogue.rows if row.code == code]
    if not rows:
        known = ", ".join(dict.fromkeys(row.code for row in catalogue.rows))
        raise click.UsageError(f"Typen {asked!r} kendes ikke. / No such type.\nKendte / known: {known}")
    if version:
        found = next((row for row in rows if row.version.upper() == version), None)
        if found is None:
            known = ", ".join(map(_name, rows))
            raise click.UsageError(f"Versionen {asked!r} kendes ikke. / No such version.\nKendte / known: {known}")
        return found
    return next((row for row in rows if row.status is Standing.PRODUCTION), rows[-1])


def companions(catalogue: Catalogue, row: MessageType, raw: bytes) -> list[MessageType]:
    """The versions whose examples share an object with these bytes, the attachment on one side and its letter on the other."""
    objects = _objects(raw)
    if not objects:
        return []
    others = (other for other in catalogue.rows if (other.code == ATTACHMENT) is not (row.code == ATTACHMENT))
    return [other for other in others if objects & _objects(_file(other, fault=False).read_bytes())]


def _objects(raw: bytes) -> set[bytes]:
    """The ids of the objects held or referred to: hexadecimal digits alone, for they are written with dashes and without."""
    return {identifier.replace(b"-", b"").lower() for identifier in _OBJECT_ID.findall(raw)}


def _list(catalogue: Catalogue) -> Iterator[str]:
    for row in catalogue.rows:
        yield f"{_name(row):<15} {row.status:<11} {row.danish}"


def _name(row: MessageType) -> str:
    return f"{row.code}-{row.version}"


def _file(row: MessageType, *, fault: bool) -> Traversable:
    return files("schemas").joinpath("examples", f"{_name(row)}{'-fault' if fault else ''}.xml")
