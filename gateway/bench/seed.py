"""Fills a journal, through its own port: letters that were admitted, relayed and delivered, each with its story."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import orjson
import uvloop

from gateway.bench.documents import RECEIVER, SENDER, Template, letters
from gateway.clock import new_message_id
from gateway.records import Admission, Admitted, Claim, Dispatch, Document, NewMessage, Origin, Outcome, Relayed
from gateway.store import Store, open_store
from routing.lifecycle import Happening, State
from schemas.validator import load_schemas

BATCH = 256
ENDPOINT = "skive"
KEY = "kommune.0779.social-og-psykiatri.xdis91.indlaeggelse"
FIRST = 5_000_000_000_000
"""The number of the first: far from those that the benchmark sends."""


async def fill(store_url: str, messages: int) -> None:
    """Puts so many letters into the journal, settled, and returns when they are durable. The journal must be migrated."""
    store, template = await open_store(store_url), letters(load_schemas(), receipts=False)
    at = datetime.now(UTC) - timedelta(days=1)
    try:
        for first in range(FIRST, FIRST + messages, BATCH):
            numbers = range(first, min(first + BATCH, FIRST + messages))
            await _settle(store, [_message(number, template, at) for number in numbers], at)
    finally:
        await store.close()


async def _settle(store: Store, batch: Sequence[NewMessage], at: datetime) -> None:
    admissions = [Admission(message, claimed_by="bench") for message in batch]
    admitted = await asyncio.gather(*(store.admit(admission) for admission in admissions))
    rows = {one.id: one.outbox[one.id] for one in admitted if isinstance(one, Admitted)}
    await store.relayed([Relayed(row, message, Happening.RELAYED, at) for message, row in rows.items()])
    outcomes = [Outcome(message, Happening.DELIVERED, at, ENDPOINT, attempt=1, detail={"status": 200}) for message in rows]
    await asyncio.gather(*(store.conclude(outcome) for outcome in outcomes))


def _message(number: int, template: Template, at: datetime) -> NewMessage:
    body = template.document(number)
    digest, envelope, letter = sha256(body).hexdigest(), f"E{number:013}", f"L{number:013}"
    return NewMessage(
        id=new_message_id(),
        origin=Origin.HTTP,
        partner="epj",
        received_at=at,
        document=Document(body, "application/xml"),
        type="XDIS91",
        version="XD9134L",
        sender=SENDER,
        receiver=RECEIVER,
        envelope_id=envelope,
        letter_ids=(letter,),
        thread=f"{number:032x}",
        heading="indlaeggelse",
        wants_receipt=False,
        sent_at=at,
        state=State.ACCEPTED,
        fault=None,
        regards=None,
        register_version="bench",
        verdict={"decision": "deliver", "recipients": [], "rules": ["bench"], "findings": []},
        claims=(Claim(SENDER, "envelope", envelope, digest), Claim(SENDER, "letter", letter, digest)),
        dispatch=Dispatch(ENDPOINT, RECEIVER, KEY, at),
    )


if __name__ == "__main__":
    uvloop.run(fill(**orjson.loads(sys.stdin.buffer.read())))
