"""The ways in which a document reaches a simulated system: its mailbox at the hub, its own HTTP door, its own AMQP queue.

Each takes a document, says so to the hub only when it is kept, and lets the system settle what it owes after that. How it
misbehaves, when it is told to, is each way's own: a failure is a 500 at the door, a letter left in the mailbox, one given back to the
queue.
"""

from __future__ import annotations

import asyncio
import hmac
from datetime import UTC, datetime
from typing import Protocol

from aiohttp import web

from gateway.signatures import NotSigned, verify
from gateway.simulate.hub import FIRST_PAUSE, LONG_POLL, LONGEST_PAUSE, Hub
from gateway.simulate.logbook import Entry, Logbook
from gateway.simulate.temper import Temper

LARGEST_DOCUMENT = 128 * 1024 * 1024


class Taker(Protocol):
    """The system that a way leads to."""

    @property
    def book(self) -> Logbook:
        """Its logbook."""
        ...

    @property
    def temper(self) -> Temper:
        """How it behaves now."""
        ...

    def take(self, message_id: str, document: bytes) -> Entry:
        """Keeps the document; it is on disk when this returns."""
        ...

    def settle(self, entry: Entry) -> None:
        """Sends what is owed for it."""
        ...


class Mailbox:
    """Fetches from the mailbox of one lokationsnummer by long poll."""

    def __init__(self, hub: Hub, gln: str, taker: Taker) -> None:
        self._hub = hub
        self._gln = gln
        self._taker = taker

    async def run(self) -> None:
        """Fetches until cancelled. The first look does not wait, so that whoever started the system learns that it got through."""
        wait = 0.0
        while True:
            listed = await self._hub.waiting(self._gln, wait)
            if listed.status != 200:
                self._taker.book.write("not_allowed", status=listed.status, text_da=listed.json.get("detail_da", ""))
                await asyncio.sleep(LONGEST_PAUSE)
                continue
            if wait == 0:
                self._taker.book.write("listening", url=f"postkassen {self._gln}")
                wait = LONG_POLL
            for row in listed.json["messages"]:
                await self._fetch(row["id"])

    async def _fetch(self, message_id: str) -> None:
        temper, book = self._taker.temper, self._taker.book
        if temper.fails_now() or temper.reject:
            book.write("misbehaved", id=message_id, how="left-in-mailbox")
            await asyncio.sleep(FIRST_PAUSE)
            return
        document = await self._hub.document(self._gln, message_id)
        if document.status != 200:
            await asyncio.sleep(FIRST_PAUSE)
            return
        entry = self._taker.take(message_id, document.body)
        if temper.slow:
            book.write("misbehaved", id=message_id, how="slow")
            await asyncio.sleep(temper.slow)
        acknowledged = await self._hub.acknowledge(self._gln, message_id)
        if acknowledged.status != 200:
            book.write("ack_refused", id=message_id, status=acknowledged.status)
        self._taker.settle(entry)


class Door:
    """A small HTTP server that the hub pushes to. `port` 0 takes a free one.

    With a `secret` it takes only what is signed with it (Standard Webhooks), with a `bearer` only what carries that token.
    """

    def __init__(
        self, taker: Taker, host: str = "127.0.0.1", port: int = 0, *, secret: str | None = None, bearer: str | None = None
    ) -> None:
        self._taker = taker
        self._host = host
        self._port = port
        self._secret = secret
        self._bearer = bearer
        self._runner: web.AppRunner | None = None

    async def open(self) -> str:
        """Listens. Returns the URL to give to `partners add --push`. Raises OSError where the port is taken."""
        app = web.Application(client_max_size=LARGEST_DOCUMENT)
        app.router.add_post("/{path:.*}", self._called)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._port).start()
        self._port = self._runner.addresses[0][1]
        url = f"http://{self._host}:{self._port}/medcom"
        self._taker.book.write("listening", url=url)
        return url

    async def close(self) -> None:
        """Stops listening. The port is kept for the next `open`, as a system that was restarted keeps its address."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _called(self, request: web.Request) -> web.StreamResponse:
        temper, book = self._taker.temper, self._taker.book
        message_id = request.headers.get("MedCom-Message-Id", "")
        document = await request.read()
        if (wrong := self._stranger(request, document)) is not None:
            book.write("turned_away", id=message_id, reason=wrong)
            return web.Response(status=401)
        if temper.fails_now():
            book.write("misbehaved", id=message_id, how="http-500")
            return web.Response(status=500)
        if temper.reject:
            book.write("misbehaved", id=message_id, how="http-422")
            return web.Response(status=422)
        entry = self._taker.take(message_id, document)
        if temper.garbage:
            return self._garbage(request, message_id)
        try:
            if temper.slow:
                book.write("misbehaved", id=message_id, how="slow")
                await asyncio.sleep(temper.slow)
            return await _taken(request)
        finally:
            # After the answer, and even where the hub is no longer there to read it: the document is kept, so its receipt is owed.
            self._taker.settle(entry)

    def _stranger(self, request: web.Request, document: bytes) -> str | None:
        """Why this is not known to be the hub, or None."""
        given = request.headers.get("Authorization", "").encode(errors="surrogateescape")
        if self._bearer is not None and not hmac.compare_digest(given, f"Bearer {self._bearer}".encode()):
            return "wrong-bearer"
        try:
            if self._secret is not None:
                verify(self._secret, request.headers, document, datetime.now(UTC))
        except NotSigned as wrong:
            return wrong.reason
        return None

    def _garbage(self, request: web.Request, message_id: str) -> web.StreamResponse:
        self._taker.book.write("misbehaved", id=message_id, how="garbage")
        if request.transport is not None:
            request.transport.write(b"\x00\xff\xfe ikke HTTP \r\n\r\n\x00")
            request.transport.close()
        return web.Response(status=500)


async def _taken(request: web.Request) -> web.StreamResponse:
    response = web.Response(status=200)
    await response.prepare(request)
    await response.write_eof()
    return response
