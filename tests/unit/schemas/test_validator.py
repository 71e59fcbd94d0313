"""When the schemas are compiled; and their verdict on large documents, judged while they stream by: the same as on small ones."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from threading import Barrier

import pytest
from lxml import etree

from schemas import validator
from schemas.examine import examine
from schemas.reader import read
from schemas.validator import load_schemas
from tests.unit.schemas.documents import correspondence

EXAMPLES = sorted((file for file in files("schemas").joinpath("examples").iterdir() if file.name.endswith(".xml")), key=str)
LARGE = validator._MANY + 1
THREADS = 8


@pytest.fixture
def compilations(monkeypatch):
    """How often a schema has been compiled: a list that gets longer."""
    made = []
    real = etree.XMLSchema
    monkeypatch.setattr(etree, "XMLSchema", lambda tree: made.append(tree) or real(tree))
    return made


def test_a_schema_is_compiled_when_first_needed(compilations):
    """Loading compiles nothing, a document compiles its own namespace's schema once, and `compile_all` the rest, each once."""
    loaded = load_schemas()
    assert compilations == []
    raw = files("schemas").joinpath("examples", "XDIS91-XD9134L.xml").read_bytes()
    assert examine(raw, loaded).valid
    assert examine(raw, loaded).valid
    assert len(compilations) == 1
    loaded.compile_all()
    loaded.compile_all()
    assert len(compilations) == len(loaded.namespaces)


def test_threads_that_meet_a_namespace_at_once(compilations):
    """Threads that need the same schema at the same moment get the same one, compiled once."""
    loaded, start = load_schemas(), Barrier(THREADS)

    def needed(namespace):
        start.wait()
        return loaded.compiled(namespace)

    with ThreadPoolExecutor(THREADS) as threads:
        for number, namespace in enumerate(loaded.namespaces, 1):
            got = set(threads.map(needed, [namespace] * THREADS))
            assert len(got) == 1
            assert len(compilations) == number


def test_an_unknown_namespace():
    """A namespace without a schema is not known, and asking for its schema raises KeyError."""
    loaded = load_schemas()
    assert not loaded.knows("urn:ukendt")
    with pytest.raises(KeyError):
        loaded.compiled("urn:ukendt")


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.name)
def test_every_example(schemas, file, monkeypatch):
    """Each example, right and wrong, gets the same verdict in one piece and in pieces of any size."""
    root = read(file.read_bytes()).root
    namespace = etree.QName(root).namespace
    for size in (1, 50, 1000, 1 << 18):
        monkeypatch.setattr(validator, "_PIECE", size)
        assert schemas.accepts(root, namespace, LARGE) == schemas.accepts(root, namespace)


@pytest.mark.parametrize("at", ["start", "end"])
def test_a_fault_among_many_elements(schemas, at):
    """One wrong element among very many is found, first or last, and the tree that was judged is left as it was."""
    line = b"linje<Break/>"
    good = correspondence(schemas).replace(b"linje", line * 50_000, 1)
    wrong = line + b"<Brek/>" if at == "end" else b"<Brek/>" + line
    bad = correspondence(schemas).replace(
        b"linje", wrong.join([line * 50_000, b""] if at == "end" else [b"", line * 50_000]), 1
    )
    for raw, verdict in ((good, True), (bad, False)):
        root = read(raw).root
        before = etree.tostring(root)
        assert schemas.accepts(root, etree.QName(root).namespace, raw.count(b"<")) is verdict
        assert etree.tostring(root) == before


def test_a_value_of_megabytes_is_explained_by_its_beginning(schemas):
    """A value that is far too long is told of as such, at its place, and is not counted to its end."""
    raw = correspondence(schemas)
    long = raw.replace(b"<StatisticalCode>", b"<StatisticalCode>" + b"x" * 5_000_000, 1)
    (found,) = [one for one in examine(long, schemas).findings if one.severity == "error"]
    assert (found.code, found.path.rpartition("/")[2]) == ("value-too-long", "StatisticalCode")
    assert "mindst 65536" in found.text_da
