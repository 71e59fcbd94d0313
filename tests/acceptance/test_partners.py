"""What an operator does to connected systems while the gateway runs: it follows within seconds, and nothing is lost by it."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from typing import Any

import pytest

from gateway.simulate import Epj, Omsorgssystem
from tests.acceptance.letters import CLOSED, EPJ, RANDERS, SKIVE, SUCCESSOR, letter
from tests.services.gateway import GatewayProcess, call, free_port, until


def one(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """The one JSON object that a command printed."""
    (line,) = done.stdout.splitlines()
    row = json.loads(line)
    assert isinstance(row, dict)
    return row


def partners(gateway: GatewayProcess, *arguments: str) -> dict[str, Any]:
    """What `partners … --json` says."""
    return one(gateway.command("partners", *arguments, "--json"))


def change(gateway: GatewayProcess, *arguments: str) -> dict[str, Any]:
    """What `partners change skive … --json` says, once the running gateway has seen it."""
    before = gateway.log.count("DirectoryChanged")
    made = partners(gateway, "change", "skive", *arguments)
    until(lambda: gateway.log.count("DirectoryChanged") > before, deadline=5, what="the gateway's notice")
    return made


def status(gateway: GatewayProcess, token: str) -> tuple[int, str]:
    """What a call with this token is answered, and the problem's code."""
    reply = call("GET", f"{gateway.url}/v1/mailboxes/{SKIVE}/messages", token=token)
    return reply.status, reply.json.get("title", "")


@pytest.fixture
def running(hub: GatewayProcess) -> tuple[GatewayProcess, str, str]:
    """A gateway with a hospital and Skive, who pull, on each journal and broker; and their tokens."""
    epj, skive = hub.add_partner("epj", EPJ), hub.add_partner("skive", SKIVE)
    return hub.start(), epj, skive


def test_a_new_token_and_the_old_one(running: tuple[GatewayProcess, str, str]):
    """A new token lets in at once; the old one as long as was said, and else no more within seconds."""
    gateway, _, first = running
    second = partners(gateway, "rotate-token", "skive", "--keep-old", "24h")["token"]
    assert [status(gateway, token)[0] for token in (second, first)] == [200, 200]
    third = partners(gateway, "rotate-token", "skive")["token"]
    until(lambda: status(gateway, second)[0] == 401, deadline=5, what="the end of the second token")
    assert [status(gateway, token)[0] for token in (first, second, third)] == [401, 401, 200]
    short = partners(gateway, "rotate-token", "skive", "--keep-old", "1s")
    assert short["old_token_until"] is not None
    until(lambda: status(gateway, third)[0] == 401, deadline=10, what="the end of the time given")
    assert status(gateway, short["token"])[0] == 200


def test_mail_waits_for_a_disabled_receiver(running: tuple[GatewayProcess, str, str]):
    """Its token gets 403; a letter to it is accepted and waits with the reason; enabled again, it has it within seconds."""
    gateway, epj, skive = running
    partners(gateway, "disable", "skive", "--reason", "prøve")
    until(lambda: status(gateway, skive) == (403, "partner-disabled"), deadline=5, what="the refusal")
    sent = gateway.submit(epj, letter())
    assert sent.status == 202
    message_id = sent.json["id"]
    until(lambda: gateway.message(epj, message_id)["state"] == "waiting", what="the letter's waiting")
    last = gateway.message(epj, message_id)["timeline"][-1]
    assert (last["what"], last["detail"]["reason"]) == ("postponed", "partner-disabled")
    shown = partners(gateway, "show", "skive")
    assert (shown["active"], shown["on_the_way"]) == (False, 1)
    assert "venter på nyt forsøg" in gateway.command("partners", "show", "skive").stdout
    partners(gateway, "enable", "skive")
    until(lambda: gateway.message(epj, message_id)["state"] == "available", deadline=10, what="the letter's arrival")
    assert [row["id"] for row in gateway.mailbox(skive, SKIVE)] == [message_id]


