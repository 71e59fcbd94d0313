"""The simulated EPJ and omsorgssystem against a real gateway: honest, misbehaving, killed, and from the command line."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import socket
import subprocess
import sys
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from yarl import URL

from gateway.simulate import Epj, Omsorgssystem, Temper
from tests.acceptance.letters import EPJ, SKIVE, letter
from tests.services.gateway import GatewayProcess, free_port, until
from tests.services.proxy import StartProxy

THREAD = "6fb927da3be14b9f8875a6326617d20b"
WAYS = ["pull", "push"]


@asynccontextmanager
async def connected(gateway: GatewayProcess, way: str = "pull", temper: Temper | None = None):
    """A running gateway with an EPJ and Skive's omsorgssystem, both listening."""
    port = free_port() if way == "push" else None
    push = f"http://127.0.0.1:{port}/medcom" if port else None
    epj_token, skive_token = gateway.add_partner("epj", EPJ), gateway.add_partner("skive", SKIVE, push=push)
    await asyncio.to_thread(gateway.start)
    async with AsyncExitStack() as stack:
        epj = Epj(gateway.url, epj_token, EPJ, name="Testhospitalet")
        skive = Omsorgssystem(gateway.url, skive_token, SKIVE, name="Testkommunen", port=port, temper=temper)
        await stack.enter_async_context(epj)
        await stack.enter_async_context(skive)
        yield epj, skive


async def state_at_the_hub(epj: Epj, message_id: str) -> str:
    """The message's state as its sender is told it."""
    return (await epj.hub.message(message_id)).json["state"]


@pytest.mark.parametrize("way", WAYS)
async def test_a_letter_is_received_unchanged_and_acknowledged(gateway: GatewayProcess, way: str):
    """The receiver keeps the sender's own bytes, and its XCTL03 reaches the EPJ, which matches it to what it sent."""
    document = letter(thread=THREAD, encoding="windows-1252", text="Indlagt i nat, “akut”. Æøå.\nSYNTETISK.")
    async with connected(gateway, way) as (epj, skive):
        number = epj.post(document)
        receipt = await epj.receipted(number)
        sent = epj.sent(number)
        assert (receipt.facts["type"], sent.state, sent.status) == ("XCTL03", "acknowledged", 202)
        (entry,) = skive.received()
        assert base64.b64decode(entry.facts["document"]) == document
        assert entry.facts["id"] == sent.message_id
        assert await state_at_the_hub(epj, sent.message_id) == "acknowledged"


@pytest.mark.parametrize("way", WAYS)
async def test_a_letter_in_a_vansenvelope_is_answered_in_one(gateway: GatewayProcess, way: str):
    """The receipt and the reply for what came in a VANSEnvelope come in one, and both sides know what they are about."""
    async with connected(gateway, way, Temper(reply="Tak.\nSYNTETISK.")) as (epj, skive):
        number = epj.post(epj.enveloped(letter(thread=THREAD)))
        receipt = await epj.receipted(number)
        reply = await epj.letter(thread=THREAD)
        for entry in (receipt, reply, *skive.received()):
            assert b"VANSEnvelope" in base64.b64decode(entry.facts["document"])[:200]
        assert (receipt.facts["type"], epj.sent(number).state) == ("XCTL03", "acknowledged")
        answer = next(one.number for one in skive.all_sent() if one.type == "XDIS91")
        assert (await skive.receipted(answer)).facts["type"] == "XCTL03"


@pytest.mark.parametrize("way", WAYS)
async def test_a_reply_comes_back_in_the_thread_and_is_acknowledged(gateway: GatewayProcess, way: str):
    """Told to reply, the omsorgssystem answers the first letter of a thread once, and gets the EPJ's receipt for it."""
    async with connected(gateway, way, Temper(reply="Tak.\nSYNTETISK.")) as (epj, skive):
        epj.post(letter(thread=THREAD))
        reply = await epj.letter(thread=THREAD)
        assert (reply.facts["sender"], reply.facts["heading"], reply.facts["valid"]) == (SKIVE, "SV: Indlæggelse", True)
        number = next(one.number for one in skive.all_sent() if one.type == "XDIS91")
        await skive.receipted(number)
        await epj.receipted(epj.post(letter(thread=THREAD, subject="Udskrivning")))
        assert [one.type for one in skive.all_sent()].count("XDIS91") == 1
        assert [one.type for one in epj.all_sent()] == ["XDIS91", "XCTL03", "XDIS91"]


