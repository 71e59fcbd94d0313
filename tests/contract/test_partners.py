"""The contract of `gateway.ports.Partners`, on each database."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from gateway.records import Mode, Partner
from gateway.store import Store

SKIVE = Partner("skive", frozenset({"5790000120024", "5790000120048"}), Mode.PULL, "0" * 64)
EPJ = Partner("epj", frozenset({"5790000120017"}), Mode.PUSH, "1" * 64, "https://epj.example/in", active=False)


async def test_added_partners_by_name(store: Store) -> None:
    """All partners come back as they were added, by name, the inactive ones too, and one without lokationsnumre."""
    nobody = Partner("a-1", frozenset(), Mode.AMQP, "2" * 64)
    for partner in (SKIVE, EPJ, nobody, replace(nobody, name="a1")):
        await store.add(partner)
    assert await store.all() == [nobody, replace(nobody, name="a1"), EPJ, SKIVE]


async def test_taken_name_or_number(store: Store) -> None:
    """A name or a lokationsnummer that is taken is refused, saying which, and nothing of it is stored."""
    await store.add(SKIVE)
    with pytest.raises(ValueError, match="skive"):
        await store.add(replace(EPJ, name="skive"))
    with pytest.raises(ValueError, match=r"5790000120024.*skive"):
        await store.add(replace(EPJ, glns=EPJ.glns | {"5790000120024"}))
    assert await store.all() == [SKIVE]


async def test_replace(store: Store) -> None:
    """A changed partner is there as changed; numbers that it gave up are free, numbers of others are refused."""
    await store.add(SKIVE)
    await store.add(EPJ)
    with pytest.raises(ValueError, match=r"5790000120017.*epj"):
        await store.replace(replace(SKIVE, glns=EPJ.glns))
    changed = replace(
        SKIVE, glns=frozenset({"5790000120048"}), mode=Mode.PUSH, push_url="https://skive.example/", token_hash="3" * 64
    )
    await store.replace(changed)
    await store.replace(replace(EPJ, glns=EPJ.glns | {"5790000120024"}))
    assert await store.all() == [replace(EPJ, glns=EPJ.glns | {"5790000120024"}), changed]
    with pytest.raises(KeyError):
        await store.replace(replace(SKIVE, name="nobody"))


async def test_revision_grows_with_every_change(store: Store, second: Store) -> None:
    """Each change makes the revision greater, seen from every process; what was refused does not."""
    seen = [await second.revision()]
    for change in (store.add(SKIVE), second.add(EPJ), store.replace(EPJ)):
        await change
        seen.append(await second.revision())
    with pytest.raises(ValueError, match="skive"):
        await store.add(SKIVE)
    assert sorted(set(seen)) == seen
    assert await second.revision() == seen[-1]


async def test_added_at_once(store: Store, second: Store) -> None:
    """Of two processes that add partners with one number at the same time, one does."""
    names = [f"partner-{n}" for n in range(10)]
    adding = ((store, second)[i % 2].add(replace(EPJ, name=name)) for i, name in enumerate(names))
    refused = [a for a in await asyncio.gather(*adding, return_exceptions=True) if a is not None]
    assert [type(r) for r in refused] == [ValueError] * 9
    assert len(await store.all()) == 1


async def test_bound_keys_are_remembered(store: Store) -> None:
    """What an endpoint's queue is bound to is what was last noted, endpoint by endpoint; noting it is no change of partners."""
    before = await store.revision()
    await store.note_bound("skive", ["kommune.0779.a.#", "kommune.0779.b.#"])
    await store.note_bound("viborg", ["kommune.0791.a.#"])
    await store.note_bound("skive", ["kommune.0779.b.#"])
    assert await store.bound() == {"skive": frozenset({"kommune.0779.b.#"}), "viborg": frozenset({"kommune.0791.a.#"})}
    await store.note_bound("viborg", [])
    assert set(await store.bound()) == {"skive"}
    assert await store.revision() == before
