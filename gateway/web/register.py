"""Look-ups for address books: who has an address, which address a unit has, and search by any part of a name.

Every answer is of one version of the register and of the harmonised names, which it names, and has an ETag, so that an address book
can ask again for nothing. Who asks for `application/fhir+json` gets FHIR Organizations.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson
from aiohttp import web

from gateway.addressbook import shown_match, shown_refusal, shown_unit
from gateway.clock import danish_day
from gateway.directory import DirectoryWatch
from gateway.ports import Clock
from gateway.registers import names_for
from gateway.web.access import calling_partner
from gateway.web.problems import Problem, TurnedAway, problem_response
from sor.harmonised import HarmonisedNames
from sor.identifiers import check_gln
from sor.lookup import Lookup
from sor.organization import GLN_SYSTEM, SOR_SYSTEM, YDERNUMMER_SYSTEM, asked, bundle, organization
from sor.register import Register
from sor.resolution import Unresolved, resolve
from sor.units import Answer, Unit

FHIR = "application/fhir+json"
VERSION_HEADER = "MedCom-Register-Version"
MOST_UNITS = 1000
MOST_HITS = 100
FEW_HITS = 20


@dataclass(frozen=True, slots=True)
class _Asking:
    """One request: the snapshots that it is answered from, and the day that it asks about."""

    request: web.Request
    register: Register
    names: HarmonisedNames
    on: date

    @property
    def versions(self) -> dict[str, Any]:
        """What the answer is of."""
        return {"register_version": self.register.version, "names_version": self.names.version}

    def text(self, parameter: str) -> str | None:
        """The parameter without white space around it; None where it is missing or empty."""
        return self.request.query.get(parameter, "").strip() or None

    def number(self, parameter: str, default: int, most: int) -> int:
        """The parameter, from 1 to `most`. Raises TurnedAway."""
        written = self.request.query.get(parameter, str(default))
        if not (written.isascii() and written.isdigit() and len(written) < 9 and 1 <= int(written) <= most):
            raise TurnedAway(Problem.BAD_PARAMETER, parameter=parameter)
        return int(written)


class AddressBook:
    """The handlers under /v1/register. Any partner may ask."""

    def __init__(self, watch: DirectoryWatch, clock: Clock) -> None:
        self._watch = watch
        self._clock = clock
        self._named: tuple[Register, HarmonisedNames] | None = None
        self._lookup: Lookup | None = None
        self._indexing = asyncio.Lock()

    def routes(self) -> list[web.RouteDef]:
        """The routes of the look-ups."""
        return [
            web.get("/v1/register/units", self.units),
            web.get("/v1/register/units/{sor}", self.unit),
            web.get("/v1/register/locations/{gln}", self.location),
            web.get("/v1/register/search", self.search),
        ]

    async def units(self, request: web.Request) -> web.Response:
        """By `kommune` and `name` the one unit that has the name there, or a refusal with the reason; by `kommune` alone all of its
        units; by `identifier` (`system|value`) those that have it.
        """
        asking = await self._asking(request)
        kommune, name, identifier = asking.text("kommune"), asking.text("name"), asking.text("identifier")
        if identifier is not None and kommune is None and name is None:
            return self._list(asking, await self._identified(asking, identifier))
        if kommune is None or identifier is not None:
            raise TurnedAway(Problem.BAD_PARAMETER, parameter="kommune" if kommune is None else "identifier")
        if name is None:
            lookup = await self._index(asking.register)
            found = lookup.of_kommune(kommune, asking.on)
            return self._list(asking, found[:MOST_UNITS], more=len(found) > MOST_UNITS)
        resolution = resolve(asking.names, asking.register, kommune, name, asking.on)
        if isinstance(resolution, Unresolved):
            reason = resolution.reason
            more = asking.versions | shown_refusal(resolution, asking.on)
            return problem_response(404, "not-resolved", reason.text_da, reason.text_en, more)
        return self._list(asking, (resolution.unit,), match=shown_match(resolution))

    async def unit(self, request: web.Request) -> web.Response:
        """The unit with a SOR code, open or not."""
        asking = await self._asking(request)
        return self._one(asking, asking.register.by_sor(request.match_info["sor"], asking.on))

    async def location(self, request: web.Request) -> web.Response:
        """The unit whose lokationsnummer it is, open or not."""
        asking = await self._asking(request)
        gln = request.match_info["gln"]
        answer = asking.register.by_gln(gln, asking.on)
        if answer is None and (problem := check_gln(gln.strip()).problem):
            raise TurnedAway(Problem.NO_SUCH_UNIT, reason=problem)
        return self._one(asking, answer)

    async def search(self, request: web.Request) -> web.Response:
        """The open units whose name or kommune has every word of `q` in it."""
        asking = await self._asking(request)
        query, limit = asking.text("q"), asking.number("limit", FEW_HITS, MOST_HITS)
        if query is None:
            raise TurnedAway(Problem.BAD_PARAMETER, parameter="q")
        lookup = await self._index(asking.register)
        hits = await asyncio.to_thread(lookup.search, query, asking.on, kommune=asking.text("kommune"), limit=limit)
        return self._list(asking, hits.units, more=hits.more)

    async def _asking(self, request: web.Request) -> _Asking:
        _, directory = await calling_partner(request, self._watch)
        today = danish_day(self._clock.now())
        register = directory.register
        if self._named is None or self._named[0] is not register:
            self._named = register, names_for(register)
        return _Asking(request, register, self._named[1], _day(request.query.get("on"), today))

    async def _index(self, register: Register) -> Lookup:
        """The search index of this very snapshot, made when it is first needed, beside the event loop."""
        async with self._indexing:
            if self._lookup is None or self._lookup.register is not register:
                self._lookup = await asyncio.to_thread(Lookup, register)
            return self._lookup

    async def _identified(self, asking: _Asking, identifier: str) -> tuple[Unit, ...]:
        system, value = asked(identifier)
        if system == YDERNUMMER_SYSTEM:
            return (await self._index(asking.register)).practices(value, asking.on)
        ask: dict[str, Callable[[str, date], Answer | None]]
        ask = {GLN_SYSTEM: asking.register.by_gln, SOR_SYSTEM: asking.register.by_sor}
        if system not in {*ask, ""}:
            raise TurnedAway(Problem.BAD_PARAMETER, parameter="identifier")
        answers = (by(value, asking.on) for by in ([ask[system]] if system else ask.values()))
        return tuple(answer.unit for answer in answers if answer is not None)

    def _one(self, asking: _Asking, answer: Answer | None) -> web.Response:
        if answer is None:
            raise TurnedAway(Problem.NO_SUCH_UNIT)
        unit, on = answer.unit, asking.on
        body = organization(unit, on) if _fhir(asking) else asking.versions | {"unit": shown_unit(unit, on)}
        return self._answer(asking, body)

    def _list(self, asking: _Asking, units: tuple[Unit, ...], *, more: bool = False, match: object = None) -> web.Response:
        if _fhir(asking):
            return self._answer(asking, bundle(units, asking.on))
        told: dict[str, Any] = {"units": [shown_unit(unit, asking.on) for unit in units], "more": more}
        return self._answer(asking, asking.versions | told | ({"match": match} if match else {}))

    def _answer(self, asking: _Asking, content: dict[str, Any]) -> web.Response:
        """The answer, or 304 where the one who asks has it. What it is known by is its own bytes."""
        body = orjson.dumps(content)
        tag = hashlib.sha256(body).hexdigest()[:16]
        known = asking.request.if_none_match or ()
        if any(one.value in {tag, "*"} for one in known):
            response = web.Response(status=304)
        else:
            response = web.Response(body=body, content_type=FHIR if _fhir(asking) else "application/json")
        # It may be kept, and must be asked about: an address may change at any moment.
        kept = {"ETag": f'"{tag}"', "Cache-Control": "private, no-cache", "Vary": "Accept"}
        response.headers.update(kept | {VERSION_HEADER: asking.register.version})
        return response


def _fhir(asking: _Asking) -> bool:
    accepted = asking.request.headers.get("Accept", "")
    return any(part.partition(";")[0].strip().lower() == FHIR for part in accepted.split(","))


def _day(written: str | None, today: date) -> date:
    if written is None:
        return today
    try:
        day = date.fromisoformat(written)
    except ValueError:
        raise TurnedAway(Problem.BAD_PARAMETER, parameter="on") from None
    return day
