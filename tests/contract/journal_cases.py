"""Messages, receipts and outcomes for the journal's tests. Everything in them is synthetic."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import uuid_utils

from gateway.records import Admission, Admitted, Claim, Dispatch, Document, NewMessage, Origin, Outcome, Regards, Relayed
from gateway.store import Store
from routing.lifecycle import Happening, State
from routing.receipts import Sign

NOW = datetime(2026, 3, 4, 23, 30, 0, 123456, tzinfo=UTC)
SENDER, RECEIVER = "5790000120017", "5790000120024"
DIGEST = "a" * 64
ENDPOINT, KEY = "skive", "kommune.0779.social-og-psykiatri.xdis91.indlaeggelse"
_numbers = itertools.count(1)


def after(**passed: float) -> datetime:
    """A moment some time after NOW."""
    return NOW + timedelta(**passed)


def new_id() -> str:
    """A message id, later than all before."""
    return str(uuid_utils.uuid7())


def dispatch(at: datetime = NOW, endpoint: str = ENDPOINT, key: str = KEY, address: str = RECEIVER) -> Dispatch:
    """A dispatch to the usual endpoint."""
    return Dispatch(endpoint=endpoint, routing_key=key, address=address, not_before=at)


def message(**changed: Any) -> NewMessage:
    """An XDIS91 that asks for a receipt, with ids of its own, claimed and dispatched unless `changed` says otherwise."""
    number = next(_numbers)
    fields: dict[str, Any] = {
        "id": new_id(),
        "origin": Origin.HTTP,
        "partner": "epj",
        "received_at": NOW,
        "document": Document(b"<Emessage>\xe6\xf8\xe5</Emessage>", "application/xml"),
        "type": "XDIS91",
        "version": "XD9134L",
        "sender": SENDER,
        "receiver": RECEIVER,
        "envelope_id": f"E{number:013}",
        "letter_ids": (f"L{number:013}",),
        "thread": "0123456789abcdef0123456789abcdef",
        "heading": "indlaeggelse",
        "wants_receipt": True,
        "sent_at": after(minutes=-1),
        "state": State.ACCEPTED,
        "fault": None,
        "regards": None,
        "register_version": "synthetic-1",
        "verdict": {"decision": "deliver", "rules": ["modtager æøå"], "findings": []},
        "dispatch": dispatch(),
        **changed,
    }
    if "claims" not in changed:
        ids = (("envelope", fields["envelope_id"]), *(("letter", letter) for letter in fields["letter_ids"]))
        fields["claims"] = tuple(Claim(fields["sender"], kind, identifier, DIGEST) for kind, identifier in ids)
    return NewMessage(**fields)


def negative(original: NewMessage, **changed: Any) -> NewMessage:
    """The hub's negative receipt for a message."""
    fields: dict[str, Any] = {
        "origin": Origin.HUB,
        "partner": "hub",
        "type": "XCTL01",
        "version": "XN0131C",
        "sender": "5790000120000",
        "receiver": original.sender,
        "thread": None,
        "heading": None,
        "wants_receipt": False,
        "regards": original.id,
        "dispatch": dispatch(endpoint="epj", key="region.1082.epj.xctl01.ingen", address=original.sender),
        **changed,
    }
    return message(**fields)


def receipt(original: NewMessage, sign: Sign = Sign.POSITIVE, **changed: Any) -> NewMessage:
    """The receiver's receipt for a message."""
    kind = "XCTL03" if sign is Sign.POSITIVE else "XCTL02"
    return negative(original, **{"origin": Origin.HTTP, "partner": "skive", "type": kind, "sender": RECEIVER, **changed})


def regards(original: NewMessage, **changed: Any) -> Regards:
    """That a positive receipt has come for a message that is DELIVERED, and is sent on."""
    fields: dict[str, Any] = {
        "message_id": original.id,
        "expected_state": State.DELIVERED,
        "expected_sign": None,
        "happening": Happening.RECEIPTED,
        "sign": Sign.POSITIVE,
        "forwarded": True,
        **changed,
    }
    return Regards(**fields)


def outcome(original: NewMessage, happening: Happening, **changed: Any) -> Outcome:
    """How an attempt for a message ended."""
    return Outcome(**{"message_id": original.id, "happening": happening, "at": after(seconds=2), "actor": "hub", **changed})


async def admitted(store: Store, new: NewMessage | None = None, **changed: Any) -> NewMessage:
    """Admits a message and returns it."""
    new = new or message(**changed)
    assert isinstance(await store.admit(Admission(new)), Admitted)
    return new


async def relayed(store: Store, new: NewMessage, at: datetime = NOW, happening: Happening = Happening.RELAYED) -> None:
    """Takes the outbox row of a message, the only one that is due, and confirms it."""
    (row,) = await store.take("relay", 2, at)
    assert row.parcel.id == new.id
    await store.relayed([Relayed(row.id, new.id, happening, at)])


async def queued(store: Store, at: datetime = NOW, **changed: Any) -> NewMessage:
    """Admits a message and confirms it."""
    new = message(**changed)
    answer = await store.admit(Admission(new, claimed_by="relay"))
    assert isinstance(answer, Admitted)
    await store.relayed([Relayed(answer.outbox[new.id], new.id, Happening.RELAYED, at)])
    return new


async def whats(store: Store, message_id: str) -> list[str]:
    """What the timeline of a message says."""
    return [entry.what for entry in await store.timeline(message_id)]


async def everything(store: Store) -> Mapping[State | str, int]:
    """The counts that are not nought."""
    return {name: count for name, count in (await store.counts()).items() if count}
