"""`medcom-gateway types`: the catalogue at a terminal and for programs."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from gateway.cli import main
from gateway.cli.types import NOT_CARRIED, type_lines
from schemas.catalogue import load_catalogue

CATALOGUE = load_catalogue()


def test_every_row_is_printed():
    """Code, both names, root, version and namespace of every row are there, and what has no letter here, with the reason."""
    told = CliRunner().invoke(main, ["types"]).stdout
    parts = {part.strip() for line in told.splitlines() for part in (*line.split(" · "), *line.split(), line[8:])}
    for row in CATALOGUE.rows:
        assert {row.code, row.danish, row.english, row.root, row.version, row.namespace, row.parties} <= parts
    carried, _, rest = told.partition("Bæres ikke:")
    assert all(one.danish in rest and one.why_da in rest and one.danish not in carried for one in NOT_CARRIED)


def test_what_is_special_is_said():
    """A type that must travel in an envelope says so, and one with attachments names them."""
    blocks = CliRunner().invoke(main, ["types"]).stdout
    births = blocks[blocks.index("XDIS32") : blocks.index("XDIS91")]
    assert "skal rejse i VANSEnvelope" in births
    letters = blocks[blocks.index("XDIS91") : blocks.index("XPRE60")]
    assert "med eller uden VANSEnvelope · bilag XBIN01" in letters
    assert [line.split()[1] for line in blocks.splitlines() if line.startswith("    XD1834C")] == ["foreløbig"]


@pytest.mark.parametrize("width", [72, 80, 120])
def test_it_fits_a_terminal(width):
    """No line is wider than the terminal, from 72 columns on, and no namespace is broken."""
    lines = list(type_lines(CATALOGUE, width))
    assert max(map(len, lines)) <= width
    assert all(any(line.endswith(row.namespace) for line in lines) for row in CATALOGUE.rows)


def test_json_is_a_line_a_version_and_then_what_is_not_carried():
    """With --json every version is an object with the catalogue's cells, and what is not carried says why."""
    rows = [json.loads(line) for line in CliRunner().invoke(main, ["types", "--json"]).stdout.splitlines()]
    carried = [row for row in rows if row["carried"]]
    assert [(row["type"], row["version"]) for row in carried] == [(row.code, row.version) for row in CATALOGUE.rows]
    (births,) = [row for row in carried if row["type"] == "XDIS32"]
    assert births == {
        "carried": True,
        "type": "XDIS32",
        "version": "XD3234L",
        "danish": "Fødselsanmeldelse",
        "english": "Birth notification",
        "root": "BirthNotification",
        "namespace": "http://rep.oio.dk/medcom.dk/xml/schemas/2011/02/17/",
        "parties": ["hospital \N{EN DASH} kommune"],
        "envelope": "required",
        "status": "production",
        "attachments": [],
        "receipt": False,
    }
    assert [row["danish"] for row in rows if not row["carried"]] == [one.danish for one in NOT_CARRIED]
    assert all(row["why_da"] and row["why_en"] for row in rows if not row["carried"])
