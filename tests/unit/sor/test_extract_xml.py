"""SOR's XML extract: synthetic ones for every rule, and the real ones, whose values are read a second way and compared."""

import io
import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from sor.extract import Form, read_extract
from sor.register import RegisterError
from sor.units import Closed, Found, Sector
from tests.unit.sor.extracts import gln, sor

CORPUS = Path(__file__).parents[4] / "shared" / "corpus" / "sor" / "sor-xml"
NAMESPACE = "urn:oio:sundhedsstyrelsen:organisation:1.0.0"
TODAY = date(2026, 6, 1)
INHERITS = "<OptionalEanLocationCode><EntityInheritedIndicator>true</EntityInheritedIndicator></OptionalEanLocationCode>"


def status(first="2010-01-01", last=None, changed=None):
    """A SorStatus."""
    end = f"<ToDate>{last}</ToDate>" if last else ""
    return f"<SorStatus><FromDate>{changed or first}</FromDate>{end}<FirstFromDate>{first}</FirstFromDate></SorStatus>"


def mailbox(number, last=None, inactive="false"):
    """An address of an entity's own."""
    life = status("2001-01-01", last)
    return (
        f"<EanLocationCodeEntity><EanLocationCode>{gln(number)}</EanLocationCode><OnlyInternalIndicator>true</OnlyInternalIndicator>"
        f"<NonActiveIndicator>{inactive}</NonActiveIndicator><SystemSupplier>1</SystemSupplier><SystemType>2</SystemType>"
        f"<CommunicationSupplier>3</CommunicationSupplier><RegionCode>1082</RegionCode>{life}</EanLocationCodeEntity>"
    )


def entity(kind, number, content, below="", name=None):
    """An entity in its element, with those below it."""
    head = f"<SorIdentifier>{sor(number)}</SorIdentifier><EntityName>{name or f'Testenhed {number}'}</EntityName>"
    return f"<{kind}Entity>\n<{kind}>{head}{content}</{kind}>{below}</{kind}Entity>"


def tree(*owners, root="SorTree", namespace=NAMESPACE, before=""):
    """A document."""
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{before}<{root} xmlns="{namespace}">{"".join(owners)}</{root}>'.encode()


def read(raw):
    """The extract in these bytes."""
    return read_extract(io.BytesIO(raw), "sor.xml")


def unit(number, content, below=""):
    """An organisational unit."""
    return entity("OrganizationalUnit", number, content, below)


def kommune(below):
    """Skive Kommune with one forvaltning that has an address."""
    institution = entity(
        "HealthInstitution", 2, f"<OptionalEanLocationCode>{mailbox(2)}</OptionalEanLocationCode>{status()}", below
    )
    return entity("InstitutionOwner", 1, status(), institution, "Skive Kommune")


def test_tree():
    """Units nest to any depth, each has its parent, and inherits through all of them."""
    extract = read(
        tree(kommune(unit(3, INHERITS + status(), unit(4, INHERITS + status()) + unit(5, status())) + unit(6, status())))
    )
    register = extract.register
    parents = {unit.sor: unit.parent for unit in register.units}
    assert parents == {sor(1): "", sor(2): sor(1), sor(3): sor(2), sor(4): sor(3), sor(5): sor(3), sor(6): sor(2)}
    assert extract.form is Form.XML
    assert register.by_sor(sor(4), TODAY).unit.gln == gln(2)
    assert register.by_gln(gln(2), TODAY).unit.sor == sor(2)
    assert register.by_sor(sor(4), TODAY).unit.kommune == "Skive"
    box = register.mailbox(gln(2))
    assert (box.internal, box.inactive, box.supplier, box.system, box.operator) == (True, False, "1", "2", "3")


def test_life_of_unit_and_address():
    """ToDate is the last valid day, FirstFromDate the first, and an address may end before its unit."""
    closed = unit(3, mailbox(3) + status("2005-01-01", "2026-06-01", changed="2020-01-01"))
    left = unit(4, mailbox(4, last="2024-12-31") + status())
    register = read(tree(kommune(closed + left + unit(5, mailbox(5, inactive="true") + status())))).register
    assert isinstance(register.by_gln(gln(3), TODAY), Found)
    assert register.by_gln(gln(3), date(2026, 6, 2)).since == date(2026, 6, 2)
    assert register.by_sor(sor(3), TODAY).unit.valid_from == date(2005, 1, 1)
    assert register.by_gln(gln(4), TODAY).since == date(2025, 1, 1)
    assert register.by_gln(gln(5), TODAY) is None


