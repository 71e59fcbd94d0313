"""The documents of the benchmark: one synthetic letter and its receipt, with ids for every message number.

Both are written and validated once by the project's own writer; what differs from message to message, the ids, is then put in
by joining bytes, which costs next to nothing, so the load is light beside what it measures.
"""

from __future__ import annotations

from datetime import UTC, datetime

from schemas.messages import LetterReference, Original, Party, Receipt, ReceiptContent, ReceiptKind
from schemas.validator import Schemas
from schemas.writer import Patient, write_correspondence, write_receipt

SENDER = "5790009920014"
RECEIVER = "5790009911739"
_AT = datetime(2026, 3, 1, 1, 15, tzinfo=UTC)
# As long as the ids that take their place, and in no document otherwise.
_ENVELOPE, _LETTER, _RECEIPT_ENVELOPE, _RECEIPT_LETTER = "E@@@@@@@@@@@@@", "L@@@@@@@@@@@@@", "F@@@@@@@@@@@@@", "M@@@@@@@@@@@@@"
_TEXT = """SYNTETISK MEDDELELSE. Personen findes ikke.
Patienten er indlagt i nat efter henvendelse fra vagtlægen og ventes at være indlagt nogle dage.
Der er aftalt fast tilsyn. Medicinen er uændret og fremgår af Fælles Medicinkort.
Vi beder kommunen om at sætte den nuværende støtte på pause og om at deltage i en udskrivningssamtale.
Pårørende er orienteret. Spørgsmål kan rettes til afsnittet hele døgnet.
"""


class Template:
    """A document with holes for ids."""

    def __init__(self, document: bytes, *holes: str) -> None:
        self._parts: list[bytes] = []
        self._kinds: list[bytes] = []
        places = sorted((place, hole) for hole in holes for place in _places(document, hole.encode()))
        end = 0
        for place, hole in places:
            self._parts.append(document[end:place])
            self._kinds.append(hole[:1].encode())
            end = place + len(hole)
        self._end = document[end:]
        self.number_at = slice(places[0][0] + 1, places[0][0] + len(holes[0]))
        """Where the number stands in every document made of this template: it is the first id, the envelope's."""

    def document(self, number: int) -> bytes:
        """The document with this number in all its ids."""
        digits = b"%013d" % number
        return b"".join((*(part + kind + digits for part, kind in zip(self._parts, self._kinds, strict=True)), self._end))

    def number(self, document: bytes) -> int:
        """The number of a document made of this template. Raises ValueError for any other."""
        return int(document[self.number_at])


def letters(schemas: Schemas, *, receipts: bool) -> Template:
    """XDIS91 of 3 to 4 KB, from a psychiatric unit to Skive's Social og Psykiatri, that asks for a receipt or does not."""
    document = write_correspondence(
        schemas,
        sender=Party(SENDER, "9920011", "sygehusafdelingsnummer", "Regionspsykiatrien (syntetisk)", "Psykiatrisk afsnit"),
        receiver=Party(RECEIVER, "779", "kommunenummer", "Skive Kommune (syntetisk)", "Social og Psykiatri"),
        patient=Patient("0101010000", "Testesen", "Test"),
        subject="Indlæggelse",
        text=_TEXT * 4,
        envelope_id=_ENVELOPE,
        letter_id=_LETTER,
        sent_at=_AT,
        thread="0123456789abcdef0123456789abcdef",
        wants_receipt=receipts,
    )
    return Template(document, _ENVELOPE, _LETTER)


def receipts(schemas: Schemas) -> Template:
    """XCTL03 for the letters of the same number."""
    original = Original(_ENVELOPE, SENDER, RECEIVER, (LetterReference(_LETTER, "XD9134L"),))
    content = ReceiptContent(ReceiptKind.POSITIVE, original)
    document = write_receipt(Receipt(content, _RECEIPT_ENVELOPE, _RECEIPT_LETTER, RECEIVER, SENDER, _AT), schemas)
    return Template(document, _RECEIPT_ENVELOPE, _RECEIPT_LETTER, _ENVELOPE, _LETTER)


def _places(document: bytes, hole: bytes) -> list[int]:
    places, at = [], document.find(hole)
    while at >= 0:
        places.append(at)
        at = document.find(hole, at + 1)
    return places
