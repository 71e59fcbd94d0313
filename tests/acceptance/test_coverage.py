"""`sor coverage` on a real gateway's journal."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys

from tests.acceptance.letters import EPJ, SKIVE, letter
from tests.services.gateway import GatewayProcess, call


def cell(gateway: GatewayProcess, *arguments: str) -> dict:
    """The cell of Social og Psykiatri in Skive."""
    done = gateway.command("sor", "coverage", "--kommune", "Skive", "--json", *arguments, check=False)
    return next(row for row in map(json.loads, done.stdout.splitlines()) if row["gln"] == SKIVE)


def codes(row: dict) -> list[str]:
    """What was found."""
    return [found["code"] for found in row["findings"]]


def test_from_no_reader_to_covered(gateway: GatewayProcess):
    """An address without a reader is missing; connected it is untried; once it has fetched and acknowledged a letter it is covered,
    and shut out it is missing again.
    """
    assert codes(cell(gateway)) == ["no-endpoint"]
    epj, skive = gateway.add_partner("epj", EPJ), gateway.add_partner("skive", SKIVE)
    row = cell(gateway)
    assert (codes(row), row["status"], row["endpoint"]) == (["untried"], "doubtful", "skive")
    gateway.start()
    sent = call("POST", f"{gateway.url}/v1/messages", token=epj, body=letter()).json
    mailbox = f"{gateway.url}/v1/mailboxes/{SKIVE}/messages"
    listed = call("GET", f"{mailbox}?wait=20", token=skive).json["messages"]
    assert [one["id"] for one in listed] == [sent["id"]]
    assert codes(cell(gateway)) == ["untried"]  # it lies there, and has not for long
    assert call("POST", f"{mailbox}/{sent['id']}/ack", token=skive).status == 200
    row = cell(gateway)
    assert (row["findings"], row["status"], row["kommune"], row["kommunekode"]) == ([], "covered", "Skive", "0779")
    assert (row["name"], row["sor"]) == ("Social og Psykiatri", "9911731000016004")
    assert row["taken_at"]
    gateway.command("partners", "disable", "skive", "--reason", "synthetic")
    assert codes(cell(gateway)) == ["endpoint-disabled"]


def test_exit_codes(gateway: GatewayProcess):
    """1 where some are not covered, 2 for misuse; 114 cells, and every address with --addresses."""
    done = gateway.command("sor", "coverage", "--json", check=False)
    assert (done.returncode, len(done.stdout.splitlines())) == (1, 114)
    addresses = gateway.command("sor", "coverage", "--addresses", "--json", check=False)
    assert addresses.returncode == 1
    assert {json.loads(line)["status"] for line in addresses.stdout.splitlines()} == {"missing"}
    assert len(addresses.stdout.splitlines()) > 114
    for wrong in (["--kommune", "Ingensteds"], ["--silent-days", "0"], ["--addresses", "--kommune", "Skive"]):
        assert gateway.command("sor", "coverage", *wrong, check=False).returncode == 2


def test_all_covered(gateway: GatewayProcess):
    """0 where every cell that was asked about is covered."""
    listed = gateway.command("sor", "coverage", "--kommune", "Skive", "--json", check=False).stdout
    glns = [json.loads(line)["gln"] for line in listed.splitlines()]
    epj = gateway.add_partner("epj", EPJ)
    skive = gateway.add_partner("skive", *glns)
    gateway.start()
    for gln in glns:
        sent = call("POST", f"{gateway.url}/v1/messages", token=epj, body=letter(receiver=gln)).json
        mailbox = f"{gateway.url}/v1/mailboxes/{gln}/messages"
        assert call("GET", f"{mailbox}?wait=20", token=skive).json["messages"]
        assert call("POST", f"{mailbox}/{sent['id']}/ack", token=skive).status == 200
    done = gateway.command("sor", "coverage", "--kommune", "0779", check=False)
    assert (done.returncode, "6 i alt: 6 dækket" in done.stdout) == (0, True)


def test_a_file_for_people(gateway: GatewayProcess):
    """--html writes the page beside what is printed; a folder that is not there is told."""
    page = gateway.folder / "dækning.html"
    done = gateway.command("sor", "coverage", "--html", str(page), check=False)
    assert "114 i alt: 0 dækket, 0 usikker, 114 mangler" in done.stdout
    assert page.read_text("utf-8").count("ingen læser</a>") == 114
    refused = gateway.command("sor", "coverage", "--html", str(page / "x" / "y.html"), check=False)
    assert refused.returncode == 2
    assert "Traceback" not in refused.stderr


def test_whatever_the_terminal(gateway: GatewayProcess):
    """No line is wider than the terminal, and each of the 114 places has a sign and a word, in a matrix or in a list."""
    for columns in (50, 80, 140):
        told = at_terminal(gateway, columns)
        assert sum(line.count("✗ mangler") for line in told) == 114
        assert max(map(len, told)) <= columns
        assert len([line for line in told if line.count("✗ mangler") == 6]) == (19 if columns >= 80 else 0)


def at_terminal(gateway: GatewayProcess, columns: int) -> list[str]:
    """What the command prints at a terminal of so many columns, without colours."""
    mine, theirs = pty.openpty()
    environment = gateway.settings | {"COLUMNS": str(columns), "NO_COLOR": "1", "TERM": "dumb"}
    program = subprocess.Popen([sys.executable, "-m", "gateway", "sor", "coverage"], env=environment, stdout=theirs)
    os.close(theirs)
    told = b""
    try:
        while part := os.read(mine, 65536):
            told += part
    except OSError:  # the other end is closed: Linux says EIO
        pass
    os.close(mine)
    assert program.wait(30) == 1
    return [plain(line) for line in told.decode().splitlines()]


def plain(line: str) -> str:
    """A line without what colours it."""
    return re.sub(r"\x1b\[[0-9;]*m", "", line)
