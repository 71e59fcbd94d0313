"""A partner on RabbitMQ: it publishes to `medcom.inbox` and consumes its own queue, with its own user and no other rights."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from urllib.parse import urlsplit

import aio_pika

INBOX = "medcom.inbox"
DEADLINE = 60.0


@dataclass
class Got:
    """What was taken from a queue."""

    body: bytes
    message_id: str
    type: str
    content_type: str
    routing_key: str
    headers: dict[str, object]


def as_user(url: str, name: str, password: str) -> str:
    """The broker's URL for another user."""
    parts = urlsplit(url)
    return parts._replace(netloc=f"{name}:{password}@{parts.hostname}:{parts.port}").geturl()


def publish(url: str, *documents: bytes, user: str | None = None, routing_key: str = "") -> None:
    """Publishes documents to the inbox, each confirmed. `user` is what `user_id` says."""

    async def work() -> None:
        async with await aio_pika.connect(url) as connection:
            channel = await connection.channel()
            exchange = await channel.get_exchange(INBOX, ensure=False)
            for document in documents:
                message = aio_pika.Message(document, content_type="application/xml", user_id=user)
                await exchange.publish(message, routing_key)

    asyncio.run(asyncio.wait_for(work(), DEADLINE))


def take(url: str, queue: str, count: int) -> list[Got]:
    """Takes and acknowledges so many messages from a queue."""

    async def work() -> list[Got]:
        got: list[Got] = []
        async with await aio_pika.connect(url) as connection:
            channel = await connection.channel()
            await channel.set_qos(prefetch_count=1)
            source = await channel.get_queue(queue, ensure=False)
            async with source.iterator() as messages:
                async for message in messages:
                    fields = (message.body, message.message_id or "", message.type or "", message.content_type or "")
                    got.append(Got(*fields, message.routing_key or "", dict(message.headers)))
                    await message.ack()
                    if len(got) == count:
                        break
        return got

    return asyncio.run(asyncio.wait_for(work(), DEADLINE))
