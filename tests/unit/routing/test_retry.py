"""When a delivery is tried again."""

from datetime import UTC, datetime, timedelta

import pytest

from routing.retry import DELAYS, RetryPolicy, next_attempt

START = datetime(2026, 11, 21, 22, 0, tzinfo=UTC)


@pytest.mark.parametrize(("attempt", "base"), [*enumerate(DELAYS, 1), (9, 900.0), (50, 900.0)])
def test_delays(attempt, base):
    """Each attempt waits its delay, a fifth more or less, the same for the same message every time."""
    wait = next_attempt("m1", attempt, START, START, RetryPolicy()) - START
    assert 0.8 * base <= wait.total_seconds() <= 1.2 * base
    assert next_attempt("m1", attempt, START, START, RetryPolicy()) - START == wait


def test_messages_are_spread():
    """The messages of one outage do not all come back at one moment."""
    assert len({next_attempt(f"m{i}", 8, START, START, RetryPolicy()) for i in range(50)}) > 40


@pytest.mark.parametrize(("wish", "seconds"), [(0, 1), (-5, 1), (7.5, 7.5), (900, 900), (86400, 900)])
def test_retry_after(wish, seconds):
    """The receiver's own wish is honoured between a second and a quarter of an hour."""
    assert next_attempt("m1", 1, START, START, RetryPolicy(), wish) == START + timedelta(seconds=seconds)


def test_gives_up():
    """The last try is at the end of the time, and after it there is none."""
    policy = RetryPolicy(give_up_after=60)
    end = START + timedelta(seconds=60)
    assert next_attempt("m1", 8, START, end - timedelta(seconds=1), policy) == end
    assert next_attempt("m1", 8, START, end, policy) is None
    assert next_attempt("m1", 1, START, end + timedelta(days=1), policy, 5) is None
