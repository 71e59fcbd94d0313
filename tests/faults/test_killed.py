"""The gateway is killed (-9) between every two hops, and started again on the same journal and broker."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.documents import SKIVE, VIBORG, letters
from tests.faults.outside import Manner
from tests.faults.world import World
from tests.services.gateway import until

DYING = str(Path(__file__).with_name("dying.py"))
POINTS = [
    (call, when) for call in ("admit", "publish", "relayed", "hand_over", "conclude", "ack") for when in ("before", "after")
]
NTH = 5
RECORDED_APART = "relayed"
"""A confirm is recorded by itself only where the receiver is slower than the relay waits for the courier."""


@pytest.mark.parametrize(("call", "when"), POINTS, ids=[f"{when}-{call}" for call, when in POINTS])
def test_killed_between_hops(either: World, call: str, when: str) -> None:
    """Killed before or after any step of any hop: all that was accepted is delivered, shown once, and receipted once."""
    sent = letters(12, SKIVE, VIBORG)
    number = NTH
    if call == RECORDED_APART:
        number = 1  # one call records many
        for receiver in either.receivers:
            receiver.manner = Manner.SLOW
    ordinary, either.gateway.launcher = either.gateway.launcher, (DYING, call, when, str(number))
    either.gateway.start(wait=False)
    sending = either.outside.start(either.epj.send(sent))
    process = either.gateway.process
    assert process is not None
    until(lambda: process.poll() is not None, what=f"the death {when} {call}")
    assert process.returncode == -9, either.gateway.log
    either.gateway.launcher = ordinary
    either.gateway.start()
    sending.result(30)
    either.settled(sent)
    either.assert_promises(sent)
