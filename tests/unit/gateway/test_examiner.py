"""The examiner's promises, with real children: the same findings as in this process, and no document takes anybody along."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest

from gateway.examiner import Examiner
from schemas.carried import carried
from schemas.document import examine_document
from schemas.examine import Obstacle
from schemas.reader import DEFAULT_LIMIT
from schemas.validator import load_schemas
from tests.acceptance.letters import letter

LINE = b"linje<Break/>"


def large(lines: int = 100_000, **ids: str) -> bytes:
    """A letter of some megabytes."""
    return letter(text="linje", **ids).replace(b"linje", LINE * lines, 1)


@pytest.fixture
async def examiner():
    """One with the gateway's own limits, ended after the test."""
    made = Examiner(None, DEFAULT_LIMIT)
    yield made
    await made.close()


async def test_the_same_as_in_this_process(examiner: Examiner):
    """A child finds what this process finds, in good documents and bad ones, one after another."""
    good = large()
    for raw in (good, good.replace(b"nytbrev", b"brev"), good[:-20], good):
        assert await examiner.examine(raw, None) == carried(examine_document(raw, load_schemas()))


async def test_a_child_that_has_gone_is_replaced(examiner: Examiner):
    """A child that was killed between two documents costs the next one nothing but time."""
    raw = large()
    await examiner.examine(raw, None)
    os.kill(examiner._child.pid, signal.SIGKILL)
    assert (await examiner.examine(raw, None)).valid


async def test_a_document_that_no_child_survives_is_refused(examiner: Examiner):
    """A document at which the child dies, and dies again, is refused with a finding of its own; the next one is judged as ever."""
    raw = large(1_000_000)
    asking = asyncio.create_task(examiner.examine(raw, None))
    killed: set[int] = set()
    while not asking.done():
        if examiner._child is not None and examiner._child.pid not in killed:
            killed.add(examiner._child.pid)
            os.kill(examiner._child.pid, signal.SIGKILL)
        await asyncio.sleep(0.001)
    found = await asking
    assert (found.obstacle, [one.code for one in found.findings]) == (Obstacle.UNREADABLE, ["reader-failed"])
    assert len(killed) == 2
    assert (await examiner.examine(large(), None)).valid


async def test_an_answer_that_nobody_waits_for_is_nobody_elses(examiner: Examiner):
    """A caller that is cancelled leaves no answer behind for the next one."""
    await examiner.examine(large(), None)
    asking = asyncio.create_task(examiner.examine(large(envelope_id="FOERSTE"), None))
    await asyncio.sleep(0.01)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    assert (await examiner.examine(large(envelope_id="ANDEN"), None)).envelope.identifier == "ANDEN"
