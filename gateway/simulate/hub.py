"""The hub as a partner's system sees it: its HTTP interface with a bearer token, asked until it answers.

A connection that breaks and an answer of 5xx both mean that nothing is known, so the same call is made again, with the same bytes, for
as long as it takes, and no sooner than the hub asks for; every call here is safe to repeat. Any other answer is an answer, and what it
means is the caller's to say.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson

CONTENT_TYPE = "application/xml"
FIRST_PAUSE = 0.2
LONGEST_PAUSE = 5.0
LONGEST_ASKED_PAUSE = 60.0
ANSWER_WITHIN = 30.0
LONG_POLL = 20.0

_COME_BACK = frozenset({408, 429})


@dataclass(frozen=True, slots=True)
class Answer:
    """What the hub answered: an HTTP status and the body. `retry_after` is in seconds, where it asked for them."""

    status: int
    body: bytes
    retry_after: float | None = None

    @property
    def json(self) -> dict[str, Any]:
        """The body as a JSON object; empty where it is none."""
        try:
            value = orjson.loads(self.body)
        except orjson.JSONDecodeError:
            return {}
        return value if isinstance(value, dict) else {}


class Hub:
    """Calls to one hub with one token. `away` is told of each call that has to be made again: what was tried, and why it failed."""

    def __init__(self, session: aiohttp.ClientSession, url: str, token: str, away: Callable[[str, str], None]) -> None:
        self._session = session
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"}
        self._away = away

    async def submit(self, document: bytes) -> Answer:
        """Hands a document in. The same bytes may be handed in again at any time."""
        return await self._call("POST", "/v1/messages", document)

    async def message(self, message_id: str) -> Answer:
        """What became of a message."""
        return await self._call("GET", f"/v1/messages/{message_id}")

    async def waiting(self, gln: str, wait: float) -> Answer:
        """What lies in the mailbox of a lokationsnummer; waits so many seconds for something to come."""
        return await self._call("GET", f"/v1/mailboxes/{gln}/messages?wait={wait:g}")

    async def document(self, gln: str, message_id: str) -> Answer:
        """A document in the mailbox: the body is its own bytes."""
        return await self._call("GET", f"/v1/mailboxes/{gln}/messages/{message_id}")

    async def acknowledge(self, gln: str, message_id: str) -> Answer:
        """Says that the document is kept here, so that it leaves the mailbox."""
        return await self._call("POST", f"/v1/mailboxes/{gln}/messages/{message_id}/ack")

    async def _call(self, method: str, path: str, document: bytes | None = None) -> Answer:
        pause = FIRST_PAUSE
        while True:
            asked: float | None = None
            try:
                answer = await self._once(method, path, document)
                if answer.status < 500 and answer.status not in _COME_BACK:
                    return answer
                reason, asked = f"http-{answer.status}", answer.retry_after
            except (aiohttp.ClientError, TimeoutError, OSError) as failure:
                reason = type(failure).__name__
            self._away(method, reason)
            await asyncio.sleep(pause if asked is None else min(asked, LONGEST_ASKED_PAUSE))
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _once(self, method: str, path: str, document: bytes | None) -> Answer:
        headers = self._headers | ({"Content-Type": CONTENT_TYPE} if document is not None else {})
        timeout = aiohttp.ClientTimeout(total=ANSWER_WITHIN + LONG_POLL)
        async with self._session.request(method, self._url + path, data=document, headers=headers, timeout=timeout) as answer:
            asked = answer.headers.get("Retry-After", "")
            return Answer(answer.status, await answer.read(), float(asked) if asked.isdecimal() else None)
