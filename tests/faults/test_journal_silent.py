"""The line to PostgreSQL swallows what passes, while TCP is well: senders are not left waiting, and nothing stays locked."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from gateway.ports import JournalUnavailable
from gateway.store import open_store
from gateway.store.engine import SILENT_AFTER
from tests.faults.documents import SKIVE, VIBORG, letter, letters
from tests.faults.world import World, world
from tests.services.gateway import call, until
from tests.services.postgres import Postgres
from tests.services.proxy import Proxy, StartProxy
from tests.services.taking import eventually

# The commit under way is given up, then a statement, then a connection that is tried in vain.
PATIENCE = 2 * SILENT_AFTER + 10

pytestmark = pytest.mark.timeout(180)


def through(url: str, postgres: Postgres, proxy: Proxy) -> str:
    """The same URL, by way of the proxy."""
    return url.replace(f":{postgres.port}/", f":{proxy.port}/")


@pytest.fixture
def line(tmp_path: Path, postgres: Postgres, postgres_url: str, rabbitmq_vhost: str) -> Iterator[tuple[World, Proxy]]:
    """A world whose gateway reaches PostgreSQL by way of a proxy."""
    with world(tmp_path, {"MEDCOM_BROKER_URL": rabbitmq_vhost}, postgres_url) as here:
        proxy = Proxy(postgres.port)
        here.outside.run(proxy.start())
        here.gateway.environment["MEDCOM_DATABASE_URL"] = through(postgres_url, postgres, proxy)
        yield here, proxy
        here.gateway.kill()
        here.outside.run(proxy.close())


@pytest.mark.parametrize("fault", ["both-ways", "no-way-back"])
def test_line_to_postgres_is_silent(line: tuple[World, Proxy], fault: str) -> None:
    """Letters are answered 503 within the gateway's patience, /ready says so, and after the line is back all are delivered."""
    here, proxy = line
    sent = letters(40, SKIVE, VIBORG)
    here.gateway.start()
    sending = here.outside.start(here.epj.send(sent))
    until(lambda: here.counts().total() >= 20, what="some load")
    proxy.black_hole(to_server=fault == "both-ways")
    started = time.monotonic()
    state = until(lambda: (r := call("GET", f"{here.gateway.url}/ready")).status == 503 and r.json, what="unreadiness")
    assert state["reason"].startswith("journal ")
    refused = here.gateway.submit(here.epj.token, letter(SKIVE).body)
    assert time.monotonic() - started < PATIENCE
    assert (refused.status, refused.json["title"]) == (503, "journal-away")
    assert call("GET", f"{here.gateway.url}/ready").status == 503
    here.outside.run(proxy.heal())
    until(lambda: call("GET", f"{here.gateway.url}/ready").status == 200, what="readiness once the line is back")
    sending.result(60)
    # The one that was refused in the foreground was promised nothing, and did not get through by chance either.
    here.settled(sent)
    here.assert_promises(sent)
    assert '"TaskFailed"' not in here.gateway.log


async def test_idle_connection_falls_silent(postgres: Postgres, postgres_url: str, proxy_to: StartProxy) -> None:
    """A call on a connection that fell silent while nobody used it, so that not even the server minds, ends in time."""
    proxy = await proxy_to(postgres.port)
    store = await open_store(through(postgres_url, postgres, proxy), migrate=True)
    assert await store.revision() == 0
    proxy.black_hole()
    started = time.monotonic()
    with pytest.raises(JournalUnavailable, match="disconnected"):
        await store.revision()
    assert time.monotonic() - started < PATIENCE
    await proxy.heal()
    assert await store.revision() == 0
    await store.close()


async def test_nothing_stays_locked(postgres: Postgres, postgres_url: str, proxy_to: StartProxy) -> None:
    """Rows that a transaction had locked when its line fell silent are free again soon, for the gateway that still has a line."""
    proxy = await proxy_to(postgres.port)
    lost = await open_store(through(postgres_url, postgres, proxy), migrate=True)
    other = await open_store(postgres_url)

    def lock_and_lose(connection: Connection) -> None:
        connection.execute(text("UPDATE meta SET value = value"))
        proxy.black_hole()
        connection.execute(text("SELECT 1"))

    started = time.monotonic()
    with pytest.raises(JournalUnavailable, match="disconnected"):
        await lost._writers.alone(lock_and_lose)
    assert time.monotonic() - started < SILENT_AFTER + 2

    async def free() -> bool:
        try:
            await other.note_bound("skive", ["kommune.0779.#"])
        except JournalUnavailable:
            return False
        return True

    await eventually(free)
    assert time.monotonic() - started < 2 * SILENT_AFTER
    await other.close()
    await proxy.heal()
    await lost.note_bound("skive", ["kommune.0779.ny"])
    await lost.close()
