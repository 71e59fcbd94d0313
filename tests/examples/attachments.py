"""Two attachments, a PDF and a picture, and the binary letters (XBIN01) that bring them.

Both are whole files that a viewer opens, written here byte by byte so that they are the same wherever they are made. The
correspondence messages beside them refer to them: an object's id is the same UUID, with its dashes here and without them there.
"""

from __future__ import annotations

import base64
import zlib
from dataclasses import dataclass
from struct import pack
from uuid import UUID

from lxml import etree
from lxml.builder import ElementMaker

from tests.examples.building import NEW, OLD, Fault, changed, emessage, fields, maker
from tests.examples.cast import CPR, FROM_HOSPITAL_TO_SUPPORT, NAME, PSYCHIATRY, SENT, letter


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file: `code` and `extension` are MedCom's ObjectCode and ObjectExtensionCode for it, `name` what a reader is told."""

    identifier: UUID
    code: str
    extension: str
    name: str
    content: bytes

    def described(self, identifier: str) -> dict[str, str]:
        """The four fields that a reference and the binary letter have in common, with the id as that one writes it."""
        return {
            "ObjectIdentifier": identifier,
            "ObjectCode": self.code,
            "ObjectExtensionCode": self.extension,
            "OriginalObjectSize": str(len(self.content)),
        }


def _pdf() -> bytes:
    drawn = b"BT /F1 14 Tf 20 60 Td (SYNTETISK PLAN - ingen person findes) Tj ET"
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 320 120]/Resources<</Font<</F1 4 0 R>>>>/Contents 5 0 R>>",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(drawn), drawn),
    )
    written, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(written))
        written += b"%d 0 obj%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(written))
    return written + b"xref\n0 %d\n0000000000 65535 f \n%s%s" % (len(objects) + 1, table, end)


def _png() -> bytes:
    rows = b"".join(b"\0" + bytes([row]) for row in (0x18, 0x18, 0x18, 0xFF, 0xFF, 0x18, 0x18, 0x18))  # a cross, 8 by 8
    # A stored block: what a compressor would make of it differs from one to the next.
    stored = b"\x78\x01\x01" + pack("<HH", len(rows), len(rows) ^ 0xFFFF) + rows + pack(">I", zlib.adler32(rows))
    parts = ((b"IHDR", pack(">IIBBBBB", 8, 8, 1, 0, 0, 0, 0)), (b"IDAT", stored), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        pack(">I", len(content)) + kind + content + pack(">I", zlib.crc32(kind + content)) for kind, content in parts
    )


PLAN = Attachment(UUID("8d2f6b1c-4a5e-4f70-9c3d-1e2f3a4b5c6d"), "vektor_grafik", "pdf", "Plan efter udskrivning", _pdf())
PICTURE = Attachment(UUID("1b7c9d20-6e8f-4a31-b5c4-d0e1f2a3b4c5"), "billede", "png", "Tegning af hjemmet", _png())


def binary_letter(make: ElementMaker, version: str, identifier: str, attachment: Attachment) -> bytes:
    """XBIN01: the attachment under the id that this version writes."""
    sender, receiver = FROM_HOSPITAL_TO_SUPPORT
    return emessage(
        make,
        f"K{version}",
        SENT,
        make(
            "BinaryLetter",
            letter(make, "XBIN01", version, *fields(make, StatusCode="nytbrev")),
            make("Sender", *fields(make, **sender, **PSYCHIATRY)),
            make("Receiver", *fields(make, **receiver)),
            make("Patient", *fields(make, CivilRegistrationNumber=CPR, **NAME)),
            _object(make, identifier, attachment),
        ),
    )


def _object(make: ElementMaker, identifier: str, attachment: Attachment) -> etree._Element:
    content = base64.b64encode(attachment.content).decode("ascii")
    return make("BinaryObject", *fields(make, **attachment.described(identifier), Object_Base64Encoded=content))


VALID = {
    "XBIN01-XB0130X": binary_letter(maker(OLD.format("2005/08/07")), "XB0130X", PICTURE.identifier.hex, PICTURE),
    "XBIN01-XB0131X": binary_letter(maker(NEW.format("2012/03/28")), "XB0131X", str(PLAN.identifier), PLAN),
}
FAULTY = {
    "XBIN01-XB0130X-fault": Fault(
        "Afsenderens speciale mangler, som er frivilligt i næste version og ikke i denne",
        "element-missing",
        "/Emessage/BinaryLetter[1]/Sender",
        changed(VALID["XBIN01-XB0130X"], "      <MedicalSpecialityCode>psykiatri_sygehus</MedicalSpecialityCode>\n", ""),
    ),
    "XBIN01-XB0131X-fault": Fault(
        "Objektets id er uden bindestreger, som i den meddelelse, der henviser til det",
        "value-pattern",
        "/Emessage/BinaryLetter[1]/BinaryObject/ObjectIdentifier",
        changed(VALID["XBIN01-XB0131X"], str(PLAN.identifier), PLAN.identifier.hex),
    ),
}
