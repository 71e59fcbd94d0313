"""The last words of a finding: what stood there, said without saying it, and what would mend it."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest
from lxml import etree

from schemas.examine import examine
from schemas.mending import of_value
from schemas.wording import finding

SENDER = "/Emessage/ClinicalEmail[1]/Sender"
EXAMPLES = ["XDIS91-XD9134L", "XRPT01-XR0131K", "XREQ01-XQ0132K"]


def only(raw, schemas):
    """The one error of a document."""
    (one,) = [each for each in examine(raw, schemas).findings if each.severity == "error"]
    return one


@pytest.mark.parametrize(
    ("code", "text", "allowed", "danish", "english"),
    [
        ("value-pattern", "010101-0000", (), "Her står 6 cifre, »-«, 4 cifre.", 'Here stand 6 digits, "-", 4 digits.'),
        ("value-pattern", "9:05", (), "Her står 1 ciffer, »:«, 2 cifre.", 'Here stand 1 digit, ":", 2 digits.'),
        ("value-date", " 21/11 2026", (), "Her står 1 blanktegn, 2 cifre, »/«, 2 cifre, 1 blanktegn, 4 cifre.", None),
        ("value-number", "3€", (), "Her står 1 ciffer, 1 andet tegn.", "Here stand 1 digit, 1 other character."),
        ("value-decimal", "1.2.3.4.5", (), "Her står 9 tegn.", "Here are 9 characters."),
        ("value-date", " ", (), "Her står ingenting.", "Nothing stands here."),
        ("value-too-long", "x" * 71, (), "Her står 71.", "Here are 71."),
        ("value-not-in-list", "Hoej Prioritet", ("rutine", "høj_prioritet"), "Skriv præcis høj_prioritet.", None),
        ("value-not-in-list", "rutinen", ("rutine", "høj_prioritet"), "Nærmest er rutine.", "The nearest is rutine."),
        ("value-not-in-list", "haster", ("rutine",), "Her står 6 bogstaver.", "Here stand 6 letters."),
        ("value-empty", "", (), "", ""),
    ],
)
def test_what_stood_there_in_words(code, text, allowed, danish, english):
    """Kinds of characters and their number, or the value of the list that was meant; never the value."""
    said = of_value(code, text, allowed)
    assert said[0] == danish
    assert english is None or said[1] == english


def test_a_pattern_is_said_in_words(schemas):
    """Every pattern that the schemas have, but those that a date or a number is told by, is explained in both languages."""
    patterns = set()
    for file in files("schemas").joinpath("xsd").iterdir():
        if file.name.endswith(".xsd"):
            tree = etree.fromstring(file.read_bytes())
            patterns |= {each.get("value") for each in tree.iter("{http://www.w3.org/2001/XMLSchema}pattern")}
    left = {form for form in patterns if of_value("value-pattern", "", (), form)[0].startswith("Her står")}
    told_otherwise = {"true", "[^:Z]*", "0{10}"}
    assert {form for form in left - told_otherwise if not form.startswith("(0[1-9]|") and "A-f" not in form} == set()


def test_a_missing_element_has_its_place(schemas, valid):
    """What is missing is told with the neighbour that it belongs before, or after where it comes last."""
    inside = only(valid.replace(b"<EANIdentifier>5790000000005</EANIdentifier>", b""), schemas)
    assert inside.text_da == "Her mangler EANIdentifier. Det hører til lige før Identifier."
    assert inside.text_en == "EANIdentifier is missing here. It belongs just before Identifier."
    last = only(re.sub(rb"<StatusCode>nytbrev</StatusCode>", b"", valid), schemas)
    assert last.text_da.startswith("Her mangler StatusCode. Det hører til ")


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_element_that_is_taken_away_and_missed_is_named(schemas, name):
    """Whichever element of an example is taken away, a refusal names that element among what is missing."""
    raw = files("schemas").joinpath("examples", f"{name}.xml").read_bytes()
    number = sum(1 for _ in etree.fromstring(raw).iter("*"))
    missed = 0
    for index in range(1, number):
        root = etree.fromstring(raw)
        element = list(root.iter("*"))[index]
        taken = etree.QName(element).localname
        element.getparent().remove(element)
        if not schemas.accepts(root, etree.QName(root).namespace):
            (one,) = schemas.explain(root, etree.QName(root).namespace)
            assert one.code == "element-missing"
            assert re.search(rf"Her mangler (.* / )?{taken}\b", one.text_da)
            missed += 1
    assert missed > 10


def test_a_misspelt_name_is_helped(schemas, valid):
    """An element that is not known, or not known there, is told the nearest name that is; its own is never repeated."""
    one = only(valid.replace(b"Subject>", b"Subjekt>"), schemas)
    assert one.text_da.endswith("Nærmest er Subject.")
    assert "Subjekt" not in one.text_da + one.text_en
    timed = only(valid.replace(b"<EANIdentifier>", b"<Identifer/><EANIdentifier>", 1), schemas)
    assert timed.text_en.endswith("The nearest is Identifier.")


def test_plain_findings_stay_plain(schemas, valid):
    """Where there is nothing to add, the sentence is the table's own."""
    one = only(valid.replace(b"<Letter>", b'<Letter id="x">'), schemas)
    assert one.text_da == finding("attribute-unexpected").text_da


def test_an_element_that_comes_too_late_is_told_what_it_belongs_before(schemas, valid):
    """One that stands after what it was to stand before is told so, not what might stand in its place."""
    optional = re.sub(rb"(<DepartmentName>Afd.*?</DepartmentName>)(<UnitName>.*?</UnitName>)", rb"\2\1", valid)
    one = only(optional, schemas)
    assert (one.code, one.path) == ("element-late", f"{SENDER}/DepartmentName")
    assert one.text_da == "Elementet står for sent. Det skal stå før UnitName."
    required = re.sub(rb"(<Identifier>1234567</Identifier>)(.*?)(</Sender>)", rb"\2\1\3", valid, count=1)
    assert examine(required, schemas).findings[0].text_da.endswith("Her skulle Identifier stå.")


def test_a_second_one_further_on_is_one_too_many(schemas, valid):
    """An element that may be there once and comes again later is told so, not that it comes late."""
    one = only(valid.replace(b"</Sender>", b"<Identifier>1</Identifier></Sender>", 1), schemas)
    assert (one.code, one.path) == ("element-too-many", f"{SENDER}/Identifier[2]")


def test_what_is_to_be_empty_is_told_so(schemas, valid):
    """An element in one that holds nothing is no question of which element may stand there."""
    one = only(valid.replace(b"<Break/>", b"<Break><Bold>x</Bold></Break>", 1), schemas)
    assert (one.code, one.path.rpartition("/")[2]) == ("element-not-empty", "Break")
