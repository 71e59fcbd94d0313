"""An HTTP client that does one thing: POST a document on a kept connection and say which status came back.

The load and the receiver share two cores with what they measure. A general client would cost as much as the gateway does; this
one reads the status line and the Content-Length, which is all that the answers of the targets need.
"""

from __future__ import annotations

import asyncio
from typing import cast
from urllib.parse import urlsplit


class Connection(asyncio.Protocol):
    """One connection, one request at a time."""

    def __init__(self, head: bytes) -> None:
        self._head = head
        self._buffer = b""
        self._answer: asyncio.Future[int] | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """For asyncio."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is no subclass

    def connection_lost(self, exc: Exception | None) -> None:
        """For asyncio. Whoever waits for an answer is told."""
        self._transport = None
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(exc or ConnectionResetError("closed before its answer"))

    def data_received(self, data: bytes) -> None:
        """For asyncio. Completes the answer once its body is there."""
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        at = self._buffer.lower().find(b"content-length:", 0, end)
        length = 0 if at < 0 else int(self._buffer[at + 15 : self._buffer.find(b"\r\n", at)])
        if len(self._buffer) < end + 4 + length:
            return
        status, self._buffer = int(self._buffer[9:12]), b""
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(status)

    async def post(self, document: bytes) -> int:
        """The status of the answer. Raises OSError where the connection ends before it."""
        if self._transport is None:
            raise ConnectionResetError("closed")
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(b"%sContent-Length: %d\r\n\r\n%s" % (self._head, len(document), document))
        return await self._answer

    def close(self) -> None:
        """Closes it."""
        if self._transport is not None:
            self._transport.close()


class Door:
    """Where documents are posted: keeps as many connections as there are posts at once."""

    def __init__(self, url: str, token: str) -> None:
        parts = urlsplit(url)
        self._address = (parts.hostname or "", parts.port or 80)
        self._head = (
            f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nAuthorization: Bearer {token}\r\n"
            "Content-Type: application/xml\r\n"
        ).encode()
        self._idle: list[Connection] = []

    async def post(self, document: bytes) -> int:
        """The status of the answer, 0 where there was none."""
        try:
            connection = self._idle.pop() if self._idle else await self._connect()
            status = await connection.post(document)
        except OSError:
            return 0
        self._idle.append(connection)
        return status

    def close(self) -> None:
        """Closes what is idle."""
        for connection in self._idle:
            connection.close()

    async def _connect(self) -> Connection:
        _, connection = await asyncio.get_running_loop().create_connection(lambda: Connection(self._head), *self._address)
        return connection