def test_a_number_that_is_taken_over_brings_its_mail(running: tuple[GatewayProcess, str, str]):
    """A new system takes over a lokationsnummer with what lies in its mailbox; what is sent then goes there; the old one is out."""
    gateway, epj, skive = running
    before = gateway.submit(epj, letter()).json["id"]
    until(lambda: gateway.mailbox(skive, SKIVE), what="the letter's arrival")
    token = partners(gateway, "add", "skive-ny", "--take-gln", SKIVE)["token"]
    assert [row["id"] for row in gateway.mailbox(token, SKIVE)] == [before]
    after = gateway.submit(epj, letter()).json["id"]
    until(lambda: len(gateway.mailbox(token, SKIVE)) == 2, what="the second letter")
    assert gateway.acknowledge(token, SKIVE, after).json["state"] == "delivered"
    until(lambda: status(gateway, skive) == (403, "not-your-address"), deadline=5, what="the old one's end")
    told = partners(gateway, "show", "skive")["story"][-1]
    assert (told["what"], told["detail"]) == ("changed", {"removed": [SKIVE], "taken_by": "skive-ny"})


def test_a_receiver_that_changes_from_push_to_pull(gateway: GatewayProcess):
    """A letter that its URL did not take is in its mailbox within seconds of the change, and the story says who changed what."""
    epj = gateway.add_partner("epj", EPJ)
    skive = partners(gateway, "add", "skive", "--gln", SKIVE, "--push", f"http://127.0.0.1:{free_port()}/")["token"]
    gateway.start()
    message_id = gateway.submit(epj, letter()).json["id"]
    until(lambda: gateway.message(epj, message_id)["attempts"] >= 3, what="three attempts")
    changed = partners(gateway, "change", "skive", "--pull", "--add-gln", RANDERS)
    assert (changed["mode"], changed["push_url"], changed["glns"]) == ("pull", None, sorted([SKIVE, RANDERS]))
    until(lambda: gateway.mailbox(skive, SKIVE), deadline=6, what="the letter in the mailbox")
    added, told = partners(gateway, "show", "skive")["story"]
    assert (added["what"], told["what"], told["detail"]) == (
        "added",
        "changed",
        {"added": [RANDERS], "mode": "pull"},
    )
    assert told["actor"].startswith("operator:")
    assert gateway.submit(epj, letter(receiver=RANDERS)).status == 202
    partners(gateway, "change", "skive", "--remove-gln", RANDERS)
    until(lambda: gateway.submit(epj, letter(receiver=RANDERS)).status == 422, deadline=5, what="the address without a reader")


async def test_pushes_are_signed_while_the_secret_is_exchanged(gateway: GatewayProcess):
    """A receiver that verifies takes what is signed with its secret, with the old one as long as was said, and nothing else."""
    port = free_port()
    epj_token = gateway.add_partner("epj", EPJ)
    push = ("--push", f"http://127.0.0.1:{port}/medcom")
    made = partners(gateway, "add", "skive", "--gln", SKIVE, *push, "--push-secret", "auto")
    assert made["push_secret"].startswith("whsec_")
    bearer = gateway.folder / "bearer.txt"
    bearer.write_text("modtagerens-eget-token\n", encoding="ascii")
    await asyncio.to_thread(partners, gateway, "change", "skive", "--push-bearer", str(bearer))
    await asyncio.to_thread(gateway.start)
    proof = {"push_secret": made["push_secret"], "push_bearer": "modtagerens-eget-token"}
    epj = Epj(gateway.url, epj_token, EPJ, name="Testhospitalet")
    skive = Omsorgssystem(gateway.url, made["token"], SKIVE, name="Testkommunen", port=port, **proof)
    async with epj, skive:
        await epj.receipted(epj.post(letter()))
        rotated = await asyncio.to_thread(change, gateway, "--push-secret", "auto", "--keep-old", "24h")
        assert rotated["old_push_secret_until"] is not None
        second = rotated["push_secret"]
        assert second != made["push_secret"]
        await epj.receipted(epj.post(letter()))
        assert skive.book.count("turned_away") == 0
        await asyncio.to_thread(change, gateway, "--push-secret", "auto")
        number = epj.post(letter())
        turned = await skive.book.until(lambda: next(iter(skive.book.of("turned_away")), None), 20)
        assert turned.facts["reason"] == "wrong-signature"
        message_id = (await epj.answered(number)).message_id
        await asyncio.to_thread(change, gateway, "--push-secret", "none")
        bare = lambda: next((one for one in skive.book.of("turned_away") if one.facts["reason"] == "not-signed"), None)  # noqa: E731
        await skive.book.until(bare, 20)
        assert gateway.message(epj_token, message_id)["state"] in {"queued", "waiting"}
        assert len(skive.received()) == 2


