"""Versions of the register by import, at once or at a date, back again, and what they would have changed; on each database."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.records import Admission
from gateway.register_effects import diverted
from gateway.register_import import RegisterDesk, RegisterRefused, named
from gateway.register_watch import RegisterWatch
from gateway.store import Store, open_store
from routing.lifecycle import State
from sor.register import Register, bundled
from sor.snapshot import SnapshotError, pack, unpack
from sor.units import Unit
from tests.contract.journal_cases import message

NOON = datetime(2026, 11, 22, 11, tzinfo=UTC)
TODAY = date(2026, 11, 22)
TOMORROW = TODAY + timedelta(days=1)
ONE, *_ = bundled().units


class At:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.moment = NOON

    def now(self) -> datetime:
        """Where it stands."""
        return self.moment


def without(number: int) -> Register:
    """The shipped register without its first units."""
    return Register(bundled().units[number:], "x")


def desk(store: Store, clock: At | None = None) -> RegisterDesk:
    """A desk for an operator."""
    return RegisterDesk(store.registers, clock or At(), "operator:test")


async def take(
    store: Store, register: Register, *, since: date | None = None, max_gone: float = 0.05, dry: bool = False
) -> str:
    """Imports; the version."""
    done = await desk(store).take_in(register, "sor.csv", since=since, max_gone=max_gone, dry_run=dry)
    return done.version


async def seen(store: Store, day: date) -> str:
    """The version of the register that a gateway has on that day."""
    watch = RegisterWatch(store.registers, bundled())
    await watch.refresh(day)
    return watch.current.version


async def test_an_import_is_in_force_at_once(store: Store) -> None:
    """What is imported is in force at once, and the same content in another order is the same version and no second one."""
    assert await seen(store, TODAY) == bundled().version
    version = await take(store, bundled())
    assert await seen(store, TODAY) == version
    assert await take(store, Register(tuple(reversed(bundled().units)), "y")) == version
    assert (len(await store.registers.versions()), len(await store.registers.story())) == (1, 1)


async def test_from_a_day_on(store: Store) -> None:
    """An import for a later day is in force from that day on; a day that is over is refused."""
    first, second = await take(store, bundled()), await take(store, without(1), since=TOMORROW)
    assert (await seen(store, TODAY), await seen(store, TOMORROW)) == (first, second)
    with pytest.raises(RegisterRefused, match="forbi"):
        await take(store, bundled(), since=TODAY - timedelta(days=1))


async def test_a_dry_run_stores_nothing(store: Store) -> None:
    """A dry run counts what would change, and stores neither version nor line."""
    await take(store, bundled())
    done = await desk(store).take_in(without(2), "sor.csv", since=None, max_gone=0.05, dry_run=True)
    assert (sum(done.changed.values()), done.published, done.activated) == (2, True, False)
    assert (len(await store.registers.versions()), len(await store.registers.story())) == (1, 1)


async def test_suspiciously_small(store: Store) -> None:
    """An import that lacks more of the units than allowed is refused whole and what is in force stays, unless it is said otherwise."""
    first = await take(store, bundled())
    with pytest.raises(RegisterRefused, match="er væk"):
        await take(store, without(len(bundled().units) // 2))
    with pytest.raises(RegisterRefused, match="ingen enheder"):
        await take(store, Register((), "x"), max_gone=1)
    assert (await seen(store, TODAY), len(await store.registers.versions())) == (first, 1)
    assert await take(store, without(len(bundled().units) // 2), max_gone=1) == await seen(store, TODAY)


async def test_back_and_forth(store: Store) -> None:
    """Going back takes the version before, in the end the register of the settings; any version can be activated again by name."""
    first, second = await take(store, bundled()), await take(store, without(1))
    for version in (first, None):
        assert (await desk(store).roll_back()).version == version
    assert await seen(store, TODAY) == bundled().version
    with pytest.raises(RegisterRefused, match="ingen tidligere"):
        await desk(store).roll_back()
    await desk(store).activate(named(await store.registers.versions(), second[:5]), None)
    assert await seen(store, TODAY) == second
    for wrong in ("", "findes-ikke"):
        with pytest.raises(RegisterRefused, match="sor versions"):
            named(await store.registers.versions(), wrong)
    with pytest.raises(RegisterRefused, match="findes-ikke"):
        await desk(store).activate("findes-ikke", None)


async def test_the_watch_loads_each_version_once(store: Store) -> None:
    """A gateway keeps the same register as long as the same version is in force, and takes another up when told of it."""
    watch = RegisterWatch(store.registers, bundled())
    await take(store, bundled())
    assert await watch.refresh(TODAY) is True
    before = watch.current
    assert [await watch.refresh(day) for day in (TODAY, TOMORROW)] == [False, False]
    await desk(store).activate(before.version, None)
    assert await watch.refresh(TOMORROW) is False
    assert watch.current is before
    await take(store, without(1))
    assert await watch.refresh(TOMORROW) is True
    await desk(store).roll_back()
    await desk(store).roll_back()
    assert await watch.refresh(TOMORROW) is True
    assert watch.current is bundled()


async def test_a_version_that_cannot_be_read(store: Store) -> None:
    """A version whose content was spoilt is not taken up: the register before it stays, and a later good one is taken."""
    watch = RegisterWatch(store.registers, bundled())
    done = await desk(store).take_in(bundled(), "sor.csv", since=None, max_gone=0.05)
    await watch.refresh(TODAY)
    good = watch.current
    version = (await store.registers.versions())[0]
    await store.registers.publish(replace(version, version="spoilt"), pack(without(1))[1])
    await desk(store).activate("spoilt", None)
    with pytest.raises(SnapshotError, match="spoilt"):
        await watch.refresh(TODAY)
    assert watch.current is good
    await desk(store).activate(done.version, None)
    assert await watch.refresh(TODAY) is False


async def test_messages_that_would_have_gone_elsewhere(store: Store) -> None:
    """Of late messages those are told, by address, for which the two registers' answers differ on their day, with what was decided."""
    moved = replace(ONE, area="0101", kommune="København")
    after = Register((moved, *bundled().units[1:]), "x")
    gone = (await store.record(await admitted(store, ONE, days=40)), await admitted(store, bundled().units[1]))
    assert gone[0] is not None
    assert await diverted(store, bundled(), after, NOON - timedelta(days=30)) == []
    last = [await admitted(store, ONE, days=days) for days in (20, 3, 1)][-1]
    (found,) = await diverted(store, bundled(), after, NOON - timedelta(days=30))
    assert (found.receiver, found.messages, found.example) == (ONE.gln, 3, last)
    assert (found.first, found.last) == (TODAY - timedelta(days=20), TODAY - timedelta(days=1))
    assert (dict(found.decided), found.before.unit, found.after.unit) == ({"deliver": 3}, ONE, moved)


