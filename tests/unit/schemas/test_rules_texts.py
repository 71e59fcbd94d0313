"""The rules on text: formatting written as text, and what a receiver of EDIFACT would lose."""

from __future__ import annotations

import pytest

from schemas.examine import examine
from tests.unit.schemas.documents import as_2015, correspondence

TEXT = "/Emessage/ClinicalEmail[1]/ClinicalInformation/Text01"
SUBJECT = "/Emessage/ClinicalEmail[1]/AdditionalInformation/Subject"
STRANGE = "\u2013 “x” € 中"


def told(raw, schemas):
    """The findings of a document that is taken, as code and path."""
    found = examine(raw, schemas)
    assert found.valid
    return [(one.code, one.path) for one in found.findings]


@pytest.mark.parametrize("encoding", ["ISO-8859-1", "windows-1252", "UTF-8"])
@pytest.mark.parametrize("strange", ["\u2013", "€", "中"])
def test_characters_that_edifact_lacks_warn_in_every_encoding(schemas, encoding, strange):
    """A character outside ISO 8859-1 is found in its place, written as itself or as a reference; Danish letters and signs are not."""
    assert told(correspondence(schemas, encoding=encoding, text="Æblegrød é § ½ ÿ\u00a0[&<]"), schemas) == []
    raw = correspondence(schemas, encoding=encoding, text=f"Æblegrød\n{strange}")
    assert told(raw, schemas) == [("edifact-characters", TEXT)]
    raw = correspondence(schemas, encoding=encoding, subject=f"Æblegrød {strange}")
    assert told(raw, schemas) == [("edifact-characters", SUBJECT)]


def test_utf_16_is_looked_at_too(schemas, valid):
    """The quick looks at bytes do not stand for an encoding of two bytes."""
    text = valid.decode("iso-8859-1").replace("ISO-8859-1", "UTF-16")
    assert told(text.encode("utf-16"), schemas) == []
    assert told(text.replace("Anden", "\u2013").encode("utf-16"), schemas) == [("edifact-characters", TEXT)]
    assert told(text.replace("Anden", "&#8211;").encode("utf-16"), schemas) == [("edifact-characters", TEXT)]
    assert told(text.replace("Anden", "&lt;Bold&gt;").encode("utf-16"), schemas) == [("markup-escaped", TEXT)]


def test_only_so_many_places_are_told(schemas):
    """A document full of foreign characters gets a handful of places and not a thousand."""
    raw = correspondence(schemas, encoding="UTF-8", text="Linje").replace(b"Linje", "<Bold>\u2013</Bold>".encode() * 1000)
    assert [code for code, _ in told(raw, schemas)] == ["edifact-characters"] * 5


def test_a_version_that_edifact_lacks_may_have_any_character(schemas):
    """XD9135L has no form in EDIFACT, so nothing is lost from it."""
    assert told(as_2015(correspondence(schemas, encoding="UTF-8", text=STRANGE)), schemas) == []


@pytest.mark.parametrize("text", ["&lt;Bold&gt;x&lt;/Bold&gt;", "<![CDATA[<Break/>]]>", "&#60;Italic&#62;"])
def test_formatting_written_as_text_warns_however_it_is_written(schemas, valid, text):
    """An escaped element, one in CDATA and one in character references are the same text."""
    assert told(valid.replace(b"Anden", text.encode()), schemas) == [("markup-escaped", TEXT)]
    assert told(valid.replace(b"Anden", b"a &lt; b &amp; [c] <![CDATA[&]]>"), schemas) == []


@pytest.mark.parametrize(
    ("subject", "text", "long"),
    [
        ("Indlæggelse", "x" * 2800, False),
        ("Indlæggelse", "x" * 2801, True),
        ("Indlæggelse", "x\n" * 40, False),
        ("Indlæggelse", "x\n" * 41, True),
        ("Indlæggelse", ("x" * 60 + "\n") * 40, False),
    ],
)
def test_text_that_edifact_has_no_room_for_is_noted(schemas, subject, text, long):
    """Forty lines of seventy characters fit beside a subject; what is surely more is noted."""
    expected = [("edifact-text-too-long", TEXT)] if long else []
    assert told(correspondence(schemas, subject=subject, text=text), schemas) == expected
    assert told(as_2015(correspondence(schemas, subject=subject, text=text)), schemas) == []


def test_there_is_more_room_without_a_subject_and_in_a_second_text(schemas):
    """Without a subject, and in each text but the first, there is room for forty-five lines."""
    bare = correspondence(schemas, subject=None, text="x\n" * 45)
    assert [code for code, _ in told(bare, schemas)] == ["subject-missing"]
    raw = correspondence(schemas, text="x\n" * 41)
    start, end = raw.index(b"<ClinicalInformation>"), raw.index(b"</ClinicalEmail>")
    first = f"{TEXT.replace('ClinicalInformation', 'ClinicalInformation[1]')}"
    assert told(raw[:end] + raw[start:end] + raw[end:], schemas) == [("edifact-text-too-long", first)]
