"""Gateways as subprocesses: embedded, and on RabbitMQ and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

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
