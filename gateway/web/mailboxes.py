"""A receiver that fetches: list (long poll), content, acknowledge.

The mailbox is a view of the journal. Listing and fetching change nothing; only `ack` makes a message delivered, and it may be called
again without harm.
"""

from __future__ import annotations

import asyncio

from aiohttp import web

from gateway.directory import DirectoryWatch
from gateway.ports import Archive, Clock, Journal
from gateway.records import MessageRecord, Outcome, Partner
from gateway.transport.mailbox import MailboxBell
from gateway.web.access import calling_partner
from gateway.web.answers import document_response, json_response, shown_in_mailbox
from gateway.web.problems import Problem, TurnedAway
from routing.lifecycle import SETTLED, Happening, State
from sor.identifiers import normal_gln

LIST_LIMIT = 100
LONGEST_WAIT = 60.0
# Mail may be laid in by another process, whose bell does not ring here.
LOOK_AGAIN_SECONDS = 1.0


class Mailboxes:
    """The handlers under /v1/mailboxes/{gln}/messages."""

    def __init__(
        self,
        *,
        journal: Journal,
        archive: Archive,
        watch: DirectoryWatch,
        bell: MailboxBell,
        clock: Clock,
        stopping: asyncio.Event,
    ) -> None:
        self._journal = journal
        self._archive = archive
        self._watch = watch
        self._bell = bell
        self._clock = clock
        self._stopping = stopping

    def routes(self) -> list[web.RouteDef]:
        """The routes of the mailbox interface."""
        return [
            web.get("/v1/mailboxes/{gln}/messages", self.list),
            web.get("/v1/mailboxes/{gln}/messages/{id}", self.content),
            web.post("/v1/mailboxes/{gln}/messages/{id}/ack", self.acknowledge),
        ]

    async def list(self, request: web.Request) -> web.Response:
        """What waits in the mailbox, oldest first; with `wait` (seconds, 60 at the most) it waits for something to come."""
        partner, gln = await self._owner(request)
        wait = _seconds(request.query.get("wait", "0"))
        loop = asyncio.get_running_loop()
        deadline = loop.time() + wait
        while True:
            records = await self._archive.mailbox(partner.name, [gln], LIST_LIMIT)
            left = deadline - loop.time()
            if records or left <= 0 or self._stopping.is_set():
                return json_response({"messages": [shown_in_mailbox(record) for record in records]})
            await self._bell.wait(partner.name, min(left, LOOK_AGAIN_SECONDS))

    async def content(self, request: web.Request) -> web.Response:
        """The document: its own bytes, unchanged, under the content type that it came with."""
        partner, gln = await self._owner(request)
        record = await self._mine(request, partner, gln)
        document = await self._archive.document(record.id)
        if document is None:
            raise TurnedAway(Problem.NOT_FOUND)
        return document_response(record, document)

    async def acknowledge(self, request: web.Request) -> web.Response:
        """The receiver has it: the message is delivered."""
        partner, gln = await self._owner(request)
        record = await self._mine(request, partner, gln)
        outcome = Outcome(record.id, Happening.DELIVERED, self._clock.now(), partner.name, record.attempts)
        concluded = await self._journal.conclude(outcome)
        if not concluded.moved and concluded.state not in SETTLED:
            raise TurnedAway(Problem.NOT_IN_MAILBOX, state=concluded.state)
        return json_response({"id": record.id, "state": concluded.state})

    async def _owner(self, request: web.Request) -> tuple[Partner, str]:
        partner, _ = await calling_partner(request, self._watch)
        gln = normal_gln(request.match_info["gln"])
        if gln not in partner.glns:
            raise TurnedAway(Problem.NOT_YOUR_ADDRESS)
        return partner, gln

    async def _mine(self, request: web.Request, partner: Partner, gln: str) -> MessageRecord:
        """The message, if it is or was to be had from this mailbox."""
        record = await self._archive.record(request.match_info["id"])
        if record is None or record.endpoint != partner.name or record.address != gln or record.state not in _SEEN:
            raise TurnedAway(Problem.NOT_FOUND)
        return record


_SEEN = frozenset({State.AVAILABLE, State.DELIVERED, State.ACKNOWLEDGED, State.REJECTED})


def _seconds(value: str) -> float:
    try:
        seconds = float(value)
    except ValueError:
        raise TurnedAway(Problem.BAD_PARAMETER, parameter="wait") from None
    if not 0 <= seconds <= LONGEST_WAIT:
        raise TurnedAway(Problem.BAD_PARAMETER, parameter="wait")
    return seconds
