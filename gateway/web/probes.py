"""Probes for those who run the gateway: alive, ready, and the metrics."""

from __future__ import annotations

import asyncio
from importlib import resources

from aiohttp import web

from gateway.events import Telemetry
from gateway.ports import Broker
from gateway.store import Store
from gateway.web.answers import json_response

WRITE_EVERY = 2.0
ANSWER_WITHIN = 4.0


class Readiness:
    """Whether messages can be accepted, which takes a journal that can be written: it is, at most every WRITE_EVERY seconds. However
    many ask, the journal is asked once at a time, and what it does not answer within ANSWER_WITHIN seconds it cannot do.
    """

    def __init__(self, store: Store, broker: Broker, stopping: asyncio.Event) -> None:
        self._store = store
        self._broker = broker
        self._stopping = stopping
        self._probing: asyncio.Task[str | None] | None = None
        self._write_at = 0.0

    async def now(self) -> dict[str, object]:
        """`ready`, `journal` and `broker`; `reason` where it is not ready; `unserved` where queues of the broker cannot be consumed."""
        trouble = await self._trouble()
        state: dict[str, object] = {
            "ready": trouble is None and not self._stopping.is_set(),
            "journal": trouble is None,
            "broker": self._broker.up,
        }
        if not state["ready"]:
            state["reason"] = "stopping" if trouble is None else f"journal {trouble}"
        if unserved := self._broker.unserved:
            state["unserved"] = sorted(unserved)
        return state

    async def _trouble(self) -> str | None:
        if self._probing is None or self._probing.done():
            now = asyncio.get_running_loop().time()
            write = now >= self._write_at
            if write:
                self._write_at = now + WRITE_EVERY
            self._probing = asyncio.create_task(self._store.probe(write=write), name="probe")
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                return await asyncio.shield(self._probing)
        except TimeoutError:
            return "timeout"


class Probes:
    """The handlers of /live, /ready, /metrics and /openapi.json."""

    def __init__(self, readiness: Readiness, telemetry: Telemetry) -> None:
        self._readiness = readiness
        self._telemetry = telemetry

    def routes(self) -> list[web.RouteDef]:
        """The routes of the probes; none of them asks for a token and none shows a message."""
        return [
            web.get("/live", self.live),
            web.get("/ready", self.ready),
            web.get("/metrics", self.metrics),
            web.get("/openapi.json", self.openapi),
        ]

    async def live(self, request: web.Request) -> web.Response:
        """The process answers."""
        del request
        return json_response({"live": True})

    async def ready(self, request: web.Request) -> web.Response:
        """Whether messages can be accepted: the journal takes what is written. A broker that is away, and queues of its that cannot be
        consumed, are told and do not make it unready.
        """
        del request
        state = await self._readiness.now()
        return json_response(state, 200 if state["ready"] else 503)

    async def metrics(self, request: web.Request) -> web.Response:
        """Prometheus' text format."""
        del request
        return web.Response(
            body=self._telemetry.exposition(), headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"}
        )

    async def openapi(self, request: web.Request) -> web.Response:
        """The description of the interface."""
        del request
        raw = resources.files("gateway.web").joinpath("openapi.json").read_bytes()
        return web.Response(body=raw, content_type="application/json")
