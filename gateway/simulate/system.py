"""One outside system with one lokationsnummer: what it has in common whether it is a hospital's or a kommune's.

    way in ─> take: kept ─> the hub is told ─> settle: receipt, reply ─> Outgoing ─> hub

Whatever happens in between, the logbook knows what is still owed, and a system that starts again settles it.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable, Coroutine
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiohttp

from gateway.simulate import documents
from gateway.simulate.hub import Answer, Hub
from gateway.simulate.incoming import Incoming
from gateway.simulate.logbook import Entry, Logbook
from gateway.simulate.outgoing import Outgoing, Sent
from gateway.simulate.temper import Temper
from schemas.carried import Carried
from schemas.messages import Party, ReceiptKind, RefuseCode
from schemas.validator import Schemas, load_schemas

DEADLINE = 30.0

_REFUSAL_DA = "Simulatoren blev bedt om at afvise."
_INVALID_DA = "Meddelelsen kunne ikke læses af modtagersystemet."


class System:
    """A system that sends letters and receives them. Use it with `async with`.

    `gln` is its lokationsnummer, `name` its organisation's name in the letters that it writes. `store` is the file of its logbook, None
    for memory alone; `listener` hears each entry.
    """

    def __init__(
        self,
        hub_url: str,
        token: str,
        gln: str,
        *,
        name: str,
        unit: str = "",
        temper: Temper | None = None,
        store: Path | None = None,
        listener: Callable[[Entry], None] | None = None,
    ) -> None:
        self.gln = gln
        self.temper = temper or Temper()
        self.book = Logbook(store, listener)
        self._party = documents.party(gln, name, unit)
        self._hub_url = hub_url
        self._token = token
        self._schemas: Schemas = load_schemas()
        self._tasks: list[asyncio.Task[None]] = []
        self._incoming = Incoming(self.book, self._schemas, self.temper)

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        self.hub = Hub(self._session, self._hub_url, self._token, self._away)
        self._outgoing = Outgoing(self.hub, self.book, self._schemas, self._answered)
        # What is left of the last run comes first: what comes in now is handed in once, and by itself.
        self._outgoing.resume()
        for entry in list(self.book.of("received")):
            self.settle(entry)
        try:
            await self.start()
        except BaseException:
            await self._close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._close()

    async def _close(self) -> None:
        await self.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._outgoing.stop()
        await self._session.close()
        self.book.close()

    async def start(self) -> None:
        """Opens the system's way in."""

    async def stop(self) -> None:
        """Closes the system's way in."""

    def work(self, way: Coroutine[Any, Any, None]) -> None:
        """Runs a way in for as long as the system lives."""
        self._tasks.append(asyncio.create_task(self._guarded(way)))

    async def _guarded(self, way: Coroutine[Any, Any, None]) -> None:
        try:
            await way
        except Exception as bug:
            self.book.write("stopped", reason=repr(bug))
            raise

    def post(self, document: bytes) -> int:
        """Keeps the bytes, unchanged, and hands them in until the hub answers. Returns the number that `sent` knows them by."""
        return self._outgoing.post(document)

    def write(self, to: Party, heading: str, text: str, thread: str | None = None) -> bytes:
        """A letter from this system about the synthetic patient, not yet sent. Raises ValueError for what no schema allows."""
        return documents.letter(self._schemas, self._party, to, heading, text, thread=thread)

    def enveloped(self, document: bytes) -> bytes:
        """A letter in a VANSEnvelope of its own. Raises ValueError for what is no letter."""
        return documents.enveloped(self._schemas, document)

    def sent(self, number: int) -> Sent:
        """What was sent under this number, and how it stands."""
        return self._outgoing.one(number)

    def document(self, number: int) -> bytes:
        """The bytes that were sent under this number."""
        return self._outgoing.document(number)

    def all_sent(self) -> list[Sent]:
        """All that was sent, receipts too, oldest first."""
        return self._outgoing.all()

    def received(self) -> list[Entry]:
        """The letters that the system shows: each once."""
        return list(self.book.of("received"))

    async def answered(self, number: int, within: float = DEADLINE) -> Sent:
        """Waits until the hub has answered. Raises TimeoutError."""
        return await self.book.until(lambda: one if (one := self.sent(number)).status else None, within)

    async def receipt_for(self, message_id: str, within: float = DEADLINE) -> Sent:
        """Waits until the hub has answered the receipt that this system sent for a message. Raises TimeoutError."""

        def found() -> Sent | None:
            about = (one.facts for one in self.book.of("sent") if one.facts["about"] == message_id)
            number = next((facts["number"] for facts in about if facts["type"].startswith("XCTL")), None)
            return one if number is not None and (one := self.sent(number)).status else None

        return await self.book.until(found, within)

    async def receipted(self, number: int, within: float = DEADLINE) -> Entry:
        """Waits for the receipt for what was sent under this number. Raises TimeoutError."""
        return await self.book.until(lambda: self._first("receipt", number=number), within)

    async def letter(self, within: float = DEADLINE, **facts: Any) -> Entry:
        """Waits for a letter with these facts (`thread=…`, `sender=…`) to have been received. Raises TimeoutError."""
        return await self.book.until(lambda: self._first("received", **facts), within)

    def take(self, message_id: str, document: bytes) -> Entry:
        """Keeps a document that came in; it is on disk when this returns."""
        return self._incoming.take(message_id, document)

    def settle(self, entry: Entry) -> None:
        """Sends the receipt and the reply that are owed for a document, where they have not been sent."""
        if entry.what == "repeat" and entry.facts["why"] == "letter_id":
            self._answer_again(entry.facts["first_id"])
            return
        first = self._first("received", id=entry.facts["first_id"]) if entry.what == "repeat" else entry
        if first is not None and first.what == "received":
            self._answer(first)

    def _answer(self, entry: Entry) -> None:
        facts, done = entry.facts, self._types_sent_about(entry.facts["id"])
        document = base64.b64decode(facts["document"])
        found = documents.known(self._schemas, document)
        envelope = found.envelope
        if envelope is None:
            return
        if facts["owed"] and facts["owed"] not in done:
            self._outgoing.post(self._receipt(found, entry), about=facts["id"])
        if facts["reply"] and "XDIS91" not in done:
            first = envelope.first
            reply = documents.letter(
                self._schemas,
                self._party,
                first.sender,
                f"SV: {first.subject}" if first.subject else "",
                facts["reply"],
                thread=first.thread,
                patient=documents.patient_of(self._schemas, document),
            )
            self._outgoing.post(documents.enveloped(self._schemas, reply) if found.in_vans else reply, about=facts["id"])

    def _answer_again(self, first_id: str) -> None:
        """A letter that its sender sent anew lacks its receipt: the same content again, in a new envelope (MedCom, reliable
        messaging).
        """
        first = self._first("received", id=first_id)
        if first is not None and first.facts["owed"]:
            found = documents.known(self._schemas, base64.b64decode(first.facts["document"]))
            self._outgoing.post(self._receipt(found, first), about=first_id)

    def _receipt(self, found: Carried, entry: Entry) -> bytes:
        envelope, kind = found.envelope, ReceiptKind(entry.facts["owed"])
        assert envelope is not None  # noqa: S101 - nothing is owed for what could not be read
        if kind is ReceiptKind.POSITIVE:
            content = documents.answer(envelope, kind)
        elif entry.facts["valid"]:
            content = documents.answer(envelope, kind, RefuseCode.UNSPECIFIED, _REFUSAL_DA)
        else:
            content = documents.answer(envelope, kind, RefuseCode.SYNTAX, _INVALID_DA)
        return documents.receipt(self._schemas, content, self.gln, found.in_vans)

    def _answered(self, answer: Answer) -> None:
        """The hub's own negative receipt may come with its answer."""
        receipt = answer.json.get("receipt")
        if receipt:
            self.take("", base64.b64decode(receipt["base64"]))

    def _away(self, doing: str, reason: str) -> None:
        self.book.write("hub_away", doing=doing, reason=reason)

    def _types_sent_about(self, message_id: str) -> set[str]:
        return {entry.facts["type"] for entry in self.book.of("sent") if message_id and entry.facts["about"] == message_id}

    def _first(self, what: str, **facts: Any) -> Entry | None:
        matching = (one for one in self.book.of(what) if all(one.facts[key] == value for key, value in facts.items()))
        return next(matching, None)
