"""What every builder of example messages uses: elements of a namespace, the envelope, formatted text, and the writing of files.

Each family's module has two dictionaries by file name without suffix: `VALID` of documents, and `FAULTY` of `Fault`s, which are
valid documents with one thing made wrong. `python -m tests.examples` writes them all to `schemas/examples/`, where they are
package data; the tests hold the files to be what the builders write. Nobody and nothing in them is real.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from lxml import etree
from lxml.builder import ElementMaker

FOLDER = Path(__file__).resolve().parents[2] / "schemas" / "examples"
OLD = "http://rep.oio.dk/sundcom.dk/medcom.dk/xml/schemas/{}/"  # until 2009/08/01
NEW = "http://rep.oio.dk/medcom.dk/xml/schemas/{}/"
SYNTHETIC = " SYNTETISK EKSEMPEL: personer, adresser, numre og forløb findes ikke. "


@dataclass(frozen=True, slots=True)
class Fault:
    """A document with one typical fault: `what` is wrong, in a sentence, and the `code` and `path` of the finding that says so."""

    what: str
    code: str
    path: str
    document: bytes


def maker(namespace: str) -> ElementMaker:
    """Makes elements of the namespace, which is the default one."""
    return ElementMaker(namespace=namespace, nsmap={None: namespace})


def fields(make: ElementMaker, **values: str) -> list[etree._Element]:
    """An element with text for each keyword, in order."""
    return [make(name, value) for name, value in values.items()]


def moment(make: ElementMaker, name: str, at: datetime) -> etree._Element:
    """An element with Date and Time, to the minute, as Danish clocks show it."""
    return make(name, *fields(make, Date=f"{at:%Y-%m-%d}", Time=f"{at:%H:%M}"))


def formatted(make: ElementMaker, name: str, text: str) -> etree._Element:
    """An element with formatted text: a line in asterisks (`*Plan*`) is bold, and every line but the last ends in a Break."""
    element = make(name, "")
    last: etree._Element | None = None
    for number, line in enumerate(text.strip().split("\n")):
        if number:
            last = etree.SubElement(element, make("Break").tag)
        if line.startswith("*") and line.endswith("*"):
            last = etree.SubElement(element, make("Bold").tag)
            last.text = line.strip("*")
        elif last is None:
            element.text = line
        else:
            last.tail = line
    return element


def emessage(
    make: ElementMaker,
    identifier: str,
    sent: datetime,
    *letters: etree._Element,
    wants_receipt: bool = True,
    encoding: str = "ISO-8859-1",
) -> bytes:
    """The document: an Emessage with these letters, indented, and a comment that says that it is synthetic."""
    envelope = make(
        "Envelope",
        moment(make, "Sent", sent),
        *fields(make, Identifier=identifier, AcknowledgementCode="pluspositivkvitt" if wants_receipt else "minuspositivkvitt"),
    )
    root = make("Emessage", envelope, *letters)
    root.addprevious(etree.Comment(SYNTHETIC))
    return bytes(etree.tostring(root.getroottree(), encoding=encoding, xml_declaration=True, pretty_print=True))


def changed(document: bytes, old: str, new: str, encoding: str = "ISO-8859-1") -> bytes:
    """The document with `old`, which stands in it exactly once, replaced by `new`. Raises ValueError otherwise."""
    if document.count(old.encode(encoding)) != 1:
        raise ValueError(f"{old!r} does not stand exactly once in the document")
    return document.replace(old.encode(encoding), new.encode(encoding))


def write(valid: dict[str, bytes], faulty: dict[str, Fault]) -> None:
    """Writes a family's files."""
    FOLDER.mkdir(exist_ok=True)
    for name, document in valid.items():
        (FOLDER / f"{name}.xml").write_bytes(document)
    for name, fault in faulty.items():
        (FOLDER / f"{name}.xml").write_bytes(fault.document)
