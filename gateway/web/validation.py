"""A document judged and not sent: nothing of it is stored, logged or answered to anybody but the one who asks."""

from __future__ import annotations

import asyncio

from aiohttp import web

from gateway.clock import danish_day
from gateway.directory import DirectoryWatch
from gateway.ports import Clock
from gateway.validation import report_of
from gateway.web.access import calling_partner
from gateway.web.answers import json_response
from gateway.web.bodies import Bodies
from schemas.document import examine_document
from schemas.validator import Schemas

# Explaining is work for the processor, which what is sent has the first claim to.
AT_ONCE = 2


class Validation:
    """The handler of /v1/validate. Any partner may ask, of any document: it is bound to no lokationsnummer."""

    def __init__(self, schemas: Schemas, watch: DirectoryWatch, clock: Clock, bodies: Bodies) -> None:
        self._schemas = schemas
        self._watch = watch
        self._clock = clock
        self._bodies = bodies
        self._turns = asyncio.Semaphore(AT_ONCE)

    def routes(self) -> list[web.RouteDef]:
        """The route of the validation."""
        return [web.post("/v1/validate", self.validate)]

    async def validate(self, request: web.Request) -> web.Response:
        """The report, with 200 whatever the verdict is; its findings are in Danish and in English."""
        await calling_partner(request, self._watch)
        limit, today = self._bodies.max_document, danish_day(self._clock.now())
        async with self._bodies.reading(request) as body, self._turns:
            found = await asyncio.to_thread(examine_document, body, self._schemas, limit=limit, on=today)
            return json_response(report_of(found))
