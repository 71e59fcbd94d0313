"""What both stories stand on: steps with a deadline, the units that take part, and what was seen to happen."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from gateway.clock import danish_day
from gateway.simulate.demo.installation import CommandFailed
from gateway.simulate.system import System
from schemas.messages import Party
from sor.register import bundled
from sor.units import Unit

STEP_WITHIN = 15.0


class StepFailed(Exception):  # noqa: N818 - the end of the story, told to a person
    """A step of the demonstration did not go as it should. `step` names it, the text says what went wrong."""

    def __init__(self, step: str, why: str) -> None:
        super().__init__(why)
        self.step = step


class Unexpected(Exception):  # noqa: N818 - what a step found; it becomes a StepFailed
    """Something was not as it should be."""


@contextlib.asynccontextmanager
async def step(name: str) -> AsyncIterator[None]:
    """A step of the story: it ends within its deadline, or the demonstration ends with its name."""
    try:
        async with asyncio.timeout(STEP_WITHIN):
            yield
    except TimeoutError as late:
        raise StepFailed(name, f"intet skete inden for {STEP_WITHIN:g} sekunder") from late
    except (Unexpected, CommandFailed) as wrong:
        raise StepFailed(name, str(wrong)) from wrong
    except Exception as bug:
        raise StepFailed(name, repr(bug)) from bug


def must(holds: bool, otherwise: str) -> None:
    """Raises Unexpected with the text unless it holds."""
    if not holds:
        raise Unexpected(otherwise)


def unit_named(kommune: str, name: str) -> Unit:
    """The unit that an address book shows under this name: the one open unit of the synthetic register."""
    units = bundled().by_name(kommune, name, danish_day(datetime.now(UTC)))
    must(len(units) == 1, f"{len(units)} enheder hedder {name} i {kommune}")
    return units[0]


def party_of(unit: Unit) -> Party:
    """A unit as the receiver of a letter."""
    return Party(unit.gln, unit.gln, "lokationsnummer", unit.organisation[:35], "", unit.name[:35])


async def as_the_hub_tells(system: System, message_id: str) -> dict[str, Any]:
    """GET /v1/messages/{id} with the system's own token."""
    answer = await system.hub.message(message_id)
    must(answer.status == 200, f"GET /v1/messages/{message_id} gav {answer.status}")
    return answer.json


def must_have_arrived(sender: System, number: int, receiver: System, message_id: str) -> None:
    """The receiver shows the letter once, with the bytes that its sender sent."""
    shown = [entry for entry in receiver.received() if entry.facts["id"] == message_id]
    must(len(shown) == 1, f"modtageren viser brevet {len(shown)} gange")
    same = shown[0].facts["sha256"] == hashlib.sha256(sender.document(number)).hexdigest()
    must(same, "dokumentets bytes er ændret undervejs")


@dataclass
class Tally:
    """What was seen to happen and checked."""

    accepted: int = 0
    delivered: int = 0
    receipts: int = 0
    negative: int = 0
    mended: int = 0
