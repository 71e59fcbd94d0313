"""A sender's side: hand in a document, and ask what became of it."""

from __future__ import annotations

from aiohttp import web

from gateway.clock import new_message_id
from gateway.directory import DirectoryWatch
from gateway.intake import Intake
from gateway.ports import Archive, Attachments, Clock
from gateway.records import Document, Origin, Query, Submission
from gateway.web.access import calling_partner, may_see
from gateway.web.answers import json_response, shown_in_full, submission_response
from gateway.web.bodies import Bodies
from gateway.web.problems import Problem, TurnedAway
from schemas.messages import ReceiptKind

RECEIPTS = frozenset(ReceiptKind)


class Messages:
    """The handlers under /v1/messages."""

    def __init__(  # noqa: PLR0917 - the use case, what is read, and what a request is tried on
        self,
        intake: Intake,
        archive: Archive,
        attachments: Attachments,
        watch: DirectoryWatch,
        clock: Clock,
        bodies: Bodies,
    ) -> None:
        self._intake = intake
        self._archive = archive
        self._attachments = attachments
        self._watch = watch
        self._clock = clock
        self._bodies = bodies

    def routes(self) -> list[web.RouteDef]:
        """The routes of the sender's interface."""
        return [web.post("/v1/messages", self.submit), web.get("/v1/messages/{id}", self.show)]

    async def submit(self, request: web.Request) -> web.Response:
        """Hop 1: the partner, the bounded read, then the use case and its answer."""
        partner, _ = await calling_partner(request, self._watch)
        async with self._bodies.reading(request) as body:
            document = Document(body, request.headers["Content-Type"])
            submission = Submission(new_message_id(), Origin.HTTP, partner, document, self._clock.now())
            return submission_response(await self._intake.submit(submission))

    async def show(self, request: web.Request) -> web.Response:
        """State, timeline, receipts and attachments, to the message's sender and receivers only."""
        partner, _ = await calling_partner(request, self._watch)
        record = await self._archive.record(request.match_info["id"])
        if record is None or not may_see(partner, record):
            raise TurnedAway(Problem.NOT_FOUND)
        timeline = await self._archive.timeline(record.id)
        about = await self._archive.find(Query(regards=record.id))  # repeats and refusals too
        receipts = [other for other in about if other.type in RECEIPTS]
        attachments = await self._attachments.of_message(record.id)
        return json_response(shown_in_full(record, timeline, receipts, attachments))
