"""Which objects a letter refers to and which it carries, read from real and synthetic documents."""

from __future__ import annotations

from importlib.resources import files

import pytest
from lxml import etree

from schemas.examine import examine
from schemas.letters import object_id
from schemas.messages import Letter
from schemas.validator import Schemas
from tests.unit.schemas.documents import CORPUS, correspondence

PLAN, PICTURE = "8d2f6b1c4a5e4f709c3d1e2f3a4b5c6d", "1b7c9d206e8f4a31b5c4d0e1f2a3b4c5"
EXAMPLES = sorted(path.name for path in (files("schemas") / "examples").iterdir() if not path.name.endswith("-fault.xml"))


def letter_in(raw: bytes, schemas: Schemas) -> Letter:
    """The first letter of a document that can be read."""
    envelope = examine(raw, schemas).envelope
    assert envelope is not None
    return envelope.first


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_object_of_every_type_is_found(name: str, schemas: Schemas) -> None:
    """In each type and version the objects are all those that the document names: carried by XBIN01, referred to by the others."""
    raw = (files("schemas") / "examples" / name).read_bytes()
    named = tuple(object_id(one.text or "") for one in etree.fromstring(raw).iter("{*}ObjectIdentifier"))
    letter = letter_in(raw, schemas)
    assert (letter.carries, letter.refers_to) == ((named, ()) if name.startswith("XBIN01") else ((), named))


def test_every_type_that_may_refer_has_an_example_that_does(schemas: Schemas) -> None:
    """What the catalogue says of attachments holds for its examples, so that the test before this one has met all places."""
    for row in schemas.catalogue.rows:
        raw = (files("schemas") / "examples" / f"{row.code}-{row.version}.xml").read_bytes()
        assert bool(letter_in(raw, schemas).refers_to) == ("XBIN01" in row.attachments), row


def test_the_two_halves_of_the_examples_meet(schemas: Schemas) -> None:
    """The correspondence refers without dashes to what the binary letter carries with them, and to nothing by an address alone."""
    names = ("XDIS91-XD9134L", "XDIS91-XD9135L", "XBIN01-XB0131X", "XBIN01-XB0130X")
    of = {name: letter_in((files("schemas") / "examples" / f"{name}.xml").read_bytes(), schemas) for name in names}
    assert of["XDIS91-XD9134L"].refers_to == of["XBIN01-XB0131X"].carries == (PLAN,)
    assert of["XDIS91-XD9135L"].refers_to == of["XBIN01-XB0130X"].carries == (PICTURE,)


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not here")
@pytest.mark.parametrize(
    ("name", "carried"),
    [
        ("ec_BIN01_1", "2be66629da66406d9e3fcd78219e1377"),
        ("ec_BIN01_4", "eba27c4c0ddc4a4e9a4c80028e43121e"),
        ("ec_BIN01_6", "0494352d59ef48858817e07758ccb8de"),
        ("ec_t_XBIN_hello_World", "5051d8515cac4f6980e1f4bc6b86bf62"),
    ],
)
def test_binary_letters_of_the_corpus(name: str, carried: str, schemas: Schemas) -> None:
    """MedCom's own binary letters carry one object each, under an id in lower case without dashes."""
    letter = letter_in((CORPUS / "oioxml" / f"{name}.xml").read_bytes(), schemas)
    assert (letter.type, letter.carries, letter.refers_to) == ("XBIN01", (carried,), ())


def _referring(*written: str) -> bytes:
    references = "".join(
        f"<Reference><RefDescription>Bilag</RefDescription>{one}</Reference>"
        for one in ("<SUP>true</SUP>", "<URL>https://example.org/</URL>", *written)
    )
    return references.encode("iso-8859-1")


def _bin(identifier: str) -> str:
    return f"<BIN><ObjectIdentifier>{identifier}</ObjectIdentifier></BIN>"


@pytest.mark.parametrize(
    ("references", "expected"),
    [
        ((), ()),
        ((_bin(PLAN), _bin(PICTURE)), (PLAN, PICTURE)),
        ((_bin(PLAN), _bin("8D2F6B1C-4A5E-4F70-9C3D-1E2F3A4B5C6D")), (PLAN,)),
        ((_bin(" BILAG-1\n"),), ("bilag1",)),
        ((_bin(""), _bin("---"), _bin("x" * 37), "<BIN/>", "<BIN><ObjectIdentifier/></BIN>"), ()),
    ],
    ids=["none", "two", "one-twice", "no-uuid", "empty-or-too-long"],
)
def test_what_a_reference_says(references: tuple[str, ...], expected: tuple[str, ...], schemas: Schemas) -> None:
    """Each object is named once, in the order of the letter; what has no id that could be one is left out."""
    raw = correspondence(schemas).replace(b"</ClinicalEmail>", _referring(*references) + b"</ClinicalEmail>")
    assert letter_in(raw, schemas).refers_to == expected
