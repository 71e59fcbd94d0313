"""Where it is measured: a temporary folder with the servers that run in it, databases and virtual hosts, filled or empty."""

from __future__ import annotations

import secrets
import shutil
from contextlib import ExitStack
from pathlib import Path

from gateway.bench.programs import Program, command
from gateway.bench.scenarios import EMBEDDED, Stack
from gateway.bench.services import PostgreSQL, RabbitMQ


class Site:
    """Stores and brokers for the asking. Everything ends with `stack`; the servers are started when first asked for."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder = folder
        self._stack = stack
        self._rabbitmq: RabbitMQ | None = None
        self._postgresql: PostgreSQL | None = None
        self._filled: dict[tuple[Stack, int], str] = {}
        folder.chmod(0o755)  # PostgreSQL may run as another user

    def start_servers(self) -> None:
        """Starts RabbitMQ and PostgreSQL. Raises Missing where one is not installed."""
        rabbitmq, postgresql = RabbitMQ(self._made("rabbitmq")), PostgreSQL(self._made("postgresql"))
        self._stack.callback(rabbitmq.close)
        self._stack.callback(postgresql.close)
        postgresql.start()
        rabbitmq.start()
        self._rabbitmq, self._postgresql = rabbitmq, postgresql

    def store(self, on: Stack, journal: int) -> str:
        """The URL of a migrated journal with so many messages in it, the caller's alone."""
        url = self._database(on, like=self._full(on, journal) if journal else None)
        if not journal:
            _migrate(url)
        return url

    def table(self, on: Stack) -> str:
        """The URL of a database with nothing in it."""
        return self._database(on, like=None)

    def broker(self, on: Stack) -> str:
        """The URL of a broker with nothing in it."""
        if on == EMBEDDED:
            return "embedded:"
        assert self._rabbitmq is not None  # noqa: S101 - the stack is asked for only where its servers have started
        return self._rabbitmq.url_of(self._rabbitmq.vhost())

    def scratch(self) -> Path:
        """A new folder."""
        return self._made(secrets.token_hex(4))

    def fill(self, stacks: list[Stack], journal: int) -> None:
        """Makes the full journals that `store` copies, all at once. Raises Failed."""
        with ExitStack() as filling:
            programs = []
            for on in stacks:
                url = self._filled[on, journal] = self._database(on, like=None)
                _migrate(url)
                told = {"store_url": url, "messages": journal}
                program = Program(self.scratch(), "gateway.bench.seed", ["gateway.bench.seed"], told=told)
                programs.append(program)
                filling.callback(program.close)
            for program in programs:
                program.succeed()

    def _full(self, on: Stack, journal: int) -> str:
        if (on, journal) not in self._filled:
            self.fill([on], journal)
        return self._filled[on, journal]

    def _database(self, on: Stack, like: str | None) -> str:
        if on != EMBEDDED:
            assert self._postgresql is not None  # noqa: S101 - as in `broker`
            return self._postgresql.database(like=like)
        path = self.scratch() / "journal.db"
        if like is not None:
            shutil.copyfile(like.removeprefix("sqlite:///"), path)
        return f"sqlite:///{path}"

    def _made(self, name: str) -> Path:
        path = self.folder / name
        path.mkdir()
        return path


def _migrate(url: str) -> None:
    command({"MEDCOM_DATABASE_URL": url}, "migrate")
