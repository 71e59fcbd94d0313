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
    """How much: so many rounds of the limit and the gateway in turn, of so many messages each, after a warm-up of both."""

    messages: int = 4000
    rounds: int = 3
    warm_up: int = 300

    @property
    def of_a_scenario(self) -> int:
        """How many messages a scenario takes: the rounds, and one at a set pace."""
        return 2 * self.warm_up + (2 * self.rounds + 1) * self.messages


SCENARIOS = (
    Scenario("deliver", receipts=False, journal=0),
    Scenario("deliver-receipts", receipts=True, journal=0),
    Scenario("deliver-100k", receipts=False, journal=FULL_JOURNAL),
    Scenario("deliver-receipts-100k", receipts=True, journal=FULL_JOURNAL),
)
EMBEDDED = Stack("sqlite", "embedded")
SERVERS = Stack("postgresql", "rabbitmq")
QUICK = Plan(messages=1500, rounds=1, warm_up=100)