@pytest.mark.parametrize("way", WAYS)
async def test_a_negative_receipt_reaches_the_epj(gateway: GatewayProcess, way: str):
    """Told to refuse, the omsorgssystem answers with XCTL02, and the letter is rejected at the hub and in the EPJ."""
    async with connected(gateway, way, Temper(negative=True)) as (epj, _):
        number = epj.post(letter())
        receipt = await epj.receipted(number)
        assert (receipt.facts["type"], receipt.facts["refuse_code"]) == ("XCTL02", "ikke_specificeret")
        assert epj.sent(number).state == "rejected"
        assert await state_at_the_hub(epj, epj.sent(number).message_id) == "rejected"


@pytest.mark.parametrize("way", WAYS)
async def test_a_receiver_that_fails_twice_gets_the_letter_the_third_time(gateway: GatewayProcess, way: str):
    """Two failures, then the letter is kept and acknowledged, and shown once."""
    async with connected(gateway, way, Temper(fail=2)) as (epj, skive):
        number = epj.post(letter())
        await epj.receipted(number)
        assert skive.book.count("misbehaved") == 2
        assert (len(skive.received()), skive.book.count("repeat")) == (1, 0)
        if way == "push":
            told = (await epj.hub.message(epj.sent(number).message_id)).json
            assert [entry["what"] for entry in told["timeline"]].count("postponed") == 2


async def test_a_letter_that_comes_again_is_shown_once(gateway: GatewayProcess):
    """The first answer is garbage, so the hub pushes again what is kept already: one letter, one repeat, and then one receipt."""
    async with connected(gateway, "push", Temper(garbage=True)) as (epj, skive):
        number = epj.post(letter())
        await skive.book.until(lambda: True if skive.book.count("misbehaved") else None, 20)
        skive.temper.garbage = False
        repeat = await skive.book.until(lambda: next(iter(skive.book.of("repeat")), None), 20)
        await epj.receipted(number)
        assert repeat.facts["why"] == "message_id"
        assert len(skive.received()) == 1
        assert [one.type for one in skive.all_sent()] == ["XCTL03"]


async def test_a_letter_under_another_message_id_is_shown_once_and_receipted_again(gateway: GatewayProcess):
    """The same sender and letter id in another delivery is a resend: not shown, and the same receipt goes out in a new envelope."""
    document = letter()
    async with connected(gateway, "push") as (epj, skive):
        await epj.receipted(epj.post(document))
        async with (
            aiohttp.ClientSession() as session,
            session.post(skive.url, data=document, headers={"MedCom-Message-Id": "another"}) as answer,
        ):
            assert answer.status == 200
        (repeat,) = skive.book.of("repeat")
        assert repeat.facts["why"] == "letter_id"
        first, again = skive.all_sent()
        assert len(skive.received()) == 1
        assert (first.type, again.type, first.envelope_id != again.envelope_id) == ("XCTL03", "XCTL03", True)


async def test_an_invalid_document_is_answered_negatively_and_a_receipt_never(gateway: GatewayProcess):
    """A letter that breaks its schema is owed an XCTL02 with syntaksfejl; a broken receipt, and what has no envelope, nothing."""
    broken = letter().replace(b"<StatusCode>nytbrev", b"<StatusCode>nyt brev")
    receipt = letter().replace(b"ClinicalEmail>", b"PositiveReceipt>")
    async with connected(gateway, "push") as (_, skive):
        for message_id, document in (("1", broken), ("2", receipt), ("3", b"<nothing")):
            entry = skive.take(message_id, document)
            skive.settle(entry)
            assert (entry.what, entry.facts["valid"]) == ("received", False)
        (answer,) = skive.all_sent()
        assert answer.type == "XCTL02"
        assert b"syntaksfejl" in skive.document(answer.number)


