"""Letters in the shapes that Danish systems really send: encodings, prefixes, escaped markup, references, several letters.

Each has ids of its own, is from the hospital to Skive, and is valid; most are not what our own writer would write.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from tests.acceptance.letters import fresh_id, letter

MEDCOM_2015 = b"http://rep.oio.dk/medcom.dk/xml/schemas/2015/08/01/"
_NAMESPACE = re.compile(rb'xmlns="([^"]*)"')
_REFERENCE = (
    b"<Reference><RefDescription>Syntetisk bilag</RefDescription><BIN><ObjectIdentifier>BILAG1</ObjectIdentifier>"
    b"<ObjectCode>tekstfil</ObjectCode><ObjectExtensionCode>txt</ObjectExtensionCode>"
    b"<OriginalObjectSize>1200</OriginalObjectSize></BIN></Reference>"
)


def _prefixed() -> bytes:
    """Every element with a prefix."""
    document = letter()
    head, _, body = document.partition(b"<Emessage")
    body = re.sub(rb"<(/?)([A-Z])", rb"<\1m:\2", b"<Emessage" + body)
    return head + _NAMESPACE.sub(rb'xmlns:m="\1"', body)


def _several() -> bytes:
    """Two letters in one envelope."""
    document = letter()
    (element,) = re.findall(rb"<ClinicalEmail>.*</ClinicalEmail>", document, re.DOTALL)
    second = re.sub(rb"(<Letter><Identifier>)[^<]*", rb"\g<1>" + fresh_id().encode(), element)
    return document.replace(element, element + second)


def _spaced() -> bytes:
    """Lines and tabs between the elements, Windows line ends, a comment, an instruction, and nothing after the last byte."""
    document = letter().replace(b"><", b">\r\n\t<")
    return document.replace(b"<Emessage", b"<!-- SYNTETISK -->\r\n<?system et?>\r\n<Emessage", 1).rstrip()


def _undeclared() -> bytes:
    """ISO-8859-1 and no word of it."""
    return letter().partition(b"?>")[2].lstrip()


def _utf_16() -> bytes:
    """UTF-16 with a byte order mark."""
    return letter().decode("iso-8859-1").replace("ISO-8859-1", "UTF-16").encode("utf-16")


def _medcom_2015() -> bytes:
    """The version XD9135L, in its own namespace."""
    return _NAMESPACE.sub(b'xmlns="' + MEDCOM_2015 + b'"', letter()).replace(b"XD9134L", b"XD9135L")


SHAPES: dict[str, Callable[[], bytes]] = {
    "iso-8859-1": letter,
    "windows-1252": lambda: letter(text="»Åse« sagde: “nej” … 5 €", encoding="windows-1252"),
    "utf-8": lambda: letter(text="Ærø, Łódź, 漢字", encoding="UTF-8"),
    "utf-8-with-mark": lambda: b"\xef\xbb\xbf" + letter(encoding="UTF-8"),
    "utf-16": _utf_16,
    "undeclared-iso-8859-1": _undeclared,
    "character-references": lambda: letter(text="Łódź 漢字"),
    "prefixed": _prefixed,
    "escaped-markup": lambda: letter(text="<Bold>Vigtigt</Bold><Break/>&lt;ikke formateret&gt;"),
    "attachment-by-reference": lambda: letter().replace(b"</ClinicalEmail>", _REFERENCE + b"</ClinicalEmail>"),
    "several-letters": _several,
    "spaced": _spaced,
    "medcom-2015": _medcom_2015,
    "above-the-reference-limit": lambda: letter(text="\n".join(["æøå " * 16] * 20_000)),
}
