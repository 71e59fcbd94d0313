"""The rules on attachments: those that a letter refers to, and those that come in an XBIN01."""

from __future__ import annotations

import base64
import re

import pytest

from schemas.examine import Obstacle, examine
from schemas.rules.objects import LARGEST, decoded_length
from tests.examples.building import FOLDER

REFERENCE = "/Emessage/ClinicalEmail[1]/Reference[1]/BIN"
OBJECT = "/Emessage/BinaryLetter[1]/BinaryObject"
LETTER = (FOLDER / "XDIS91-XD9134L.xml").read_bytes()
BINARY = (FOLDER / "XBIN01-XB0131X.xml").read_bytes()


def changed(raw, name, value):
    """The document with the text of its one element of this name replaced."""
    new, count = re.subn(f"<{name}>[^<]*</{name}>".encode(), f"<{name}>{value}</{name}>".encode(), raw)
    assert count == 1
    return new


def told(raw, schemas):
    """The findings as code and path, and whether the document is taken."""
    found = examine(raw, schemas)
    assert found.schema_valid
    assert found.obstacle in {None, Obstacle.RULE}
    return [(one.code, one.path) for one in found.findings], found.valid


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("ObjectCode", "billede", "object-code-extension"),
        ("ObjectExtensionCode", "png", "object-code-extension"),
        ("ObjectIdentifier", "BILAG1", "object-id-not-uuid"),
        ("ObjectIdentifier", "8d2f6b1c-4a5e4f709c3d1e2f3a4b5c6d", "object-id-not-uuid"),
        ("ObjectIdentifier", "8D2F6B1C4A5E4F709C3D1E2F3A4B5C6D", None),
        ("OriginalObjectSize", str(LARGEST), None),
        ("OriginalObjectSize", str(LARGEST + 1), "object-size-implausible"),
        ("OriginalObjectSize", "9" * 5000, "object-size-implausible"),
    ],
)
def test_a_reference_is_looked_at(schemas, name, value, code):
    """A reference whose code, id or size cannot be right is told of, and the letter is taken."""
    assert told(LETTER, schemas) == ([], True)
    place = "ObjectCode" if name == "ObjectExtensionCode" else name
    assert told(changed(LETTER, name, value), schemas) == ([(code, f"{REFERENCE}/{place}")] if code else [], True)


def test_each_kind_of_file_has_the_code_that_the_schema_knows(schemas):
    """Every extension of XBIN01's schema has one code, and that code raises no note."""
    kinds = {
        "billede": "pcx tiff jpeg gif bmp png dcm",
        "multimedie": "mpg wav avi mid rmi bin inh",
        "biosignaler": "scp",
        "tekstfil": "txt rtf doc xls wpd",
        "program": "exe com",
        "vektor_grafik": "pdf",
        "proprietaert_indhold": "zip plo fnx",
    }
    for code, extensions in kinds.items():
        for extension in extensions.split():
            raw = changed(changed(BINARY, "ObjectCode", code), "ObjectExtensionCode", extension)
            assert told(raw, schemas) == ([], True), extension
            other = "tekstfil" if code != "tekstfil" else "billede"
            assert told(changed(raw, "ObjectCode", other), schemas)[0] == [("object-code-extension", f"{OBJECT}/ObjectCode")]


@pytest.mark.parametrize("size", [1, 566, 568])
def test_an_attachment_of_another_length_is_refused(schemas, size):
    """OriginalObjectSize is all that shows that an attachment was cut, so another length refuses it."""
    assert told(BINARY, schemas) == ([], True)
    raw = changed(BINARY, "OriginalObjectSize", size)
    assert told(raw, schemas) == ([("object-size-differs", f"{OBJECT}/OriginalObjectSize")], False)
    assert told(changed(BINARY, "OriginalObjectSize", "0" * 30 + "567"), schemas) == ([], True)


@pytest.mark.parametrize("content", ["%PDF", "Zm9=Zg==", "Zg===", "Zg=", "Z", "Z===", "Zm9v====", "Zæ==", "Zm9vø"])
def test_an_attachment_that_is_not_base64_is_refused(schemas, content):
    """The schema takes any text for an attachment, and nobody could open it."""
    new = re.sub(
        b"<Object_Base64Encoded>[^<]*<",
        b"<Object_Base64Encoded>" + content.encode("iso-8859-1", "xmlcharrefreplace") + b"<",
        BINARY,
    )
    assert told(new, schemas) == ([("object-not-base64", f"{OBJECT}/Object_Base64Encoded")], False)


@pytest.mark.parametrize("size", [0, 1, 2, 3, 4, (1 << 20) - 1, 1 << 20, (3 << 18) + 1])
@pytest.mark.parametrize("broken", ["", "\r\n", " \t"])
def test_the_length_is_that_of_the_bytes(size, broken):
    """What is counted is what decoding gives, in lines of any kind and over the borders of pieces."""
    text = base64.b64encode(bytes(size)).decode()
    lines = broken.join(text[at : at + 76] for at in range(0, len(text), 76)) + broken
    assert decoded_length(lines) == size
    assert decoded_length(lines + "=A") is None


def test_padding_ends_an_attachment_wherever_it_stands():
    """Padding that more follows makes no base64, also where a piece ends between them."""
    assert decoded_length("A" * ((1 << 20) - 1) + "=AAAA") is None


def test_an_id_that_the_schema_refuses_is_told_of_once(schemas):
    """Where the version's own schema asks for a UUID, the rule adds nothing to its finding."""
    found = examine((FOLDER / "XREQ01-XQ0132K-fault.xml").read_bytes(), schemas)
    assert [one.code for one in found.findings] == ["value-pattern"]
