"""The payload's base64 text, kept out of the XML tree: a payload may fill 100 MB, and a tree would hold it three times more.

On the way in the text is found in the raw bytes, decoded from there in pieces, and replaced by an element that the document cannot
have; what is left is small, and is read and judged like any document. Where that element does not come to stand alone in Data,
the text was found in a comment or the like, and the document is read whole instead. On the way out the text is put into the
finished document.
"""

from __future__ import annotations

import binascii
import re
from io import BytesIO

from lxml import etree

_PIECE = 3 << 18  # bytes of a payload that are turned into base64 at a time: a multiple of three
_SPACE = b" \t\r\n"
_DATA = re.compile(rb"<(?:[^\s<>:/!?=\"']++:)?+Data\s*+>([A-Za-z0-9+/= \t\r\n]*+)(?=</)")
_MARK = "payload-taken-out"
_ELEMENT = f'<{_MARK} xmlns=""/>'.encode()
_LAST = {1: b"AEIMQUYcgkosw048", 2: b"AQgw"}  # before so many `=`: the digits whose unused bits are zero


def take(raw: bytes) -> tuple[bytes, bytes] | None:
    """The document with a mark in place of the payload's text, and the payload decoded; None where that cannot be done."""
    match = _DATA.search(raw)
    if match is None or _MARK.encode() in raw:
        return None
    start, end = match.span(1)
    data = decoded(memoryview(raw)[start:end])
    return None if data is None else (raw[:start] + _ELEMENT + raw[end:], data)


def unmark(holder: etree._Element | None) -> bool:
    """Empties the Data element of a document that `take` gave; false where the mark is not all that Data has."""
    if holder is None or len(holder) != 1 or holder[0].tag != _MARK:
        return False
    holder.remove(holder[0])
    return True


def decoded(text: bytes | memoryview) -> bytes | None:
    """The bytes that a base64 text stands for; None where it is none (XML Schema Part 2, 3.2.16: white space anywhere is fine)."""
    out = BytesIO()
    kept = b""
    for start in range(0, len(text), 4 * _PIECE):
        kept += bytes(text[start : start + 4 * _PIECE]).translate(None, _SPACE)
        # The last four digits wait: padding may come in them alone.
        ready = max(len(kept) - 1, 0) // 4 * 4
        if b"=" in kept[:ready] or not _write(out, kept[:ready]):
            return None
        kept = kept[ready:]
    return out.getvalue() if _canonical(kept) and _write(out, kept) else None


def _canonical(last: bytes) -> bool:
    padding = len(last) - len(last.rstrip(b"="))
    return not padding or (len(last) == 4 and padding in _LAST and last[-padding - 1] in _LAST[padding])


def _write(out: BytesIO, digits: bytes) -> bool:
    try:
        out.write(binascii.a2b_base64(digits, strict_mode=True))
    except binascii.Error:
        return False
    return True


def filled(document: bytes, element: bytes, data: bytes) -> bytes:
    """A written document whose last empty `element` holds the base64 text of `data`."""
    head, _, tail = document.rpartition(b"<" + element + b"/>")
    out = BytesIO()
    out.write(head + b"<" + element + b">")
    view = memoryview(data)
    for start in range(0, len(data), _PIECE):
        out.write(binascii.b2a_base64(view[start : start + _PIECE], newline=False))
    out.write(b"</" + element + b">" + tail)
    return out.getvalue()