async def test_a_receiver_that_will_not_take_it_makes_the_hub_tell_the_sender(gateway: GatewayProcess):
    """422 from the receiver is final: a dead letter, and the EPJ fetches an XCTL01 from its mailbox."""
    async with connected(gateway, "push", Temper(reject=True)) as (epj, skive):
        number = epj.post(letter())
        receipt = await epj.receipted(number)
        assert (receipt.facts["type"], epj.sent(number).state) == ("XCTL01", "rejected")
        assert await state_at_the_hub(epj, epj.sent(number).message_id) == "dead_letter"
        assert skive.received() == []


async def test_no_receipt_when_told_so(gateway: GatewayProcess):
    """Told to send no receipts, the receiver keeps the letter and says nothing; the hub has it as delivered."""
    async with connected(gateway, "pull", Temper(receipts=False)) as (epj, skive):
        number = epj.post(letter())
        sent = await epj.answered(number)
        await skive.letter(id=sent.message_id)
        # The next letter's receipt comes after the first one's would have.
        skive.temper.receipts = True
        await epj.receipted(epj.post(letter()))
        assert epj.sent(number).state == "accepted"
        assert await state_at_the_hub(epj, sent.message_id) == "delivered"


async def test_an_epj_sends_the_same_bytes_until_the_hub_is_there(gateway: GatewayProcess, tmp_path: Path):
    """A letter written while the hub is away, by an EPJ that is itself stopped and started, arrives once the hub is up."""
    token, _ = gateway.add_partner("epj", EPJ), gateway.add_partner("skive", SKIVE)
    store, document = tmp_path / "epj.jsonl", letter()
    async with Epj(gateway.url, token, EPJ, name="Testhospitalet", store=store) as epj:
        number = epj.post(document)
        await epj.book.until(lambda: True if epj.book.count("hub_away") else None, 20)
    async with Epj(gateway.url, token, EPJ, name="Testhospitalet", store=store) as epj:
        await asyncio.to_thread(gateway.start)
        sent = await epj.answered(number)
        assert (sent.status, epj.document(number)) == (202, document)


async def test_a_receiver_on_its_own_queue(rabbit_hub: GatewayProcess):
    """A receiver that consumes its own AMQP queue keeps the letter with its bytes, after one failure, and acknowledges over HTTP."""
    hub, document = rabbit_hub, letter()
    epj_token, skive_token = hub.add_partner("epj", EPJ), hub.add_partner("skive", SKIVE, amqp=True)
    await asyncio.to_thread(hub.start)
    broker = (hub.environment["MEDCOM_BROKER_URL"], "skive")
    async with (
        Epj(hub.url, epj_token, EPJ, name="Testhospitalet") as epj,
        Omsorgssystem(hub.url, skive_token, SKIVE, name="Testkommunen", amqp=broker, temper=Temper(fail=1)) as skive,
    ):
        number = epj.post(document)
        await epj.receipted(number)
        (entry,) = skive.received()
        assert base64.b64decode(entry.facts["document"]) == document
        assert entry.facts["id"] == epj.sent(number).message_id
        assert skive.book.count("misbehaved") == 1


async def test_a_receiver_on_its_own_queue_comes_back_after_a_lost_connection(rabbit_hub: GatewayProcess, proxy_to: StartProxy):
    """A receiver whose connection to the broker is cut consumes again once it can, and gets the letter sent meanwhile."""
    hub, broker = rabbit_hub, URL(rabbit_hub.environment["MEDCOM_BROKER_URL"])
    epj_token, skive_token = hub.add_partner("epj", EPJ), hub.add_partner("skive", SKIVE, amqp=True)
    await asyncio.to_thread(hub.start)
    proxy = await proxy_to(broker.port or 5672)
    own_queue = (str(broker.with_host("127.0.0.1").with_port(proxy.port)), "skive")
    async with (
        Epj(hub.url, epj_token, EPJ, name="Testhospitalet") as epj,
        Omsorgssystem(hub.url, skive_token, SKIVE, name="Testkommunen", amqp=own_queue) as skive,
    ):
        await skive.book.until(lambda: True if skive.book.count("listening") else None, 20)
        await proxy.cut()
        number = epj.post(letter())
        await epj.answered(number)
        await skive.book.until(lambda: True if skive.book.count("hub_away") else None, 20)
        await proxy.heal()
        await epj.receipted(number)
        assert len(skive.received()) == 1


