"""Documents judged and not sent: over HTTP and at the command line, with one and the same report."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from lxml import etree

from schemas.catalogue import load_catalogue
from schemas.vanswriter import wrap
from tests.acceptance.letters import RANDERS, letter, schemas
from tests.acceptance.yard import LIMIT, Yard
from tests.services.gateway import Reply, call
from tests.unit.schemas.vans_documents import message

MARK = "hemmeligt"


def ask(yard: Yard, document: bytes, token: str | None = None, content_type: str = "application/xml") -> Reply:
    """The document handed to /v1/validate."""
    return call("POST", f"{yard.gateway.url}/v1/validate", token=token or yard.epj, body=document, content_type=content_type)


def program(*arguments: str, stdin: bytes = b"", **more: object) -> subprocess.CompletedProcess[bytes]:
    """The command, as a process of its own."""
    return subprocess.run([sys.executable, "-m", "gateway", *arguments], input=stdin, capture_output=True, check=False, **more)


def test_a_verdict_is_200_and_the_commands_own_report(yard: Yard):
    """Right or wrong, bare or enveloped, the report is what `validate --json` prints of the same bytes."""
    faulty = letter(subject=None).replace(b"<StatusCode>nytbrev", b"<StatusCode>gammelt")
    later = letter().replace(b"<Sent><Date>20", b"<Sent><Date>29")
    for document, valid in (
        (letter(), True),
        (later, True),
        (faulty, False),
        (wrap(message(faulty), schemas()), False),
        (b"", False),
    ):
        answer = ask(yard, document)
        assert (answer.status, answer.json["valid"]) == (200, valid)
        assert json.loads(program("validate", "--json", "-", stdin=document).stdout) == {"file": "-", **answer.json}
    assert "sent-in-future" in [one["code"] for one in ask(yard, later).json["findings"]]


def test_any_partner_may_ask_of_any_document(yard: Yard):
    """Who sends, who receives and whether anyone reads there are not looked at; without a token nobody is answered."""
    assert ask(yard, letter(receiver=RANDERS), yard.other).json["valid"]
    assert ask(yard, letter(), "forkert").status == 401


def test_the_bounds_are_those_of_what_is_sent(yard: Yard):
    """Content type and size are limited as at /v1/messages."""
    assert ask(yard, letter(), content_type="text/plain").status == 415
    assert ask(yard, b"x" * (LIMIT + 1)).status == 413
    assert ask(yard, b" " * LIMIT).status == 200


def test_nothing_is_kept_or_told(yard: Yard):
    """A document that was judged can be sent afterwards as one never seen, and what is in it stands in no log."""
    document = letter(text=f"{MARK}tekst", subject=f"{MARK}emne")
    root = etree.fromstring(document)
    root[1][0][0].text = f"{MARK}id"
    log = len(yard.gateway.log)
    assert ask(yard, etree.tostring(root)).status == 200
    assert ask(yard, document[:-50]).json["findings"][0]["code"] == "truncated"
    assert MARK not in yard.gateway.log[log:]
    sent = letter()
    assert ask(yard, sent).json["valid"]
    answer = yard.submit(sent)
    assert (answer.status, answer.json["repeat"]) == (202, False)
    yard.delivered(answer.json["id"], sent)


def test_examples_can_be_validated_from_the_one_command_to_the_other():
    """`example` prints what `validate` takes, in a pipe: the right one is valid, the wrong one is told what is wrong with it."""
    right = program("validate", "-", stdin=program("example", "XDIS91").stdout)
    assert (right.returncode, right.stdout.decode()) == (0, "-: godkendt (XDIS91 XD9134L)\n")
    wrong = program("validate", "-", stdin=program("example", "XDIS91", "--fault").stdout)
    assert wrong.returncode == 1
    assert "rutine, høj_prioritet" in wrong.stdout.decode()
    unknown = program("example", "XDIS92")
    assert (unknown.returncode, unknown.stdout) == (2, b"")


def test_the_catalogue_as_the_program_prints_it():
    """`types --json` has a line for every version."""
    done = program("types", "--json")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert (done.returncode, done.stderr) == (0, b"")
    assert [row["version"] for row in rows if row["carried"]] == [row.version for row in load_catalogue().rows]


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """A folder with more documents than are judged without a word."""
    for number in range(30):
        (tmp_path / f"{number}.xml").write_bytes(letter())
    return tmp_path


def shown_at_a_terminal(*arguments: str) -> str:
    """All that a terminal of 80 columns is sent by the command."""
    ours, theirs = pty.openpty()
    environment = {key: value for key, value in os.environ.items() if key != "NO_COLOR"} | {"TERM": "xterm", "COLUMNS": "80"}
    with subprocess.Popen(
        [sys.executable, "-m", "gateway", *arguments], stdin=theirs, stdout=theirs, stderr=theirs, env=environment
    ):
        os.close(theirs)
        shown = b""
        while piece := _piece(ours):
            shown += piece
    os.close(ours)
    return shown.decode()


def _piece(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # the other end is closed
        return b""


def test_many_documents_have_a_bar_at_a_terminal_alone(many: Path):
    """A person sees how far it has come, and each report whole beside it; neither a pipe nor a program is told."""
    shown = shown_at_a_terminal("validate", str(many))
    assert "30/30" in shown
    assert shown.count("godkendt") == 31
    assert "30 dokumenter: 30 godkendt" in shown
    assert "30/30" not in shown_at_a_terminal("validate", "--json", str(many))
    piped = program("validate", str(many))
    assert (piped.returncode, piped.stderr, b"/30" in piped.stdout) == (0, b"", False)
