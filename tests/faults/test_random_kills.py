"""The gateway is killed (-9) again and again under load, at moments that nobody chose."""

from __future__ import annotations

from random import Random

import pytest

from routing.lifecycle import State
from tests.faults.documents import SKIVE, VIBORG, letters
from tests.faults.world import World
from tests.services.gateway import until

LETTERS = 200
KILLS = 5
STARTED = 30.0


@pytest.mark.timeout(240)
def test_killed_at_random(either: World) -> None:
    """Five kills while 200 letters and their receipts are on their way: nothing is lost, shown twice or receipted twice."""
    sent = letters(LETTERS, SKIVE, VIBORG)
    # A moment is a number of messages settled, so that each life gets somewhere and the seed decides where.
    moments = sorted(Random(20260301).sample(range(LETTERS * 2 - 20), KILLS))
    either.gateway.start()
    sending = either.outside.start(either.epj.send(sent))
    for moment in moments:
        until(lambda m=moment: either.count(State.DELIVERED, State.ACKNOWLEDGED) >= m, what=f"{moment} messages settled")
        either.gateway.kill()
        either.gateway.start()
    sending.result(60)
    either.settled(sent)
    either.assert_promises(sent)
