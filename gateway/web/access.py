"""Who is calling: the bearer token against the directory, and what a partner may see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from gateway.directory import DirectoryWatch
from gateway.records import MessageRecord, Partner
from gateway.web.problems import Problem, TurnedAway
from sor.identifiers import normal_gln

if TYPE_CHECKING:
    from gateway.directory import Directory


async def calling_partner(request: web.Request, watch: DirectoryWatch) -> tuple[Partner, Directory]:
    """The partner whose token the request carries, and the directory it was found in.

    Raises TurnedAway with NO_TOKEN or PARTNER_DISABLED.
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise TurnedAway(Problem.NO_TOKEN)
    partner, directory = await watch.calling(token.strip())
    if partner is None:
        raise TurnedAway(Problem.NO_TOKEN)
    if not partner.active:
        raise TurnedAway(Problem.PARTNER_DISABLED)
    return partner, directory


def may_see(partner: Partner, record: MessageRecord) -> bool:
    """A message is shown to its sender and its receivers only: by lokationsnummer, by endpoint, or because it handed it in."""
    return (
        partner.name in {record.partner, record.endpoint}
        or normal_gln(record.sender) in partner.glns
        or normal_gln(record.receiver) in partner.glns
    )
