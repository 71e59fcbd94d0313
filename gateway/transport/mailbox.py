"""Pull: the parcel becomes available in its receiver's mailbox, which is a view of the journal, and whoever waits there is woken.

The document stays where it is durable already. The receiver lists, fetches and acknowledges over HTTP; only the acknowledgement
makes the message delivered.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict

from gateway.records import Parcel, Partner
from gateway.transport.handed import HandedOver
from routing.lifecycle import Happening


class MailboxBell:
    """Wakes those who wait for mail to an endpoint, in this process. Waiters also look for themselves now and then, because the
    mail may have been laid in by another process.
    """

    def __init__(self) -> None:
        self._waiting: dict[str, set[asyncio.Event]] = defaultdict(set)

    def ring(self, endpoint: str) -> None:
        """There is mail for the endpoint."""
        for event in self._waiting.get(endpoint, ()):
            event.set()

    def ring_all(self) -> None:
        """Everybody looks: the gateway stops, and a long poll should end with what there is."""
        for endpoint in tuple(self._waiting):
            self.ring(endpoint)

    async def wait(self, endpoint: str, seconds: float) -> None:
        """Returns at the next ring for the endpoint, or after so many seconds."""
        event = asyncio.Event()
        self._waiting[endpoint].add(event)
        try:
            async with asyncio.timeout(seconds):
                await event.wait()
        except TimeoutError:
            pass
        finally:
            self._waiting[endpoint].discard(event)
            if not self._waiting[endpoint]:
                del self._waiting[endpoint]


class MailboxTransport:
    """Lays parcels into mailboxes."""

    async def hand_over(self, parcel: Parcel, body: bytes, partner: Partner) -> HandedOver:
        """Says DEPOSITED; the journal makes it so in hop 8, and the bell is rung after that."""
        del parcel, body, partner
        return HandedOver(Happening.DEPOSITED)
