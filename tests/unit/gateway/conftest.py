"""A real journal on SQLite and the embedded broker: what the hub's own parts are tried on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.broker.embedded import EmbeddedBroker
from gateway.store import Store, open_store


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """An empty journal."""
    opened = await open_store(f"sqlite:///{tmp_path / 'medcom.db'}", migrate=True)
    yield opened
    await opened.close()


@pytest.fixture
async def broker() -> AsyncIterator[EmbeddedBroker]:
    """An embedded broker, open."""
    made = EmbeddedBroker()
    await made.open()
    yield made
    await made.close()
