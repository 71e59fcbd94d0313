"""Which of the messages that came lately would have met something else with another register. Nothing is decided anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from gateway.clock import danish_day
from gateway.ports import Archive
from gateway.records import MessageRecord, Query
from schemas.messages import ReceiptKind
from sor.comparison import Whither, touched, whither
from sor.register import Register

_PAGE = 500
_RECEIPTS = frozenset(kind.value for kind in ReceiptKind)


@dataclass(slots=True)
class Diverted:
    """Messages to one address that would have met something else: how many, between which days, and what was decided then.

    `decided` counts `deliver`, and for refusals the fault. `example` is the newest one's id.
    """

    receiver: str
    before: Whither
    after: Whither
    example: str
    first: date
    last: date
    messages: int = 0
    decided: Counter[str] = field(default_factory=Counter)

    def count(self, record: MessageRecord, day: date) -> None:
        """One more, older than those before."""
        self.first = min(self.first, day)
        self.messages += 1
        self.decided[record.fault or str(record.verdict.get("decision"))] += 1


async def diverted(archive: Archive, before: Register, after: Register, since: datetime) -> list[Diverted]:
    """The messages since then for which the two registers' answers differ, by address and answers, the most messages first.

    Receipts are left out: they go where the message came from, whatever the register says.
    """
    found: dict[tuple[object, ...], Diverted] = {}
    for address in sorted(touched(before, after)):
        answers: Mapping[date, tuple[Whither, Whither]] = {}
        async for record in _to(archive, address, since):
            day = danish_day(record.received_at)
            if day not in answers:
                answers = {**answers, day: (whither(before, address, day), whither(after, address, day))}
            old, new = answers[day]
            if old.place == new.place or record.type in _RECEIPTS:
                continue
            key = address, old.place, new.place
            found.setdefault(key, Diverted(address, old, new, record.id, day, day)).count(record, day)
    return sorted(found.values(), key=lambda one: (-one.messages, one.receiver))


async def _to(archive: Archive, address: str, since: datetime) -> AsyncIterator[MessageRecord]:
    last: str | None = None
    while True:
        page = await archive.find(Query(receiver=address, since=since, before_id=last, limit=_PAGE))
        for record in page:
            yield record
        if len(page) < _PAGE:
            return
        last = page[-1].id
