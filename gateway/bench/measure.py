"""One scenario on one stack: the limit and the gateway in turn, then the gateway at half its highest rate.

The machine may be busy with other things, and one minute is not like the next. So both stand ready side by side and are measured
by turns, and what is reported is the median of the rounds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from statistics import median

from gateway.bench.documents import RECEIVER, SENDER
from gateway.bench.laps import Course, Lap, Target, percentile
from gateway.bench.limit import Limit
from gateway.bench.programs import Program, add_partner
from gateway.bench.receiver import FROM_LIMIT, LETTERS, RECEIPTS
from gateway.bench.scenarios import Plan, Scenario, Stack
from gateway.bench.services import free_port
from gateway.bench.site import Site

HALF = 0.5
SUBMIT = "/v1/messages"


@dataclass(frozen=True, slots=True)
class Result:
    """What came out. Rates are medians of the rounds, times milliseconds, memory MB (10^6 bytes) at the end of the last lap."""

    scenario: str
    store: str
    broker: str
    messages_per_s: float
    limit_per_s: float
    ratio: float
    accept_p50_ms: float | None
    accept_p99_ms: float | None
    delivery_p99_ms: float | None
    rss_mb: float
    delivery_p50_ms: float | None
    receipt_p99_ms: float | None
    rss_start_mb: float
    rss_middle_mb: float
    pace_per_s: float
    messages: int
    journal: int
    rounds_per_s: list[float]
    limit_rounds_per_s: list[float]
    limit_commit: str
    limit_by_commit_per_s: dict[str, float]
    ok: bool
    faults: dict[str, int]


SINGLE, GROUP = "single", "group"


class Ground:
    """What stands ready for a scenario: the receiver, and the targets that were asked for. All ends with `stack`."""

    def __init__(self, site: Site, scenario: Scenario, size: int, stack: ExitStack, tell: Callable[[int], None]) -> None:
        self._site = site
        self._scenario = scenario
        self._stack = stack
        self._folder = site.scratch()
        self._course = Course(self._folder, size, tell)
        self._receiver, self._hub = _loopback(), _loopback()
        self._laps: list[Lap] = []

    def limit(self, on: Stack, *, group: bool) -> Target:
        """Starts the limit."""
        url = _loopback()
        limit = Limit(self._site.table(on), self._site.broker(on), self._receiver + FROM_LIMIT, _port(url), group)
        program = self._started("limit", ["gateway.bench.limit"], url, asdict(limit))
        return Target(program, url + SUBMIT, "none", receipts=False)

    def gateway(self, on: Stack) -> Target:
        """Starts the gateway as an operator does, with two partners, and lets the receiver know where it is."""
        settings = {
            "MEDCOM_DATABASE_URL": self._site.store(on, self._scenario.journal),
            "MEDCOM_BROKER_URL": self._site.broker(on),
            "MEDCOM_HTTP_PORT": str(_port(self._hub)),
        }
        epj = add_partner(settings, "epj", SENDER, self._receiver + RECEIPTS)
        skive = add_partner(settings, "skive", RECEIVER, self._receiver + LETTERS)
        self.receiver(skive)
        program = self._started("gateway", ["gateway", "serve"], self._hub, settings=settings)
        return Target(program, self._hub + SUBMIT, epj, self._scenario.receipts)

    def receiver(self, token: str = "") -> None:
        """Starts the receiver, who posts receipts with `token` where the scenario has them."""
        hub = {"url": self._hub + SUBMIT, "token": token} if self._scenario.receipts else None
        told = {"ledger": str(self._course.ledger_path), "size": self._course.size, "port": _port(self._receiver), "hub": hub}
        self._started("receiver", ["gateway.bench.receiver"], self._receiver, told)

    def run(self, target: Target, count: int, per_second: float | None = None) -> Lap:
        """One lap. Raises Failed."""
        lap = self._course.lap(target, self._scenario.receipts, count, per_second)
        self._laps.append(lap)
        return lap

    @property
    def messages(self) -> int:
        """How many all laps had."""
        return sum(lap.count for lap in self._laps)

    @property
    def faults(self) -> dict[str, int]:
        """What went wrong in all laps, by kind."""
        total: Counter[str] = Counter()
        for lap in self._laps:
            total.update(asdict(lap.faults))
        return dict(total)

    def _started(
        self, name: str, arguments: list[str], url: str, told: object = None, settings: dict[str, str] | None = None
    ) -> Program:
        program = Program(self._folder, name, arguments, settings, told)
        self._stack.callback(program.close)
        program.await_ready(f"{url}/ready")
        return program


def limit_by_commit(site: Site, on: Stack, plan: Plan, tell: Callable[[int], None]) -> dict[str, float]:
    """How many messages a second the limit does when it commits each row for itself (`single`) and those that wait together (`group`).

    The faster one is the limit that the gateway is held against.
    """
    rates = {}
    for commit in (SINGLE, GROUP):
        with ExitStack() as stack:
            scenario = Scenario("limit", receipts=False, journal=0)
            ground = Ground(site, scenario, plan.most, stack, tell)
            ground.receiver()
            limit = ground.limit(on, group=commit == GROUP)
            warm = ground.run(limit, plan.warm_up).per_second
            rates[commit] = ground.run(limit, plan.lap(warm)).per_second
    return rates


def measure(  # noqa: PLR0917 - what, where, how long, against what
    site: Site, on: Stack, scenario: Scenario, plan: Plan, by_commit: dict[str, float], tell: Callable[[int], None]
) -> Result:
    """Measures it. Raises Failed where a process ends before its time."""
    commit = max(by_commit, key=lambda name: by_commit[name])
    with ExitStack() as stack:
        ground = Ground(site, scenario, plan.most, stack, tell)
        gateway, limit = ground.gateway(on), ground.limit(on, group=commit == GROUP)
        of_limit, of_gateway = (plan.lap(ground.run(target, plan.warm_up).per_second) for target in (limit, gateway))
        memory = [gateway.program.rss_mb]
        bare, whole = [], []
        for _ in range(plan.rounds):
            bare.append(ground.run(limit, of_limit).per_second)
            whole.append(ground.run(gateway, of_gateway).per_second)
            memory.append(gateway.program.rss_mb)
        paced = ground.run(gateway, of_gateway, median(whole) * HALF)
        memory.append(gateway.program.rss_mb)
    return Result(
        scenario=scenario.name,
        store=on.store,
        broker=on.broker,
        messages_per_s=median(whole),
        limit_per_s=median(bare),
        ratio=median(whole) / median(bare),
        accept_p50_ms=percentile(paced.accepts, 50),
        accept_p99_ms=percentile(paced.accepts, 99),
        delivery_p99_ms=percentile(paced.deliveries, 99),
        rss_mb=memory[-1],
        delivery_p50_ms=percentile(paced.deliveries, 50),
        receipt_p99_ms=percentile(paced.receipts, 99),
        rss_start_mb=memory[0],
        rss_middle_mb=memory[len(memory) // 2],
        pace_per_s=median(whole) * HALF,
        messages=ground.messages,
        journal=scenario.journal,
        rounds_per_s=[round(rate, 1) for rate in whole],
        limit_rounds_per_s=[round(rate, 1) for rate in bare],
        limit_commit=commit,
        limit_by_commit_per_s={name: round(rate, 1) for name, rate in by_commit.items()},
        ok=not any(ground.faults.values()),
        faults=ground.faults,
    )


def _loopback() -> str:
    return f"http://127.0.0.1:{free_port()}"


def _port(url: str) -> int:
    return int(url.rpartition(":")[2])
