"""The standard headings and how a subject is recognised."""

from dataclasses import replace

import pytest

from routing.decisions import Heading, HeadingMatch
from routing.headings import HeadingsError, bundled, heading_finding, load, other_types
from schemas.catalogue import load_catalogue
from schemas.findings import Severity
from schemas.messages import Letter, Party
from sor.names import slug

HEADER = "code;text;aliases\n"
LETTER = Letter("XDIS91", "XD9134L", "BREV1", Party("1"), Party("2"), "")


def test_bundled_list():
    """The list in the package has a code and a text that fits in Subject for every situation, and says that it is ours."""
    headings = bundled()
    assert {"indlaeggelse", "udskrivning", "forestaaende-udskrivning", "ledsagelse"} <= {
        each.code for each in headings.headings
    }
    assert len(headings.headings) == 14
    for each in headings.headings:
        assert each.code == slug(each.code)
        assert 0 < len(each.text) <= 70
        assert headings.recognise(each.text) == Heading(each.code, each.text, HeadingMatch.EXACT)
        for alias in each.aliases:
            assert headings.recognise(alias) == Heading(each.code, each.text, HeadingMatch.ALIAS)


@pytest.mark.parametrize(
    ("subject", "code", "how"),
    [
        ("Indlæggelse", "indlaeggelse", HeadingMatch.EXACT),
        (" Indlæggelse\n", "indlaeggelse", HeadingMatch.EXACT),
        ("INDLÆGGELSE", "indlaeggelse", HeadingMatch.ALIAS),
        ("indlaeggelse", "indlaeggelse", HeadingMatch.ALIAS),
        ("Indlagt", "indlaeggelse", HeadingMatch.ALIAS),
        ("Indlæggelse i psykiatrien.", "indlaeggelse", HeadingMatch.ALIAS),
        ("Vedr. udskrivning", "udskrivning", HeadingMatch.ALIAS),
        ("vedr udskrivning", "udskrivning", HeadingMatch.ALIAS),
        ("Vedrørende: Udskrivning", "udskrivning", HeadingMatch.ALIAS),
        ("SV: Vedr. udskrivning!", "udskrivning", HeadingMatch.ALIAS),
        ("Netværksmøde", "netvaerksmoede", HeadingMatch.ALIAS),
        ("FÆLLES  MØDE", "netvaerksmoede", HeadingMatch.ALIAS),
        ("Forestaaende udskrivning", "forestaaende-udskrivning", HeadingMatch.ALIAS),
        ("Vedr.", None, HeadingMatch.UNKNOWN),
        ("Vedr. hunden", None, HeadingMatch.UNKNOWN),
        ("Indlæggelsen udsat", None, HeadingMatch.UNKNOWN),
        ("!?", None, HeadingMatch.UNKNOWN),
        (None, None, HeadingMatch.MISSING),
        ("", None, HeadingMatch.MISSING),
        (" \t ", None, HeadingMatch.MISSING),
    ],
)
def test_recognise(subject, code, how):
    """A subject is a heading by its text, or by an alias in any spelling; anything else is unknown and never guessed."""
    heading = bundled().recognise(subject)
    assert (heading.code, heading.how) == (code, how)
    assert (heading.text is None) == (code is None)


def told(subject, kind="XDIS91"):
    """What is found of a letter's heading."""
    heading = bundled().recognise(subject)
    return heading_finding(replace(LETTER, type=kind, subject=subject), heading)


def test_findings():
    """An unknown heading warns, never more, and without a word of it; a known one says nothing, nor does a missing one here."""
    unknown = told("Hunden")
    assert (unknown.code, unknown.severity) == ("heading-unknown", Severity.WARNING)
    assert "Hunden" not in unknown.text_da + unknown.text_en
    assert told("Indlagt") is None
    assert told(None) is None


def test_types_without_a_subject_have_no_heading_to_miss():
    """Only a type that has a Subject is told that its heading is unknown."""
    assert told("Hunden", "XDIS20") is None


@pytest.mark.parametrize(
    ("subject", "other"),
    [
        ("Genoptræningsplan", "GGOP (Genoptræningsplan)"),
        ("Vedr. GOP", "GGOP (Genoptræningsplan)"),
        ("Epikrise", "XDIS01 (Epikrise)"),
        ("INDLAEGGELSESRAPPORT", "XDIS16 (Indlæggelsesrapport)"),
        ("Plejeforløbsplan.", "XDIS21 (Plejeforløbsplan)"),
    ],
)
def test_a_heading_of_another_type_points_to_it(subject, other):
    """A subject that has a type of message of its own is answered with that type, in both languages."""
    found = told(subject)
    assert (found.code, found.severity) == ("heading-of-other-type", Severity.WARNING)
    assert other in found.text_da
    assert other in found.text_en


def test_other_types_are_known_and_no_headings():
    """Each type that a subject points to is in the catalogue, and no subject of theirs is a standard heading of ours."""
    codes = {row.code for row in load_catalogue().rows}
    assert {other.split(" ")[0] for other in other_types().values()} <= codes - {"XDIS91"}
    assert [name for name in other_types() if bundled().recognise(name).code] == []
    assert len(other_types()) > 40


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"code;text\n",
        HEADER.encode() + b"a;A\n",
        (HEADER + "Stor;Tekst;\n").encode(),
        (HEADER + ";Tekst;\n").encode(),
        (HEADER + "tom;;\n").encode(),
        (HEADER + f"lang;{'x' * 71};\n").encode(),
        (HEADER + "a;Ens;\nb;Anden;ENS\n").encode(),
        (HEADER + "a;Æble;\n").encode("iso-8859-1"),
    ],
)
def test_bad_list(raw):
    """A list that is malformed, or in which one subject would mean two headings, is refused whole."""
    with pytest.raises(HeadingsError):
        load(raw)


def test_version_is_of_the_content():
    """Two lists have one version only where they are equal."""
    first = load((HEADER + "a;Ens;\n").encode())
    assert first.version == load((HEADER + "a;Ens;\n").encode()).version
    assert first.version != load((HEADER + "a;Ens;|Et\n").encode()).version
