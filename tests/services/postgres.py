"""A private PostgreSQL for the tests: its own data, port and folder, on loopback alone.

One server serves a test session and is started when the first test asks for it; each test gets a database of its own. A test may
stop, kill and start the server at will: the next one that asks for a database finds it running. PostgreSQL refuses to run as root,
so there it runs as the user `postgres` that Debian's package makes.
"""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

_FOLDERS = (
    *sorted((str(p) for p in Path("/usr/lib/postgresql").glob("*/bin")), reverse=True),
    "/opt/homebrew/bin",
    "/usr/local/bin",
    "/usr/bin",
)
_SERVER_USER = "postgres"
_START_WITHIN = "60"
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "logging_collector": "off",
    "timezone": "Europe/Copenhagen",  # not UTC: a program that relies on the server's zone is found out
}


def _program(name: str) -> str | None:
    return shutil.which(name, path=os.pathsep.join((*_FOLDERS, os.environ.get("PATH", ""))))


def _require(name: str) -> str:
    """The program's path. Where it is missing, skips on a laptop and fails in CI."""
    path = _program(name)
    if path is None:
        missing = f"{name} is not installed: run `make services`"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    return path


def _free_port() -> int:
    with closing(socket.socket()) as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


class Postgres:
    """A server that can be stopped, killed and started again with its data kept."""

    def __init__(self, folder: Path) -> None:
        self.port = _free_port()
        self._data = folder / "data"
        self._log = folder / "log"
        if os.geteuid() == 0:
            shutil.chown(folder, _SERVER_USER)
        self._run("initdb", "-D", str(self._data), "-U", "medcom", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")

    def url_of(self, database: str) -> str:
        """The URL of a database on this server."""
        return f"postgresql://medcom@127.0.0.1:{self.port}/{database}"

    @property
    def running(self) -> bool:
        """Whether the server runs."""
        return self._run("pg_ctl", "-D", str(self._data), "status", check=False).returncode == 0

    def start(self) -> None:
        """Starts the server and returns when it answers. Does nothing where it runs already."""
        if self.running:
            return
        options = " ".join(f"-c {name}={value}" if value else f"-c {name}=''" for name, value in _SETTINGS.items())
        arguments = ("-D", str(self._data), "-l", str(self._log), "-w", "-t", _START_WITHIN, "-o", f"-p {self.port} {options}")
        self._run("pg_ctl", *arguments, "start")

    def stop(self, mode: str = "fast") -> None:
        """Stops the server: `fast` says goodbye to its clients, `immediate` is a crash."""
        if self.running:
            self._run("pg_ctl", "-D", str(self._data), "-w", "-m", mode, "stop")

    def kill(self) -> None:
        """Ends the server as a power cut would; the next start recovers from its log."""
        self.stop("immediate")

    def restart(self) -> None:
        """Stops and starts."""
        self.stop()
        self.start()

    def database(self, template: str = "template0") -> str:
        """The URL of a new database: a copy of `template`, to which nobody is connected. Starts the server where it is not running."""
        self.start()
        name = f"test_{secrets.token_hex(6)}"
        with psycopg.connect(self.url_of("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.url_of(name)

    def drop(self, url: str) -> None:
        """Ends a database that `database` made, whoever is still connected."""
        self.start()
        with psycopg.connect(self.url_of("postgres"), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{url.rsplit("/", 1)[1]}" WITH (FORCE)')

    def _run(self, program: str, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        command = [_require(program), *arguments]
        if os.geteuid() == 0:
            command = ["runuser", "-u", _SERVER_USER, "--", *command]
        # To a file: the server inherits what it is given, and a pipe would stay open as long as it lives.
        with tempfile.TemporaryFile("w+") as output:
            done = subprocess.run(command, stdout=output, stderr=output, cwd="/", timeout=90, check=False)
            output.seek(0)
            said = output.read()
        if check and done.returncode:
            log = self._log.read_text(errors="replace")[-2000:] if self._log.exists() else ""
            raise RuntimeError(f"{program} failed:\n{said}\n{log}")
        return subprocess.CompletedProcess(command, done.returncode, said)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The session's private server, running."""
    for name in ("initdb", "pg_ctl"):
        _require(name)
    folder = Path(tempfile.mkdtemp(prefix="medcom-postgres-"))
    server = None
    try:
        server = Postgres(folder)
        server.start()
        yield server
    finally:
        if server is not None:
            server.kill()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres: Postgres) -> Iterator[str]:
    """The URL of an empty database that is the test's own, on the running server."""
    url = postgres.database()
    yield url
    postgres.drop(url)
