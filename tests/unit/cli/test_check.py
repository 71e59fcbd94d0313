"""`medcom-gateway check` with MedCom's own schemas: which are in use, how they differ, and a folder that cannot be used."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from gateway.cli import main
from tests.unit.schemas.documents import XDIS91, XDIS91_2015
from tests.unit.schemas.test_official import entry


@pytest.fixture
def told(tmp_path, monkeypatch):
    """What `check` says of the schemas, with a folder of official ones; each text with whether it is well, and the exit code."""

    def run(folder):
        monkeypatch.setenv("MEDCOM_DATA_DIR", str(tmp_path / "data"))
        monkeypatch.setenv("MEDCOM_SCHEMAS", str(folder))
        result = CliRunner().invoke(main, ["check", "--json"])
        rows = [json.loads(line) for line in result.stdout.splitlines()]
        return result.exit_code, {row["text"]: row["ok"] for row in rows if row["check"] == "schemas"}

    return run


def test_without(told):
    """Without a folder our own schemas are in use, which takes a line."""
    assert told("") == (0, {"our own for all 16 namespaces": True})


def test_with(told, tmp_path):
    """Each namespace is told with its versions and its schema, and each example of ours that the two judge differently; all is well."""
    folder = tmp_path / "sæt"
    entry(folder / "a", XD9134L="XD9199L")
    status, texts = told(folder)
    assert (status, set(texts.values())) == (0, {True})
    assert f"official for 1 namespaces, from {folder}; our own for 15 that it lacks" in texts
    assert f"{XDIS91} (XD9134L, XQ0131K): official a/EMessage.xsd" in texts
    assert f"{XDIS91_2015} (XD9135L): our own" in texts
    assert "official and our own judge 3 of 4 examples alike, 1 differently" in texts
    assert f"XDIS91-XD9134L.xml: official not valid, our own valid ({XDIS91})" in texts


def test_a_folder_that_cannot_be_used(told, tmp_path):
    """A folder that is not there is wrong, and named."""
    assert told(tmp_path / "findes-ikke") == (1, {f"MEDCOM_SCHEMAS: {tmp_path / 'findes-ikke'}: no such folder": False})
