"""Story S1: a psychiatric unit admits a citizen of Skive at night; the kommune learns of it, answers, and learns of the discharge.

The three letters share one EpisodeOfCareIdentifier, and each gets its positive receipt (XCTL03) from the system that received it.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from gateway.simulate.demo.page import Page
from gateway.simulate.demo.stage import Tally, as_the_hub_tells, must, must_have_arrived, party_of, step
from gateway.simulate.epj import Epj
from gateway.simulate.logbook import Entry
from gateway.simulate.omsorgssystem import Omsorgssystem
from gateway.simulate.system import System
from sor.units import Unit

REPLY = "Tak for besked. Kontaktpersonen ringer til afdelingen kl. 9.\nSYNTETISK: ingen virkelig borger."
_ADMITTED = "Borgeren er indlagt i nat kl. 02.40.\nSYNTETISK: ingen virkelig borger."
_DISCHARGED = "Borgeren udskrives i morgen kl. 10 og ønsker støtte hjemme fra samme dag.\nSYNTETISK: ingen virkelig borger."


@dataclass
class Admission:
    """The story, with those who take part in it. `receiver` is the kommune's unit."""

    page: Page
    tally: Tally
    epj: Epj
    skive: Omsorgssystem
    receiver: Unit

    async def tell(self) -> None:
        """Plays it from end to end. Raises StepFailed."""
        self.page.title("S1  Indlæggelse om natten: Regionspsykiatrien Midt og Skive Kommune")
        thread = uuid.uuid4().hex
        async with step("EPJ'en sender indlæggelsen, og Skive kvitterer"):
            self.page.good("EPJ'en sender XDIS91 “Indlæggelse” til Skive, Social og Psykiatri")
            await self._letter("Indlæggelse", _ADMITTED, thread)
        async with step("kommunen svarer i samme tråd"):
            await self._reply(thread)
        async with step("EPJ'en sender udskrivningen i samme tråd"):
            self.page.good("EPJ'en sender XDIS91 “Udskrivning” i samme tråd")
            await self._letter("Udskrivning", _DISCHARGED, thread)
        shown = [entry for entry in self.skive.received() if entry.facts["thread"] == thread]
        must(len(shown) == 2, f"Skive viser {len(shown)} breve i tråden, ikke 2")
        self.page.say(f"Tråden {thread}: 3 breve, 3 positive kvitteringer.")

    async def _letter(self, heading: str, text: str, thread: str) -> None:
        number = self.epj.post(self.epj.write(party_of(self.receiver), heading, text, thread))
        sent = await self.epj.answered(number)
        must(sent.status == 202, f"hubben svarede {sent.status}")
        receipt = await self.epj.receipted(number)
        message = await as_the_hub_tells(self.epj, sent.message_id)
        must(message["heading"] is not None, "overskriften blev ikke genkendt")
        must_have_arrived(self.epj, number, self.skive, sent.message_id)
        self.page.verdict(message)
        self._done(message, receipt)

    async def _reply(self, thread: str) -> None:
        self.page.good("Skive svarer EPJ'en i samme tråd")
        arrived = await self.epj.letter(thread=thread)
        must(arrived.facts["valid"], "svaret er ikke gyldigt")
        number = next(one.number for one in self.skive.all_sent() if one.type == "XDIS91" and one.thread == thread)
        receipt = await self.skive.receipted(number)
        message = await as_the_hub_tells(self.skive, arrived.facts["id"])
        must_have_arrived(self.skive, number, self.epj, arrived.facts["id"])
        self._done(message, receipt)

    def _done(self, message: dict[str, object], receipt: Entry) -> None:
        must(message["state"] == "acknowledged", f"brevets tilstand er {message['state']}")
        must(receipt.facts["type"] == "XCTL03", f"kvitteringen er en {receipt.facts['type']}")
        self.page.timeline(message)
        self.page.receipt(receipt.facts)
        self.tally.accepted += 1
        self.tally.delivered += 1
        self.tally.receipts += 1


def listening(system: System) -> Entry | None:
    """The entry that says that the system has got through to the hub, or hears it."""
    return next(iter(system.book.of("listening")), None)
