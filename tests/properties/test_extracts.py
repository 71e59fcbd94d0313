"""Any tree of entities becomes a register that keeps its promises, in whatever form it came; any bytes are read or refused."""

import io
from datetime import date
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.keys import address_key, binding_key
from sor.assembly import assembled
from sor.entities import Entity, Level, Mailbox
from sor.extract import read_extract
from sor.extracts.mapping import read_mapping
from sor.extracts.problems import ExtractProblem, Findings
from sor.register import Register, RegisterError
from sor.units import Found
from tests.unit.sor.extracts import TOLD, gln, legacy, legacy_row, sor, sor2, sor2_row, zipped

DAYS = st.dates(date(2000, 1, 1), date(2030, 12, 31))
NAMES = st.sampled_from(["Hjemmepleje", "Træning", "Skive Kommune", "Region Midtjylland", "", "æ" * 70, "Klinik; & <Test>"])
SIZE = 8


@st.composite
def entities(draw, several_rows=True):
    """Entities with parents among them, some of which are not there or in a circle, and few addresses for many."""
    made = []
    for line in range(1, draw(st.integers(1, SIZE)) + 1):
        number = draw(st.integers(1, SIZE)) if several_rows else line
        level = draw(st.sampled_from(Level))
        address = draw(st.none() | st.integers(1, 4))
        inherits = draw(st.booleans())
        valid_from = draw(DAYS)
        made.append(
            Entity(
                sor(number),
                level,
                draw(NAMES),
                draw(st.sampled_from(["", "kommune", "sygehus"])),
                None if level is Level.OWNER else sor(draw(st.integers(1, SIZE + 1))),
                valid_from,
                draw(st.none() | st.dates(valid_from, date(2035, 1, 1))),
                mailbox=None if address is None else Mailbox(gln(address)),
                inherits=inherits,
                line=line,
            )
        )
    return made


def register_of(made):
    """Their register."""
    findings = Findings("prøve")
    return Register(assembled(made, findings), "v", findings.warnings)


@given(entities(), DAYS)
def test_every_address_has_one_owner_and_every_unit_is_reached(made, on):
    """On any day an address has one owner at most, whom it leads to; a unit that has it is among those it reaches."""
    register = register_of(made)
    owners = [unit for unit in register.units if unit.gln and not unit.inherited and unit.open_on(on)]
    assert len({unit.gln for unit in owners}) == len(owners)
    for owner in owners:
        assert register.by_gln(owner.gln, on) == Found(owner)
    for unit in register.units:
        if unit.gln and unit.open_on(on):
            assert isinstance(register.by_gln(unit.gln, on), Found)
            assert unit in register.sharing(unit.gln, on)
            assert unit in register.by_name(unit.area, unit.name, on)


@given(entities(), DAYS)
def test_an_entity_is_one_unit_a_day(made, on):
    """No entity is two units on one day, and none is open on a day when no row of it is."""
    register = register_of(made)
    for code in {entity.sor for entity in made}:
        units = [unit for unit in register.units if unit.sor == code]
        assert units
        assert sum(unit.open_on(on) for unit in units) <= 1
        rows = [entity for entity in made if entity.sor == code]
        for unit in units:
            if unit.open_on(on):
                assert any(row.valid_from <= on for row in rows)
                assert register.by_sor(code, on) == Found(unit)


@st.composite
def neighbours(draw):
    """Units of one kommune with addresses of their own and hardly a name between them."""
    made = [Entity(sor(9), Level.OWNER, "Skive Kommune", "kommune", None, date(2000, 1, 1))]
    for number in range(1, draw(st.integers(2, 6)) + 1):
        name, valid_from = draw(st.sampled_from(["Ens", "ENS", "æ" * 60])), draw(DAYS)
        valid_to = draw(st.none() | st.dates(valid_from, date(2035, 1, 1)))
        made.append(Entity(sor(number), Level.UNIT, name, "", sor(9), valid_from, valid_to, mailbox=Mailbox(gln(number))))
    return made


@given(entities() | neighbours(), DAYS)
def test_no_two_addresses_share_a_key(made, on):
    """The broker's keys tell any two addresses of a register apart, whatever their units are called, in the room there is."""
    register = register_of(made)
    addresses = [gln(number) for number in range(1, 7)]
    keys = {address_key(register, address, on) for address in addresses}
    assert len(keys) == len(addresses)
    assert all(len(binding_key(register, address, on).encode()) <= 160 for address in addresses)


@given(entities())
def test_what_is_odd_has_words(made):
    """Whatever is odd about a tree is said in both languages, with a line of the extract."""
    for warning in register_of(made).warnings:
        assert isinstance(warning, ExtractProblem)
        assert 1 <= warning.line <= len(made)
        assert warning.text_da != warning.text_en
        assert str(warning).startswith(f"prøve, linje {warning.line}: ")


def in_legacy(made):
    """The entities as a sor.csv."""
    return legacy(*(legacy_row(0, **_cells(entity)) for entity in made)), "sor.csv"


