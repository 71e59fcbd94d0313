"""Bounded reading of a document that comes in a request's body: its content type, its size, and what all of them may fill at once."""

from __future__ import annotations

import contextlib
import io
from collections.abc import AsyncIterator

import aiohttp
from aiohttp import web

from gateway.web.problems import Problem, TurnedAway

ACCEPTED_TYPES = frozenset({"application/xml", "text/xml"})
# What may be in memory at once of documents not yet judged; beyond it senders are asked to come back.
BUDGET_BYTES = 256 * 1024 * 1024


class Bodies:
    """One budget for every path that takes documents. `max_document` is in bytes."""

    def __init__(self, max_document: int) -> None:
        self.max_document = max_document
        self._in_memory = 0

    @contextlib.asynccontextmanager
    async def reading(self, request: web.Request) -> AsyncIterator[bytes]:
        """The body, which counts against the budget for as long as the block lasts.

        Raises TurnedAway with MEDIA_TYPE, TOO_LARGE or BUSY.
        """
        if request.content_type not in ACCEPTED_TYPES:
            raise TurnedAway(Problem.MEDIA_TYPE, accepted=sorted(ACCEPTED_TYPES))
        announced = request.content_length or 0
        if announced > self.max_document:
            raise TurnedAway(Problem.TOO_LARGE, limit=self.max_document)
        if self._in_memory + announced > BUDGET_BYTES:
            raise TurnedAway(Problem.BUSY)
        self._in_memory += announced
        try:
            yield await self._read(request.content)
        finally:
            self._in_memory -= announced

    async def _read(self, content: aiohttp.StreamReader) -> bytes:
        # Not by `request.read()`, which keeps the body for as long as the connection is open.
        first = await content.readany()
        if content.at_eof() and len(first) <= self.max_document:
            return first
        body = io.BytesIO()  # it grows in its place and gives itself up without another copy
        size = body.write(first)
        while size <= self.max_document and not content.at_eof():
            size += body.write(await content.readany())
        if size > self.max_document:
            raise TurnedAway(Problem.TOO_LARGE, limit=self.max_document)
        return body.getvalue()
