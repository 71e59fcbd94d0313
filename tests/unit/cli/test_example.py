"""`medcom-gateway example`: which example is meant, and that its bytes are printed as they are."""

from __future__ import annotations

from importlib.resources import files

import pytest
from click.testing import CliRunner

from gateway.cli import main
from schemas.catalogue import load_catalogue
from schemas.examine import examine
from schemas.validator import load_schemas

ROWS = load_catalogue().rows
EXAMPLES = files("schemas").joinpath("examples")


def run(*arguments):
    """The command, in this process."""
    return CliRunner().invoke(main, ["example", *arguments])


def stored(name):
    """A file of the examples."""
    return EXAMPLES.joinpath(f"{name}.xml").read_bytes()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.code}-{row.version}")
def test_every_version_has_two(row):
    """Of every version there is an example that is valid without a finding, and one of which something is found; both as they lie."""
    schemas, name = load_schemas(), f"{row.code}-{row.version}"
    right, wrong = run(name), run(name, "--fault")
    assert (right.exit_code, right.stdout_bytes) == (0, stored(name))
    assert (wrong.exit_code, wrong.stdout_bytes) == (0, stored(f"{name}-fault"))
    good, bad = examine(right.stdout_bytes, schemas), examine(wrong.stdout_bytes, schemas)
    assert (good.type, good.version, good.valid) == (row.code, row.version, True)
    assert (bad.type, bad.schema_valid, bool(bad.findings)) == (row.code, False, True)


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("XDIS91", "XDIS91-XD9134L"),  # two in production: the first
        ("XDIS01", "XDIS01-XD0134L"),  # the old one is passed over
        ("XDIS19", "XDIS19-XD1930C"),  # there is an old one alone
        ("xbin01", "XBIN01-XB0131X"),
        ("xdis91-xd9135l", "XDIS91-XD9135L"),
    ],
)
def test_which_is_meant(asked, name):
    """Without a version it is the one in production, and letters may be small."""
    assert run(asked).stdout_bytes == stored(name)


def test_attachment_and_letter_are_told_of_each_other():
    """A letter and the attachment that it refers to name one another on standard error, whether the id has dashes or not."""
    assert "medcom-gateway example XBIN01-XB0131X" in run("XDIS91").stderr
    assert "medcom-gateway example XDIS91-XD9134L" in run("XBIN01").stderr
    assert run("XDIS17").stderr == ""


def test_an_unknown_one_is_misuse():
    """What there is no example of ends with 2 and the names of those there are."""
    kind, version = run("XDIS92"), run("XDIS91-XD9999L")
    assert (kind.exit_code, version.exit_code) == (2, 2)
    assert all(row.code in kind.stderr for row in ROWS)
    assert "XDIS91-XD9134L, XDIS91-XD9135L" in version.stderr
    assert (run().exit_code, run("XDIS91", "--list").exit_code) == (2, 2)


def test_the_list():
    """--list names every version."""
    assert [line.split()[0] for line in run("--list").stdout.splitlines()] == [f"{row.code}-{row.version}" for row in ROWS]
