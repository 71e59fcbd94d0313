"""The journal's five ports on one database. Writes go through group commit; reads run beside it, in threads of their own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection, insert, select, update

from gateway.attachments import Attachment
from gateway.lifesigns import Reader
from gateway.ports import JournalUnavailable
from gateway.records import (
    Admission,
    Admitted,
    Concluded,
    Document,
    Known,
    MessageRecord,
    OutboxRow,
    Outcome,
    Partner,
    PartnerEntry,
    Query,
    Relayed,
    Stale,
    TimelineEntry,
)
from gateway.store import archive, attachments, lifesigns, outbox, partners
from gateway.store.changes import Admit, Conclude, Note, Relay
from gateway.store.engine import Engines
from gateway.store.groupcommit import GroupCommit
from gateway.store.readers import Readers
from gateway.store.registers import RegisterStore
from gateway.store.tables import PROBED, meta
from routing.lifecycle import State
from sor.coverage import Life

REFUSAL_LASTS = 5.0
"""Seconds for which the journal counts as out of use after a write was refused."""


def _probe(connection: Connection) -> None:
    # Another value each time: SQLite does not write what is there already.
    value = time.time_ns()
    if connection.execute(update(meta).where(meta.c.name == PROBED).values(value=value)).rowcount == 0:
        connection.execute(insert(meta), {"name": PROBED, "value": value})


class Store:
    """`Journal`, `Archive`, `Lifesigns`, `Attachments` and `Partners` on one open database, and `Registers` beside them. Made by
    `open_store`.
    """

    def __init__(self, engines: Engines, *, receipt_within: timedelta, reference_limit: int, readers: int) -> None:
        self._engines = engines
        self._writers = GroupCommit(engines)
        self._readers = Readers(engines.reader, readers)
        self._receipt_within = receipt_within
        self._reference_limit = reference_limit
        self.registers = RegisterStore(self._writers, self._readers)
        self._writers.start()

    async def probe(self, *, write: bool = False) -> str | None:
        """Why the journal is of no use just now, as a short code, or None. It reads, writes a row where asked to, and minds what the
        database refused to others a moment ago: a full disk may have room for a row and none for a message.
        """
        try:
            await self._readers.read(lambda connection: connection.scalar(select(1)))
            if write:
                await self._writers.alone(_probe)
        except JournalUnavailable as away:
            return away.reason
        return self._writers.refused_within(REFUSAL_LASTS)

    async def close(self) -> None:
        """Writes what waits and lets go of the connections. Calls that come later raise JournalUnavailable."""
        await self._writers.close()
        await asyncio.to_thread(self._readers.close)
        self._engines.dispose()

    # Journal

    async def admit(self, admission: Admission) -> Admitted | Known | Stale:
        """As the port says."""
        return await self._writers.commit(Admit(admission, self._receipt_within))

    async def take(self, owner: str, limit: int, now: datetime) -> Sequence[OutboxRow]:
        """As the port says."""
        return await self._writers.alone(lambda c: outbox.take(c, owner, limit, now, self._reference_limit))

    async def relayed(self, rows: Sequence[Relayed]) -> None:
        """As the port says."""
        await self._writers.commit(Relay(rows))

    async def conclude(self, outcome: Outcome) -> Concluded:
        """As the port says."""
        return await self._writers.commit(Conclude(outcome))

    async def note(self, message_id: str, what: str, at: datetime, actor: str, detail: Mapping[str, object]) -> None:
        """As the port says. Raises KeyError for an unknown message."""
        await self._writers.commit(Note(message_id, what, at, actor, detail))

    async def requeue(self, *, queued_before: datetime, limit: int, release: str | None = None) -> int:
        """As the port says."""
        return await self._writers.alone(lambda c: outbox.requeue(c, queued_before, limit, release))

    async def flag_overdue(self, now: datetime) -> Sequence[MessageRecord]:
        """As the port says, at most `outbox.OVERDUE_AT_ONCE` a call, those due first."""
        return await self._writers.alone(lambda c: outbox.flag_overdue(c, now))

    # Archive

    async def record(self, message_id: str) -> MessageRecord | None:
        """As the port says."""
        return await self._readers.read(partial(archive.record, message_id=message_id))

    async def document(self, message_id: str) -> Document | None:
        """As the port says."""
        return await self._readers.read(partial(archive.read_document, message_id=message_id))

    async def timeline(self, message_id: str) -> Sequence[TimelineEntry]:
        """As the port says."""
        return await self._readers.read(partial(archive.timeline, message_id=message_id))

    async def original(self, sender: str, envelope_id: str, letter_ids: Sequence[str]) -> MessageRecord | None:
        """As the port says; letter ids are tried in the order given."""
        return await self._readers.read(lambda c: archive.original(c, sender, envelope_id, letter_ids))

    async def find(self, query: Query) -> Sequence[MessageRecord]:
        """As the port says. Newest first is by id: ids are time-ordered."""
        return await self._readers.read(partial(archive.find, query=query))

    async def mailbox(self, endpoint: str, addresses: Iterable[str], limit: int) -> Sequence[MessageRecord]:
        """As the port says."""
        asked = frozenset(addresses)
        return await self._readers.read(lambda c: archive.mailbox(c, endpoint, asked, limit))

    async def counts(self) -> Mapping[State | str, int]:
        """As the port says."""
        return await self._readers.read(archive.counts)

    # Lifesigns

    async def lives(self, readers: Iterable[Reader]) -> Mapping[str, Life]:
        """As the port says."""
        asked = tuple(readers)
        return await self._readers.read(lambda c: lifesigns.lives(c, asked))

    # Attachments

    async def of_message(self, message_id: str) -> Sequence[Attachment]:
        """As the port says."""
        return await self._readers.read(partial(attachments.of_message, message_id=message_id))

    async def flag_unpaired(self, since_before: datetime, now: datetime) -> Sequence[Attachment]:
        """As the port says."""
        return await self._writers.alone(partial(attachments.flag_unpaired, since_before=since_before, now=now))

    # Partners

    async def add(
        self, partner: Partner, *others: Partner, story: Sequence[PartnerEntry] = (), retry_at: datetime | None = None
    ) -> None:
        """As the port says."""
        await self._writers.alone(partial(partners.add, new=partner, others=others, story=story, retry_at=retry_at))

    async def all(self) -> Sequence[Partner]:
        """As the port says."""
        return await self._readers.read(partners.read_all)

    async def replace(
        self,
        *changed: Partner,
        story: Sequence[PartnerEntry] = (),
        expected: int | None = None,
        retry_at: datetime | None = None,
    ) -> None:
        """As the port says."""
        change = partial(partners.replace, changed=changed, story=story, expected=expected, retry_at=retry_at)
        await self._writers.alone(change)

    async def story(self, name: str) -> Sequence[PartnerEntry]:
        """As the port says."""
        return await self._readers.read(partial(partners.story_of, name=name))

    async def revision(self) -> int:
        """As the port says."""
        return await self._readers.read(partners.revision)

    async def bound(self) -> Mapping[str, frozenset[str]]:
        """As the port says."""
        return await self._readers.read(partners.bound)

    async def note_bound(self, endpoint: str, keys: Iterable[str]) -> None:
        """As the port says."""
        await self._writers.alone(partial(partners.note_bound, endpoint=endpoint, keys=frozenset(keys)))
