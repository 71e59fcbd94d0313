"""Everybody who gets mail, in one process: the receiver of the letters, who may answer each with a receipt, and their sender.

A trivial aiohttp server, the same for the gateway and for the limit. It notes in the ledger what came and when, and holds each
document against the bytes that were sent.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import orjson
import uvloop
from aiohttp import web

from gateway.bench.documents import letters, receipts
from gateway.bench.ledger import Ledger
from gateway.bench.posting import Door
from schemas.validator import load_schemas

LETTERS = "/letters"
FROM_LIMIT = "/letters-from-the-limit"
RECEIPTS = "/receipts"
AT_ONCE = 32
"""How many receipts are posted at once; the letters are answered meanwhile."""


class Receiver:
    """The handlers. `hub` is the URL and the token to post receipts with, None where letters ask for none."""

    def __init__(self, ledger: Ledger, hub: Mapping[str, str] | None) -> None:
        schemas = load_schemas()
        self._ledger = ledger
        self._letters = letters(schemas, receipts=hub is not None)
        self._receipts = receipts(schemas)
        self._door = Door(hub["url"], hub["token"]) if hub else None
        self._owed: asyncio.Queue[int] = asyncio.Queue()

    async def letter(self, request: web.Request) -> web.Response:
        """A letter from the gateway or the limit: noted. The gateway is owed its receipt, where there is one."""
        body, now, ledger = await request.read(), time.monotonic_ns(), self._ledger
        number = self._letters.number(body)
        ledger.copies[number] += 1
        if ledger.copies[number] == 1:
            ledger.received[number] = now
            if self._door is None or request.path == FROM_LIMIT:
                ledger.count_done()
            else:
                self._owed.put_nowait(number)
        ledger.altered[number] += body != self._letters.document(number)
        return web.Response()

    async def receipt(self, request: web.Request) -> web.Response:
        """A receipt, at the letter's sender."""
        body, now, ledger = await request.read(), time.monotonic_ns(), self._ledger
        number = self._receipts.number(body)
        ledger.receipt_copies[number] += 1
        if ledger.receipt_copies[number] == 1:
            ledger.receipted[number] = now
            ledger.count_done()
        ledger.altered[number] += body != self._receipts.document(number)
        return web.Response()

    async def ready(self, request: web.Request) -> web.Response:
        """Whether it listens."""
        del request
        return web.Response()

    async def acknowledge(self) -> None:
        """Posts the receipts that are owed, for ever. One that is not taken at once is missing in the end, and shows."""
        while self._door is not None:
            await self._door.post(self._receipts.document(await self._owed.get()))


async def main(ledger: str, size: int, port: int, hub: Mapping[str, str] | None) -> None:
    """Serves until it is ended."""
    receiver = Receiver(Ledger(Path(ledger), size), hub)
    app = web.Application()
    app.add_routes([web.post(path, receiver.letter) for path in (LETTERS, FROM_LIMIT)])
    app.add_routes([web.post(RECEIPTS, receiver.receipt), web.get("/ready", receiver.ready)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.gather(*(receiver.acknowledge() for _ in range(AT_ONCE)), asyncio.Event().wait())


if __name__ == "__main__":
    uvloop.run(main(**orjson.loads(sys.stdin.buffer.read())))
