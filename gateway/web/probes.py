"""Probes for those who run the gateway: alive, ready, and the metrics."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from importlib import resources

from aiohttp import web

from gateway.events import Telemetry
from gateway.web.answers import json_response

Check = Callable[[], Awaitable[Mapping[str, object]]]


class Probes:
    """The handlers of /live, /ready, /metrics and /openapi.json. `readiness` says how the journal and the broker are."""

    def __init__(self, readiness: Check, telemetry: Telemetry) -> None:
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
        """Whether messages can be accepted: the journal answers. A broker that is away is told and does not make it unready."""
        del request
        state = await self._readiness()
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
