"""The systems outside the hub as the fault tests need them: an EPJ and receivers that keep what they are shown and can misbehave.

They run on an event loop of their own, in a thread, so that a test may stop and start processes in plain sequence while they go on.
They do what honest systems must: post the same bytes again until they are answered, know a repeat by its MedCom-Message-Id, and
acknowledge each letter once. All that they were shown is kept, repeats too, with the time.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Coroutine, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from types import TracebackType
from typing import Any, Self, TypeVar

import aiohttp
import orjson

from gateway.directory import new_token, token_hash
from gateway.records import Mode, Partner
from schemas.messages import Envelope
from tests.faults.documents import Letter, envelope_of, receipt_for

T = TypeVar("T")
PAUSE = 0.05
POSTING = 8


class Manner(Enum):
    """How a receiver that is pushed to answers."""

    TAKE = "take"
    FAIL = "fail"  # 500, not kept
    REFUSE = "refuse"  # 422, not kept
    GARBAGE = "garbage"  # kept, and answered by what is no HTTP
    HANG = "hang"  # kept, and never answered
    SLOW = "slow"  # kept, and answered after a second


@dataclass(frozen=True, slots=True)
class Shown:
    """One time that a document was shown to a system."""

    id: str
    at: datetime
    body: bytes


class System:
    """A partner's system. `hubs` are the URLs of the gateways, which are called in turn, and each in the other's place where one
    does not answer. `unasked` has the statuses that no hub should answer: those of 500 and over, but for a 503 that says when to
    come back.
    """

    def __init__(self, name: str, gln: str, hubs: Sequence[str], mode: Mode, *, acknowledges: bool) -> None:
        self.name = name
        self.gln = gln
        self.mode = mode
        self.token = new_token()
        self.manner = Manner.TAKE
        # Held here, or the garbage collector would take whoever waits for it.
        self._never = asyncio.Event()
        self.shown: list[Shown] = []
        self.answers: dict[str, list[int]] = {}
        self.unasked: list[int] = []
        self.port = 0
        self._acknowledges = acknowledges
        self._hubs = deque(hubs)
        self._owed: asyncio.Queue[bytes] = asyncio.Queue()
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._session: aiohttp.ClientSession

    @property
    def partner(self) -> Partner:
        """As the hub has to know it."""
        url = f"http://127.0.0.1:{self.port}/" if self.mode is Mode.PUSH else None
        return Partner(self.name, frozenset({self.gln}), self.mode, token_hash(self.token), url)

    @property
    def kept(self) -> dict[str, bytes]:
        """What it has, by MedCom-Message-Id: a repeat is known by that and not shown to anybody."""
        return {shown.id: shown.body for shown in self.shown}

    @property
    def letters(self) -> list[Envelope]:
        """The envelopes of all that it has."""
        return [envelope_of(body) for body in self.kept.values()]

    async def start(self) -> None:
        """Begins to read its mail and to send the receipts that it owes."""
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20))
        if self.mode is Mode.PUSH:
            await self.up()
        elif self.mode is Mode.PULL:
            self._go(self._fetch_mail())
        for _ in range(POSTING):
            self._go(self._send_receipts())

    async def stop(self) -> None:
        """Ends it."""
        await self.down()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._session.close()

    async def up(self) -> None:
        """Opens its door, at the port that it had before."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def down(self) -> None:
        """Closes its door: connections are refused."""
        if self._server is not None:
            self._server.close()
            self._server = None

    async def send(self, letters: Iterable[Letter]) -> None:
        """Posts all of them, some at once, each until it is answered. The statuses are in `answers`, by envelope id."""
        waiting = iter(letters)

        async def post() -> None:
            for letter in waiting:
                await self.post(letter.envelope_id, letter.body)

        await asyncio.gather(*(post() for _ in range(POSTING)))

    async def post(self, envelope_id: str, body: bytes) -> int:
        """Posts one document until it is answered by something else than 503, and returns the status."""
        seen = self.answers.setdefault(envelope_id, [])
        while True:
            try:
                status, _ = await self._call("POST", "/v1/messages", body)
            except (aiohttp.ClientError, OSError):
                status = 0
            seen.append(status)
            if status not in {0, 503}:
                return status
            await asyncio.sleep(PAUSE)

    def keep(self, message_id: str, body: bytes) -> None:
        """Notes that it was shown this, and owes a receipt for a letter that it sees for the first time."""
        known = message_id in self.kept
        self.shown.append(Shown(message_id, datetime.now(UTC), body))
        if self._acknowledges and not known and envelope_of(body).first.receipt is None:
            self._owed.put_nowait(receipt_for(body))

    async def _send_receipts(self) -> None:
        while True:
            receipt = await self._owed.get()
            await self.post(envelope_of(receipt).identifier, receipt)

    async def _fetch_mail(self) -> None:
        while True:
            try:
                status, listed = await self._call("GET", f"/v1/mailboxes/{self.gln}/messages?wait=5")
                if status == 200:
                    for entry in orjson.loads(listed)["messages"]:
                        await self._fetch(entry["id"])
                else:
                    await asyncio.sleep(PAUSE)
            except (aiohttp.ClientError, OSError):
                await asyncio.sleep(PAUSE)

    async def _fetch(self, message_id: str) -> None:
        path = f"/v1/mailboxes/{self.gln}/messages/{message_id}"
        status, body = await self._call("GET", path)
        if status == 200:
            self.keep(message_id, body)
            await self._call("POST", f"{path}/ack")

    async def _call(self, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/xml"}
        self._hubs.rotate()
        for hub in tuple(self._hubs):
            try:
                async with self._session.request(method, hub + path, data=body, headers=headers) as answer:
                    if answer.status >= 500 and (answer.status != 503 or "Retry-After" not in answer.headers):
                        self.unasked.append(answer.status)
                    return answer.status, await answer.read()
            except (aiohttp.ClientError, OSError) as away:
                failure = away
        raise failure

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[1:-2]
                headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in head)}
                body = await reader.readexactly(int(headers["content-length"]))
                writer.write(await self._answer(headers["medcom-message-id"], body))
                await writer.drain()
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            writer.close()

    async def _answer(self, message_id: str, body: bytes) -> bytes:
        manner = self.manner
        if manner is Manner.FAIL:
            return b"HTTP/1.1 500 Fejl\r\nContent-Length: 0\r\n\r\n"
        if manner is Manner.REFUSE:
            return b"HTTP/1.1 422 Nej\r\nContent-Length: 0\r\n\r\n"
        self.keep(message_id, body)
        if manner is Manner.GARBAGE:
            return b"\x00\xffdette er ikke HTTP\r\n\r\n"
        if manner is Manner.HANG:
            await self._never.wait()
        if manner is Manner.SLOW:
            await asyncio.sleep(1)
        return b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

    def _go(self, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.add(asyncio.create_task(work))


class Outside:
    """The thread and the event loop that the systems live on."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="outside", daemon=True)

    def start(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Begins it there; the future's `result` waits for it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def run(self, work: Coroutine[Any, Any, T], within: float = 60) -> T:
        """Does it there and returns what it gives."""
        return self.start(work).result(within)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.run(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _end(self) -> None:
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        await self._loop.shutdown_asyncgens()
        await self._loop.shutdown_default_executor()
