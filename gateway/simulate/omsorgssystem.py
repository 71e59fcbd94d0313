"""A kommunalt omsorgssystem: it takes letters by mailbox, push or its own AMQP queue, acknowledges and replies; and can be told to
misbehave through its `temper`.
"""

from __future__ import annotations

from typing import Any

from gateway.simulate.system import System
from gateway.simulate.ways import Door, Mailbox


class Omsorgssystem(System):
    """Receives letters. With neither `port` nor `amqp` it fetches from its mailbox.

    `port` makes it listen for pushes (0 takes a free one; `url` is then what the hub is to post to). `amqp` is the broker's URL and the
    endpoint's name, and makes it consume its own queue. `push_secret` and `push_bearer` make it answer 401 to a push without them.
    """

    def __init__(
        self,
        hub_url: str,
        token: str,
        gln: str,
        *,
        host: str = "127.0.0.1",
        port: int | None = None,
        amqp: tuple[str, str] | None = None,
        push_secret: str | None = None,
        push_bearer: str | None = None,
        **system: Any,
    ) -> None:
        super().__init__(hub_url, token, gln, **system)
        self._door = Door(self, host, port, secret=push_secret, bearer=push_bearer) if port is not None else None
        self._amqp = amqp
        self.url = ""

    async def start(self) -> None:
        """Opens the way in that was chosen."""
        if self._door is not None:
            self.url = await self._door.open()
        elif self._amqp is not None:
            # aio-pika takes a while to load, and only this way needs it.
            from gateway.simulate.queue import Queue  # noqa: PLC0415

            self.work(Queue(self.hub, *self._amqp, self).run())
        else:
            self.work(Mailbox(self.hub, self.gln, self).run())

    async def stop(self) -> None:
        """Closes the door; `start` opens it again on the same port. The other ways end with the system."""
        if self._door is not None:
            await self._door.close()
