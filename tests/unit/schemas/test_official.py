"""MedCom's own schemas from a folder: which are taken, what they decide, and how a folder that cannot be used is refused."""

from __future__ import annotations

import shutil
from importlib.resources import as_file, files
from pathlib import Path

import pytest

from schemas.comparison import compare
from schemas.examine import Obstacle, examine
from schemas.official import OfficialSchemasError
from schemas.validator import load_schemas
from schemas.vans import NAMESPACE as VANS
from tests.unit.schemas.documents import CORPUS, XDIS91, XDIS91_2015, as_2015, correspondence

REFERENCE = CORPUS.parent / "reference-xsd"
IMPORT = '<xs:import namespace="urn:else" schemaLocation="http://127.0.0.1:1/else.xsd"/>'


def entry(folder: Path, shipped: str = "2006-07-01.xsd", name: str = "EMessage.xsd", **changes: str) -> Path:
    """A folder's entry file and all that it includes, made of the shipped schemas; `changes` are to the entry file's text."""
    folder.mkdir(parents=True, exist_ok=True)
    with as_file(files("schemas") / "xsd") as xsd:
        for path in xsd.glob("*.xsd"):
            if not path.name[0].isdigit() and not path.name.startswith("vansenvelope"):
                shutil.copy(path, folder)
        text = (xsd / shipped).read_text(encoding="utf-8")
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


@pytest.fixture
def narrower(tmp_path):
    """A folder whose one schema, of 2006/07/01, knows no ClinicalEmail in version XD9134L but in XD9199L."""
    entry(tmp_path / "nyt" / "sæt", XD9134L="XD9199L")
    return tmp_path


def test_the_official_schema_decides(schemas, narrower):
    """In a namespace that the folder has, its schema decides, whatever the folder is called; in the others ours do."""
    official = load_schemas(narrower)
    raw = correspondence(schemas)
    assert examine(raw, schemas).valid
    found = examine(raw, official)
    assert (found.schema_valid, found.obstacle) == (False, Obstacle.SCHEMA)
    assert [(one.code, one.path) for one in found.findings] == [
        ("value-not-in-list", "/Emessage/ClinicalEmail[1]/Letter/VersionCode")
    ]
    assert "XD9199L" in found.findings[0].text_da
    assert examine(as_2015(raw), official).valid
    assert set(official.official) == {XDIS91}
    assert official.namespaces == schemas.namespaces


def test_what_the_catalogue_lacks_is_not_taken(schemas, narrower):
    """A version that the official schema accepts and the catalogue does not have is refused as unknown."""
    found = examine(correspondence(schemas).replace(b"XD9134L", b"XD9199L"), load_schemas(narrower))
    assert (found.schema_valid, found.obstacle) == (True, Obstacle.UNKNOWN_VERSION)
    assert [one.code for one in found.findings] == ["version-unknown"]


def test_the_two_are_compared_on_the_examples(schemas, narrower):
    """Every example of a namespace that the folder has is judged by both, and only where they differ do the verdicts."""
    compared = list(compare(schemas, load_schemas(narrower)))
    assert {one.namespace for one in compared} == {XDIS91}
    assert [one.example for one in compared if one.ours != one.theirs] == ["XDIS91-XD9134L.xml"]
    assert any(not one.ours for one in compared)


def test_a_folder_that_is_not_there(tmp_path):
    """A folder that does not exist is refused by its name."""
    with pytest.raises(OfficialSchemasError, match="findes-ikke: no such folder"):
        load_schemas(tmp_path / "findes-ikke")


def test_a_folder_without_a_known_namespace(tmp_path):
    """An empty folder, and one with schemas of other namespaces alone, are refused."""
    for _ in range(2):
        with pytest.raises(OfficialSchemasError, match=r"no EMessage.xsd and no VANSEnvelope.xsd"):
            load_schemas(tmp_path)
        entry(tmp_path, **{"2006/07/01": "1999/07/01"})


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "Document is empty"),
        ("<x/>", "no XML schema"),
        ('<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><', "StartTag"),
    ],
)
def test_an_entry_that_is_no_schema(tmp_path, content, said):
    """An entry file that is no schema is refused by its name."""
    (tmp_path / "EMessage.xsd").write_text(content)
    with pytest.raises(OfficialSchemasError, match=f"EMessage.xsd: .*{said}"):
        load_schemas(tmp_path)


