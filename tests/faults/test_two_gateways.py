"""Two gateways share one PostgreSQL and one RabbitMQ: one is killed (-9) and does not come back, or loses its line in mid-delivery."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from routing.lifecycle import State
from tests.faults.documents import SKIVE, VIBORG, letters
from tests.faults.outside import Manner
from tests.faults.world import World, world
from tests.services.gateway import call, until
from tests.services.proxy import Proxy
from tests.services.rabbitmq import RabbitMQ

LAUNCHER = (str(Path(__file__).with_name("short_lease.py")),)


@pytest.fixture
def two(tmp_path: Path, postgres_url: str, rabbitmq_vhost: str) -> Iterator[World]:
    """A world with two gateways, which the systems call in turn."""
    environment = {"MEDCOM_DATABASE_URL": postgres_url, "MEDCOM_BROKER_URL": rabbitmq_vhost}
    with world(tmp_path, environment, postgres_url, gateways=2) as here:
        for gateway in (here.gateway, *here.others):
            gateway.launcher = LAUNCHER
            gateway.start(wait=False)
        for gateway in (here.gateway, *here.others):
            gateway.wait_ready()
        yield here


@pytest.mark.timeout(180)
def test_one_is_killed(two: World) -> None:
    """The other delivers everything that either had accepted, nothing is shown twice, every receipt comes once."""
    sent = letters(120, SKIVE, VIBORG)
    sending = two.outside.start(two.epj.send(sent))
    until(lambda: two.count(State.ACKNOWLEDGED) >= 20, what="some load")
    two.others[0].kill()
    sending.result(60)
    two.settled(sent)
    two.assert_promises(sent)


@pytest.mark.timeout(180)
def test_both_hand_over_one_copy(two: World, rabbitmq: RabbitMQ, rabbitmq_vhost: str) -> None:
    """One gateway loses its line to RabbitMQ while it hands letters over, so that the other hands over the same ones at the same
    moment: the receiver is shown each twice at the most, with the same id, and what follows from it happens once.
    """
    proxy = Proxy(rabbitmq.port)
    two.outside.run(proxy.start())
    one, other = two.gateway, two.others[0]
    one.kill()
    other.kill()
    one.environment["MEDCOM_BROKER_URL"] = rabbitmq_vhost.replace(f":{rabbitmq.port}/", f":{proxy.port}/")
    one.start()
    until(lambda: call("GET", f"{one.url}/ready").json["broker"], what="the broker's connection")
    two.skive.manner = Manner.SLOW
    sent = letters(20, SKIVE)
    two.outside.run(two.epj.send(sent))
    until(lambda: two.skive.shown, what="a hand-over under way")
    other.start()
    until(lambda: call("GET", f"{other.url}/ready").json["broker"], what="the other's connection")
    late = letters(20, SKIVE)
    sending = two.outside.start(two.epj.send(late))
    until(lambda: len(two.skive.kept) > len(sent), what="more hand-overs under way")
    two.outside.run(proxy.cut())
    until(lambda: two.repeats(two.skive), what="a letter that is shown by both")
    two.outside.run(proxy.heal())
    sending.result(60)
    two.settled([*sent, *late])
    two.assert_promises([*sent, *late])
    assert max(Counter(shown.id for shown in two.skive.shown).values()) == 2
    stories = [two.timeline(message_id) for message_id in two.skive.kept]
    assert any(entry.detail.get("late") for story in stories for entry in story), "both told the journal"
    two.outside.run(proxy.close())


@pytest.mark.timeout(180)
def test_both_live(two: World) -> None:
    """While both run, no letter is delivered by both."""
    sent = letters(120, SKIVE, VIBORG)
    two.outside.run(two.epj.send(sent))
    two.settled(sent)
    two.assert_promises(sent)
    assert [two.repeats(system) for system in (two.skive, two.epj)] == [0, 0]
    assert all('"AttemptConcluded"' in gateway.log for gateway in (two.gateway, *two.others))
