"""The aiohttp application: routes, the one middleware that turns every error into an answer, and the listening socket."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import uuid_utils
from aiohttp import web
from aiohttp.typedefs import Handler

from gateway.events import SubmissionTurnedAway, TaskFailed, Telemetry
from gateway.ports import JournalUnavailable
from gateway.web.problems import Problem, TurnedAway, answer

REQUEST_ID = "X-Request-Id"


def build(routes: Iterable[web.RouteDef], telemetry: Telemetry, max_document: int) -> web.Application:
    """The application with these routes. Bodies are read up to `max_document` bytes."""

    @web.middleware
    async def errors_to_answers(request: web.Request, handler: Handler) -> web.StreamResponse:
        request_id = request.headers.get(REQUEST_ID, "")[:64] or uuid_utils.uuid4().hex
        try:
            response = await handler(request)
        except TurnedAway as turned_away:
            response = _told(turned_away, telemetry)
        except JournalUnavailable:
            response = _told(TurnedAway(Problem.JOURNAL_AWAY), telemetry)
        except web.HTTPRequestEntityTooLarge:
            response = _told(TurnedAway(Problem.TOO_LARGE, limit=max_document), telemetry)
        except web.HTTPNotFound:
            response = _told(TurnedAway(Problem.NO_SUCH_PATH), telemetry)
        except web.HTTPMethodNotAllowed as refused:
            response = _told(TurnedAway(Problem.BAD_METHOD, allowed=sorted(refused.allowed_methods)), telemetry)
            response.headers["Allow"] = ",".join(sorted(refused.allowed_methods))
        except (web.HTTPException, asyncio.CancelledError, ConnectionError):
            raise
        except Exception as bug:  # noqa: BLE001 - the top of every request: a bug is an answer and an event, never a hang
            telemetry.emit(TaskFailed("web", repr(bug)))
            response = _told(TurnedAway(Problem.BUG), telemetry)
        response.headers[REQUEST_ID] = request_id
        return response

    app = web.Application(middlewares=[errors_to_answers], client_max_size=max_document)
    app.add_routes(routes)
    return app


def _told(turned_away: TurnedAway, telemetry: Telemetry) -> web.Response:
    telemetry.emit(SubmissionTurnedAway(turned_away.problem.value.status, turned_away.problem.code))
    return answer(turned_away)


class Server:
    """Listens, and stops in two steps: no new connections, then the answers under way."""

    def __init__(self, app: web.Application, host: str, port: int) -> None:
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=2.0)
        self._host = host
        self._port = port

    async def start(self) -> str:
        """Binds and listens. Returns the URL. Raises OSError where the address is taken."""
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port, backlog=1024)
        await site.start()
        port = self._runner.addresses[0][1]
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{port}"

    async def stop(self) -> None:
        """Answers what is under way and closes."""
        await self._runner.cleanup()