def _cells(entity):
    own = entity.mailbox.gln if entity.mailbox else ""
    cells = {"SOR__kode": entity.sor, "SOR__type": entity.level.value, "Parent__SOR__kode": entity.parent or ""}
    cells |= {"Enhedsnavn": _quoted(entity.name), "Enhedstype": entity.type, "Lokationsnummer": own}
    cells |= {"Nedarvningsstatus": "nedarvet" if entity.inherits else "egen", "Gældende_fra": f"{entity.valid_from:%d-%m-%Y}"}
    return cells | {"Ophørt": f"{entity.valid_to:%d.%m.%Y}" if entity.valid_to else ""}


def _quoted(text):
    return f'"{text}"' if ";" in text else text


def in_sor2(made):
    """The entities as a Sor_complete.zip."""
    rows = []
    for entity in made:
        own = entity.mailbox.gln if entity.mailbox else ""
        cells = {"SorId": f'="{entity.sor}"', "SorType": entity.level.value, "EntityName": _quoted(entity.name)}
        cells |= {
            "EntityTypeName": entity.type,
            "FromDate": f"{entity.valid_from} 00:00:00",
            "ToDate": str(entity.valid_to or ""),
        }
        cells |= {"MotherId": f'="{entity.parent}"' if entity.parent else "", "LocationNo": own}
        rows.append(sor2_row(0, **cells) + (";nedarvet" if entity.inherits else ";egen"))
    header = "SorId;SorType;EntityName;EntityTypeName;FirstFromDate;FromDate;ToDate;MotherId;LocationNo;Arv"
    return zipped(SOREntity=sor2(*rows, header=header)), "Sor_complete.zip"


@given(entities())
def test_form_is_of_no_matter(made):
    """The same entities give the same units in the legacy form and in SOR2's, and as they are."""
    told = read_mapping(TOLD + b"SOREntity.csv;inherits;Arv\n", "kolonner.csv")
    for raw, name in (in_legacy(made), in_sor2(made)):
        assert read_extract(io.BytesIO(raw), name, told).register.units == register_of(made).units


@st.composite
def nested(draw, level=0):
    """A tree as XML has it: an entity's number and content, and those below it."""
    below = draw(st.lists(nested(level + 1), max_size=2)) if level < 4 else []
    return draw(st.none() | st.integers(1, 4)), draw(st.booleans()), draw(NAMES), below


def _xml(tree, level, numbers, parent, made):
    """The XML of a tree; its entities are added to `made`, each before those below it."""
    kind = ("InstitutionOwner", "HealthInstitution", "OrganizationalUnit")[min(level, 2)]
    address, inherits, name, below = tree
    number = next(numbers)
    mailbox = None if address is None else Mailbox(gln(address))
    made.append(
        Entity(sor(number), list(Level)[min(level, 2)], name, "", parent, date(2010, 1, 1), mailbox=mailbox, inherits=inherits)
    )
    own = f"<EanLocationCodeEntity><EanLocationCode>{gln(address)}</EanLocationCode></EanLocationCodeEntity>" if address else ""
    flag = f"<EntityInheritedIndicator>{str(inherits).lower()}</EntityInheritedIndicator>"
    inside = "".join(_xml(each, level + 1, numbers, sor(number), made) for each in below)
    return (
        f"<{kind}Entity><{kind}><SorIdentifier>{sor(number)}</SorIdentifier><EntityName>{escape(name)}</EntityName>{own}<OptionalEanLocationCode>{flag}</OptionalEanLocationCode>"
        f"<SorStatus><FromDate>2010-01-01</FromDate></SorStatus></{kind}>{inside}</{kind}Entity>"
    )


@given(st.lists(nested(), min_size=1, max_size=3))
def test_xml_is_the_tree(trees):
    """A tree in XML gives the units of its entities."""
    made, numbers = [], iter(range(1, 1000))
    body = "".join(_xml(tree, 0, numbers, None, made) for tree in trees)
    raw = f'<SorTree xmlns="urn:oio:sundhedsstyrelsen:organisation:1.0.0">{body}</SorTree>'.encode()
    assert read_extract(io.BytesIO(raw), "sor.xml").register.units == register_of(made).units


def reads_or_refuses(raw, name):
    """Reads the bytes, and nothing but a refusal with words may come of it."""
    refused = ()
    try:
        read_extract(io.BytesIO(raw), name, read_mapping(TOLD, "kolonner.csv"))
    except RegisterError as error:
        refused = error.problems or (None,)
    assert all(problem.text_da and problem.text_en for problem in refused)


BEGINNINGS = [
    b"",
    b"PK\x03\x04",
    b"<SorTree",
    b"SorId;EntityName\n",
    "SOR-kode;Enhedsnavn;Ophørt\n".encode("latin-1"),
    b"\xff\xfe",
]


@given(st.sampled_from(BEGINNINGS), st.binary(max_size=300))
def test_any_bytes(beginning, rest):
    """Whatever a file holds, it is read or refused with words, and nothing else is raised."""
    reads_or_refuses(beginning + rest, "sor.csv")


@pytest.mark.parametrize("form", [in_legacy, in_sor2])
@given(made=entities(), place=st.integers(0, 3000), change=st.binary(max_size=4), cut=st.booleans())
def test_damaged_file(form, made, place, change, cut):
    """A good file that is cut off or changed at any place is read or refused, and nothing else is raised."""
    raw, name = form(made)
    at = place % len(raw)
    reads_or_refuses(raw[:at] + change + (b"" if cut else raw[at + len(change) :]), name)
