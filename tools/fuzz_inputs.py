"""The inputs of `tools.fuzz`: files cut, doubled, spliced, recoded and grown."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.resources import files

from schemas.validator import Schemas
from schemas.vans import DocumentFormat, EndPoint, EndPointType, MetaInformation, VansEnvelope, VansMessage
from schemas.vanswriter import wrap

_ID = "00000000-0000-4000-8000-000000000000"
_PIECES = [
    *(
        b"<",
        b">",
        b"&",
        b"]]>",
        b"<!DOCTYPE a>",
        b"<!--",
        b"-->",
        b"<?x ",
        b"?>",
        b"<![CDATA[",
        b'="',
        b"'",
        b"/>",
        b"</",
        b"\x00",
    ),
    *(
        b"&lt;",
        b"&#0;",
        b"&#x10FFFF;",
        b"&x;",
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        b"\xfe\xff",
        b"\xf0\x9f\x98\x80",
        b"\x80",
        b"\xe6",
        b"\r",
    ),
    *(
        b'encoding="utf-16"',
        b'encoding="iso-8859-1"',
        b'encoding="cp037"',
        b' xmlns=""',
        b' xmlns:a="b"',
        b"\xe2\x80\xa8",
        b"=",
    ),
]
# What a document may be filled with, and what each unit of it makes: nodes, texts, attributes, namespaces, depth, names, references.
_UNITS: list[Callable[[int], bytes]] = [
    lambda _: b"<Break/>",
    lambda _: b"x<b/>",
    lambda _: b"<b></b>\n",
    lambda _: b"en linje tekst<Break/>",
    lambda _: b"<Bold>fed</Bold> og ",
    lambda _: b"<b c=''/>",
    lambda _: b"<b c='' d='' e='' f=''/>",
    lambda _: b"<b xmlns='x'/>",
    lambda _: b"<b xmlns:y='x' y:c='='/>",
    lambda number: b"<b%d/>" % number,
    lambda number: b"<b c%d='%d'/>" % (number, number),
    lambda _: b"<b>",
    lambda _: b"<b>1</b><c>2</c>\n  ",
    lambda _: b"x<!---->",
    lambda _: b"x<?p?>",
    lambda _: b"x<![CDATA[]]>",
    lambda _: b"&lt;",
    lambda _: b"&#230;",
    lambda _: b"QUJD",
    lambda _: b"=",
    lambda _: b"\n",
    lambda _: b" ",
    lambda _: "æ".encode(),
    lambda _: "😀".encode(),
    lambda _: b"\xe6",
]
_BETWEEN = re.compile(rb">[^<]*")
_ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "iso-8859-1", "windows-1252", "cp500"]


def shipped(schemas: Schemas) -> list[bytes]:
    """The examples that come with the package, bare and each in a VANSEnvelope."""
    found = sorted(files("schemas").joinpath("examples").iterdir(), key=lambda file: file.name)
    bare = [file.read_bytes() for file in found if file.name.endswith(".xml")]
    return bare + [_wrapped(raw, schemas) for raw in bare]


def _wrapped(raw: bytes, schemas: Schemas) -> bytes:
    party = EndPoint("5790000000005", EndPointType.EAN)
    message = VansMessage(MetaInformation(_ID, DocumentFormat.XML, "XDIS91", len(raw)), raw)
    return wrap(VansEnvelope(party, party, _ID, datetime(2026, 11, 22, tzinfo=UTC), message), schemas)


class Inputs:
    """Makes one input after another, the same ones for the same random generator."""

    def __init__(self, seeds: list[bytes], chance: random.Random, largest: int) -> None:
        self.seeds = seeds
        self._chance = chance
        self._largest = largest
        self._ways = [self.cut, self.piece, self.spliced, self.flipped, self.recoded, self.repeated]

    def make(self) -> tuple[str, bytes]:
        """The way in which the input was made, and the input. One in thirty is grown, and so costs as much as the others together."""
        raw = self._chance.choice(self.seeds)
        if self._chance.random() < 1 / 30:
            way = self._chance.choice([self.filled, self.filled, self.tag_filled, self.repeated_element])
            return way.__name__, way(raw)
        names = []
        for _ in range(self._chance.randint(1, 4)):
            way = self._chance.choice(self._ways)
            names.append(way.__name__)
            raw = way(raw)
        return names[-1], raw[: self._largest]

    def cut(self, raw: bytes) -> bytes:
        """Without some bytes, or without all from one on."""
        start, end = self._span(raw)
        return raw[:start] if self._chance.random() < 0.2 else raw[:start] + raw[end:]

    def piece(self, raw: bytes) -> bytes:
        """With a piece of syntax somewhere."""
        at = self._chance.randint(0, len(raw))
        return raw[:at] + self._chance.choice(_PIECES) * self._chance.choice([1, 1, 1, 2, 200]) + raw[at:]

    def spliced(self, raw: bytes) -> bytes:
        """With a part of another file in place of some bytes."""
        start, end = self._span(raw)
        other = self._chance.choice(self.seeds)
        first, last = self._span(other)
        return raw[:start] + other[first:last] + raw[end:]

    def flipped(self, raw: bytes) -> bytes:
        """With some bytes changed."""
        changed = bytearray(raw)
        for _ in range(self._chance.randint(1, 8)):
            if changed:
                changed[self._chance.randrange(len(changed))] = self._chance.randrange(256)
        return bytes(changed)

    def recoded(self, raw: bytes) -> bytes:
        """In another encoding, whatever its declaration says."""
        text = raw.decode("utf-8", errors="replace")
        return text.encode(self._chance.choice(_ENCODINGS), errors="replace")

    def repeated(self, raw: bytes) -> bytes:
        """With some bytes several times."""
        start, end = self._span(raw)
        return raw[:start] + raw[start:end] * self._chance.choice([2, 3, 50]) + raw[end:]

    def filled(self, raw: bytes) -> bytes:
        """With a unit as often as will fit, at a place where text may be; in half of them all of the document is that."""
        places = [match.end() for match in _BETWEEN.finditer(raw)] or [len(raw)]
        at = self._chance.choice(places)
        head, tail = (raw[:at], raw[at:]) if self._chance.random() < 0.5 else (b"<a>", b"</a>")
        unit = self._chance.choice(_UNITS)
        size = self._size()
        return head + b"".join(unit(number) for number in range(size // len(unit(0)))) + tail

    def tag_filled(self, raw: bytes) -> bytes:
        """With attributes, or a name or a value, as long as will fit, in a tag."""
        at = self._chance.choice([match.start() for match in re.finditer(rb"/?>", raw)] or [0])
        units: list[Callable[[int], bytes]] = [
            lambda number: b" a%d=''" % number,
            lambda number: b" xmlns:a%d='b'" % number,
            lambda number: b" a%d:b='c'" % number,
            lambda _: b"x",
            lambda _: b" ",
        ]
        unit, size = self._chance.choice(units), self._size()
        return raw[:at] + b"".join(unit(number) for number in range(size // len(unit(0)))) + raw[at:]

    def repeated_element(self, raw: bytes) -> bytes:
        """With all from one tag to another as often as will fit."""
        places = [match.start() for match in re.finditer(rb"<", raw)]
        if len(places) < 2:
            return raw
        start, end = sorted(self._chance.sample(places, 2))
        return raw[:start] + raw[start:end] * (self._size() // (end - start)) + raw[end:]

    def _size(self) -> int:
        return int(50_000 * (self._largest / 50_000) ** self._chance.random())

    def _span(self, raw: bytes) -> tuple[int, int]:
        start = self._chance.randint(0, len(raw))
        return start, min(len(raw), start + int(2 ** self._chance.uniform(0, 12)))
