"""Story S4: an address that nobody reads. The sender is told at once, the letter is kept, and an operator brings it to its receiver.

The sender has then had a negative receipt (XCTL01) for the letter, so the receiver's positive one stays at the hub: both are never sent
for one letter.
"""

from __future__ import annotations

from dataclasses import dataclass

import orjson

from gateway.simulate.demo.admission import listening
from gateway.simulate.demo.installation import Installation
from gateway.simulate.demo.page import Page
from gateway.simulate.demo.stage import Tally, as_the_hub_tells, must, must_have_arrived, party_of, step
from gateway.simulate.epj import Epj
from gateway.simulate.omsorgssystem import Omsorgssystem
from gateway.simulate.outgoing import Sent
from sor.units import Unit

_TEXT = "Borgeren er indlagt i nat.\nSYNTETISK: ingen virkelig borger."
NAME = "randers"


@dataclass
class UnusedAddress:
    """The story, with those who take part in it. `receiver` is the unit that nobody reads the mail of."""

    page: Page
    tally: Tally
    installation: Installation
    epj: Epj
    receiver: Unit

    async def tell(self) -> None:
        """Plays it from end to end. Raises StepFailed."""
        self.page.title("S4  En adresse uden læser: Randers, Social og Psykiatri")
        async with step("hubben afviser brevet til adressen uden læser"):
            sent = await self._refused()
        async with step("operatøren finder det døde brev"):
            listed = await self._command("dead-letters", "list")
            must(sent.message_id in listed, "det døde brev er ikke på listen")
        async with step("operatøren tilslutter en læser"):
            token = await self._connected()
        async with Omsorgssystem(self.installation.url, token, self.receiver.gln, name="Randers Kommune") as randers:
            async with step("Randers' omsorgssystem henter sin post"):
                await randers.book.until(lambda: listening(randers), None)
            async with step("operatøren sender det døde brev igen"):
                await self._command("dead-letters", "retry", sent.message_id)
                await self._delivered(randers, sent)

    async def _refused(self) -> Sent:
        number = self.epj.post(self.epj.write(party_of(self.receiver), "Indlæggelse", _TEXT))
        sent = await self.epj.answered(number)
        must(sent.status == 422, f"hubben svarede {sent.status}, ikke 422")
        receipt = await self.epj.receipted(number)
        must(receipt.facts["type"] == "XCTL01", f"kvitteringen er en {receipt.facts['type']}")
        message = await as_the_hub_tells(self.epj, sent.message_id)
        must(message["state"] == "dead_letter", f"brevets tilstand er {message['state']}")
        self.page.good(f"Hubben svarer EPJ'en {sent.status} ({message['fault']}), og i svaret ligger kvitteringen:")
        self.page.receipt(receipt.facts)
        self.tally.receipts += 1
        self.tally.negative += 1
        return sent

    async def _connected(self) -> str:
        arguments = ("partners", "add", NAME, "--gln", self.receiver.gln, "--json")
        partner = orjson.loads(await self.installation.command(*arguments))
        shown = partner | {"token": f"{partner['token'][:10]}…"}
        self.page.command(" ".join(arguments), orjson.dumps(shown).decode())
        return str(partner["token"])

    async def _command(self, *arguments: str) -> str:
        said = await self.installation.command(*arguments)
        self.page.command(" ".join(arguments), said)
        return said

    async def _delivered(self, randers: Omsorgssystem, sent: Sent) -> None:
        await randers.letter(id=sent.message_id)
        must_have_arrived(self.epj, sent.number, randers, sent.message_id)
        answered = await randers.receipt_for(sent.message_id)
        must(answered.status == 200, f"hubben svarede {answered.status} på Randers' kvittering")
        message = await as_the_hub_tells(self.epj, sent.message_id)
        must(message["state"] == "acknowledged", f"brevets tilstand er {message['state']}")
        held = await as_the_hub_tells(randers, answered.message_id)
        must(held["state"] == "absorbed", f"Randers' kvittering er {held['state']}, ikke holdt tilbage")
        must(self._receipts_at_the_sender(sent) == ["XCTL01"], "EPJ'en har fået kvitteringer med begge fortegn")
        self.page.timeline(message)
        self.page.say(
            "Randers' positive kvittering (XCTL03) er noteret og bliver hos hubben: EPJ'en har fået en negativ, og en positiv og en "
            "negativ kvittering sendes aldrig begge for samme brev.",
            indent=2,
        )
        self.tally.delivered += 1
        self.tally.mended += 1

    def _receipts_at_the_sender(self, sent: Sent) -> list[str]:
        return [entry.facts["type"] for entry in self.epj.book.of("receipt") if entry.facts["number"] == sent.number]