def test_a_stranger_at_a_signed_receivers_door(gateway: GatewayProcess):
    """The simulator that was given a secret by its environment answers 401 to whoever cannot sign."""
    token = gateway.add_partner("skive", SKIVE)
    gateway.start()
    port = str(free_port())
    command = [
        sys.executable,
        "-m",
        "gateway",
        "simulate",
        "omsorgssystem",
        "--gln",
        SKIVE,
        "--port",
        port,
        "--hub",
        gateway.url,
    ]
    environment = gateway.settings | {"MEDCOM_SIMULATE_TOKEN": token, "MEDCOM_SIMULATE_PUSH_SECRET": "whsec_" + "A" * 44}
    bad = subprocess.run(
        [*command, "--push-secret", "whsec_kort"],
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert (bad.returncode, "whsec_" in bad.stderr) == (2, True)
    with subprocess.Popen([*command, "--json"], env=environment, stdout=subprocess.PIPE) as door:
        assert door.stdout is not None
        assert b"listening" in door.stdout.readline()
        assert call("POST", f"http://127.0.0.1:{port}/medcom", body=letter()).status == 401
        assert b'"not-signed"' in door.stdout.readline()
        door.terminate()
        assert door.wait(20) == 0


def test_no_secret_is_told_twice(gateway: GatewayProcess):
    """What was made is printed by the command that made it, and by no other."""
    url = "https://bruger:kodeord@omsorg.example/"
    made = partners(gateway, "add", "skive", "--gln", SKIVE, "--push", url, "--push-secret", "auto")
    told = [gateway.command("partners", *words).stdout for words in (["list"], ["list", "--json"], ["show", "skive"])]
    told.append(gateway.command("partners", "show", "skive", "--json").stdout)
    for secret in (made["token"], made["push_secret"], "kodeord"):
        assert not any(secret in text for text in told)
    assert "signatur" in told[0]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["show", "nej"], 1, "nej"),
        (["change", "nej", "--pull"], 1, "nej"),
        (["change", "skive"], 2, "--help"),
        (["change", "skive", "--push", "http://omsorg.example/"], 2, "https://"),
        (["change", "skive", "--push", "https://a.example/", "--pull"], 2, "one of"),
        (["change", "skive", "--amqp"], 1, "partners add"),
        (["change", "skive", "--push-secret", "auto"], 2, "--push URL"),
        (["change", "skive", "--pull", "--keep-old", "24h"], 2, "--push-secret auto"),
        (["change", "skive", "--add-gln", EPJ], 1, "epj"),
        (["change", "skive", "--take-gln", RANDERS], 1, RANDERS),
        (["change", "skive", "--remove-gln", EPJ], 1, EPJ),
        (["rotate-token", "nej"], 1, "nej"),
        (["rotate-token", "skive", "--keep-old", "24"], 2, "24h"),
        (["disable", "nej"], 1, "nej"),
    ],
)
def test_refusals(two: GatewayProcess, arguments: list[str], code: int, said: str):
    """What cannot be done is said, with exit code 2 for misuse and 1 for the rest, and nothing has changed."""
    before = two.command("partners", "list", "--json").stdout
    done = two.command("partners", *arguments, check=False)
    assert (done.returncode, done.stdout, "Traceback" in done.stderr) == (code, "", False)
    assert said in done.stderr
    assert two.command("partners", "list", "--json").stdout == before


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> GatewayProcess:
    """A gateway that does not run, with a hospital and Skive."""
    gateway = GatewayProcess(tmp_path_factory.mktemp("two"))
    for name, gln in (("epj", EPJ), ("skive", SKIVE)):
        gateway.add_partner(name, gln)
    return gateway


def test_the_successor_of_a_closed_address_is_named(gateway: GatewayProcess):
    """A sender that writes to a closed address is told the lokationsnummer that has taken its place."""
    epj = gateway.add_partner("epj", EPJ)
    gateway.start()
    refused = gateway.submit(epj, letter(receiver=CLOSED))
    assert (refused.status, refused.json["fault"], refused.json["instead"]) == (422, "closed_receiver", SUCCESSOR)
    unread = gateway.submit(epj, letter(receiver=RANDERS))
    assert (unread.json["fault"], unread.json["instead"]) == ("no_reader", None)
