"""The tree of a real kommune: the same entities, put together by us, have the addresses that MedCom's example gives them.

The example is FHIR in FSH and no extract. Of each organisation its SOR code, level, parent and endpoint are read here, and of each
endpoint its lokationsnummer. An endpoint that the organisation above has too is taken for inherited, any other for its own.
"""

import re
from datetime import date
from pathlib import Path

import pytest

from sor.assembly import assembled
from sor.entities import Entity, Level, Mailbox
from sor.extracts.problems import Findings
from sor.register import Register
from sor.units import Sector

FOLDER = Path(__file__).parents[4] / "shared" / "corpus" / "sor" / "eer-aarhus"
TODAY = date(2026, 6, 1)


def last_part(pattern, text):
    """The last part of what a pattern finds, after its dots."""
    found = re.search(pattern, text)
    return found[1].rpartition(".")[2] if found else None


@pytest.fixture(scope="module")
def aarhus():
    """The organisations: SOR code to level, parent and address."""
    if not FOLDER.exists():
        pytest.skip("the tree of Aarhus (../shared/corpus/sor/eer-aarhus) is not here")
    texts = [path.read_text("utf-8") for path in sorted(FOLDER.glob("*.fsh"))]
    endpoints = {
        re.search(r'\* id = "([^"]+)"', text)[1]: re.search(r'GLN-ID\].value = "(\d+)"', text)[1]
        for text in texts
        if "InstanceOf: EerEndpointMessaging" in text
    }
    organisations = {}
    for text in texts:
        if "InstanceOf: EerMessagingOrganization" in text:
            endpoint = re.search(r"\(?Endpoint/([^)]+)\)", text)
            level = Level(last_part(r"SOR-Hierarchy\].coding.code = \S+?#(\w+)", text))
            own = endpoints[endpoint[1]] if endpoint else None
            organisations[re.search(r'SOR-ID\].value = "(\d+)"', text)[1]] = (
                level,
                last_part(r"partOf = \S+?/([^)]+)\)", text),
                own,
            )
    return organisations


@pytest.fixture(scope="module")
def register(aarhus):
    """Its register."""
    entities = []
    for line, (sor, (level, parent, gln)) in enumerate(aarhus.items(), 1):
        inherits = parent is not None and gln is not None and aarhus[parent][2] == gln
        mailbox = Mailbox(gln) if gln and not inherits else None
        kind, kommunekode = ("kommune", "0751") if parent is None else ("", "")
        entities.append(
            Entity(sor, level, f"Enhed {sor}", kind, parent, date(2010, 1, 1), mailbox=mailbox, inherits=inherits,
                   kommunekode=kommunekode, line=line)
        )  # fmt: skip
    findings = Findings("eer-aarhus")
    return Register(assembled(entities, findings), "aarhus", findings.warnings)


def test_every_unit_has_the_address_of_the_example(aarhus, register):
    """Every organisation of the tree is a unit of Aarhus Kommune, with its parent and with its endpoint's address, or none."""
    assert len(aarhus) == len(register.units) == 30
    for sor, (_, parent, gln) in aarhus.items():
        unit = register.by_sor(sor, TODAY).unit
        assert (unit.gln, unit.parent) == (gln or "", parent or "")
        assert (unit.sector, unit.area, unit.kommune) == (Sector.KOMMUNE, "0751", "Aarhus")


def test_addresses_lead_to_their_owners(aarhus, register):
    """Sundhed og Omsorg's address leads to it and not to the units below it that have it too; the other is that of one of many."""
    owner = next(sor for sor, (level, _, gln) in aarhus.items() if level is Level.INSTITUTION and gln)
    gln = aarhus[owner][2]
    assert register.by_gln(gln, TODAY).unit.sor == owner
    assert len(register.sharing(gln, TODAY)) == sum(address == gln for _, _, address in aarhus.values())
    other = next(address for _, _, address in aarhus.values() if address not in {None, gln})
    sharing = register.sharing(other, TODAY)
    assert len(sharing) == sum(address == other for _, _, address in aarhus.values())
    assert [unit.inherited for unit in sharing].count(False) == 1


def test_what_is_odd_about_the_tree(register):
    """Nothing is odd about it but the address that many units have and none above them."""
    assert {warning.code for warning in register.warnings} == {"gln-shared"}
