"""The journal's database goes away in mid-stream: senders are promised what is stored, and the gateway goes on by itself."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing

import pytest

from tests.faults.documents import SKIVE, VIBORG, letters
from tests.faults.world import World
from tests.services.gateway import until
from tests.services.postgres import Postgres


@pytest.mark.timeout(180)
@pytest.mark.parametrize("end", [Postgres.kill, Postgres.stop], ids=["crashed", "stopped"])
def test_postgres_goes_and_comes_back(servers: World, postgres: Postgres, end) -> None:
    """PostgreSQL is crashed or stopped in mid-stream and started: senders get 202 or 503, and all is delivered with no restart."""
    sent = letters(80, SKIVE, VIBORG)
    servers.gateway.start()
    sending = servers.outside.start(servers.epj.send(sent))
    until(lambda: servers.counts().total() >= 40, what="some load")
    end(postgres)
    until(lambda: any(503 in seen for seen in servers.epj.answers.values()), what="a sender who is asked to come back")
    postgres.start()
    sending.result(60)
    servers.settled(sent)
    servers.assert_promises(sent)
    assert {status for seen in servers.epj.answers.values() for status in seen} <= {200, 202, 503}
    assert servers.gateway.process is not None
    assert servers.gateway.process.poll() is None
    assert '"TaskFailed"' not in servers.gateway.log


def test_sqlite_file_is_locked(embedded: World) -> None:
    """Another process has the file to itself for longer than the gateway waits: 503 with a time to come back, then all goes on."""
    sent = letters(400, SKIVE, VIBORG)  # so many that there is still load when the lock is there
    embedded.gateway.start()
    sending = embedded.outside.start(embedded.epj.send(sent))
    until(lambda: embedded.counts().total() >= 20, what="some load")
    locked, release = threading.Event(), threading.Event()

    def lock() -> None:
        with closing(
            sqlite3.connect(embedded.gateway.folder / "data" / "medcom.db", isolation_level=None, timeout=30)
        ) as other:
            other.execute("BEGIN EXCLUSIVE")
            locked.set()
            release.wait(60)
            other.execute("ROLLBACK")

    locker = threading.Thread(target=lock)
    locker.start()
    try:
        assert locked.wait(30)
        until(lambda: any(503 in seen for seen in embedded.epj.answers.values()), what="a sender who is asked to come back")
    finally:
        release.set()
        locker.join()
    sending.result(60)
    embedded.settled(sent)
    embedded.assert_promises(sent)
    assert {status for seen in embedded.epj.answers.values() for status in seen} <= {200, 202, 503}
    assert '"TaskFailed"' not in embedded.gateway.log