def test_a_schema_that_does_not_compile(tmp_path):
    """The file that is at fault is named, though it is another than the entry that includes it, and so is one that is missing."""
    piece = entry(tmp_path).parent / "clinicalemail.xsd"
    piece.write_text(piece.read_text(encoding="utf-8").replace('type="', 'type="Findes.Ikke.', 1), encoding="utf-8")
    with pytest.raises(OfficialSchemasError, match=r"clinicalemail.xsd, line \d+: .*Findes.Ikke"):
        load_schemas(tmp_path)
    piece.unlink()
    with pytest.raises(OfficialSchemasError, match=r"EMessage.xsd, line \d+: .*clinicalemail.xsd"):
        load_schemas(tmp_path)


def test_two_of_one_namespace(tmp_path):
    """Two files of one namespace are refused, both named: which was meant cannot be known."""
    entry(tmp_path / "a")
    entry(tmp_path / "b", name="EMESSAGE.XSD")
    with pytest.raises(OfficialSchemasError, match=r"b.EMESSAGE.XSD: of the same namespace as .*a.EMessage.xsd"):
        load_schemas(tmp_path)


def test_nothing_is_fetched(tmp_path, schemas):
    """An import from the network is passed over, one that is needed counts as missing; refusals are explained all the same."""
    first = '<xs:include schemaLocation="clinicalemail.xsd"/>'
    entry(tmp_path, **{first: IMPORT + first})
    official = load_schemas(tmp_path)
    with pytest.warns(Warning, match="block access to remote resource"):
        found = examine(correspondence(schemas).replace(b"0101010000", b"x"), official)
    assert [one.code for one in found.findings] == ["value-pattern"]
    entry(tmp_path, **{first: first.replace("clinicalemail", "http://127.0.0.1:1/clinicalemail")})
    with pytest.raises(OfficialSchemasError, match=r"EMessage.xsd, line \d+: .*http://127.0.0.1:1/"):
        load_schemas(tmp_path)


@pytest.mark.parametrize("prefixed", [False, True])
def test_a_schema_that_can_only_judge(schemas, tmp_path, prefixed):
    """Where a schema cannot be loaded to explain a refusal, the finding says where it is, and no value."""
    path = entry(tmp_path)
    official = load_schemas(tmp_path)
    path.unlink()
    raw = correspondence(schemas).replace(b"0101010000", b"010101-0000")
    if prefixed:
        raw = raw.replace(b"xmlns=", b"xmlns:m=").replace(b"<", b"<m:").replace(b"<m:/", b"</m:").replace(b"<m:?", b"<?")
    found = examine(raw, official)
    assert {(one.code, one.path, one.line) for one in found.findings} == {
        ("schema-violation", "/Emessage/ClinicalEmail[1]/Patient/CivilRegistrationNumber", 2)
    }
    assert "010101-0000" not in str(found.findings)


@pytest.mark.skipif(not REFERENCE.is_dir(), reason="MedCom's own schemas are not here")
def test_medcoms_own(schemas):
    """MedCom's set is taken for every namespace that it has, judges our examples as we do, and explains what it refuses."""
    official = load_schemas(REFERENCE)
    assert {XDIS91, XDIS91_2015, VANS} <= set(official.official)
    assert [one.example for one in compare(schemas, official) if one.ours != one.theirs] == []
    raw = correspondence(schemas)
    assert examine(raw, official) == examine(raw, schemas)
    refused = examine(raw.replace(b"0101010000", b"010101-0000"), official)
    assert [one.code for one in refused.findings] == ["value-pattern"]
