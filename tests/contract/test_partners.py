"""The contract of `gateway.ports.Partners`, on each database."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from gateway.records import Admission, Former, Mode, Outcome, Partner, PartnerEntry
from gateway.store import Store
from routing.lifecycle import Happening
from tests.contract.journal_cases import ENDPOINT, NOW, after, dispatch, message

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


def entry(name: str, what: str, **detail: object) -> PartnerEntry:
    """A line of a partner's story."""
    return PartnerEntry(name, NOW, what, "operator:test", detail)


async def test_tokens_and_secrets(store: Store) -> None:
    """What takes the place of another, and what it took the place of with its end, come back as they were stored."""
    whole = replace(
        EPJ,
        former_token=Former("4" * 64, after(hours=24)),
        push_secret="whsec_ny",
        former_push_secret=Former("whsec_gammel", after(hours=1)),
        push_bearer="modtagerens-eget",
    )
    await store.add(whole)
    assert await store.all() == [whole]
    await store.replace(EPJ)
    assert await store.all() == [EPJ]


async def test_numbers_change_hands_in_one(store: Store) -> None:
    """One partner takes over what another has, in one change; where either cannot be stored, neither is."""
    await store.add(SKIVE)
    taker = replace(EPJ, glns=EPJ.glns | {"5790000120024"})
    giver = replace(SKIVE, glns=frozenset({"5790000120048"}))
    with pytest.raises(KeyError):
        await store.replace(giver, taker)
    assert await store.all() == [SKIVE]
    await store.add(taker, giver)
    assert await store.all() == [taker, giver]
    await store.replace(EPJ, SKIVE)
    assert await store.all() == [EPJ, SKIVE]
    with pytest.raises(ValueError, match=r"5790000120048.*epj"):
        await store.replace(replace(EPJ, glns=SKIVE.glns), giver)
    assert await store.all() == [EPJ, SKIVE]


async def test_a_change_made_on_what_is_no_longer_so(store: Store, second: Store) -> None:
    """A change that expects a revision is refused, and stores nothing, where somebody else changed the partners meanwhile."""
    await store.add(SKIVE)
    seen = await store.revision()
    await second.replace(replace(SKIVE, token_hash="5" * 64))
    with pytest.raises(ValueError, match="meanwhile"):
        await store.replace(replace(SKIVE, active=False), expected=seen)
    assert await store.all() == [replace(SKIVE, token_hash="5" * 64)]
    await store.replace(SKIVE, expected=await store.revision())
    assert await store.all() == [SKIVE]


async def test_the_story_is_told_with_the_change(store: Store) -> None:
    """A partner's story is what was told with each change that took place, oldest first; a refused change tells nothing."""
    await store.add(SKIVE, story=[entry("skive", "added", glns=sorted(SKIVE.glns))])
    with pytest.raises(ValueError, match="skive"):
        await store.add(SKIVE, story=[entry("skive", "added")])
    await store.add(EPJ, story=[entry("epj", "added")])
    await store.replace(replace(SKIVE, active=False), story=[entry("skive", "disabled", reason="prøve")])
    assert await store.story("skive") == [
        entry("skive", "added", glns=sorted(SKIVE.glns)),
        entry("skive", "disabled", reason="prøve"),
    ]
    assert await store.story("nobody") == []


@pytest.mark.parametrize(
    ("changed", "due"),
    [
        ({"push_url": "https://ny.example/"}, True),
        ({"active": True}, True),
        ({"token_hash": "6" * 64}, False),
        ({"push_url": "https://ny.example/", "active": False}, False),
    ],
)
async def test_waiting_mail_follows_a_new_way_at_once(store: Store, changed: dict[str, object], *, due: bool) -> None:
    """Mail that waits for a later attempt is due at once when its endpoint is reached in another way or is active again."""
    before = Partner(ENDPOINT, frozenset(), Mode.PUSH, "7" * 64, "https://gammel.example/", active="active" not in changed)
    await store.add(before)
    new = message(dispatch=dispatch())
    await store.admit(Admission(new))
    (row,) = await store.take("relay", 10, NOW)
    again = dispatch(after(minutes=15))
    await store.conclude(Outcome(new.id, Happening.POSTPONED, after(seconds=1), "hub", attempt=1, dispatch=again))
    assert [r.id for r in await store.take("relay", 10, after(seconds=2)) if r.id != row.id] == []
    await store.replace(replace(before, **changed))
    found = [r.id for r in await store.take("relay", 10, after(seconds=2)) if r.id != row.id]
    assert bool(found) is due
    assert await store.take("relay", 10, after(seconds=2)) == []
