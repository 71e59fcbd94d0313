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

    A token that is not known is looked up once more in a refreshed directory, so that a partner added a moment ago can call. Raises
    TurnedAway with NO_TOKEN.
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise TurnedAway(Problem.NO_TOKEN)
    directory = watch.current
    partner = directory.by_token(token.strip())
    if partner is None:
        directory = await watch.refresh()
        partner = directory.by_token(token.strip())
    if partner is None:
        raise TurnedAway(Problem.NO_TOKEN)
    return partner, directory


def may_see(partner: Partner, record: MessageRecord) -> bool:
    """A message is shown to its sender and its receivers only: by lokationsnummer, by endpoint, or because it handed it in."""
    return (
        partner.name in {record.partner, record.endpoint}
        or normal_gln(record.sender) in partner.glns
        or normal_gln(record.receiver) in partner.glns
    )
