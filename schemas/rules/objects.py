"""Rules on attachments: what a letter says of the one that it refers to, and whether one that came is what it says.

The bytes travel in XBIN01, as text that may fill 100 MB. Their length is counted from that text piece by piece, and nothing is
decoded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from schemas.findings import Finding
from schemas.paths import place
from schemas.rules.looked import Look, child_text, place_of
from schemas.rules.table import applies_to
from schemas.wording import finding

LARGEST = 75_000_000  # bytes: what base64 turns into the 100 MB that a message may have with its envelope

_CODES = {
    "billede": "pcx tiff jpeg gif bmp png dcm",
    "multimedie": "mpg wav avi mid rmi inh bin",
    "biosignaler": "scp",
    "tekstfil": "txt rtf doc xls wpd",
    "program": "exe com",
    "vektor_grafik": "pdf",
    "proprietaert_indhold": "zip plo fnx",
}
_CODE_OF = {extension: code for code, extensions in _CODES.items() for extension in extensions.split()}
_UUID = re.compile(r"[0-9A-Fa-f]{8}(-?)[0-9A-Fa-f]{4}(?:\1[0-9A-Fa-f]{4}){2}\1[0-9A-Fa-f]{12}")
_ANY_ID = applies_to("object-id-not-uuid")
_PIECE = 1 << 20
_SPACE = b" \t\r\n"
_DIGITS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_MOST_PADDING = 2


def references(look: Look) -> Iterator[Finding]:
    """What a letter says of an attachment that comes by itself."""
    for element in look.parts.get("BIN", ()):
        yield from _kind(element)
        if not _ANY_ID.isdisjoint((look.letter.type, look.letter.version)) and not _UUID.fullmatch(
            child_text(element, "ObjectIdentifier")
        ):
            yield finding("object-id-not-uuid", *place_of(element, "ObjectIdentifier"))
        if (_size(element) or 0) > LARGEST:
            yield finding("object-size-implausible", *place_of(element, "OriginalObjectSize"), limit=LARGEST)


def contents(look: Look) -> Iterator[Finding]:
    """What an attachment is, in the letter that brings it."""
    for element in look.parts.get("BinaryObject", ()):
        yield from _kind(element)
        content = next(element.iterchildren("{*}Object_Base64Encoded"), None)
        if content is None or len(content):
            continue
        length, said = decoded_length(content.text or ""), _size(element)
        if length is None:
            yield finding("object-not-base64", *place(content))
        elif said not in {None, length}:
            yield finding("object-size-differs", *place_of(element, "OriginalObjectSize"))


def decoded_length(text: str) -> int | None:
    """How many bytes a base64 text stands for; None where it is none. White space may stand anywhere."""
    digits = padding = 0
    for start in range(0, len(text), _PIECE):
        piece = text[start : start + _PIECE]
        if not piece.isascii():
            return None
        kept = piece.encode().translate(None, _SPACE)
        bare = kept.rstrip(b"=")
        if bare and (padding or bare.translate(None, _DIGITS)):
            return None
        digits += len(bare)
        padding += len(kept) - len(bare)
    return None if padding > _MOST_PADDING or (digits + padding) % 4 else digits * 3 // 4


def _kind(element: etree._Element) -> Iterator[Finding]:
    code = _CODE_OF.get(child_text(element, "ObjectExtensionCode"))
    if code is not None and child_text(element, "ObjectCode") != code:
        yield finding("object-code-extension", *place_of(element, "ObjectCode"), expected=code)


def _size(element: etree._Element) -> int | None:
    written = child_text(element, "OriginalObjectSize")
    # Twenty digits are too large in any case, and Python refuses some thousands.
    return int(written.lstrip("0")[:20] or 0) if written.isascii() and written.isdigit() else None
