"""Versions of the register under a running gateway: imported, in force without a restart, and gone back from."""

from __future__ import annotations

import asyncio
import json
import threading
from datetime import timedelta
from pathlib import Path
from typing import Self

from gateway.records import MessageRecord, Query
from gateway.store import open_store
from routing.lifecycle import State
from sor.rows import read
from tests.acceptance.letters import EPJ, SKIVE, letter
from tests.services.gateway import GatewayProcess, until

SHIPPED = Path(__file__).parents[2] / "sor/data/register.csv"
ROW = f"{SKIVE};"
BEFORE, AFTER = ("Skive", "Social og Psykiatri"), ("Viborg", "Flyttet Testenhed")
ENOUGH = 25


def moved(folder: Path) -> Path:
    """The shipped register with Skive's unit in another kommune, under another name."""
    lines = SHIPPED.read_text(encoding="utf-8").splitlines()
    (number,) = [number for number, line in enumerate(lines) if line.startswith(ROW)]
    cells = lines[number].split(";")
    header = next(line for line in lines if line.startswith("gln;")).split(";")
    cells[header.index("area")], cells[header.index("kommune")], cells[header.index("name")] = "0791", *AFTER
    lines[number] = ";".join(cells)
    path = folder / "flyttet.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert not read(path.read_bytes()).problems
    return path


class Stream:
    """Letters to Skive, one after the other, from a thread of its own, until it is told to stop."""

    def __init__(self, hub: GatewayProcess, token: str) -> None:
        self.accepted: dict[str, bytes] = {}
        self.refused: list[object] = []
        self._hub, self._token = hub, token
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        while not self._stopping.is_set():
            document = letter()
            answer = self._hub.submit(self._token, document)
            if answer.status == 202:
                self.accepted[answer.json["id"]] = document
            else:
                self.refused.append((answer.status, answer.body))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stopping.set()
        self._thread.join()

    def more(self) -> None:
        """Waits for so many letters more."""
        goal = len(self.accepted) + ENOUGH
        until(lambda: len(self.accepted) >= goal, what="more letters")


def recorded(hub: GatewayProcess) -> dict[str, MessageRecord]:
    """All letters as the journal has them."""

    async def work() -> dict[str, MessageRecord]:
        url = hub.settings.get("MEDCOM_DATABASE_URL") or f"sqlite:///{hub.folder / 'data' / 'medcom.db'}"
        store = await open_store(url)
        found = await store.find(Query(type="XDIS91", limit=100_000))
        await store.close()
        return {record.id: record for record in found}

    return asyncio.run(work())


def told(hub: GatewayProcess, *arguments: str) -> dict[str, object]:
    """What a command says as one JSON object."""
    answer = json.loads(hub.command(*arguments, "--json").stdout)
    assert isinstance(answer, dict)
    return answer


def test_an_address_moves_while_letters_stream(hub: GatewayProcess) -> None:
    """Each letter is decided on one of the two versions and goes where that one says; all are accepted, and all arrive."""
    first = told(hub, "sor", "import", str(SHIPPED))["version"]
    epj, skive = hub.add_partner("epj", EPJ), hub.add_partner("skive", SKIVE)
    hub.start()
    with Stream(hub, epj) as stream:
        stream.more()
        second = told(hub, "sor", "import", str(moved(hub.folder)))["version"]
        until(lambda: f'"register_version":"{second}"' in hub.log, what="the other version")
        stream.more()
        assert told(hub, "sor", "rollback")["version"] == first
        stream.more()
    assert stream.refused == []
    until(lambda: {one.state for one in recorded(hub).values()} == {State.AVAILABLE}, what="all letters' arrival")
    records = recorded(hub)
    assert set(records) == set(stream.accepted)
    places = {first: BEFORE, second: AFTER}
    for record in records.values():
        (recipient,) = record.verdict["recipients"]
        assert (recipient["kommune"], recipient["unit"]) == places[record.register_version]
        assert hub.fetch(skive, SKIVE, record.id) == stream.accepted[record.id]
    assert {record.register_version for record in records.values()} == {first, second}


def test_what_would_have_gone_elsewhere(gateway: GatewayProcess) -> None:
    """The difference of two versions tells of the moved unit, and of the letters that came to it, with what was decided."""
    first = told(gateway, "sor", "import", str(SHIPPED))["version"]
    epj, _ = gateway.add_partner("epj", EPJ), gateway.add_partner("skive", SKIVE)
    gateway.start()
    ids = [gateway.submit(epj, letter()).json["id"] for _ in range(3)]
    tomorrow = (next(iter(recorded(gateway).values())).received_at + timedelta(days=2)).date().isoformat()
    second = told(gateway, "sor", "import", str(moved(gateway.folder)), "--from", tomorrow)["version"]
    found = told(gateway, "sor", "diff", str(first), str(second))
    assert found["counts"] == {"new": 0, "gone": 0, "renamed": 1, "moved": 1, "readdressed": 0}
    (diverted,) = found["messages"]
    assert (diverted["receiver"], diverted["messages"], diverted["example"]) == (SKIVE, 3, ids[-1])
    assert diverted["decided"] == {"deliver": 3}
    assert (diverted["before"]["unit"]["kommune"], diverted["after"]["unit"]["kommune"]) == (BEFORE[0], AFTER[0])
    checked = gateway.command("check").stdout
    assert f"in force: version {first}, " in checked
    assert f"planned: {second} from {tomorrow}" in checked


def test_what_is_refused_changes_nothing(gateway: GatewayProcess) -> None:
    """A broken file is refused with line and column, a small one with its share, and the version in force stays."""
    first = told(gateway, "sor", "import", str(SHIPPED))["version"]
    broken = gateway.folder / "itu.csv"
    broken.write_text(SHIPPED.read_text(encoding="utf-8").replace(";2020-01-01;", ";01-01-2020;"), encoding="utf-8")
    small = gateway.folder / "lille.csv"
    small.write_text("\n".join(SHIPPED.read_text(encoding="utf-8").splitlines()[:20]), encoding="utf-8")
    for path, said in ((broken, "kolonne"), (small, "er væk")):
        done = gateway.command("sor", "import", str(path), check=False)
        assert (done.returncode, said in done.stderr) == (1, True), done.stderr
    (version,) = gateway.command("sor", "versions", "--json").stdout.splitlines()
    assert (json.loads(version)["version"], json.loads(version)["in_force"]) == (first, True)
