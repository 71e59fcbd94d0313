"""`medcom-gateway validate`: what it prints, what it answers with, and that it is fast to start."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from gateway.cli import main
from schemas.validator import load_schemas
from tests.unit.schemas.documents import correspondence
from tests.unit.schemas.test_official import entry

KEYS = ["file", "format", "type", "version", "schema_valid", "valid", "findings"]
FINDING_KEYS = ["code", "severity", "path", "line", "text_da", "text_en"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a valid document, one that only warns, and a refused one."""
    schemas = load_schemas()
    path = tmp_path_factory.mktemp("messages")
    good = correspondence(schemas)
    (path / "god.xml").write_bytes(good)
    (path / "uden-emne.xml").write_bytes(correspondence(schemas, subject=None))
    (path / "forkert.xml").write_bytes(good.replace(b"0101010000", b"010101-0000"))
    return path


def run(*arguments, **more):
    """The command, in this process."""
    return CliRunner().invoke(main, ["validate", *map(str, arguments)], **more)


def test_valid_files_exit_with_0(folder):
    """A valid file and one with warnings alone are both approved, in Danish unless asked otherwise."""
    result = run(folder / "god.xml", folder / "uden-emne.xml")
    assert result.exit_code == 0
    assert f"{folder / 'god.xml'}: godkendt (XDIS91 XD9134L)\n" in result.output
    assert "advarsel subject-missing (linje 2, /Emessage/ClinicalEmail[1])" in result.output


def test_a_refused_file_exits_with_1_and_says_why(folder):
    """A refusal shows kind, line, path and a sentence in the language asked for, and never the value."""
    danish, english = run(folder / "forkert.xml"), run("--language", "en", folder / "forkert.xml", folder / "god.xml")
    assert (danish.exit_code, english.exit_code) == (1, 1)
    assert "afvist (XDIS91 XD9134L)" in danish.output
    assert "fejl value-pattern (linje 2, /Emessage/ClinicalEmail[1]/Patient/CivilRegistrationNumber)" in danish.output
    assert "Værdien har ikke den rette form: [0-9]{10}." in danish.output
    assert "The value does not have the right form: [0-9]{10}." in english.output
    assert "010101-0000" not in danish.output + english.output


def test_json_is_one_object_a_line_with_just_these_keys(folder):
    """With --json every file that was read gives one line with the agreed keys."""
    result = run("--json", folder / "god.xml", folder / "forkert.xml")
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [list(row) for row in rows] == [KEYS, KEYS]
    assert [(row["file"], row["schema_valid"], row["valid"]) for row in rows] == [
        (str(folder / "god.xml"), True, True),
        (str(folder / "forkert.xml"), False, False),
    ]
    assert [list(one) for one in rows[1]["findings"]] == [FINDING_KEYS]
    assert rows[1]["findings"][0]["severity"] == "error"


def test_a_missing_file_exits_with_2_and_the_others_are_judged(folder):
    """A file that cannot be read is told on standard error, outweighs a refusal, and stops nothing."""
    result = run("--json", folder / "findes-ikke.xml", folder / "forkert.xml", folder / "god.xml")
    assert result.exit_code == 2
    assert len(result.stdout.splitlines()) == 2
    assert "findes-ikke.xml: No such file or directory" in result.stderr


def test_medcoms_own_schemas_decide_here_too(folder, monkeypatch, tmp_path):
    """With MEDCOM_SCHEMAS the folder's schemas judge, and one that is not there is refused by its name."""
    monkeypatch.setenv("MEDCOM_SCHEMAS", str(tmp_path / "findes-ikke"))
    missing = run(folder / "god.xml")
    assert (missing.exit_code, missing.output) == (1, f"MEDCOM_SCHEMAS: {tmp_path / 'findes-ikke'}: no such folder\n")
    entry(tmp_path, XD9134L="XD9199L")
    monkeypatch.setenv("MEDCOM_SCHEMAS", str(tmp_path))
    assert "value-not-in-list" in run(folder / "god.xml").output


def test_a_dash_is_standard_input(folder):
    """The document may come on standard input."""
    result = run("--json", "-", input=(folder / "god.xml").read_bytes())
    assert (result.exit_code, json.loads(result.stdout)["file"]) == (0, "-")


def test_no_file_at_all_is_misuse():
    """Without a file the command exits with 2."""
    assert run().exit_code == 2


def test_help_has_examples():
    """The help shows how it is used and what the exit statuses mean."""
    result = run("--help")
    assert result.exit_code == 0
    assert "medcom-gateway validate --json - < besked.xml" in result.output
    assert "1 one is refused" in result.output


def test_an_unknown_command_is_misuse():
    """A name that is no command exits with 2."""
    assert CliRunner().invoke(main, ["valider"]).exit_code == 2


def test_the_module_is_the_program(folder):
    """`python -m gateway` is the same command, and judges without loading a web server, a database or the explaining engine."""
    program = (
        "import sys; from gateway.cli import main\n"
        "try: main(sys.argv[1:], prog_name='medcom-gateway')\n"
        "finally: print(sorted({'aiohttp', 'sqlalchemy', 'aio_pika', 'xmlschema', 'rich'} & set(sys.modules)), file=sys.stderr)"
    )
    lazy = subprocess.run(
        [sys.executable, "-c", program, "validate", folder / "god.xml"], capture_output=True, text=True, check=False
    )
    assert (lazy.returncode, lazy.stderr) == (0, "[]\n")
    module = subprocess.run(
        [sys.executable, "-m", "gateway", "validate", folder / "god.xml"], capture_output=True, text=True, check=False
    )
    assert (module.returncode, module.stdout) == (0, lazy.stdout)


def test_five_hundred_files_in_one_call(folder):
    """A long list of files is judged one after the other, each with its own row."""
    result = run("--json", *[folder / "god.xml"] * 250, *[folder / "forkert.xml"] * 250)
    assert (result.exit_code, len(result.stdout.splitlines())) == (1, 500)


def test_dates_are_judged_by_today(folder):
    """A document from a time to come is told so, as the gateway would."""
    later = (folder / "god.xml").read_bytes().replace(b"<Sent><Date>20", b"<Sent><Date>29")
    codes = [one["code"] for one in json.loads(run("--json", "-", input=later).stdout)["findings"]]
    assert "sent-in-future" in codes
