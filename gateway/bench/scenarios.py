"""What is measured: four scenarios on two stacks, and how much of each."""

from __future__ import annotations

from dataclasses import dataclass

FULL_JOURNAL = 100_000


@dataclass(frozen=True, slots=True)
class Scenario:
    """`receipts`: each letter is answered with a receipt that its sender gets. `journal`: how many letters are there before."""

    name: str
    receipts: bool
    journal: int


@dataclass(frozen=True, slots=True)
class Stack:
    """What the gateway stands on: `sqlite` and `embedded`, or `postgresql` and `rabbitmq`."""

    store: str
    broker: str


@dataclass(frozen=True, slots=True)
class Plan:
    """How much: after a warm-up so many rounds of the limit and the gateway in turn, each of so many `messages`, or of as many as
    take about `seconds` at the pace of the warm-up.
    """

    messages: int | None = None
    seconds: float = 4.0
    rounds: int = 3
    warm_up: int = 300

    def lap(self, per_second: float) -> int:
        """How many messages a round has for a target of this pace."""
        return self.messages or min(max(int(per_second * self.seconds), self.warm_up), _LONGEST_LAP)

    @property
    def most(self) -> int:
        """How many messages a scenario takes at the most: two warm-ups, the rounds of both, and one at a set pace."""
        return 2 * self.warm_up + (2 * self.rounds + 1) * (self.messages or _LONGEST_LAP)


_LONGEST_LAP = 20_000
SCENARIOS = (
    Scenario("deliver", receipts=False, journal=0),
    Scenario("deliver-receipts", receipts=True, journal=0),
    Scenario("deliver-100k", receipts=False, journal=FULL_JOURNAL),
    Scenario("deliver-receipts-100k", receipts=True, journal=FULL_JOURNAL),
)
EMBEDDED = Stack("sqlite", "embedded")
SERVERS = Stack("postgresql", "rabbitmq")
QUICK = Plan(seconds=3.0, rounds=1, warm_up=200)
