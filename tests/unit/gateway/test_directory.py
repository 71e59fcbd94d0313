"""Who is connected: tokens, addresses, bindings, and the watch that keeps them fresh."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from gateway.directory import Directory, DirectoryWatch, new_token, token_hash
from gateway.events import Telemetry
from gateway.records import Mode, Partner
from gateway.store import Store
from routing.headings import bundled as headings
from sor.register import bundled as register
from tests.unit.gateway.examples import HOSPITAL, SKIVE

TODAY = date(2026, 11, 21)


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
    """A partner is found by its token and by nothing like it; an inactive one is not found at all."""
    found = directory(partner(token="rigtig"), partner("lukket", HOSPITAL, token="lukket", active=False))
    assert found.by_token("rigtig").name == "skive"
    assert [found.by_token(each) for each in ("", "rigti", "Rigtig", token_hash("rigtig"), "lukket")] == [None] * 5
    assert HOSPITAL not in found.endpoints


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
        partners=store, register=register(), headings=headings(), clock=clock, telemetry=Telemetry(None), on_change=on_change
    )
    first = await watch.refresh()
    assert await watch.refresh() is first
    await store.add(partner())
    second = await watch.refresh()
    assert (set(second.partners), set(first.partners)) == ({"skive"}, set())
    clock.moment += timedelta(hours=11, minutes=30)  # past midnight in Denmark, not yet in UTC
    assert await watch.refresh() is not second
    assert len(told) == 3
