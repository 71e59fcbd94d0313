"""Errors as RFC 9457 problem details, from one table: what a client did wrong, in Danish and English, and what to do.

Faults of documents have their own table in `routing.faults`; this one holds what goes wrong before there is a document to judge.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

import orjson
from aiohttp import web


@dataclass(frozen=True, slots=True)
class _Row:
    status: int
    text_da: str
    text_en: str


class Problem(Enum):
    """Why a request was turned away."""

    NO_TOKEN = _Row(
        401,
        "Kaldet har intet gyldigt token. Send headeren Authorization: Bearer med det token, som hubben udstedte.",
        "The request carries no valid token. Send Authorization: Bearer with the token that the hub issued.",
    )
    PARTNER_DISABLED = _Row(
        403,
        "Jeres system er sat ud af drift i hubben. Post til det venter. Spørg hubbens operatør.",
        "Your system is disabled at the hub. Its mail waits. Ask the hub's operator.",
    )
    NOT_YOUR_ADDRESS = _Row(
        403,
        "Dit token er ikke bundet til dette lokationsnummer.",
        "Your token is not bound to this lokationsnummer.",
    )
    NOT_FOUND = _Row(
        404,
        "Der er ingen meddelelse med dette id, som du er afsender eller modtager af.",
        "There is no message with this id that you are the sender or the receiver of.",
    )
    NO_SUCH_UNIT = _Row(
        404,
        "Registret kender ingen enhed med dette nummer.",
        "The register knows no unit with this number.",
    )
    NO_SUCH_PATH = _Row(404, "Stien findes ikke. Se /openapi.json.", "There is no such path. See /openapi.json.")
    BAD_METHOD = _Row(
        405, "Metoden passer ikke til stien. Se /openapi.json.", "The path does not take this method. See /openapi.json."
    )
    BAD_PARAMETER = _Row(
        400, "En parameter har ikke den rette form. Se /openapi.json.", "A parameter is malformed. See /openapi.json."
    )
    NOT_IN_MAILBOX = _Row(
        409,
        "Meddelelsen ligger ikke længere i postkassen og kan ikke kvitteres for her.",
        "The message is no longer in the mailbox and cannot be acknowledged here.",
    )
    TOO_LARGE = _Row(413, "Dokumentet er større, end hubben tager imod.", "The document is larger than the hub accepts.")
    MEDIA_TYPE = _Row(
        415,
        "Indholdstypen understøttes ikke. Send OIOXML som application/xml.",
        "The content type is not supported. Send OIOXML as application/xml.",
    )
    BUSY = _Row(
        503,
        "Hubben behandler så meget nu, at den ikke kan tage imod mere. Intet er modtaget; send igen senere.",
        "The hub is handling all that it can. Nothing was accepted; send again later.",
    )
    JOURNAL_AWAY = _Row(
        503,
        "Hubben kan ikke gemme meddelelsen lige nu. Intet er modtaget; send den samme meddelelse igen senere.",
        "The hub cannot store the message now. Nothing was accepted; send the same message again later.",
    )
    BUG = _Row(
        500,
        "Der skete en uventet fejl i hubben. Send den samme meddelelse igen; den bliver ikke leveret to gange.",
        "An unexpected error occurred in the hub. Send the same message again; it will not be delivered twice.",
    )

    @property
    def code(self) -> str:
        """The stable code, kebab-case."""
        return self.name.lower().replace("_", "-")


class TurnedAway(Exception):  # noqa: N818 - it is an answer, not an error of ours
    """A request that is answered with a problem. Caught by the server's one middleware."""

    def __init__(self, problem: Problem, **more: Any) -> None:
        super().__init__(problem.code)
        self.problem = problem
        self.more = more


def answer(turned_away: TurnedAway) -> web.Response:
    """The problem as an answer."""
    row = turned_away.problem.value
    response = problem_response(row.status, turned_away.problem.code, row.text_da, row.text_en, turned_away.more)
    if row.status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="medcom-gateway"'
    if row.status == 503:
        response.headers["Retry-After"] = "5"
    return response


def problem_response(status: int, code: str, text_da: str, text_en: str, more: dict[str, Any]) -> web.Response:
    """Problem details (RFC 9457): `type` is a URN with the code, `detail` English, `detail_da` Danish, and what else there is."""
    body = {
        "type": f"urn:medcom-gateway:{code}",
        "title": code,
        "status": status,
        "detail": text_en,
        "detail_da": text_da,
        **more,
    }
    return web.Response(body=orjson.dumps(body), status=status, content_type="application/problem+json")
