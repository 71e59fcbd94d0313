"""The broker goes, or the line to it, while letters stream in: the intake goes on, and all is delivered after."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.records import Mode
from routing.lifecycle import State
from tests.faults.documents import NOBODY, SKIVE, VIBORG, letters
from tests.faults.world import World, world
from tests.services.gateway import call, until
from tests.services.postgres import Postgres
from tests.services.proxy import Proxy
from tests.services.rabbitmq import RabbitMQ

HOLSTEBRO = NOBODY
SHORT_STALL = (str(Path(__file__).with_name("short_stall.py")),)

pytestmark = pytest.mark.timeout(180)


@pytest.fixture
def line(tmp_path: Path, postgres_url: str, rabbitmq: RabbitMQ, rabbitmq_vhost: str) -> Iterator[tuple[World, Proxy]]:
    """A world whose gateway reaches RabbitMQ by way of a proxy."""
    environment = {"MEDCOM_DATABASE_URL": postgres_url}
    with world(tmp_path, environment, postgres_url) as here:
        proxy = Proxy(rabbitmq.port)
        here.outside.run(proxy.start())
        here.gateway.environment["MEDCOM_BROKER_URL"] = rabbitmq_vhost.replace(f":{rabbitmq.port}/", f":{proxy.port}/")
        yield here, proxy
        here.gateway.kill()
        here.outside.run(proxy.close())


def assert_taken_at_once(here: World, count: int) -> None:
    """Letters handed in now are answered 202 the first time, and wait in the outbox."""
    late = letters(count, SKIVE, VIBORG)
    here.outside.run(here.epj.send(late))
    assert all(here.epj.answers[letter.envelope_id] == [202] for letter in late)
    assert here.counts()["outbox"] >= count
    here.sent += late


def test_broker_stopped_and_started(servers: World, rabbitmq: RabbitMQ) -> None:
    """RabbitMQ is stopped in mid-stream: letters are taken as before, and delivered when it is back."""
    servers.sent = letters(40, SKIVE, VIBORG)
    servers.gateway.start()
    sending = servers.outside.start(servers.epj.send(servers.sent))
    until(lambda: servers.count(State.ACKNOWLEDGED) >= 5, what="some load")
    rabbitmq.stop()
    sending.result(30)
    assert_taken_at_once(servers, 20)
    rabbitmq.start()
    servers.settled(servers.sent)
    servers.assert_promises(servers.sent)


def test_broker_killed_and_started(servers: World, rabbitmq: RabbitMQ) -> None:
    """RabbitMQ is killed (-9) in mid-stream: what lay in its queues, what was being confirmed and what comes meanwhile is delivered
    when it is back, and nothing of it is shown or receipted twice.
    """
    servers.sent = letters(80, SKIVE, VIBORG)
    servers.gateway.start()
    sending = servers.outside.start(servers.epj.send(servers.sent[:40]))
    until(lambda: servers.count(State.ACKNOWLEDGED) >= 5, what="some load")
    rabbitmq.settle()
    more = servers.outside.start(servers.epj.send(servers.sent[40:]))
    until(lambda: servers.counts().total() >= 50, what="more load")
    rabbitmq.kill()
    sending.result(30)
    more.result(30)
    assert_taken_at_once(servers, 20)
    rabbitmq.start()
    servers.settled(servers.sent)
    servers.assert_promises(servers.sent)
    assert '"TaskFailed"' not in servers.gateway.log


def test_broker_killed_with_new_queues(servers: World, rabbitmq: RabbitMQ, rabbitmq_vhost: str) -> None:
    """RabbitMQ is killed (-9) as soon as the queues are there, and before 4.0 forgets some and leaves one without a leader: /ready
    names what is not served, and all is delivered once an operator has had a leader elected.
    """
    servers.gateway.launcher = SHORT_STALL
    servers.gateway.start()
    until(lambda: call("GET", f"{servers.gateway.url}/ready").json["broker"], what="the broker's connection")
    servers.sent = letters(20, SKIVE, VIBORG)
    sending = servers.outside.start(servers.epj.send(servers.sent))
    until(lambda: servers.counts().total() >= 5, what="some load")
    rabbitmq.kill()
    sending.result(30)
    rabbitmq.start()
    state = until(lambda: (s := call("GET", f"{servers.gateway.url}/ready").json)["broker"] and s, what="the broker's return")
    assert state["ready"]
    for queue in state.get("unserved", ()):
        rabbitmq.ctl("eval", f"ra:trigger_election({{'{rabbitmq_vhost.rpartition('/')[2]}_{queue}', node()}}).")
    until(lambda: "unserved" not in call("GET", f"{servers.gateway.url}/ready").json, what="consumers on all queues")
    servers.settled(servers.sent)
    servers.assert_promises(servers.sent)
    assert '"TaskFailed"' not in servers.gateway.log


@pytest.mark.parametrize("fault", ["cut", "black-hole", "no-way-there", "no-way-back"])
def test_line_to_the_broker_breaks(line: tuple[World, Proxy], fault: str) -> None:
    """The line is cut, or swallows what passes in both directions or in one: letters are taken, and delivered when it heals."""
    here, proxy = line
    here.sent = letters(40, SKIVE, VIBORG)
    here.gateway.start()
    sending = here.outside.start(here.epj.send(here.sent))
    until(lambda: here.count(State.ACKNOWLEDGED) >= 5, what="some load")
    if fault == "cut":
        here.outside.run(proxy.cut())
    else:
        proxy.black_hole(to_server=fault != "no-way-back", to_client=fault != "no-way-there")
    sending.result(30)
    assert_taken_at_once(here, 20)
    here.outside.run(proxy.heal())
    here.settled(here.sent)
    here.assert_promises(here.sent)


def test_broker_comes_after_the_gateway(line: tuple[World, Proxy]) -> None:
    """A gateway that starts without its broker takes letters; when the broker comes, with no queue made, none is without one."""
    here, proxy = line
    here.outside.run(proxy.cut())
    here.gateway.start()
    assert_taken_at_once(here, 40)
    here.outside.run(proxy.heal())
    here.settled(here.sent)
    here.assert_promises(here.sent)


def test_broker_comes_while_the_journal_is_away(line: tuple[World, Proxy], postgres: Postgres) -> None:
    """The broker comes at a moment when the journal is away: the gateway is whole once both are there, with no restart."""
    here, proxy = line
    here.outside.run(proxy.cut())
    here.gateway.start()
    assert_taken_at_once(here, 10)
    postgres.kill()
    here.outside.run(proxy.heal())
    until(lambda: '"task":"connect"' in here.gateway.log, what="a connection that finds no journal")
    postgres.start()
    here.settled(here.sent)
    here.assert_promises(here.sent)
    assert '"TaskFailed"' not in here.gateway.log


def test_partner_connected_while_the_broker_is_away(line: tuple[World, Proxy]) -> None:
    """A receiver that is connected while the broker is away has its mail when the broker is back, with no restart."""
    here, proxy = line
    here.gateway.start()
    here.outside.run(proxy.cut())
    holstebro = here.join("holstebro", HOLSTEBRO, Mode.PUSH)
    assert here.outside.run(here.epj._call("GET", "/v1/messages/none"))[0] == 404
    here.sent = letters(12, HOLSTEBRO, SKIVE)
    here.outside.run(here.epj.send(here.sent))
    here.outside.run(proxy.heal())
    here.settled(here.sent)
    here.assert_promises(here.sent)
    assert len(holstebro.kept) == 6
