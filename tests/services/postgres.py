"""A private PostgreSQL for the tests: the benchmark's launcher, with what tests do to a server and no benchmark would.

One server serves a test session and is started when the first test asks for it; each test gets a database of its own. A test may
stop, kill and start the server at will: the next one that asks for a database finds it running.
"""

from __future__ import annotations

import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from gateway.bench import services
from tests.services.missing import absent

_SETTINGS = {
    "max_connections": "200",
    "timezone": "Europe/Copenhagen",  # not UTC: a program that relies on the server's zone is found out
}


class Postgres(services.PostgreSQL):
    """A server that can be stopped, killed and started again with its data kept."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, **_SETTINGS)

    def kill(self) -> None:
        """Ends the server as a power cut would; the next start recovers from its log."""
        if self._server is not None and self.running:
            self._server.send_signal(signal.SIGQUIT)
            self._server.wait(30)

    def database(self, *, like: str | None = None) -> str:
        """As the launcher's. Starts the server where it is not running."""
        self.start()
        return super().database(like=like)

    def drop(self, url: str) -> None:
        """Ends a database that `database` made, whoever is still connected."""
        self.start()
        with psycopg.connect(self.url_of("postgres"), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{url.rsplit("/", 1)[1]}" WITH (FORCE)')


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The session's private server, running."""
    folder = Path(tempfile.mkdtemp(prefix="medcom-postgres-"))
    try:
        server = Postgres(folder)
    except services.Missing as missing:
        folder.rmdir()
        absent(missing)
    try:
        server.start()
        yield server
    finally:
        server.kill()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres: Postgres) -> Iterator[str]:
    """The URL of an empty database that is the test's own, on the running server."""
    url = postgres.database()
    yield url
    postgres.drop(url)
