"""The contract of `gateway.ports.Registers`, on each database."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest

from gateway.register_history import Activation, RegisterVersion, Step
from gateway.store import Store
from tests.contract.journal_cases import NOW, after

DAY = date(2026, 3, 5)
CONTENT = b"\x78\x9c\x00\xff" * 1000


def version(name: str, seconds: float = 0, source: str = "sor-æøå.csv") -> RegisterVersion:
    """A version published so many seconds after NOW."""
    return RegisterVersion(name, after(seconds=seconds), "operator:test", source, 3)


def line(name: str | None, day: date = DAY, step: Step = Step.ACTIVATED) -> Activation:
    """A line of the story."""
    return Activation(name, day, NOW, "operator:test", step)


async def test_published_versions(store: Store, second: Store) -> None:
    """A version comes back as it was published, content and all, from every process; versions are listed oldest first."""
    assert await store.registers.publish(version("b", 0), CONTENT) is True
    assert await store.registers.publish(version("a", 1), b"") is True
    assert await second.registers.versions() == [version("b", 0), version("a", 1)]
    assert [await second.registers.content(name) for name in ("a", "b", "c")] == [b"", CONTENT, None]


async def test_a_version_is_never_altered(store: Store) -> None:
    """Publishing a version again, whatever is said of it then, changes nothing."""
    await store.registers.publish(version("a"), CONTENT)
    assert await store.registers.publish(version("a", 5, "anden.csv"), b"andet") is False
    assert await store.registers.versions() == [version("a")]
    assert await store.registers.content("a") == CONTENT


async def test_published_at_once(store: Store, second: Store) -> None:
    """Of several processes that publish one version at the same time, one does."""
    made = await asyncio.gather(*((store, second)[n % 2].registers.publish(version("a"), CONTENT) for n in range(10)))
    assert sorted(made) == [False] * 9 + [True]


async def test_the_story(store: Store, second: Store) -> None:
    """The story is every line that was added, oldest first, and its revision grows with each; publishing adds none."""
    seen = [await second.registers.revision()]
    await store.registers.publish(version("a"), CONTENT)
    assert await store.registers.revision() == seen[0]
    lines = [line("a"), line("a", date(2026, 4, 1)), line(None, DAY, Step.ROLLED_BACK)]
    for each in lines:
        await store.registers.activate(each)
        seen.append(await second.registers.revision())
    assert await second.registers.story() == lines
    assert sorted(set(seen)) == seen


async def test_an_unknown_version_is_not_activated(store: Store) -> None:
    """A version that was never published cannot be activated, and the story does not tell of it."""
    with pytest.raises(KeyError, match="findes-ikke"):
        await store.registers.activate(line("findes-ikke"))
    assert (await store.registers.story(), await store.registers.revision()) == ([], 0)


async def test_activated_on_what_is_no_longer_so(store: Store, second: Store) -> None:
    """A line that expects a revision is refused, and not told, where somebody else added one meanwhile; of many at once, one is."""
    await store.registers.publish(version("a"), CONTENT)
    tries = ((store, second)[n % 2].registers.activate(line("a"), expected=0) for n in range(8))
    refused = [answer for answer in await asyncio.gather(*tries, return_exceptions=True) if answer is not None]
    assert [type(each) for each in refused] == [ValueError] * 7
    assert await store.registers.story() == [line("a")]
    await store.registers.activate(line(None), expected=await store.registers.revision())
    assert await store.registers.story() == [line("a"), line(None)]
