"""A gateway with its journal and broker, an EPJ that sends, and two kommuner that receive: Skive is pushed to, Viborg fetches."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from gateway.records import Mode, TimelineEntry
from gateway.store import Store, open_store
from routing.lifecycle import State
from tests.faults.documents import EPJ, SKIVE, VIBORG, Letter
from tests.faults.outside import Outside, System
from tests.services.gateway import GatewayProcess, NotInTime, until

SETTLE_WITHIN = 60.0
# How long after it a document may still be shown: a receipt can come while a hand-over is under way, a second one after a crash.
UNDER_WAY = {"delivered": timedelta(0), "receipted": timedelta(seconds=1)}


@dataclass
class World:
    """What a fault test has in hand. `gateway` is not started."""

    outside: Outside
    gateway: GatewayProcess
    store: Store
    epj: System
    skive: System
    viborg: System
    others: list[GatewayProcess] = field(default_factory=list)
    more: list[System] = field(default_factory=list)
    sent: list[Letter] = field(default_factory=list)

    @property
    def receivers(self) -> list[System]:
        """Those that letters go to."""
        return [self.skive, self.viborg, *self.more]

    def join(self, name: str, gln: str, mode: Mode) -> System:
        """One more receiver is connected."""
        system = System(name, gln, [self.gateway.url], mode, acknowledges=True)
        self.more.append(system)
        self.outside.run(system.start())
        self.outside.run(self.store.add(system.partner))
        return system

    def counts(self) -> Counter[str]:
        """How many messages the journal says are in each state, and under `outbox` how many rows wait; no zeros."""
        counts = self.outside.run(self.store.counts())
        return Counter({str(name): count for name, count in counts.items() if count})

    def count(self, *states: State) -> int:
        """How many messages are in these states."""
        counts = self.counts()
        return sum(counts[state.value] for state in states)

    def timeline(self, message_id: str) -> Sequence[TimelineEntry]:
        """A message's story."""
        return self.outside.run(self.store.timeline(message_id))

    def found(self, *options: str) -> list[dict[str, Any]]:
        """What `medcom-gateway messages find` finds."""
        done = self.gateway.command("messages", "find", "--json", "--limit", "1000", *options, check=False)
        assert done.returncode in {0, 1}, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    def settled(self, letters: Sequence[Letter], *, within: float = SETTLE_WITHIN) -> None:
        """Waits until every letter is acknowledged and every receipt delivered, as the journal tells it."""
        wanted = Counter({State.ACKNOWLEDGED.value: len(letters), State.DELIVERED.value: len(letters)})
        try:
            until(lambda: self.counts() == wanted, within, "the settling")
        except NotInTime:
            shown = {system.name: len(system.kept) for system in (self.epj, *self.receivers)}
            raise NotInTime(f"not settled: {dict(self.counts())}, {shown}\n{self.gateway.log[-3000:]}") from None

    def assert_promises(self, letters: Sequence[Letter], *, receipted: Sequence[Letter] | None = None) -> None:
        """Nothing accepted is lost, nothing is shown twice, every receipt owed has come once, and the journal agrees."""
        self.assert_answers(letters)
        for receiver in self.receivers:
            sent = {letter.envelope_id: letter.body for letter in letters if letter.receiver == receiver.gln}
            assert Counter(envelope.identifier for envelope in receiver.letters) == Counter(sent.keys()), receiver.name
            assert sorted(receiver.kept.values()) == sorted(sent.values())
        owed = letters if receipted is None else receipted
        assert Counter(self.receipts()) == Counter(letter.envelope_id for letter in owed)
        for system in (self.epj, *self.receivers):
            self.assert_no_needless_repeat(system)
        found = Counter(message["state"] for message in self.found())
        assert self.counts() == found
        assert [system.unasked for system in (self.epj, *self.receivers) if system.unasked] == []

    def assert_answers(self, letters: Sequence[Letter]) -> None:
        """Senders were told 202 (or 200 for a repeat) in the end, and before that 503 or nothing; never a second 202."""
        for letter in letters:
            *before, last = self.epj.answers[letter.envelope_id]
            assert last in {200, 202}
            assert set(before) <= {0, 503}, before

    def receipts(self) -> list[str]:
        """The envelope ids that the EPJ has positive receipts for, as it sees them, repeats by other ids included."""
        positive = [e.first.receipt for e in self.epj.letters if e.first.receipt is not None]
        assert all(content.kind.positive for content in positive)
        return [content.original.envelope_id for content in positive]

    def assert_no_needless_repeat(self, system: System) -> None:
        """A document is shown again only where the outcome of the time before had not become durable."""
        for shown in system.shown:
            timeline = self.timeline(shown.id)
            outcomes = [entry.at + UNDER_WAY[entry.what] for entry in timeline if entry.what in UNDER_WAY]
            assert outcomes
            story = [f"{entry.at:%M:%S.%f} {entry.what} {entry.state} {dict(entry.detail)}" for entry in timeline]
            assert shown.at <= min(outcomes), f"shown to {system.name} again at {shown.at:%M:%S.%f}: {story}"

    @staticmethod
    def repeats(system: System) -> int:
        """How many times the system was shown what it had."""
        return len(system.shown) - len(system.kept)


@contextmanager
def world(
    folder: Path, environment: dict[str, str], store_url: str, *, skive_by: Mode = Mode.PUSH, gateways: int = 1
) -> Iterator[World]:
    """The world, with its partners in the journal; ended at the end, processes first. Further gateways share the journal and the
    broker and are in `others`.
    """
    gateway = GatewayProcess(folder, environment)
    others = [
        GatewayProcess(_made(folder / f"gateway-{n}"), environment | {"MEDCOM_INSTANCE": f"gateway-{n}"})
        for n in range(2, gateways + 1)
    ]
    with Outside() as outside:
        store = outside.run(open_store(store_url, migrate=True))
        hubs = [process.url for process in (gateway, *others)]
        epj = System("epj-midt", EPJ, hubs, Mode.PULL, acknowledges=False)
        skive = System("skive", SKIVE, hubs, skive_by, acknowledges=True)
        viborg = System("viborg", VIBORG, hubs, Mode.PULL, acknowledges=True)
        here = World(outside, gateway, store, epj, skive, viborg, others)
        try:
            for system in (epj, skive, viborg):
                outside.run(system.start())
                outside.run(store.add(system.partner))
            yield here
        finally:
            for process in (gateway, *others):
                process.__exit__()
            for system in (epj, skive, viborg, *here.more):
                outside.run(system.stop())
            outside.run(store.close())


def _made(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    return folder
