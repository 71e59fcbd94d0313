"""When a delivery that failed for now is tried again: quickly at first, every quarter of an hour later, until it is given up.

The spread that keeps the messages of an outage from all coming back at one moment is taken from the message's id, so that the
answer is a pure function and the same wherever it is asked.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

DELAYS = (1.0, 2.0, 5.0, 15.0, 30.0, 60.0, 120.0, 300.0)
LONGEST_DELAY = 900.0
SHORTEST_DELAY = 1.0
SPREAD = 0.2


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """`give_up_after` is in seconds from the first try. `delays` are the waits after the first attempts, in seconds, before
    spreading; `LONGEST_DELAY` follows them.
    """

    give_up_after: float = 24 * 3600.0
    delays: tuple[float, ...] = DELAYS


def next_attempt(  # noqa: PLR0917 - the order of the story: which, how often, since when, now
    message_id: str,
    attempt: int,
    first_tried: datetime,
    now: datetime,
    policy: RetryPolicy,
    retry_after: float | None = None,
) -> datetime | None:
    """When to try again after attempt number `attempt` (from 1) has failed at `now`; None to give up.

    `retry_after` is the receiver's own wish in seconds, honoured between 1 and 900. The last try falls at the moment of giving
    up itself, so that the whole of the time is used.
    """
    deadline = first_tried + timedelta(seconds=policy.give_up_after)
    if now >= deadline:
        return None
    return min(now + timedelta(seconds=_delay(message_id, attempt, policy, retry_after)), deadline)


def _delay(message_id: str, attempt: int, policy: RetryPolicy, retry_after: float | None) -> float:
    if retry_after is not None:
        return min(max(retry_after, SHORTEST_DELAY), LONGEST_DELAY)
    base = policy.delays[attempt - 1] if attempt <= len(policy.delays) else LONGEST_DELAY
    drawn = int.from_bytes(hashlib.sha256(f"{message_id}/{attempt}".encode()).digest()[:4], "big") / 0xFFFFFFFF
    return base * (1 + SPREAD * (2 * drawn - 1))
