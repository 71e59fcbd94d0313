"""The demonstration from the first line to the last."""

from __future__ import annotations

import asyncio
import socket
import time

import orjson

from gateway.simulate.demo.admission import REPLY, Admission, listening
from gateway.simulate.demo.installation import Installation
from gateway.simulate.demo.page import Page
from gateway.simulate.demo.stage import StepFailed, Tally, step, unit_named
from gateway.simulate.demo.unused_address import UnusedAddress
from gateway.simulate.epj import Epj
from gateway.simulate.omsorgssystem import Omsorgssystem
from gateway.simulate.temper import Temper
from sor.units import Unit

_GO_ON = """\
medcom-gateway serve                                  kør gatewayen
medcom-gateway partners add NAVN --gln GLN            tilslut et system
medcom-gateway simulate epj --help                    prøv den som hospital
medcom-gateway simulate omsorgssystem --help          prøv den som kommune
docs/integrators.md og docs/operations.md             vejledninger"""


async def play(page: Page) -> bool:
    """Plays both stories. Returns whether all went as it should; what did not is on the page."""
    started = time.perf_counter()
    tally = Tally()
    page.say("MedCom-gateway: demonstration. Alt er syntetisk: ingen person, adresse eller hændelse er virkelig.")
    async with Installation() as installation:
        try:
            await _play(page, tally, installation)
        except StepFailed as failed:
            page.title(f"FEJL i trinnet: {failed.step}")
            page.say(str(failed))
            for line in installation.complaints():
                page.say(line, indent=2)
            return False
    page.title("Alt gik, som det skulle")
    page.say(f"{tally.accepted} breve modtaget af hubben (202), og 1 afvist og mærket som dødt brev (422).")
    page.say(f"{tally.delivered} breve leveret, hvert vist én gang og med uændrede bytes.")
    page.say(f"{tally.receipts} kvitteringer nået frem til afsenderen, heraf {tally.negative} negativ. Ingen fik begge slags.")
    page.say(f"{tally.mended} dødt brev bragt i orden af en operatør.")
    seconds = f"{time.perf_counter() - started:.1f}".replace(".", ",")
    page.say(f"Det tog {seconds} sekunder, og intet er efterladt.")
    page.title("Sådan går du videre")
    for line in _GO_ON.splitlines():
        page.line(line)
    return True


async def _play(page: Page, tally: Tally, installation: Installation) -> None:
    hospital = unit_named("Viborg", "Regionspsykiatrien Midt")
    skive, randers = unit_named("Skive", "Social og Psykiatri"), unit_named("Randers", "Social og Psykiatri")
    port = _free_port()
    page.title("Opstilling")
    async with step("gatewayen starter, og to systemer tilsluttes"):
        starting = asyncio.create_task(installation.start())
        epj_token = await _partner(installation, "epj-midt", hospital)
        skive_token = await _partner(installation, "skive", skive, "--push", f"http://127.0.0.1:{port}/medcom")
        await starting
    url = installation.url
    epj = Epj(url, epj_token, hospital.gln, name=hospital.organisation, unit=hospital.name)
    omsorg = Omsorgssystem(
        url, skive_token, skive.gln, name=skive.organisation, unit=skive.name, port=port, temper=Temper(reply=REPLY)
    )
    async with epj, omsorg:
        async with step("de to systemer når hubben"):
            await epj.book.until(lambda: listening(epj), None)
        page.good(f"gatewayen kører på {url} med SQLite og kø i processen, i en midlertidig mappe")
        page.good(f"epj-midt: {hospital.name} ({hospital.gln}) henter selv sin post")
        page.good(f"skive: {skive.kommune}, {skive.name} ({skive.gln}) får sin post sendt til {omsorg.url}")
        await Admission(page, tally, epj, omsorg, skive).tell()
        await UnusedAddress(page, tally, installation, epj, randers).tell()


async def _partner(installation: Installation, name: str, unit: Unit, *how: str) -> str:
    """Adds a partner and returns its token."""
    return str(orjson.loads(await installation.command("partners", "add", name, "--gln", unit.gln, *how, "--json"))["token"])


def _free_port() -> int:
    """A port that nobody listens on: the hub is told of it before the system that listens there has its token."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
