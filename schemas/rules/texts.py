"""Rules on a letter's text: formatting that is none, and what a receiver of EDIFACT would lose.

Whether there can be anything at all is told from the document's bytes, in a few looks that cost less than one into the tree.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from schemas.findings import Finding
from schemas.paths import place
from schemas.rules.looked import Document, Look
from schemas.rules.table import applies_to
from schemas.wording import finding

_MARKUP = re.compile(r"</?(?:Break|Space|Right|Center|Bold|Italic|Underline|FixedFont)\s*/?>")
_STRANGE = re.compile(r"[^\x00-\x7f\xa0-\xff]")
_LATIN = frozenset({"ascii", "iso-8859-1"})
_CHARACTERS = applies_to("edifact-characters")
_LENGTHS = applies_to("edifact-text-too-long")
_LINE = 70
_LINES = 45  # nine FTX of five
_LINES_BESIDE_SUBJECT = 40
# What a letter cannot be without: sixty tags, and a thousand bytes in them.
_FEW_TAGS = 60 + _LINES_BESIDE_SUBJECT
_BREAK = len("<Break/>")
_REQUIRED = 1000 - 60 * _BREAK
_MOST = 5  # places that are shown


def texts(look: Look) -> Iterator[Finding]:
    """All rules on a letter's text."""
    document, version = look.document, look.letter.version
    if version in _LENGTHS and (document.tags > _FEW_TAGS or _room(document) > _LINES_BESIDE_SUBJECT * _LINE):
        yield from _too_long(look)
    raw = document.raw
    # A bracket in a text is written with an ampersand, or in a CDATA section, which ends in other brackets.
    if b"&" in raw or b"]" in raw:
        yield from _escaped_markup(look)
    # One byte is searched for much faster than two.
    if version in _CHARACTERS and not ((b"&" not in raw or b"&#" not in raw) and latin(document)):
        yield from _strange_characters(look)


def latin(document: Document) -> bool:
    """Whether the document's bytes are of ISO 8859-1 alone, whatever their encoding; never said of UTF-16, which is not looked into."""
    if document.encoding == "utf-16":
        return False
    if document.encoding in _LATIN or document.raw.isascii():
        return True
    try:
        document.raw.decode(document.encoding).encode("iso-8859-1")
    except UnicodeError:
        return False
    return True


def _room(document: Document) -> int:
    """How many bytes of text there can be at most."""
    return len(document.raw) - document.tags * _BREAK - _REQUIRED


def _too_long(look: Look) -> Iterator[Finding]:
    """The lines that a text takes at least: one for each Break, and one for each seventy characters."""
    limit = _LINES if look.letter.subject is None else _LINES_BESIDE_SUBJECT
    for text in look.parts.get("Text01", ()):
        breaks = sum(1 for _ in text.iter("{*}Break")) if len(text) > limit else 0
        if breaks > limit or (_room(look.document) > limit * _LINE and len(_plain(text)) > limit * _LINE):
            yield finding("edifact-text-too-long", *place(text), limit=limit)
        limit = _LINES


def _escaped_markup(look: Look) -> Iterator[Finding]:
    """Some senders escape their formatting, so that readers see codes. It is plain text, and travels unchanged."""
    for text in look.parts.get("Text01", ()):
        if _MARKUP.search(_plain(text)):
            yield finding("markup-escaped", *place(text))


def _strange_characters(look: Look) -> Iterator[Finding]:
    shown = 0
    for element in look.element.iter("*"):
        # A piece after an element belongs to the one around it; those of a letter's own children are white space.
        pieces = (element.text, *(child.tail for child in element))
        if any(piece and not piece.isascii() and _STRANGE.search(piece) for piece in pieces):
            yield finding("edifact-characters", *place(element))
            shown += 1
            if shown == _MOST:
                return


def _plain(text: etree._Element) -> str:
    return str(etree.tostring(text, method="text", encoding="unicode", with_tail=False))
