"""Who is connected, as one immutable snapshot, and the task that keeps it fresh.

A request or a parcel takes the snapshot once and uses it to its end, so no message ever sees two versions of the partners, or of the
register. The watcher asks the store for its revisions every second and, on a change, reads anew what changed and has the broker
declare the endpoints' queues, bound to the keys of the lokationsnumre that each reads.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import date, datetime

from gateway.clock import danish_day
from gateway.events import DirectoryChanged, JournalAway, RegisterUnreadable, Telemetry
from gateway.ports import Clock, JournalUnavailable, Partners
from gateway.records import Partner
from gateway.register_watch import RegisterWatch
from routing.headings import Headings
from routing.keys import binding_key
from sor.register import Register
from sor.snapshot import SnapshotError

REFRESH_SECONDS = 1.0


def new_token() -> str:
    """A bearer token: 256 random bits behind a prefix that secret scanners can know."""
    return "medcom_" + secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What is stored of a token: SHA-256 in hex. The token has 256 random bits, so nothing slower is needed."""
    return hashlib.sha256(token.encode()).hexdigest()


class Directory:
    """The partners by token, name and lokationsnummer, beside the register and the headings that decisions are made on.

    Those that are not active are here too: their mail is taken in and waits for them. Who asks must look at `Partner.active`.
    """

    def __init__(self, partners: Iterable[Partner], register: Register, headings: Headings, revision: int = 0) -> None:
        self.revision = revision
        self.register = register
        self.headings = headings
        self.partners: Mapping[str, Partner] = {partner.name: partner for partner in partners}
        everybody = self.partners.values()
        self.endpoints: Mapping[str, str] = {gln: partner.name for partner in everybody for gln in partner.glns}
        self._by_token = {partner.token_hash: partner for partner in everybody}
        self._by_former_token = {partner.former_token.value: partner for partner in everybody if partner.former_token}

    def by_token(self, token: str, now: datetime) -> Partner | None:
        """The partner whose token this is, or was and still counts. Looked up by hash, so the time it takes says nothing about it."""
        hashed = token_hash(token)
        former = self._by_former_token.get(hashed)
        if former is not None and former.former_token is not None and now < former.former_token.until:
            return former
        return self._by_token.get(hashed)

    def binding_keys(self, partner: Partner, on: date) -> frozenset[str]:
        """The topic patterns that the partner's queue is bound to: one for each of its lokationsnumre."""
        return frozenset(binding_key(self.register, gln, on) for gln in partner.glns)


class DirectoryWatch:
    """Holds the current `Directory` and replaces it when the store's revision grows, when another version of the register comes into
    force, or when a day begins: units open and close by the day, and the queues' bindings with them.

    `settled` is cleared while the bindings go from one day or register to the next: what is published then may find a key that is
    not bound any more, or is another's. Keys that were made before `keys_since` may be out of date.
    """

    def __init__(
        self,
        *,
        partners: Partners,
        registers: RegisterWatch,
        headings: Headings,
        clock: Clock,
        telemetry: Telemetry,
        on_change: Callable[[Directory], Awaitable[None]],
    ) -> None:
        self._partners = partners
        self._registers = registers
        self._clock = clock
        self._telemetry = telemetry
        self._on_change = on_change
        self._day: date | None = None
        self._lock = asyncio.Lock()
        self.settled = asyncio.Event()
        self.settled.set()
        self.keys_since = clock.now()
        self.current = Directory((), registers.current, headings, revision=-1)

    async def calling(self, token: str) -> tuple[Partner | None, Directory]:
        """The active partner whose token this is, or else one that is not active, or None; and the directory that it was found in.

        A token that does not let in is looked up once more in a refreshed directory, so that a partner added a moment ago can call.
        """
        directory = self.current
        partner = directory.by_token(token, self._clock.now())
        if partner is None or not partner.active:
            directory = await self.refresh()
            partner = directory.by_token(token, self._clock.now())
        return partner, directory

    async def refresh(self) -> Directory:
        """Reads the partners anew if they changed, and takes up the register that is loaded. Raises JournalUnavailable."""
        async with self._lock:
            revision, today = await self._partners.revision(), danish_day(self._clock.now())
            register, current = self._registers.current, self.current
            rekeyed = register is not current.register or today != self._day
            if rekeyed or revision != current.revision:
                directory = Directory(await self._partners.all(), register, current.headings, revision)
                await self._replace(directory, today, rekeyed=rekeyed)
            return self.current

    async def _replace(self, directory: Directory, today: date, *, rekeyed: bool) -> None:
        if rekeyed:
            self.settled.clear()
        try:
            # Queues first: nobody may be sent to an endpoint whose queue is not there.
            await self._on_change(directory)
            if rekeyed:
                self.keys_since = self._clock.now()
            self.current, self._day = directory, today
        finally:
            self.settled.set()
        self._telemetry.emit(DirectoryChanged(directory.revision, len(directory.partners), directory.register.version))

    async def start(self) -> None:
        """The first directory. Raises JournalUnavailable, and SnapshotError where the version in force cannot be read."""
        await self._registers.refresh(danish_day(self._clock.now()))
        await self.refresh()

    async def run(self) -> None:
        """Refreshes for ever. A journal that is away leaves the snapshot as it is, and so does a version that cannot be read."""
        while True:
            await asyncio.sleep(REFRESH_SECONDS)
            try:
                await self.refresh()
                # Not under the lock: a large register takes seconds to load, and partners come and go meanwhile.
                if await self._registers.refresh(danish_day(self._clock.now())):
                    await self.refresh()
            except JournalUnavailable as away:
                self._telemetry.emit(JournalAway(away.reason, "directory"))
            except SnapshotError as wrong:
                self._telemetry.emit(RegisterUnreadable(str(wrong)))
