"""SIGTERM under load: the gateway ends in order and in time, whatever the world does meanwhile."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.faults.documents import SKIVE, VIBORG, letters
from tests.faults.outside import Manner
from tests.faults.world import World, world
from tests.services.gateway import until
from tests.services.postgres import Postgres
from tests.services.proxy import Proxy
from tests.services.rabbitmq import RabbitMQ

WITHIN = 10.0


def stop(here: World) -> float:
    """Terminates the gateway and says how many seconds it took; it must end well."""
    started = time.monotonic()
    assert here.gateway.terminate() == 0, here.gateway.log[-3000:]
    return time.monotonic() - started


def test_sigterm_under_load(either: World) -> None:
    """It exits 0 within ten seconds, answers what it had taken, and what it accepted is delivered after the next start."""
    sent = letters(150, SKIVE, VIBORG)
    either.gateway.start()
    sending = either.outside.start(either.epj.send(sent))
    until(lambda: either.counts().total() >= 40, what="some load")
    assert stop(either) < WITHIN
    assert '"TaskFailed"' not in either.gateway.log
    either.gateway.start()
    sending.result(60)
    either.settled(sent)
    either.assert_promises(sent)


def test_sigterm_with_a_receiver_that_hangs(either: World) -> None:
    """Deliveries that nobody answers do not hold up the end, and are made again after the next start."""
    sent = letters(40, SKIVE)
    either.skive.manner = Manner.HANG
    either.gateway.start()
    either.outside.run(either.epj.send(sent))
    until(lambda: len(either.skive.kept) >= 32, what="as many deliveries under way as there may be")
    assert stop(either) < WITHIN
    either.skive.manner = Manner.TAKE
    either.gateway.start()
    either.settled(sent)
    either.assert_promises(sent)


@pytest.mark.timeout(180)
def test_sigterm_with_a_broker_that_is_silent(
    tmp_path: Path, postgres_url: str, rabbitmq: RabbitMQ, rabbitmq_vhost: str
) -> None:
    """A broker that has become a black hole under load does not hold up the end either, nor does it cost a message."""
    environment = {"MEDCOM_DATABASE_URL": postgres_url}
    with world(tmp_path, environment, postgres_url) as here:
        proxy = Proxy(rabbitmq.port)
        here.outside.run(proxy.start())
        environment["MEDCOM_BROKER_URL"] = rabbitmq_vhost.replace(f":{rabbitmq.port}/", f":{proxy.port}/")
        sent = letters(60, SKIVE, VIBORG)
        here.gateway.start()
        sending = here.outside.start(here.epj.send(sent))
        until(lambda: here.counts().total() >= 20, what="some load")
        proxy.black_hole()
        until(lambda: here.counts()["outbox"], what="something that waits for the broker")
        assert stop(here) < WITHIN
        here.outside.run(proxy.heal())
        here.gateway.start()
        sending.result(60)
        here.settled(sent)
        here.assert_promises(sent)
        here.gateway.kill()
        here.outside.run(proxy.close())


def test_sigterm_while_the_journal_is_locked(embedded: World) -> None:
    """A journal that another process keeps locked does not hold up the end; what could not be noted is found at the next start."""
    sent = letters(40, SKIVE, VIBORG)
    embedded.gateway.start()
    sending = embedded.outside.start(embedded.epj.send(sent))
    until(lambda: embedded.counts().total() >= 20, what="some load")
    with closing(sqlite3.connect(embedded.gateway.folder / "data" / "medcom.db", isolation_level=None, timeout=30)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert stop(embedded) < WITHIN
        other.execute("ROLLBACK")
    embedded.gateway.start()
    sending.result(60)
    embedded.settled(sent)
    embedded.assert_promises(sent)


def test_sigterm_while_postgres_is_away(servers: World, postgres: Postgres) -> None:
    """Nor does a PostgreSQL that is not there."""
    sent = letters(40, SKIVE, VIBORG)
    servers.gateway.start()
    sending = servers.outside.start(servers.epj.send(sent))
    until(lambda: servers.counts().total() >= 20, what="some load")
    postgres.kill()
    assert stop(servers) < WITHIN
    postgres.start()
    servers.gateway.start()
    sending.result(60)
    servers.settled(sent)
    servers.assert_promises(sent)
