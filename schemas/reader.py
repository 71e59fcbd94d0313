"""Bytes to an XML tree, or the one finding that says why not.

What a document may not do is settled here, before anything is built of it: too large, too many tags for its size, an encoding that
is not what it says, a DOCTYPE, and with it every entity. The encoding is settled in Python, strictly, and given to the parser, which
never guesses. The tree is parsed once, without comments and processing instructions, and serves both the schemas and the reading of
values.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from lxml import etree

from schemas.findings import Finding
from schemas.wording import finding

DEFAULT_LIMIT = 100_000_000  # bytes: MedCom's limit for one message with its envelope
MAX_DEPTH = 100
# What libxml2 holds, in bytes at most, on 64 bits: for a tag the text before it; for one that opens an element that element, and what
# the schema keeps of it while the document streams by; for an attribute it, its value and a name of its own. See docs/adr/0007.
_TAG, _ELEMENT, _ATTRIBUTE = 128, 224, 320
_TREE = 72_000_000  # bytes that the tree of any document may take: a megabyte of tags and nothing else takes no more
_TIMES = 6  # how many times its size the tree of a larger document may take, so that the whole stays under ten times
_ALWAYS_FINE = 1_000_000  # bytes
MAX_ATTRIBUTES = 100  # of one element, and namespaces that it declares: canonical XML sorts them in quadratic time
_ABOVE_MAX_ATTRIBUTES = etree.XPath(f"boolean(//*[@*[{MAX_ATTRIBUTES + 1}]])")
_BELOW_MAX_DEPTH = etree.XPath(f"boolean({'/*' * (MAX_DEPTH + 1)})")

_ENCODINGS = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "ascii",
    "ascii": "ascii",
    "iso-8859-1": "iso-8859-1",
    "iso_8859-1": "iso-8859-1",
    "iso8859-1": "iso-8859-1",
    "latin1": "iso-8859-1",
    "latin-1": "iso-8859-1",
    "iso-8859-15": "iso-8859-15",
    "windows-1252": "windows-1252",
    "cp1252": "windows-1252",
}
_EXPECTED_ENCODINGS = "UTF-8, ISO-8859-1, windows-1252"
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_DECLARATION = re.compile(rb"<\?xml\s[^>]*?encoding\s*=\s*[\"']([^\"'>]*)[\"']")
# Atomic and possessive, so that no prolog, however made, costs more than one pass.
_DOCTYPE = re.compile(rb"(?>\s+|<\?.*?\?>|<!--.*?-->)*+<!DOCTYPE", re.DOTALL)
_PIECE = re.compile(rb"<[^<]+")
_C1 = bytes(range(0x80, 0xA0))  # characters in windows-1252, control codes in ISO-8859-1
_HUGE = 10_000_000  # libxml2 refuses a text node above this unless told otherwise; attachments are larger

_ERRORS = etree.ErrorTypes
_CODES = {
    _ERRORS.ERR_INVALID_CHAR: "control-character",
    _ERRORS.ERR_UNDECLARED_ENTITY: "entity-forbidden",
    _ERRORS.ERR_DOCUMENT_END: "several-roots",
    _ERRORS.ERR_TAG_NOT_FINISHED: "truncated",
    _ERRORS.NS_ERR_UNDEFINED_NAMESPACE: "prefix-undeclared",
}
_TOO_DEEP = 114  # XML_ERR_RESOURCE_LIMIT, which lxml has no name for


@dataclass(frozen=True, slots=True)
class Reading:
    """What could be read: `root` is None where an error among `findings` says why; with a root there are warnings at most.

    `tags` is how many tags there are at most, closing ones included: a cheap measure of how long judging may take. `encoding` is the
    one that the bytes were read in.
    """

    root: etree._Element | None
    findings: tuple[Finding, ...] = ()
    tags: int = 0
    encoding: str = ""


class _Refused(Exception):  # noqa: N818 - a verdict and not a failure
    """Carries the finding that ends the reading."""

    def __init__(self, code: str, line: int = 0, /, **expected: object) -> None:
        super().__init__(code)
        self.finding = finding(code, "", line, **expected)


def read(raw: bytes, limit: int = DEFAULT_LIMIT) -> Reading:
    """Reads any bytes, and never raises. `limit` is in bytes."""
    try:
        return _read(raw, limit)
    except _Refused as refused:
        return Reading(None, (refused.finding,))


def _read(raw: bytes, limit: int) -> Reading:
    if len(raw) > limit:
        raise _Refused("too-large", limit=limit)
    if not raw.strip():
        raise _Refused("empty")
    encoding, warnings = _encoding(raw)
    _must_decode(raw, encoding)
    if encoding == "utf-16":  # so that what follows may look at bytes
        raw = raw.decode(encoding).encode()
    _must_lack_doctype(raw)
    _must_be_sparse(raw)
    root = _parse(raw, "utf-8" if encoding == "utf-16" else encoding)
    # Each level costs an opening tag: short documents have too few for the look to be needed.
    tags = raw.count(b"<")
    if tags > MAX_DEPTH and _BELOW_MAX_DEPTH(root):
        raise _Refused("too-deep", limit=MAX_DEPTH)
    if raw.count(b"=") > MAX_ATTRIBUTES and (_declares_many(raw) or _ABOVE_MAX_ATTRIBUTES(root)):
        raise _Refused("too-many-attributes", limit=MAX_ATTRIBUTES)
    return Reading(root, warnings, tags, encoding)


def _declares_many(raw: bytes) -> bool:
    """Whether one tag declares too many namespaces; the word in the text after the tag counts as well."""
    many = raw.count(b"xmlns") > MAX_ATTRIBUTES
    return many and any(piece.group().count(b"xmlns") > MAX_ATTRIBUTES for piece in _PIECE.finditer(raw))


def _must_be_sparse(raw: bytes) -> None:
    if len(raw) <= _ALWAYS_FINE:
        return
    tags = raw.count(b"<")
    attributes = min(raw.count(b"="), (raw.count(b'"') + raw.count(b"'")) // 2)
    tree = _TAG * tags + _ELEMENT * (tags - raw.count(b"</")) + _ATTRIBUTE * attributes
    if tree > max(_TREE, _TIMES * len(raw)):
        raise _Refused("too-many-tags")


def _parse(raw: bytes, encoding: str) -> etree._Element:
    # One parser per document: making it costs under a microsecond, and a shared one would be a lock between threads.
    parser = etree.XMLParser(
        encoding=encoding,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=len(raw) > _HUGE,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(raw, parser)
    except etree.XMLSyntaxError as error:
        raise _syntax(error, raw) from None
    except (etree.LxmlError, ValueError, LookupError):
        raise _Refused("not-well-formed") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise _Refused("doctype-forbidden")
    return root


def _encoding(raw: bytes) -> tuple[str, tuple[Finding, ...]]:
    """The encoding to read `raw` in, and warnings about it."""
    if raw.startswith(_UTF_16):
        return "utf-16", ()
    marked = raw.startswith(codecs.BOM_UTF8)
    match = _DECLARATION.match(raw, 3 if marked else 0)
    declared = match[1].decode("latin-1").strip().lower() if match else ""
    if marked:
        contradicts = match is not None and _ENCODINGS.get(declared) != "utf-8"
        return "utf-8", (finding("encoding-contradicts-bom", read_as="utf-8"),) if contradicts else ()
    if match is None:
        return _undeclared(raw)
    if declared == "utf-16":
        raise _Refused("encoding-wrong", 1, declared=declared)
    if declared not in _ENCODINGS:
        raise _Refused("encoding-unsupported", 1, expected=_EXPECTED_ENCODINGS)
    encoding = _ENCODINGS[declared]
    return encoding, _doubts(raw, encoding)


def _undeclared(raw: bytes) -> tuple[str, tuple[Finding, ...]]:
    """XML says UTF-8 where nothing is said; Danish hospitals have sent ISO-8859-1, and windows-1252 under its name."""
    if raw.isascii() or _decodes(raw, "utf-8"):
        return "utf-8", ()
    encoding = "windows-1252" if _has_c1(raw) and _decodes(raw, "windows-1252") else "iso-8859-1"
    return encoding, (finding("encoding-undeclared", read_as=encoding),)


def _doubts(raw: bytes, encoding: str) -> tuple[Finding, ...]:
    """What makes a declared one-byte encoding unlikely, though every byte of it can be read."""
    if encoding in {"utf-8", "ascii"} or raw.isascii():
        return ()
    if _decodes(raw, "utf-8"):
        return (finding("encoding-looks-utf-8", declared=encoding),)
    if encoding != "windows-1252" and _has_c1(raw):
        return (finding("encoding-looks-windows-1252", declared=encoding),)
    return ()


def _has_c1(raw: bytes) -> bool:
    return len(raw.translate(None, _C1)) < len(raw)


def _decodes(raw: bytes, encoding: str) -> bool:
    try:
        raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _must_decode(raw: bytes, encoding: str) -> None:
    if encoding == "iso-8859-1" or (encoding != "utf-16" and raw.isascii()):
        return
    try:
        raw.decode(encoding)
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        if error.end >= len(raw) and error.reason in {"unexpected end of data", "truncated data"}:
            raise _Refused("truncated", line) from None
        raise _Refused("encoding-wrong", line, declared=encoding) from None


def _must_lack_doctype(raw: bytes) -> None:
    match = _DOCTYPE.match(raw, 3 if raw.startswith(codecs.BOM_UTF8) else 0)
    if match:
        raise _Refused("doctype-forbidden", raw.count(b"\n", 0, match.end()) + 1)


def _syntax(error: etree.XMLSyntaxError, raw: bytes) -> _Refused:
    line = max(error.lineno or 0, 0)
    kind: int = error.code  # type: ignore[attr-defined]  # the stubs lack it
    if kind == _TOO_DEEP:
        return _Refused("too-deep", line, limit=MAX_DEPTH)
    if kind == _ERRORS.ERR_DOCUMENT_EMPTY:
        return _Refused("not-xml", line)
    code = _CODES.get(kind)
    if code is None:
        code = "not-well-formed" if raw.rstrip().endswith(b">") else "truncated"
    return _Refused(code, line)