def test_a_port_that_is_taken_is_said_plainly(tmp_path: Path):
    """`omsorgssystem --port` on a port that somebody listens on ends with 1 and a line, not with a traceback."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "gateway", "simulate", "omsorgssystem", "--gln", SKIVE, "--port", port]
        done = subprocess.run(
            command, env=environment("medcom_x"), capture_output=True, encoding="utf-8", timeout=60, check=False
        )
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert "in use" in done.stderr


def simulate(gateway: GatewayProcess, *arguments: str) -> list[str]:
    """The command line of a simulator against this gateway."""
    return [sys.executable, "-m", "gateway", "simulate", *arguments, "--hub", gateway.url, "--json"]


def environment(token: str) -> dict[str, str]:
    """A simulator's environment: its token and nothing of the gateway's."""
    return os.environ | {"MEDCOM_SIMULATE_TOKEN": token, "PYTHONUNBUFFERED": "1"}


def entries(store: Path, what: str) -> list[dict]:
    """What a simulator's store holds of one kind."""
    lines = store.read_bytes().splitlines() if store.exists() else []
    return [entry for entry in map(json.loads, lines) if entry["what"] == what]


def test_a_receiver_killed_before_it_has_answered_shows_the_letter_once(gateway: GatewayProcess, tmp_path: Path):
    """Kill -9 between keeping a letter and saying so: started again on the same store it knows the letter, and sends one receipt."""
    store, document = tmp_path / "skive.jsonl", tmp_path / "brev.xml"
    document.write_bytes(letter())
    epj_token, skive_token = gateway.add_partner("epj", EPJ), gateway.add_partner("skive", SKIVE)
    gateway.start()
    receiver = simulate(gateway, "omsorgssystem", "--gln", SKIVE, "--store", str(store))
    with subprocess.Popen([*receiver, "--slow", "60"], env=environment(skive_token), stdout=subprocess.DEVNULL) as first:
        send = simulate(gateway, "epj", "send", "--gln", EPJ, str(document), "--wait", "0")
        subprocess.run(send, env=environment(epj_token), stdout=subprocess.DEVNULL, check=True, timeout=60)
        until(lambda: entries(store, "misbehaved"), what="the letter kept and not yet acknowledged")
        first.kill()
    with subprocess.Popen(receiver, env=environment(skive_token), stdout=subprocess.DEVNULL) as second:
        try:
            until(lambda: entries(store, "repeat") and entries(store, "answered"), what="the repeat and the receipt")
        finally:
            second.terminate()
        assert second.wait(20) == 0
    assert [len(entries(store, what)) for what in ("received", "repeat", "sent")] == [1, 1, 1]
    (sent,) = entries(store, "sent")
    assert (sent["type"], entries(store, "answered")[0]["status"]) == ("XCTL03", 202)


def test_send_from_the_command_line(gateway: GatewayProcess, tmp_path: Path):
    """`epj send` ends with 0 when the receipt has come, with 1 when the hub refuses, with 2 when it was called wrongly."""
    epj_token, skive_token = gateway.add_partner("epj", EPJ), gateway.add_partner("skive", SKIVE)
    gateway.start()

    def send(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = simulate(gateway, "epj", "send", "--gln", EPJ, *arguments)
        return subprocess.run(
            command, env=environment(epj_token), capture_output=True, encoding="utf-8", timeout=60, check=False
        )

    receiver = simulate(gateway, "omsorgssystem", "--gln", SKIVE)
    with subprocess.Popen(receiver, env=environment(skive_token), stdout=subprocess.DEVNULL) as skive:
        try:
            good = send("--to", SKIVE, "--heading", "Indlæggelse", "--text", "Indlagt.\nSYNTETISK.")
        finally:
            skive.terminate()
        assert skive.wait(20) == 0
    told = [json.loads(line) for line in good.stdout.splitlines()]
    assert (good.returncode, told[-1]["what"], told[-1]["type"]) == (0, "receipt", "XCTL03")
    assert not any("document" in entry for entry in told)

    broken = tmp_path / "brev.xml"
    broken.write_bytes(letter()[:-20])
    refused = send(str(broken))
    assert refused.returncode == 1
    assert [json.loads(line)["status"] for line in refused.stdout.splitlines() if b"answered" in line.encode()] == [422]
    assert send().returncode == 2
