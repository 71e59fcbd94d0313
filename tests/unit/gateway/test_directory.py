"""Who is connected: tokens, addresses, bindings, and the watch that keeps them fresh."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from gateway.directory import Directory, DirectoryWatch, new_token, token_hash
from gateway.events import Telemetry
from gateway.records import Former, Mode, Partner
from gateway.register_watch import RegisterWatch
from gateway.store import Store
from routing.headings import bundled as headings
from sor.register import bundled as register
from tests.unit.gateway.examples import HOSPITAL, SKIVE

TODAY = date(2026, 11, 21)
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


class Hands:
    """A clock that the test turns."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 21, 12, tzinfo=UTC)

    def now(self) -> datetime:
        """Where its hands are."""
        return self.moment


def partner(name: str = "skive", *glns: str, token: str = "t", active: bool = True) -> Partner:
    """A partner at these addresses, Skive's unless told otherwise."""
    return Partner(name, frozenset(glns or {SKIVE}), Mode.PULL, token_hash(token), active=active)


def directory(*partners: Partner) -> Directory:
    """A directory of these."""
    return Directory(partners, register(), headings())


def test_tokens():
    """A partner is found by its token and by nothing like it."""
    found = directory(partner(token="rigtig"))
    assert found.by_token("rigtig", NOON).name == "skive"
    assert [found.by_token(each, NOON) for each in ("", "rigti", "Rigtig", token_hash("rigtig"))] == [None] * 4


def test_a_disabled_partner_keeps_its_place():
    """A partner that is not active is found, and seen to be so, and its lokationsnummer still leads to it."""
    found = directory(partner("lukket", HOSPITAL, token="lukket", active=False))
    assert found.by_token("lukket", NOON).active is False
    assert found.endpoints[HOSPITAL] == "lukket"


def test_a_former_token_counts_for_a_while():
    """A token that was exchanged lets in until its time is up, and the new one from the start."""
    former = Former(token_hash("gammel"), NOON)
    found = directory(replace(partner(token="ny"), former_token=former))
    before = NOON - timedelta(microseconds=1)
    assert [found.by_token("gammel", at) is not None for at in (before, NOON)] == [True, False]
    assert [found.by_token("ny", at) is not None for at in (before, NOON)] == [True, True]


def test_a_new_token_is_long_and_never_the_same():
    """A token has 256 random bits behind a prefix that scanners for secrets can know."""
    tokens = {new_token() for _ in range(50)}
    assert len(tokens) == 50
    assert all(token.startswith("medcom_") and len(token) == len("medcom_") + 43 for token in tokens)


def test_bindings_are_one_for_each_address():
    """A queue is bound to the key of each lokationsnummer; one outside the register gets a key of its own."""
    keys = directory().binding_keys(partner("skive", SKIVE, "modtager"), TODAY)
    assert keys == {"kommune.0779.social-og-psykiatri.#", "ukendt.modtager.-.#"}


async def test_the_watch_follows_the_store_and_the_day(store: Store):
    """A change of partners, and a new Danish day, make a new snapshot, told once; otherwise the snapshot is the same object."""
    told: list[Directory] = []

    async def on_change(changed: Directory) -> None:
        told.append(changed)

    clock = Hands()
    watch = DirectoryWatch(
        partners=store,
        registers=RegisterWatch(store.registers, register()),
        headings=headings(),
        clock=clock,
        telemetry=Telemetry(None),
        on_change=on_change,
    )
    first = await watch.refresh()
    assert await watch.refresh() is first
    await store.add(partner())
    second = await watch.refresh()
    assert (set(second.partners), set(first.partners)) == ({"skive"}, set())
    clock.moment += timedelta(hours=11, minutes=30)  # past midnight in Denmark, not yet in UTC
    assert await watch.refresh() is not second
    assert len(told) == 3
