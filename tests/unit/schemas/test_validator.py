"""The schemas' verdict on large documents, which are judged while they stream by: the same as on small ones."""

from __future__ import annotations

from importlib.resources import files

import pytest
from lxml import etree

from schemas import validator
from schemas.examine import examine
from schemas.reader import read
from tests.unit.schemas.documents import correspondence

EXAMPLES = sorted((file for file in files("schemas").joinpath("examples").iterdir() if file.name.endswith(".xml")), key=str)
LARGE = validator._MANY + 1


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
