"""What both brokers agree on: the names of the endpoints' queues and the limits that a parcel meets."""

from __future__ import annotations

_PREFIX = "medcom.endpoint."

DELIVERY_LIMIT = 20
"""How often an endpoint's queue takes a parcel back before it is a dead letter; RabbitMQ 4's own default. It is an argument of
the queue: another number needs new queues.
"""

HELD_BYTES = 64 * 1024 * 1024
"""How many bytes of documents the embedded broker keeps in memory."""


def queue_of(endpoint: str) -> str:
    """The name of an endpoint's queue."""
    return _PREFIX + endpoint


def endpoint_of(queue: str) -> str:
    """The endpoint whose queue has this name, or the empty text where it is not an endpoint's."""
    return queue.removeprefix(_PREFIX) if queue.startswith(_PREFIX) else ""
