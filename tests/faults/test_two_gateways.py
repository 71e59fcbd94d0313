"""Two gateways share one PostgreSQL and one RabbitMQ, and one of them is killed (-9) and does not come back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from routing.lifecycle import State
from tests.faults.documents import SKIVE, VIBORG, letters
from tests.faults.world import World, world
from tests.services.gateway import until

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
def test_both_live(two: World) -> None:
    """While both run, no letter is delivered by both."""
    sent = letters(120, SKIVE, VIBORG)
    two.outside.run(two.epj.send(sent))
    two.settled(sent)
    two.assert_promises(sent)
    assert [two.repeats(system) for system in (two.skive, two.epj)] == [0, 0]
    assert all('"AttemptConcluded"' in gateway.log for gateway in (two.gateway, *two.others))