@pytest.mark.parametrize("element", ["ReplacedByEntityCollection", "ReplacesEntityCollection"])
def test_successor(element):
    """Either of the two collections leads a closed unit's mail to the address of its successor."""
    old, new = mailbox(3) + status(last="2020-12-31"), mailbox(4) + status()
    said = f"<{element}><SorIdentifier>{sor(4 if element.startswith('ReplacedBy') else 3)}</SorIdentifier></{element}>"
    units = unit(3, old + said) + unit(4, new) if "By" in element else unit(3, old) + unit(4, new + said)
    answer = read(tree(kommune(units))).register.by_gln(gln(3), TODAY)
    assert isinstance(answer, Closed)
    assert answer.unit.replaced_by == gln(4)


@pytest.mark.parametrize(
    ("raw", "line", "column", "code"),
    [
        (tree(kommune(""))[:-30], 4, "", "xml"),
        (tree(kommune(""), before='<!DOCTYPE SorTree [<!ENTITY a "x">]>\n'), 1, "", "xml-doctype"),
        (tree(root="Andet"), 2, "", "xml-root"),
        (tree(namespace="urn:andet"), 2, "", "xml-root"),
        (tree(), 1, "", "no-units"),
        (tree(kommune(unit(3, ""))), 5, "FromDate", "element-missing"),
        (tree(kommune(unit(3, status("i dag")))), 5, "FromDate", "date"),
        (tree(kommune(unit(3, status()).replace(sor(3), "x"))), 5, "SorIdentifier", "sor"),
    ],
)
def test_bad_file(raw, line, column, code):
    """A bad XML extract is refused at its line, and the text says what is wrong in both languages."""
    with pytest.raises(RegisterError) as caught:
        read(raw)
    problem = caught.value.problems[0]
    assert (problem.line, problem.column, problem.code) == (line, column, code)
    assert "{" not in problem.text_da + problem.text_en


def test_entities_are_not_expanded():
    """An entity of any kind refuses the file before anything of it is read."""
    bomb = '<!DOCTYPE SorTree [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/hostname">]>\n'
    with pytest.raises(RegisterError) as caught:
        read(tree(kommune(unit(3, status()).replace("Testenhed", "&b;&c;")), before=bomb))
    assert [problem.code for problem in caught.value.problems] == ["xml-doctype"]


def test_wrong_check_digit():
    """An address with a wrong check digit is taken in, and its line and element are named."""
    wrong = mailbox(3).replace(gln(3), "5799900000011")
    register = read(tree(kommune(unit(3, wrong + status())))).register
    assert [(each.line, each.column, each.code) for each in register.warnings] == [(5, "EanLocationCode", "gln-check-digit")]
    assert register.by_gln("5799900000011", TODAY).unit.sor == sor(3)


@pytest.fixture(params=["ONE_APOTEK", "ONE_PRAKSIS", "ONE_SYGEHUS"])
def real(request):
    """A real extract: its text, and its register."""
    path = CORPUS / f"{request.param}.xml"
    if not path.exists():
        pytest.skip("the real SOR extracts (../shared/corpus/sor/sor-xml) are not here")
    return path.read_text("utf-8-sig"), read(path.read_bytes()).register


def test_real_extract(real):
    """Every entity of a real extract is a unit, none is odd, and addresses and ydernumre are those that stand in it."""
    text, register = real
    assert [unit.sor for unit in register.units] == re.findall(r"<SorIdentifier>(\d+)", text)
    assert register.warnings == ()
    written = re.findall(r"<EanLocationCode>(\d+)", text)
    inherited = text.count("<EntityInheritedIndicator>true")
    assert Counter(unit.gln for unit in register.units if unit.gln) == Counter(written * (1 + inherited))
    for address in written:
        answer = register.by_gln(address, TODAY)
        assert (answer.unit, answer.unit.inherited) == (register.units[0], False)
        assert answer.unit.valid_from.isoformat() == re.search(r"<FirstFromDate>([\d-]+)", text)[1]
    for ydernummer in re.findall(r"<ProviderIdentifier>(\d+)", text):
        assert {unit.area for unit in register.units} == {ydernummer.lstrip("0")}
    hospital = "<InstitutionType>22232009" in text
    assert {unit.sector for unit in register.units} == {Sector.HOSPITAL if hospital else Sector.PRAKSIS}
