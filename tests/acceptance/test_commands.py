"""The command line as an operator and an integrator meet it: help, exit codes, JSON, and settings that are wrong."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import ClassVar

import pytest
from yarl import URL

from tests.acceptance.letters import CLOSED, EPJ, RANDERS, SKIVE, SUCCESSOR, UNKNOWN, letter, receipt
from tests.services.gateway import GatewayProcess, free_port, until


def lines(done: subprocess.CompletedProcess[str]) -> list[dict]:
    """Standard output as one JSON object a line."""
    return [json.loads(line) for line in done.stdout.splitlines()]


class TestRoute:
    """`route` says where a file would go."""

    @pytest.fixture
    def file(self, tmp_path: Path) -> Path:
        """An admission to Skive."""
        path = tmp_path / "brev.xml"
        path.write_bytes(letter())
        return path

    def test_delivered(self, gateway: GatewayProcess, file: Path):
        """The keys are those of the interface; the recipient has gln, sor, kommune, unit and endpoint; exit code 0."""
        gateway.add_partner("skive", SKIVE)
        (row,) = lines(gateway.command("route", "--json", str(file)))
        assert {"decision", "fault", "recipients", "heading", "rules"} <= set(row)
        assert (row["decision"], row["fault"], row["rules"]) == ("deliver", None, ["R9-deliver"])
        expected = {
            "gln": SKIVE,
            "sor": "9911731000016004",
            "kommune": "Skive",
            "unit": "Social og Psykiatri",
            "endpoint": "skive",
        }
        assert row["recipients"] == [expected]
        assert row["heading"] == {"code": "indlaeggelse", "text": "Indlæggelse", "how": "exact"}
        told = gateway.command("route", str(file)).stdout
        assert "Skive, Social og Psykiatri hos skive" in told
        assert "R9-deliver" in told

    @pytest.mark.parametrize(
        ("receiver", "fault"), [(RANDERS, "no_reader"), (CLOSED, "closed_receiver"), (UNKNOWN, "unknown_receiver")]
    )
    def test_refused(self, gateway: GatewayProcess, file: Path, receiver: str, fault: str):
        """A refusal is exit code 1, with the fault for programs and the words for people."""
        file.write_bytes(letter(receiver=receiver))
        done = gateway.command("route", "--json", str(file), check=False)
        (row,) = lines(done)
        assert (done.returncode, row["decision"], row["fault"], row["recipients"]) == (1, "refuse", fault, [])
        assert "afvises: " in gateway.command("route", str(file), check=False).stdout

    def test_the_successor_is_named(self, gateway: GatewayProcess, file: Path):
        """For a closed unit a person reads, and a program is told, which address has taken its place."""
        file.write_bytes(letter(receiver=CLOSED))
        assert SUCCESSOR in gateway.command("route", str(file), check=False).stdout
        (row,) = lines(gateway.command("route", "--json", str(file), check=False))
        assert row["instead"] == SUCCESSOR

    def test_what_is_no_letter(self, gateway: GatewayProcess, file: Path):
        """A broken document is refused with its findings; a receipt and a missing file are misuse."""
        file.write_bytes(b"<Emessage>")
        done = gateway.command("route", "--json", str(file), check=False)
        (row,) = lines(done)
        assert (done.returncode, row["fault"], row["findings"][0]["code"]) == (1, "unreadable", "truncated")
        file.write_bytes(receipt(letter()))
        assert gateway.command("route", str(file), check=False).returncode == 2
        assert gateway.command("route", str(file) + ".nej", check=False).returncode == 2

    def test_nothing_is_recorded(self, gateway: GatewayProcess, file: Path):
        """Asking leaves no message behind."""
        gateway.command("route", str(file), check=False)
        assert gateway.command("messages", "find", check=False).returncode == 1


class TestPartners:
    """`partners` connects systems."""

    def test_the_token_is_shown_once(self, gateway: GatewayProcess):
        """`add` prints the token; it stands in no list and in no file."""
        done = gateway.command("partners", "add", "epj", "--gln", EPJ)
        token = done.stdout.partition("Token: ")[2].split()[0]
        assert token.startswith("medcom_")
        listed = gateway.command("partners", "list")
        assert (EPJ in listed.stdout, token in listed.stdout) == (True, False)
        (row,) = lines(gateway.command("partners", "list", "--json"))
        assert {key: value for key, value in row.items() if value} == {
            "name": "epj",
            "glns": [EPJ],
            "mode": "pull",
            "active": True,
        }
        for file in (gateway.folder / "data").iterdir():
            assert token.encode() not in file.read_bytes()

    @pytest.mark.parametrize(
        ("arguments", "code", "said"),
        [
            (["Æble", "--gln", EPJ], 2, "lower-case letters"),
            (["epj"], 2, "--gln"),
            (["epj", "--gln", EPJ, "--push", "http://omsorg.example/"], 2, "https://"),
            (["epj", "--gln", EPJ, "--push", "ftp://omsorg.example/"], 2, "https://"),
            (["epj", "--gln", EPJ, "--amqp"], 2, "RabbitMQ"),
            (["optaget", "--gln", EPJ], 1, "optaget"),
            (["epj", "--gln", SKIVE], 1, SKIVE),
        ],
    )
    def test_refusals(self, gateway: GatewayProcess, arguments: list[str], code: int, said: str):
        """What is wrong is said, with exit code 2 for misuse and 1 for what is taken; nothing is added."""
        gateway.add_partner("optaget", SKIVE)
        done = gateway.command("partners", "add", *arguments, check=False)
        assert (done.returncode, done.stdout) == (code, "")
        assert said in done.stderr
        assert len(lines(gateway.command("partners", "list", "--json"))) == 1

    def test_a_mistyped_address_is_told(self, gateway: GatewayProcess):
        """An address that the register does not hold is taken with a warning, for real ones have been seen so."""
        done = gateway.command("partners", "add", "epj", "--gln", "5790009920015", "--gln", EPJ, "--json")
        assert "5790009920015 er ikke i registeret og har ikke et gyldigt kontrolciffer" in done.stderr
        assert EPJ not in done.stderr
        assert len(lines(done)) == 1


class TestMessages:
    """`messages` finds and shows."""

    def test_find_and_show(self, gateway: GatewayProcess):
        """Every filter finds its message and no other; no message is exit code 1; `show` tells the story in Danish."""
        epj, _ = gateway.add_partner("epj", EPJ), gateway.add_partner("skive", SKIVE)
        gateway.start()
        document = letter(envelope_id="KUVERT1", letter_id="BREV1", thread="abc123")
        message_id = gateway.submit(epj, document).json["id"]
        gateway.submit(epj, b"<html/>")
        filters = [
            ["--envelope", "KUVERT1"],
            ["--letter", "BREV1"],
            ["--thread", "ABC-123"],
            ["--sender", EPJ],
            ["--receiver", SKIVE],
            ["--type", "XDIS91"],
            ["--since", "2026-01-01", "--state", "accepted", "--state", "queued", "--state", "available"],
        ]
        for each in filters:
            assert [row["id"] for row in lines(gateway.command("messages", "find", "--json", *each))] == [message_id], each
        assert len(gateway.command("messages", "find", "--limit", "1").stdout.splitlines()) == 2
        for each in (["--overdue"], ["--envelope", "findes-ikke"], ["--since", "2999-01-01"]):
            done = gateway.command("messages", "find", *each, check=False)
            assert (done.returncode, done.stdout) == (1, "")
        until(lambda: gateway.message(epj, message_id)["state"] == "available", what="the letter's arrival")
        told = gateway.command("messages", "show", message_id).stdout
        assert all(word in told for word in (message_id, "kuvert KUVERT1", "brev BREV1", "lagt i postkassen", "indlaeggelse"))
        (row,) = lines(gateway.command("messages", "show", message_id, "--json"))
        assert row["timeline"][0]["what"] == "admitted"
        assert gateway.command("messages", "show", "findes-ikke", check=False).returncode == 1

    def test_at_a_terminal_of_80_columns(self, gateway: GatewayProcess):
        """At a terminal no line is wider than 80 columns, and the id can be copied whole."""
        epj = gateway.add_partner("epj", EPJ)
        gateway.start()
        message_id = gateway.submit(epj, letter(receiver=RANDERS)).json["id"]
        for arguments in (["dead-letters", "list"], ["messages", "find"], ["messages", "show", message_id]):
            shown = at_terminal(gateway, 80, *arguments)
            assert max(map(len, shown)) <= 80, arguments
            assert any(message_id in line for line in shown)


def at_terminal(gateway: GatewayProcess, columns: int, *arguments: str) -> list[str]:
    """What the command prints at a terminal so wide."""
    mine, its = pty.openpty()
    environment = gateway.settings | {"COLUMNS": str(columns)}
    program = subprocess.Popen([sys.executable, "-m", "gateway", *arguments], env=environment, stdout=its, stdin=its)
    os.close(its)
    told = b""
    try:
        while part := os.read(mine, 4096):
            told += part
    except OSError:  # the other end is closed: Linux says EIO
        pass
    os.close(mine)
    assert program.wait(30) == 0
    return told.decode().splitlines()


class TestMigrate:
    """`migrate` and the databases that it has not seen."""

    def test_twice(self, gateway: GatewayProcess):
        """Twice does no harm."""
        for _ in range(2):
            assert "up to date" in gateway.command("migrate").stdout

    def test_postgres(self, gateway: GatewayProcess, postgres_url: str):
        """An unmigrated PostgreSQL is told by every command, with what to do, and `serve` does not start on it."""
        gateway.environment["MEDCOM_DATABASE_URL"] = postgres_url
        for arguments in (["serve"], ["messages", "find"], ["check"]):
            done = gateway.command(*arguments, check=False)
            assert done.returncode == 1
            assert "medcom-gateway migrate" in done.stderr + done.stdout
            assert "Traceback" not in done.stderr
        for _ in range(2):
            gateway.command("migrate")
        gateway.start()
        assert gateway.terminate() == 0

    def test_no_database(self, gateway: GatewayProcess):
        """A PostgreSQL that does not answer is told in a line, without its password."""
        gateway.environment["MEDCOM_DATABASE_URL"] = f"postgresql://medcom:hemmelig@127.0.0.1:{free_port()}/medcom"
        for arguments in (["migrate"], ["serve"], ["messages", "find"]):
            done = gateway.command(*arguments, check=False)
            assert (done.returncode, "Traceback" in done.stderr, "hemmelig" in done.stderr) == (1, False, False)
            assert "disconnected" in done.stderr


class TestCheck:
    """`check` finds what would keep the gateway from working, in one go."""

    def test_good(self, gateway: GatewayProcess):
        """Everything is well on the embedded default, in words and as JSON."""
        told = gateway.command("check").stdout.splitlines()
        assert all(line.startswith("ok") for line in told)
        assert {row["check"]: row["ok"] for row in lines(gateway.command("check", "--json"))} == {
            "settings": True,
            "register": True,
            "schemas": True,
            "journal": True,
            "broker": True,
        }

    def test_everything_wrong_at_once(self, gateway: GatewayProcess, tmp_path: Path):
        """Broker down, register broken, journal away: each is told beside the others, no password is, and the exit code is 1."""
        register = tmp_path / "register.csv"
        register.write_text("gln;sor\n1;2\n")
        gateway.environment |= {
            "MEDCOM_BROKER_URL": f"amqp://medcom:hemmelig1@127.0.0.1:{free_port()}/",
            "MEDCOM_DATABASE_URL": f"postgresql://medcom:hemmelig2@127.0.0.1:{free_port()}/medcom",
            "MEDCOM_REGISTER": str(register),
        }
        done = gateway.command("check", "--json", check=False)
        rows = {row["check"]: row for row in lines(done)}
        assert done.returncode == 1
        assert {name: row["ok"] for name, row in rows.items()} == {
            "settings": True,
            "register": False,
            "schemas": True,
            "journal": False,
            "broker": False,
        }
        assert "hemmelig" not in done.stdout + done.stderr
        assert "MEDCOM" in rows["settings"]["text"].upper()
        assert "FEJL" in gateway.command("check", check=False).stdout

    @pytest.mark.parametrize("content", [None, "", "æøå".encode("latin-1"), "gln;sor\n1;2\n"])
    def test_a_broken_register(self, gateway: GatewayProcess, tmp_path: Path, content: str | bytes | None):
        """A register file that is missing, empty, in another encoding or without its columns keeps `serve` from starting."""
        register = tmp_path / "register.csv"
        if content is not None:
            register.write_bytes(content if isinstance(content, bytes) else content.encode())
        gateway.environment["MEDCOM_REGISTER"] = str(register)
        for arguments in (["serve"], ["check"]):
            done = gateway.command(*arguments, check=False)
            assert (done.returncode, "Traceback" in done.stderr) == (1, False)
            assert done.stderr + done.stdout


class TestSettings:
    """Settings that are wrong are named, all at once, and nothing is opened."""

    WRONG: ClassVar = {
        "MEDCOM_HTTP_PORT": "otte",
        "MEDCOM_BROKER_URL": "redis://bruger:hemmelig@sted/",
        "MEDCOM_DATABASE_URL": "mysql://bruger:hemmelig@sted/",
        "MEDCOM_MAX_DOCUMENT": "1",
        "MEDCOM_LOG_LEVEL": "højt",
        "MEDCOM_GIVE_UP_AFTER": "-1",
    }

    def test_each_is_named(self, gateway: GatewayProcess):
        """Every wrong setting is named with what it should be; exit code 2; no secret is printed; no journal is made."""
        gateway.environment |= self.WRONG
        for command in ("serve", "check", "migrate"):
            done = gateway.command(command, check=False)
            assert (done.returncode, done.stdout) == (2, "")
            assert {line.partition(":")[0] for line in done.stderr.splitlines()} == set(self.WRONG)
            assert "hemmelig" not in done.stderr
        assert not (gateway.folder / "data").exists()

    def test_a_misspelt_setting_is_told(self, gateway: GatewayProcess):
        """A setting that does not exist is not silently ignored."""
        gateway.environment["MEDCOM_BROKER_ULR"] = "embedded:"
        done = gateway.command("check", check=False)
        assert (done.returncode, done.stderr) == (2, "MEDCOM_BROKER_ULR: no such setting; MEDCOM_BROKER_URL?\n")

    def test_a_toml_file(self, gateway: GatewayProcess, tmp_path: Path):
        """A TOML file does as well, the environment goes before it, and what is wrong in it is named as well."""
        file = tmp_path / "medcom.toml"
        file.write_text('hub_id = "FRAFILEN"\nlog_level = "error"\n')
        gateway.environment |= {"MEDCOM_CONFIG": str(file), "MEDCOM_LOG_LEVEL": "debug"}
        told = lines(gateway.command("check", "--json"))[0]["text"]
        assert "hub_id=FRAFILEN" in told
        assert "log_level=debug" in told
        for content in ("hub_id = 1", "findes_ikke = 1", "= [", None):
            file.write_text(content) if content else file.unlink()
            done = gateway.command("check", check=False)
            assert (done.returncode, "Traceback" in done.stderr) == (2, False), content
            assert "MEDCOM_" in done.stderr

    def test_a_port_that_is_taken(self, gateway: GatewayProcess, tmp_path: Path):
        """`serve` on a port in use ends with 1 and says so."""
        gateway.start()
        (tmp_path / "anden").mkdir()
        second = GatewayProcess(tmp_path / "anden", port=gateway.port)
        done = second.command("serve", check=False)
        assert (done.returncode, "Traceback" in done.stderr, "address already in use" in done.stderr) == (1, False, True)


def test_secrets_are_masked_everywhere(gateway: GatewayProcess, rabbitmq_vhost: str, postgres_url: str):
    """Neither the passwords in the URLs nor a partner's token are in the log, in a command's output or in the metrics."""
    password = URL(postgres_url).password
    assert password
    gateway.environment |= {"MEDCOM_BROKER_URL": rabbitmq_vhost, "MEDCOM_DATABASE_URL": postgres_url}
    told = gateway.command("migrate").stdout
    token = gateway.add_partner("epj", EPJ)
    gateway.start()
    gateway.submit(token, letter())
    gateway.submit(token + "x", letter())
    for arguments in (["check"], ["check", "--json"], ["partners", "list"], ["messages", "find"], ["dead-letters", "list"]):
        done = gateway.command(*arguments, check=False)
        told += done.stdout + done.stderr
    gateway.terminate()
    told += gateway.log
    assert password not in told
    assert ":guest@" not in told
    assert token not in told
    assert ":***@" in told
