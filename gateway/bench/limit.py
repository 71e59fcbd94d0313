"""The limit: the fastest thing that does what a gateway must do at the very least, and nothing else.

    POST ─> parse, validate ─> one row, durable ─> publish, confirmed ─> 202        queue ─> POST on ─> ack

One process, uvloop and aiohttp, as the gateway is. It knows no partners, addresses, decisions, duplicates, states, retries,
receipts or logs, records nothing of the delivery, and drops what the receiver does not take. `group` is whether rows that wait
are committed together; the bench takes whichever is faster here.
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import aiohttp
import aiormq
import orjson
import psycopg
import uvloop
from aiohttp import web
from aiormq.abc import DeliveredMessage
from lxml import etree

from gateway.clock import new_message_id
from schemas.validator import load_schemas
from schemas.writer import CORRESPONDENCE

AT_ONCE = 64
"""Deliveries at once; the prefetch."""
CONNECTIONS = 8
"""To PostgreSQL, where each row is committed by itself."""
QUEUE = "medcom.bench.limit"

Row = tuple[str, bytes]
Commit = Callable[[Row], Awaitable[None]]
Deliver = Callable[[bytes], Awaitable[None]]
Publish = Callable[[Row], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Limit:
    """What it is made of. `receiver` is the URL that it posts on to."""

    store: str
    broker: str
    receiver: str
    port: int
    group: bool


class Grouped:
    """Commits all rows that wait in one transaction, in a thread, while the next ones gather."""

    def __init__(self, write: Callable[[Sequence[Row]], None]) -> None:
        self._write = write
        self._waiting: list[tuple[Row, asyncio.Future[None]]] = []
        self._arrived = asyncio.Event()
        self._thread = ThreadPoolExecutor(1)

    async def commit(self, row: Row) -> None:
        """Returns once the row is durable."""
        durable = asyncio.get_running_loop().create_future()
        self._waiting.append((row, durable))
        self._arrived.set()
        await durable

    async def run(self) -> None:
        """For ever."""
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            waiting, self._waiting = self._waiting, []
            await asyncio.get_running_loop().run_in_executor(self._thread, self._write, [row for row, _ in waiting])
            for _, durable in waiting:
                durable.set_result(None)


def sqlite_writer(path: str) -> Callable[[Sequence[Row]], None]:
    """Writes rows in one transaction, durable against power loss."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "wal_autocheckpoint=4000"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("CREATE TABLE message (id TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID")

    def write(rows: Sequence[Row]) -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO message VALUES (?, ?)", rows)
        connection.execute("COMMIT")

    return write


def postgres_writer(url: str) -> Callable[[Sequence[Row]], None]:
    """Writes rows in one statement and transaction."""
    connection = psycopg.connect(url, autocommit=True)

    def write(rows: Sequence[Row]) -> None:
        ids, bodies = zip(*rows, strict=True)
        statement = "INSERT INTO message SELECT * FROM unnest(%b::text[], %b::bytea[])"
        connection.execute(statement, (list(ids), list(bodies)))

    return write


async def postgres_single(url: str) -> Commit:
    """Commits each row by itself, on the next free of several connections."""
    free: asyncio.Queue[psycopg.AsyncConnection[tuple[object, ...]]] = asyncio.Queue()
    for _ in range(CONNECTIONS):
        free.put_nowait(await psycopg.AsyncConnection.connect(url, autocommit=True))

    async def commit(row: Row) -> None:
        connection = await free.get()
        try:
            await connection.execute("INSERT INTO message VALUES (%b, %b)", row, prepare=True)
        finally:
            free.put_nowait(connection)

    return commit


async def committing(limit: Limit, tasks: asyncio.TaskGroup) -> Commit:
    """How a row becomes durable."""
    if limit.store.startswith("postgresql"):
        with psycopg.connect(limit.store, autocommit=True) as connection:
            connection.execute("CREATE TABLE message (id text PRIMARY KEY, body bytea NOT NULL)")
        if not limit.group:
            return await postgres_single(limit.store)
        write = postgres_writer(limit.store)
    else:
        write = sqlite_writer(limit.store.removeprefix("sqlite:///"))
        if not limit.group:
            thread = ThreadPoolExecutor(1)
            return lambda row: asyncio.get_running_loop().run_in_executor(thread, write, [row])
    grouped = Grouped(write)
    tasks.create_task(grouped.run())
    return grouped.commit


async def queueing(limit: Limit, deliver: Deliver, tasks: asyncio.TaskGroup) -> Publish:
    """How a row gets to `deliver`."""
    if limit.broker.startswith("embedded"):
        queue: asyncio.Queue[Row] = asyncio.Queue()

        async def consume() -> None:
            while True:
                await deliver((await queue.get())[1])

        for _ in range(AT_ONCE):
            tasks.create_task(consume())
        return queue.put
    publishing, consuming = [await aiormq.connect(limit.broker) for _ in range(2)]
    sender, taker = await publishing.channel(), await consuming.channel(publisher_confirms=False)
    await taker.queue_declare(QUEUE, durable=True, arguments={"x-queue-type": "quorum"})

    async def publish(row: Row) -> None:
        properties = aiormq.spec.Basic.Properties(message_id=row[0], delivery_mode=2)
        await sender.basic_publish(row[1], routing_key=QUEUE, properties=properties, mandatory=True)

    async def take(message: DeliveredMessage) -> None:
        await deliver(message.body)
        await taker.basic_ack(message.delivery_tag or 0, wait=False)

    await taker.basic_qos(prefetch_count=AT_ONCE)
    await taker.basic_consume(QUEUE, take)
    return publish


async def main(limit: Limit) -> None:
    """Serves until it is ended."""
    schemas, parser = load_schemas(), etree.XMLParser(resolve_entities=False, no_network=True)
    session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), cookie_jar=aiohttp.DummyCookieJar())
    headers = {"Content-Type": "application/xml"}

    async def deliver(body: bytes) -> None:
        async with session.post(limit.receiver, data=body, headers=headers):
            pass

    async with session, asyncio.TaskGroup() as tasks:
        commit = await committing(limit, tasks)
        publish = await queueing(limit, deliver, tasks)

        async def accept(request: web.Request) -> web.Response:
            body = await request.read()
            if not schemas.accepts(etree.fromstring(body, parser), CORRESPONDENCE):
                return web.Response(status=422)
            row = (new_message_id(), body)
            await commit(row)
            await publish(row)
            return web.Response(status=202)

        async def ready(request: web.Request) -> web.Response:
            del request
            return web.Response()

        app = web.Application()
        app.add_routes([web.post("/v1/messages", accept), web.get("/ready", ready)])
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", limit.port, backlog=1024).start()
        await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main(Limit(**orjson.loads(sys.stdin.buffer.read()))))
