"""What a simulated system sends: kept first, then handed in until the hub has answered.

A document that was kept and not answered when the system stopped is handed in again, with the same bytes, when it starts: the hub
knows a repeat, so nothing is lost and nothing comes twice.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from dataclasses import dataclass

from gateway.simulate.documents import known
from gateway.simulate.hub import Answer, Hub
from gateway.simulate.logbook import Entry, Logbook
from schemas.messages import ReceiptKind
from schemas.validator import Schemas


@dataclass(frozen=True, slots=True)
class Sent:
    """A document that was sent, and how it stands, as this system alone knows it.

    `state` is `sent` (no answer yet), `accepted` or `refused` by the hub, `acknowledged` or `rejected` by receipt. `message_id` is the
    hub's, empty until it has answered. `status` is the HTTP status of its answer, 0 until then.
    """

    number: int
    type: str
    envelope_id: str
    letter_ids: tuple[str, ...]
    receiver: str
    heading: str
    thread: str
    state: str
    wants_receipt: bool
    message_id: str
    status: int


class Outgoing:
    """Sends documents. `answered` is called with each answer, once it is in the logbook."""

    def __init__(self, hub: Hub, book: Logbook, schemas: Schemas, answered: Callable[[Answer], None]) -> None:
        self._hub = hub
        self._book = book
        self._schemas = schemas
        self._answered = answered
        self._under_way: set[asyncio.Task[None]] = set()
        self._answers: dict[int, Entry] = {entry.facts["number"]: entry for entry in book.of("answered")}

    def post(self, document: bytes, about: str = "") -> int:
        """Keeps the document and starts to hand it in. Returns its number. `about` is the message that it answers.

        The bytes may be anything: what the hub says of them is its answer.
        """
        found = known(self._schemas, document)
        first = found.envelope.first if found.envelope else None
        number = self._book.count("sent") + 1
        self._book.write(
            "sent",
            number=number,
            type=found.type,
            envelope_id=found.envelope.identifier if found.envelope else "",
            letter_ids=[letter.identifier for letter in found.envelope.letters] if found.envelope else [],
            sender=first.sender.ean if first else "",
            receiver=first.receiver.ean if first else "",
            heading=(first.subject or "") if first else "",
            thread=(first.thread or "") if first else "",
            wants_receipt=bool(found.envelope and found.envelope.wants_receipt),
            about=about,
            document=base64.b64encode(document).decode(),
        )
        self._start(number, document)
        return number

    def resume(self) -> None:
        """Hands in again what was not answered before the system stopped."""
        for entry in list(self._book.of("sent")):
            if entry.facts["number"] not in self._answers:
                self._start(entry.facts["number"], base64.b64decode(entry.facts["document"]))

    async def stop(self) -> None:
        """Ends the attempts under way; what has no answer stays so."""
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    def all(self) -> list[Sent]:
        """Everything that was sent, oldest first, and how it stands."""
        return [self._standing(entry) for entry in self._book.of("sent")]

    def one(self, number: int) -> Sent:
        """What was sent under this number, and how it stands. Raises KeyError where there is none."""
        return self._standing(self._entry(number))

    def document(self, number: int) -> bytes:
        """The bytes that were sent under this number."""
        return base64.b64decode(self._entry(number).facts["document"])

    def _entry(self, number: int) -> Entry:
        for entry in self._book.of("sent"):
            if entry.facts["number"] == number:
                return entry
        raise KeyError(number)

    def _standing(self, entry: Entry) -> Sent:
        facts, answer = entry.facts, self._answers.get(entry.facts["number"])
        status = answer.facts["status"] if answer else 0
        state = "sent" if not status else "accepted" if status < 300 else "refused"
        receipt = next((one for one in self._book.of("receipt") if one.facts["number"] == facts["number"]), None)
        if receipt is not None and state != "refused":
            state = "acknowledged" if receipt.facts["type"] == ReceiptKind.POSITIVE else "rejected"
        return Sent(
            facts["number"],
            facts["type"],
            facts["envelope_id"],
            tuple(facts["letter_ids"]),
            facts["receiver"],
            facts["heading"],
            facts["thread"],
            state,
            facts["wants_receipt"],
            answer.facts["id"] if answer else "",
            status,
        )

    def _start(self, number: int, document: bytes) -> None:
        task = asyncio.create_task(self._until_answered(number, document))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _until_answered(self, number: int, document: bytes) -> None:
        answer = await self._hub.submit(document)
        said = answer.json
        self._answers[number] = self._book.write(
            "answered",
            number=number,
            status=answer.status,
            id=said.get("id", ""),
            state=said.get("state", ""),
            repeat=said.get("repeat", False),
            fault=said.get("fault") or ("" if answer.status < 300 else said.get("title", "")),
            text_da=said.get("detail_da", ""),
            findings=[finding["code"] for finding in said.get("findings", [])],
        )
        self._answered(answer)
