"""The exchanges, queues and bindings on RabbitMQ, for 3.10 and for 4.x.

    medcom.messages (topic) ──key──> medcom.endpoint.<name> ──given up──> medcom.dead-letters (fanout) ──> medcom.dead-letters
          └─ no key ─> medcom.unroutable (fanout) ──> medcom.unroutable
    medcom.inbox (fanout) ──> medcom.inbox

All queues are quorum queues. Dead-lettering is at-least-once, which needs `reject-publish` beside it (the queues have no length
limit, so nothing is ever rejected for it) and, on a 3.10 that was upgraded, the feature flag `stream_queue`; without the flag
RabbitMQ falls back to at-most-once by itself.
"""

from __future__ import annotations

from aiormq import ChannelLockedResource, ChannelPreconditionFailed
from aiormq.abc import AbstractChannel
from pamqp.common import FieldTable

from gateway.broker.queues import queue_of
from gateway.ports import DEAD_LETTERS, INBOX, UNROUTABLE, BrokerUnavailable

MESSAGES = "medcom.messages"

# RabbitMQ 4 drops what was returned 20 times from a queue that has neither a limit nor a dead-letter exchange. "Never" is spelt
# -1 on 4.x, which 3.10 refuses; a limit that nobody reaches is understood by both.
_NEVER = 1_000_000_000


class TopologyDiffers(BrokerUnavailable):
    """An exchange or queue of ours is there with other arguments, so it is somebody else's or an older gateway's. A person must
    look.
    """

    def __init__(self, what: str, answer: str) -> None:
        super().__init__("topology-differs")
        self.args = (f"{what} exists on the broker with other arguments than ours; move its messages and delete it ({answer})",)


async def declare_common(channel: AbstractChannel) -> None:
    """What is common to all endpoints. Raises TopologyDiffers; the channel is then closed."""
    for name in (UNROUTABLE, DEAD_LETTERS, INBOX):
        await _exchange(channel, name, "fanout", {})
        await _queue(channel, name, {"x-queue-type": "quorum", "x-delivery-limit": _NEVER})
        await channel.queue_bind(name, name)
    await _exchange(channel, MESSAGES, "topic", {"alternate-exchange": UNROUTABLE})


async def declare_endpoint(
    channel: AbstractChannel, endpoint: str, keys: frozenset[str], gone: frozenset[str], delivery_limit: int
) -> None:
    """The endpoint's queue, bound to `keys`, no longer to those `gone`. Raises TopologyDiffers; the channel is then closed."""
    name = queue_of(endpoint)
    arguments: FieldTable = {
        "x-queue-type": "quorum",
        "x-delivery-limit": delivery_limit,
        "x-dead-letter-exchange": DEAD_LETTERS,
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }
    await _queue(channel, name, arguments)
    # The new keys come first: for a moment a parcel may match both, which makes one copy, but never neither.
    for key in sorted(keys):
        await channel.queue_bind(name, MESSAGES, key)
    for key in sorted(gone):
        await channel.queue_unbind(name, MESSAGES, key)


async def ready_count(channel: AbstractChannel, name: str) -> int:
    """How many messages wait in a queue."""
    answer = await channel.queue_declare(name, passive=True)
    return answer.message_count or 0


async def _exchange(channel: AbstractChannel, name: str, kind: str, arguments: FieldTable) -> None:
    try:
        await channel.exchange_declare(name, exchange_type=kind, durable=True, arguments=arguments)
    except ChannelPreconditionFailed as error:
        raise TopologyDiffers(f"exchange {name!r}", str(error)) from error


async def _queue(channel: AbstractChannel, name: str, arguments: FieldTable) -> None:
    try:
        await channel.queue_declare(name, durable=True, arguments=arguments)
    except (ChannelPreconditionFailed, ChannelLockedResource) as error:
        raise TopologyDiffers(f"queue {name!r}", str(error)) from error
