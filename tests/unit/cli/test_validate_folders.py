"""What `medcom-gateway validate` makes of folders, and of what it finds in them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from gateway.cli import main
from schemas.validator import load_schemas
from tests.unit.schemas.documents import correspondence


@pytest.fixture
def folder(tmp_path):
    """A folder with documents on two levels, under names that say what they are and names that do not, and files that are none."""
    good = correspondence(load_schemas())
    below = tmp_path / "under" / "mappe"
    below.mkdir(parents=True)
    (tmp_path / ".skjult").mkdir()
    (tmp_path / "a.xml").write_bytes(good)
    (tmp_path / "B.XML").write_bytes(b"no XML at all")
    (below / "uden-endelse").write_bytes(good)
    (below / "utf-16.dat").write_bytes(good.decode("iso-8859-1").replace("ISO-8859-1", "UTF-16").encode("utf-16"))
    (below / "billede.png").write_bytes(b"\x89PNG\r\n")
    (below / "tom").write_bytes(b"")
    (tmp_path / ".skjult" / "c.xml").write_bytes(good)
    (tmp_path / ".d.xml").write_bytes(good)
    return tmp_path


def run(*arguments):
    """The command, in this process."""
    return CliRunner().invoke(main, ["validate", *map(str, arguments)])


def test_all_that_is_xml_in_it_and_below_it(folder):
    """Every *.xml and everything that begins as XML does is judged, in order of name; hidden files and folders are not."""
    result = run("--json", folder)
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [Path(row["file"]).relative_to(folder).as_posix() for row in rows] == [
        "B.XML",
        "a.xml",
        "under/mappe/uden-endelse",
        "under/mappe/utf-16.dat",
    ]
    assert [row["findings"][0]["code"] for row in rows if row["findings"]] == ["not-xml"]
    assert result.exit_code == 1


@pytest.mark.timeout(20)
def test_what_is_no_file_is_not_waited_for(folder):
    """A pipe in a folder, which nobody writes to, is left alone."""
    os.mkfifo(folder / "0.xml")
    assert len(run("--json", folder).stdout.splitlines()) == 4


def test_the_count_at_the_end(folder):
    """The last lines count the documents by verdict, and the files that were passed over."""
    lines = run(folder, folder / "findes-ikke.xml").stdout.splitlines()
    assert lines[-2:] == [
        "5 dokumenter: 3 godkendt, heraf 0 med advarsler; 1 afvist; 1 kunne ikke læses",
        "2 filer i mapperne er ikke XML og er sprunget over",
    ]
    english = run("--language", "en", folder / "a.xml", folder / "B.XML").stdout.splitlines()
    assert english[-1] == "2 documents: 1 valid, 0 of them with warnings; 1 refused; 0 could not be read"
    assert "dokument" not in run(folder / "a.xml").stdout


def test_quiet_leaves_out_what_nothing_was_found_in(folder):
    """With --quiet the documents without findings are counted and not shown, and the exit status is the same."""
    result = run("--quiet", folder)
    assert result.exit_code == 1
    assert [line for line in result.stdout.splitlines() if ".xml: " in line.lower()] == [
        f"{folder / 'B.XML'}: afvist (unknown)"
    ]
    assert [json.loads(line)["file"] for line in run("--quiet", "--json", folder).stdout.splitlines()] == [
        str(folder / "B.XML")
    ]


def test_a_folder_without_xml_is_told(folder):
    """A folder that nothing can be judged in is as a file that is not there: status 2, and said on standard error."""
    (folder / "tom-mappe").mkdir()
    result = run(folder / "tom-mappe", folder / "a.xml")
    assert result.exit_code == 2
    assert f"{folder / 'tom-mappe'}: no XML file in the folder" in result.stderr
    assert "a.xml: godkendt" in result.stdout
