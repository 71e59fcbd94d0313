"""Gateways as subprocesses: embedded, and on RabbitMQ and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.letters import EPJ, OTHER_HOSPITAL, SKIVE
from tests.acceptance.yard import LIMIT, Yard
from tests.services.gateway import GatewayProcess


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[GatewayProcess]:
    """A gateway with the embedded default, not started."""
    with GatewayProcess(tmp_path) as made:
        yield made


@pytest.fixture(params=["embedded", "servers"])
def hub(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[GatewayProcess]:
    """A gateway, not started: embedded on SQLite, then on RabbitMQ and PostgreSQL."""
    with GatewayProcess(tmp_path) as made:
        if request.param == "servers":
            made.environment["MEDCOM_BROKER_URL"] = request.getfixturevalue("rabbitmq_vhost")
            made.environment["MEDCOM_DATABASE_URL"] = request.getfixturevalue("postgres_url")
            made.command("migrate")
        yield made


@pytest.fixture
def rabbit_hub(rabbitmq_vhost: str, tmp_path: Path) -> Iterator[GatewayProcess]:
    """A gateway on RabbitMQ and SQLite, not started."""
    with GatewayProcess(tmp_path, {"MEDCOM_BROKER_URL": rabbitmq_vhost}) as made:
        yield made


@pytest.fixture(scope="module")
def the_yard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Yard]:
    """The module's gateway, running."""
    folder: Path = tmp_path_factory.mktemp("yard")
    with GatewayProcess(folder, {"MEDCOM_MAX_DOCUMENT": str(LIMIT)}) as gateway:
        tokens = [gateway.add_partner(name, gln) for name, gln in (("epj", EPJ), ("skive", SKIVE), ("other", OTHER_HOSPITAL))]
        yield Yard(gateway.start(), *tokens)


@pytest.fixture
def yard(the_yard: Yard) -> Iterator[Yard]:
    """The gateway, with a letter accepted before the test and delivered after it."""
    before = the_yard.accepted()
    yield the_yard
    the_yard.delivered(*before)
