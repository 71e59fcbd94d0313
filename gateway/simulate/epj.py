"""An EPJ: a hospital's system that writes to kommuner, fetches its receipts, and knows how each of its letters stands."""

from __future__ import annotations

from gateway.simulate.system import System
from gateway.simulate.ways import Mailbox


class Epj(System):
    """Sends letters and fetches receipts and replies from its mailbox."""

    async def start(self) -> None:
        """Starts to fetch."""
        self.work(Mailbox(self.hub, self.gln, self).run())
