"""The databases and brokers that the contracts are tried on."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from gateway.broker.embedded import EmbeddedBroker
from gateway.broker.rabbitmq import RabbitBroker
from gateway.store import Store, open_store
from gateway.store.migrations import migrate
from tests.contract.broker_cases import LIMIT, Subject
from tests.services.postgres import Postgres


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the schema and nothing else, to copy."""
    path = tmp_path_factory.mktemp("migrated") / "medcom.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def migrated_database(postgres: Postgres) -> str:
    """The name of a PostgreSQL database with the schema and nothing else, to copy."""
    url = postgres.database()
    migrate(url)
    return url.rsplit("/", 1)[1]


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of each kind with the schema and nothing else, as the URL that an operator would write."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("migrated_file"), tmp_path / "medcom.db")
        yield f"sqlite:///{tmp_path / 'medcom.db'}"
        return
    server: Postgres = request.getfixturevalue("postgres")
    url = server.database(like=request.getfixturevalue("migrated_database"))
    yield url
    server.drop(url)


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    """An open store on an empty database."""
    opened = await open_store(database_url)
    yield opened
    await opened.close()


@pytest.fixture
async def second(database_url: str, store: Store) -> AsyncIterator[Store]:
    """Another store on the same database, as another process would have it."""
    opened = await open_store(database_url)
    yield opened
    await opened.close()


@pytest.fixture(params=["embedded", "rabbitmq"])
async def subject(request: pytest.FixtureRequest) -> AsyncIterator[Subject]:
    """Each broker in turn."""
    if request.param == "embedded":
        made = Subject(lambda: EmbeddedBroker(delivery_limit=LIMIT))
    else:
        url = request.getfixturevalue("rabbitmq_vhost")
        made = Subject(lambda: RabbitBroker(url, delivery_limit=LIMIT))
    await made.open()
    yield made
    await made.broker.close()
