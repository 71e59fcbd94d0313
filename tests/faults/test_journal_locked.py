"""The journal while its database is locked, full or away: nothing is half-done, and it works again by itself."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from gateway.ports import JournalUnavailable
from gateway.records import Admission, Admitted, Mode, Partner, Query, Relayed
from gateway.store import Store, open_store
from routing.lifecycle import Happening, State
from tests.contract.journal_cases import NOW, admitted, after, everything, message, outcome, queued, whats
from tests.services.postgres import Postgres
from tests.services.taking import eventually

PARTNER = Partner("skive", frozenset({"5790000120024"}), Mode.PULL, "0" * 64)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the SQLite file is."""
    return tmp_path / "medcom.db"


@pytest.fixture
async def store(path: Path) -> AsyncIterator[Store]:
    """A store that waits a tenth of a second for a lock."""
    opened = await open_store(f"sqlite:///{path}", migrate=True, busy_timeout=0.1)
    yield opened
    await opened.close()


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """The file with its write lock in another's hands."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


WRITES: dict[str, Callable[[Store, str], Awaitable[object]]] = {
    "admit": lambda s, _: s.admit(Admission(message())),
    "take": lambda s, _: s.take("relay", 10, after(hours=9)),
    "relayed": lambda s, i: s.relayed([Relayed(1, i, Happening.RELAYED, NOW)]),
    "conclude": lambda s, i: s.conclude(outcome(message(id=i), Happening.DELIVERED)),
    "note": lambda s, i: s.note(i, "duplicate", NOW, "epj", {}),
    "requeue": lambda s, _: s.requeue(queued_before=after(hours=9), limit=10),
    "flag_overdue": lambda s, _: s.flag_overdue(after(hours=9)),
    "add": lambda s, _: s.add(PARTNER),
    "replace": lambda s, _: s.replace(PARTNER),
}
READS: dict[str, Callable[[Store, str], Awaitable[object]]] = {
    "record": lambda s, i: s.record(i),
    "document": lambda s, i: s.document(i),
    "timeline": lambda s, i: s.timeline(i),
    "original": lambda s, _: s.original("5790000120017", "E", ["L"]),
    "find": lambda s, _: s.find(Query()),
    "mailbox": lambda s, _: s.mailbox("skive", {"5790000120024"}, 10),
    "counts": lambda s, _: s.counts(),
    "all": lambda s, _: s.all(),
    "revision": lambda s, _: s.revision(),
    "probe": lambda s, _: s.probe(),
}


@pytest.mark.parametrize("method", WRITES)
async def test_locked_file(store: Store, path: Path, method: str) -> None:
    """Every method that writes raises JournalUnavailable while another holds the lock, leaves nothing, and works afterwards."""
    new = await queued(store) if method == "requeue" else await admitted(store)
    before = await everything(store), await store.timeline(new.id), await store.all(), await store.revision()
    with locked(path):
        with pytest.raises(JournalUnavailable, match="locked"):
            await WRITES[method](store, new.id)
        assert before == (await everything(store), await store.timeline(new.id), await store.all(), await store.revision())
    if method == "replace":
        await store.add(PARTNER)
    await WRITES[method](store, new.id)


@pytest.mark.parametrize("method", READS)
async def test_readers_do_not_wait(store: Store, path: Path, method: str) -> None:
    """Every method that reads answers while another holds the write lock."""
    new = await admitted(store)
    with locked(path):
        await READS[method](store, new.id)


async def test_lock_that_passes(path: Path) -> None:
    """A lock that is let go within the time is waited for: the command line may write while the gateway runs."""
    patient = await open_store(f"sqlite:///{path}", migrate=True, busy_timeout=30)
    with locked(path):
        waiting = asyncio.create_task(admitted(patient))
        done, _ = await asyncio.wait([waiting], timeout=0.2)
        assert not done
    await waiting
    await patient.close()


async def test_full_disk(store: Store) -> None:
    """A database that cannot grow raises JournalUnavailable, keeps what it has, and takes more when there is room again."""
    await admitted(store)
    large = message(document=message().document.__class__(b"x" * 5_000_000, "application/xml"))
    await store._writers.alone(lambda c: c.exec_driver_sql("PRAGMA max_page_count=200").scalar())
    with pytest.raises(JournalUnavailable, match="full"):
        await store.admit(Admission(large))
    assert await everything(store) == {State.ACCEPTED: 1, "outbox": 1}
    await store._writers.alone(lambda c: c.exec_driver_sql("PRAGMA max_page_count=1000000").scalar())
    assert isinstance(await store.admit(Admission(large)), Admitted)


async def test_server_restarted(postgres: Postgres, postgres_url: str) -> None:
    """While PostgreSQL is away every call raises JournalUnavailable; once it is back the same store works and has lost nothing."""
    store = await open_store(postgres_url, migrate=True)
    new = await admitted(store)
    postgres.stop()
    for name, call in {**WRITES, **READS}.items():
        if name == "probe":
            assert await store.probe() == "disconnected"
            continue
        with pytest.raises(JournalUnavailable):
            await call(store, new.id)
    postgres.start()
    assert await store.probe(write=True) == "disconnected", "what was refused a moment ago counts"

    async def well() -> bool:
        return await store.probe() is None

    await eventually(well)
    assert await everything(store) == {State.ACCEPTED: 1, "outbox": 1}
    await store.conclude(outcome(new, Happening.DELIVERED))
    assert await whats(store, new.id) == ["admitted", "delivered"]
    await store.close()


async def test_server_crashes_under_load(postgres: Postgres, postgres_url: str) -> None:
    """When PostgreSQL crashes amid admissions, whatever was answered is there when it is back, whole, and admitting the rest again
    stores each once.
    """
    store = await open_store(postgres_url, migrate=True)
    new = [message() for _ in range(600)]
    answers: list[bool] = []

    async def admit(one: object) -> None:
        try:
            await store.admit(Admission(one))
        except JournalUnavailable:
            answers.append(False)
        else:
            answers.append(True)

    tasks = [asyncio.create_task(admit(m)) for m in new]
    while not answers:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    await asyncio.to_thread(postgres.kill)
    await asyncio.gather(*tasks)
    await asyncio.to_thread(postgres.start)
    assert (await everything(store))[State.ACCEPTED] >= answers.count(True)
    await asyncio.gather(*(store.admit(Admission(m)) for m in new))
    assert await everything(store) == {State.ACCEPTED: 600, "outbox": 600}
    assert [await whats(store, m.id) for m in new[::100]] == [["admitted"]] * 6
    await store.close()
