"""Which version is in force: what was said last counts, from its day on, and going back is a step of its own."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from gateway.register_history import Activation, Step, before, in_force, planned


def said(version: str | None, on: int, day: int | None = None, step: Step = Step.ACTIVATED) -> Activation:
    """Said on the one day of November, for the other."""
    return Activation(version, date(2026, 11, day or on), datetime(2026, 11, on, 12, tzinfo=UTC), "operator:test", step)


def versions(story: list[Activation], *days: int) -> list[str | None]:
    """What is in force on these days; `-` where nothing was said."""
    lines = [in_force(story, date(2026, 11, day)) for day in days]
    return [line.version if line else "-" for line in lines]


def test_from_its_day_on():
    """A version is in force from its day on, and until then the one before it, or none."""
    assert versions([said("a", 3), said("b", 4, 10)], 2, 3, 9, 10, 30) == ["-", "a", "a", "b", "b"]


def test_what_was_said_last_counts():
    """An activation sets aside what was planned for its day or later, and nothing that was planned for earlier."""
    story = [said("a", 1), said("b", 2, 10), said("c", 3, 20), said("d", 4, 15)]
    assert versions(story, 9, 10, 15, 20) == ["a", "b", "d", "d"]
    assert [line.version for line in planned(story, date(2026, 11, 4))] == ["b", "d"]
    assert planned([], date(2026, 11, 4)) == []


def test_back_by_steps():
    """Going back takes the version before, again the one before that, and in the end the register of the settings."""
    story = [said("a", 1), said("b", 2), said("b", 2), said("c", 3)]
    gone = []
    for _ in range(3):
        gone.append(before(story, date(2026, 11, 5)))
        story.append(said(gone[-1], 5, step=Step.ROLLED_BACK))
    assert gone == ["b", "a", None]
    with pytest.raises(LookupError):
        before(story, date(2026, 11, 5))
    with pytest.raises(LookupError):
        before([], date(2026, 11, 5))


def test_back_past_what_never_was():
    """What was planned and set aside before its day was never in force, and is not gone back to."""
    story = [said("a", 1), said("b", 2, 10), said("c", 3)]
    assert before(story, date(2026, 11, 12)) == "a"
    assert before([said("a", 1), said("b", 2, 10)], date(2026, 11, 12)) == "a"
    with pytest.raises(LookupError):
        before([said("b", 2, 10)], date(2026, 11, 5))


def test_forward_after_back():
    """A version that is activated after going back has that one before it."""
    story = [said("a", 1), said("b", 2), said("a", 3, step=Step.ROLLED_BACK), said("c", 4)]
    assert before(story, date(2026, 11, 4)) == "a"