async def admitted(store: Store, unit: Unit, days: int = 1) -> str:
    """A message to the unit, so many days old; its id."""
    new = message(receiver=unit.gln, received_at=NOON - timedelta(days=days), dispatch=None, state=State.ACCEPTED)
    await store.admit(Admission(new))
    return new.id


PARTS = st.lists(st.integers(0, 11), min_size=1, max_size=12, unique=True)
STEPS = st.lists(st.tuples(st.sampled_from(["import", "plan", "back", "activate"]), PARTS), min_size=1, max_size=8)


@given(STEPS)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_import_never_changes_a_published_version(migrated_file: Path, steps: list[tuple[str, list[int]]]) -> None:
    """Whatever is imported, planned, activated and taken back: each published version stays, byte for byte, and loads as it was."""
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "medcom.db"
        database.write_bytes(migrated_file.read_bytes())
        asyncio.run(_all_stay(f"sqlite:///{database}", steps))


async def _all_stay(url: str, steps: list[tuple[str, list[int]]]) -> None:
    store = await open_store(url)
    published: dict[str, tuple[bytes, frozenset[Unit]]] = {}
    for what, parts in steps:
        register = Register(tuple(bundled().units[part] for part in parts), "x")
        try:
            match what:
                case "import":
                    await take(store, register, max_gone=1)
                case "plan":
                    await take(store, register, since=TOMORROW, max_gone=1)
                case "back":
                    await desk(store).roll_back()
                case _:
                    await desk(store).activate(pack(register)[0], None)
        except RegisterRefused:
            continue
        for known in await store.registers.versions():
            content = await store.registers.content(known.version) or b""
            units = frozenset(unpack(known.version, content).units)
            assert published.setdefault(known.version, (content, units)) == (content, units)
        assert set(published) == {known.version for known in await store.registers.versions()}
    await store.close()
