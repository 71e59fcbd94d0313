"""Which version of the register is in force on a day: an append-only story of what was said, and pure functions that read it.

What was said last counts. An activation holds from its day on, and sets aside whatever was planned before it for that day or later;
so the plain import of today's extract takes the place of one that was planned for next week. Nothing in the story is ever altered:
to go back is a line of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from gateway.clock import danish_day


class Step(StrEnum):
    """What was done."""

    ACTIVATED = "activated"
    ROLLED_BACK = "rolled_back"


@dataclass(frozen=True, slots=True)
class RegisterVersion:
    """A published version: `version` is the digest of its content, `source` the name of the file that it came from."""

    version: str
    created_at: datetime
    created_by: str
    source: str
    units: int


@dataclass(frozen=True, slots=True)
class Activation:
    """One line of the story: from `effective_from` (a Danish day) on, `version` is in force; None is the register of the settings."""

    version: str | None
    effective_from: date
    at: datetime
    actor: str
    step: Step = Step.ACTIVATED


def in_force(story: Sequence[Activation], on: date) -> Activation | None:
    """The line that holds on that day, for a story that is told oldest first; None where nothing was said of it."""
    return next((line for line in reversed(story) if line.effective_from <= on), None)


def planned(story: Sequence[Activation], on: date) -> list[Activation]:
    """The lines that will come into force after that day, in order of time, as far as is known on it."""
    now = in_force(story, on)
    lines: list[Activation] = []
    for line in story[story.index(now) + 1 if now else 0 :]:
        lines = [*(each for each in lines if each.effective_from < line.effective_from), line]
    return lines


def before(story: Sequence[Activation], on: date) -> str | None:
    """The version that was in force before the one that is, for going back; None is the register of the settings.

    Going back twice goes back two versions. Raises LookupError where there is nothing to go back to.
    """
    stack: list[str | None] = [None]
    for number, line in enumerate(story):
        if line.effective_from > on or any(_sets_aside(later, line) for later in story[number + 1 :]):
            continue
        if line.step is Step.ROLLED_BACK and len(stack) > 1:
            stack.pop()
        elif line.version != stack[-1]:
            stack.append(line.version)
    if len(stack) == 1:
        raise LookupError("no version was in force before")
    return stack[-2]


def _sets_aside(later: Activation, line: Activation) -> bool:
    """Whether `line` never came into force, because `later` was said before its day and for a day no later than that."""
    return later.effective_from <= line.effective_from and danish_day(later.at) < line.effective_from
