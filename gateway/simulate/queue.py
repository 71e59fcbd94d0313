"""A receiver's own AMQP queue: the system consumes `medcom.endpoint.<name>` on the broker itself, and acks what it has kept.

What the hub knows of a delivery is in the properties and headers of the message. A document too large for the broker travels by
reference, and is fetched from the hub over HTTP.
"""

from __future__ import annotations

import asyncio

import aio_pika
from aio_pika.abc import AbstractIncomingMessage
from aio_pika.exceptions import AMQPError

from gateway.simulate.hub import FIRST_PAUSE, LONGEST_PAUSE, Hub
from gateway.simulate.ways import Taker

PREFETCH = 16


class Queue:
    """Consumes the queue of the endpoint `name` on the broker at `url` (amqp or amqps)."""

    def __init__(self, hub: Hub, url: str, name: str, taker: Taker) -> None:
        self._hub = hub
        self._url = url
        self._queue = f"medcom.endpoint.{name}"
        self._taker = taker

    async def run(self) -> None:
        """Consumes until cancelled; connects again whenever the connection is lost."""
        pause = FIRST_PAUSE
        while True:
            try:
                connection = await aio_pika.connect(self._url)
                async with connection:
                    pause = FIRST_PAUSE
                    await self._consume(connection)
            except (TimeoutError, AMQPError, OSError) as lost:
                self._taker.book.write("hub_away", doing="AMQP", reason=type(lost).__name__)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _consume(self, connection: aio_pika.abc.AbstractConnection) -> None:
        channel = await connection.channel()
        await channel.set_qos(prefetch_count=PREFETCH)
        # No declaration: the queue is the hub's, and the partner's user may only read it.
        queue = await channel.get_queue(self._queue, ensure=False)
        async with queue.iterator() as messages:
            self._taker.book.write("listening", url=self._queue)
            async for message in messages:
                await self._one(message)

    async def _one(self, message: AbstractIncomingMessage) -> None:
        temper, book = self._taker.temper, self._taker.book
        message_id = message.message_id or ""
        if temper.fails_now():
            book.write("misbehaved", id=message_id, how="given-back")
            await message.reject(requeue=True)
            return
        if temper.reject:
            book.write("misbehaved", id=message_id, how="rejected")
            await message.reject(requeue=False)
            return
        document = await self._document(message)
        if document is None:
            await message.reject(requeue=True)
            return
        entry = self._taker.take(message_id, document)
        if temper.slow:
            book.write("misbehaved", id=message_id, how="slow")
            await asyncio.sleep(temper.slow)
        await message.ack()
        self._taker.settle(entry)

    async def _document(self, message: AbstractIncomingMessage) -> bytes | None:
        if message.headers.get("medcom-body") != "reference":
            return message.body
        answer = await self._hub.document(str(message.headers.get("medcom-address", "")), message.message_id or "")
        return answer.body if answer.status == 200 else None
