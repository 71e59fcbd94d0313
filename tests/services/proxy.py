"""A TCP proxy between a client and a real server that can break the line: cut it, or swallow what passes.

It runs on the test's own event loop. Where a server is restarted or killed the server itself is the tool; this is for what
happens to the line alone while the server is well.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Protocol

import pytest

_CHUNK = 64 * 1024


class Proxy:
    """Listens on a free port of loopback (`port`) and passes on to `host:target`."""

    def __init__(self, target: int, host: str = "127.0.0.1") -> None:
        self.port = 0
        self._address = (host, target)
        self._server: asyncio.Server | None = None
        self._swallowing: set[bool] = set()
        self._lines: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()

    async def start(self) -> None:
        """Starts listening."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Resets every connection, and refuses new ones until `heal`."""
        await self._stop_listening()
        self._reset_all()

    def black_hole(self, *, to_server: bool = True, to_client: bool = True) -> None:
        """Swallows what passes in the directions named, on the lines there are and on new ones; nobody is told."""
        self._swallowing = {direction for direction, on in ((True, to_server), (False, to_client)) if on}

    async def heal(self) -> None:
        """Passes everything again. Lines that have lost bytes are reset, as no protocol could go on with them."""
        if self._swallowing:
            self._swallowing = set()
            self._reset_all()
        if self._server is None:
            await self.start()

    async def close(self) -> None:
        """Ends the proxy and all its lines."""
        await self._stop_listening()
        self._reset_all()
        lines = list(self._lines)
        for line in lines:
            line.cancel()
        await asyncio.gather(*lines, return_exceptions=True)

    async def _stop_listening(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.close()

    def _reset_all(self) -> None:
        for writer in self._writers:
            _reset(writer)
        self._writers.clear()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = asyncio.current_task()
        assert line is not None
        self._lines.add(line)
        self._writers.add(writer)
        try:
            with suppress(OSError):
                server_reader, server_writer = await asyncio.open_connection(*self._address)
                self._writers.add(server_writer)
                await asyncio.gather(
                    self._pass(reader, server_writer, to_server=True), self._pass(server_reader, writer, to_server=False)
                )
        finally:
            self._lines.discard(line)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, to_server: bool) -> None:
        try:
            while data := await reader.read(_CHUNK):
                if to_server not in self._swallowing:
                    writer.write(data)
                    await writer.drain()
        except OSError:
            _reset(writer)
        finally:
            self._writers.discard(writer)
            writer.close()


def _reset(writer: asyncio.StreamWriter) -> None:
    """Ends a connection by RST, as a firewall or a dying machine does, not by an orderly FIN."""
    with suppress(OSError):
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


class StartProxy(Protocol):
    """What the fixture gives: `await proxy_to(port)`."""

    async def __call__(self, target: int) -> Proxy:
        """A running proxy to a port of loopback, closed at the end of the test."""
        ...


@pytest.fixture
async def proxy_to() -> AsyncIterator[StartProxy]:
    """Starts proxies to ports of loopback and closes them at the end of the test."""
    proxies: list[Proxy] = []

    async def start(target: int) -> Proxy:
        proxy = Proxy(target)
        await proxy.start()
        proxies.append(proxy)
        return proxy

    yield start
    for proxy in proxies:
        await proxy.close()
