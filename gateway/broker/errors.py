"""The one place where the AMQP driver's errors become the port's.

The driver ends waits in many ways when a connection goes: its own errors, OSError, a bare Exception, and CancelledError in a
task that nobody cancelled. All of them are BrokerUnavailable with a short code; only the caller's own cancellation passes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import aiormq

from gateway.ports import BrokerUnavailable

_CODES: tuple[tuple[type[BaseException], str], ...] = (
    (TimeoutError, "timeout"),
    (aiormq.PublishError, "returned"),
    (aiormq.DeliveryError, "not-confirmed"),
    (aiormq.AuthenticationError, "access-refused"),
    (aiormq.ProbableAuthenticationError, "access-refused"),
    (aiormq.ChannelAccessRefused, "access-refused"),
    (aiormq.InvalidFrameError, "refused"),  # how the driver tells that the broker closed in mid-greeting: no such virtual host
    (aiormq.ChannelNotFoundEntity, "no-such-queue"),
    (aiormq.ChannelLockedResource, "locked"),
    (aiormq.ConnectionInternalError, "internal-error"),
)


@contextmanager
def translated() -> Iterator[None]:
    """Raises BrokerUnavailable for whatever the driver raises inside."""
    try:
        yield
    except BrokerUnavailable:
        raise
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
        raise BrokerUnavailable("disconnected") from error
    except Exception as error:
        raise BrokerUnavailable(next((code for kind, code in _CODES if isinstance(error, kind)), "disconnected")) from error
