"""Worlds for the fault tests: on the embedded default, and on RabbitMQ with PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.world import World, world

COMBINATIONS = ("embedded", "servers")


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[World]:
    """SQLite and the broker in the process."""
    with world(tmp_path, {}, f"sqlite:///{tmp_path / 'data' / 'medcom.db'}") as here:
        yield here


@pytest.fixture
def servers(tmp_path: Path, postgres_url: str, rabbitmq_vhost: str) -> Iterator[World]:
    """PostgreSQL and RabbitMQ."""
    environment = {"MEDCOM_DATABASE_URL": postgres_url, "MEDCOM_BROKER_URL": rabbitmq_vhost}
    with world(tmp_path, environment, postgres_url) as here:
        yield here


@pytest.fixture(params=COMBINATIONS)
def either(request: pytest.FixtureRequest) -> World:
    """One after the other."""
    return request.getfixturevalue(request.param)
