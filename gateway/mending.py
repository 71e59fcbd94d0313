"""What an operator can do with a dead letter: send it again, send it somewhere else, or end it with a reason.

Each is one guarded transition in the journal, with the actor's name in the timeline. Sending again uses the address book as it is
now, so whoever connects a reader and then retries is done. The document is never altered.
"""

from __future__ import annotations

from dataclasses import dataclass

from gateway.clock import danish_day
from gateway.directory import Directory
from gateway.ports import Archive, Clock, Journal
from gateway.records import Dispatch, MessageRecord, Outcome
from routing.keys import routing_key
from routing.lifecycle import Happening, State
from sor.identifiers import normal_gln
from sor.units import Found


class CannotMend(Exception):  # noqa: N818 - an answer to the operator
    """Why it cannot be done, in Danish and English, with what to do about it."""

    def __init__(self, text_da: str, text_en: str) -> None:
        super().__init__(text_en)
        self.text_da = text_da
        self.text_en = text_en


@dataclass(frozen=True, slots=True)
class Mended:
    """What was done: the state now, and where it goes."""

    message_id: str
    state: State
    endpoint: str | None
    address: str | None


class DeadLetters:
    """An operator's actions on one dead letter. `actor` is who does it."""

    def __init__(self, journal: Journal, archive: Archive, directory: Directory, clock: Clock) -> None:
        self._journal = journal
        self._archive = archive
        self._directory = directory
        self._clock = clock

    async def retry(self, message_id: str, actor: str) -> Mended:
        """Sends it again to the receiver that it names. Raises CannotMend where that still has no reader."""
        record = await self._dead_letter(message_id)
        return await self._send(record, normal_gln(record.receiver), actor, {})

    async def redirect(self, message_id: str, gln: str, actor: str, reason: str) -> Mended:
        """Sends it, as it is, to another lokationsnummer. Raises CannotMend where that has no reader."""
        record = await self._dead_letter(message_id)
        return await self._send(record, gln, actor, {"redirected_to": gln, "reason": reason})

    async def discard(self, message_id: str, actor: str, reason: str) -> Mended:
        """Ends it. Its bytes and its story stay."""
        record = await self._dead_letter(message_id)
        outcome = Outcome(record.id, Happening.DISCARDED, self._clock.now(), actor, detail={"reason": reason})
        return await self._conclude(record, outcome)

    async def _send(self, record: MessageRecord, gln: str, actor: str, detail: dict[str, object]) -> Mended:
        now, directory = self._clock.now(), self._directory
        endpoint = directory.endpoints.get(gln)
        if endpoint is None:
            known = isinstance(directory.register.by_gln(gln, danish_day(now)), Found)
            raise CannotMend(
                f"Ingen læser {gln}{'' if known else ', og registeret kender det ikke'}. "
                f"Tilslut en modtager med: medcom-gateway partners add NAVN --gln {gln}",
                f"Nobody reads {gln}{'' if known else ', and the register does not know it'}. "
                f"Connect a receiver with: medcom-gateway partners add NAME --gln {gln}",
            )
        key = routing_key(directory.register, gln, record.type, record.heading, danish_day(now))
        dispatch = Dispatch(endpoint, gln, key, now)
        outcome = Outcome(record.id, Happening.RETRIED, now, actor, detail=detail | {"endpoint": endpoint}, dispatch=dispatch)
        return await self._conclude(record, outcome)

    async def _conclude(self, record: MessageRecord, outcome: Outcome) -> Mended:
        concluded = await self._journal.conclude(outcome)
        if not concluded.moved:
            raise _not_dead(concluded.state)
        dispatch = outcome.dispatch
        return Mended(
            record.id, concluded.state, dispatch.endpoint if dispatch else None, dispatch.address if dispatch else None
        )

    async def _dead_letter(self, message_id: str) -> MessageRecord:
        record = await self._archive.record(message_id)
        if record is None:
            raise CannotMend("Der er ingen meddelelse med det id.", "There is no message with that id.")
        if record.state is not State.DEAD_LETTER:
            raise _not_dead(record.state)
        return record


def _not_dead(state: State) -> CannotMend:
    return CannotMend(
        f"Meddelelsen er ikke et dødt brev; dens tilstand er {state}.", f"The message is no dead letter; its state is {state}."
    )
