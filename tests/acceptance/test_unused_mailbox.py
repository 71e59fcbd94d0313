"""Story S4: an address that nobody reads, the operator who finds the dead letter at the terminal, and the means to mend it."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime

import pytest

from schemas.messages import LetterReference, ReceiptKind, RefuseCode
from tests.acceptance.letters import EPJ, RANDERS, SKIVE, UNKNOWN, letter, receipt, receipt_in
from tests.services.gateway import GatewayProcess, until


def refused(hub: GatewayProcess, token: str, document: bytes) -> dict:
    """Hands in what nobody reads; gives the problem."""
    answer = hub.submit(token, document)
    assert answer.status == 422, answer.body
    assert answer.headers["Content-Type"] == "application/problem+json"
    return answer.json


def test_the_whole_story(hub: GatewayProcess):
    """Refused with a receipt, seen as a dead letter, a reader connected, sent again, delivered; the late receipt is kept (I5)."""
    epj = hub.add_partner("epj", EPJ)
    hub.start()
    document = letter(receiver=RANDERS, envelope_id="KUVERTS4", letter_id="BREVS4", sent_at=datetime.now(UTC))
    problem = refused(hub, epj, document)
    assert (problem["fault"], problem["state"], problem["status"]) == ("no_reader", "dead_letter", 422)
    assert problem["type"] == "urn:medcom-gateway:no_reader"
    assert "Ingen henter post" in problem["detail_da"]
    assert (problem["findings"], problem["rules"]) == ([], ["R7-has-reader"])
    given = problem["receipt"]
    content = receipt_in(base64.b64decode(given["base64"]))
    assert (given["type"], content.kind) == ("XCTL01", ReceiptKind.NEGATIVE_VANS)
    assert (content.original.envelope_id, content.original.sender, content.original.receiver) == ("KUVERTS4", EPJ, RANDERS)
    assert content.original.letters == (LetterReference("BREVS4", "XD9134L"),)
    assert content.refuse_code is RefuseCode.RECEIVER_ID
    assert content.refuse_text
    assert RANDERS in content.refuse_text
    message_id = problem["id"]
    assert hub.mailbox(epj, EPJ) == [], "the receipt was given in the answer and does not come again"

    (row,) = map(json.loads, hub.command("dead-letters", "list", "--json").stdout.splitlines())
    assert (row["id"], row["fault"], row["receiver"]) == (message_id, "no_reader", RANDERS)
    seen = hub.command("dead-letters", "list").stdout
    assert message_id in seen
    assert "Ingen henter post for modtagerens lokationsnummer." in seen
    assert "en operatør kan tilslutte en læser" in hub.command("dead-letters", "show", message_id).stdout
    still = hub.command("dead-letters", "retry", message_id, check=False)
    assert still.returncode == 1
    assert f"partners add NAVN --gln {RANDERS}" in still.stderr

    randers = hub.add_partner("randers", RANDERS)
    done = json.loads(hub.command("dead-letters", "retry", message_id, "--json").stdout)
    assert done == {"id": message_id, "state": "accepted", "endpoint": "randers", "address": RANDERS}
    (mail,) = hub.mailbox(randers, RANDERS, wait=60)
    assert mail["id"] == message_id
    assert hub.fetch(randers, RANDERS, message_id) == document
    assert hub.acknowledge(randers, RANDERS, message_id).json["state"] == "delivered"
    assert hub.command("dead-letters", "list", "--json", check=False).returncode == 1

    late = hub.submit(randers, receipt(document, sender=RANDERS))
    assert (late.status, late.json["decision"], late.json["reason"]) == (200, "absorb", "negative_was_sent")
    told = hub.message(epj, message_id)
    assert told["state"] == "acknowledged"
    assert hub.mailbox(epj, EPJ) == []
    retried = [entry for entry in told["timeline"] if entry["what"] == "retried"]
    assert retried[0]["actor"].startswith("operator:")


def test_the_same_answer_whenever_it_comes_again(gateway: GatewayProcess):
    """The refused document again gets the first answer with the first receipt's bytes; in a new envelope, its content (I5)."""
    epj = gateway.add_partner("epj", EPJ)
    gateway.start()
    document = letter(receiver=RANDERS, letter_id="BREVGENTAGET")
    first, second = refused(gateway, epj, document), refused(gateway, epj, document)
    assert (second["id"], second["receipt"]) == (first["id"], first["receipt"])
    third = refused(gateway, epj, letter(receiver=RANDERS, letter_id="BREVGENTAGET"))
    contents = [receipt_in(base64.b64decode(problem["receipt"]["base64"])) for problem in (first, third)]
    assert contents[0] == contents[1]
    assert third["id"] == first["id"]
    assert len(gateway.command("dead-letters", "list", "--json").stdout.splitlines()) == 1


def test_redirect_to_another_address(gateway: GatewayProcess):
    """An operator sends a dead letter, unchanged, to another lokationsnummer; both addresses stand in the story."""
    epj, skive = gateway.add_partner("epj", EPJ), gateway.add_partner("skive", SKIVE)
    gateway.start()
    document = letter(receiver=RANDERS)
    message_id = refused(gateway, epj, document)["id"]
    gateway.command("dead-letters", "redirect", message_id, "--to", SKIVE, "--reason", "enheden er flyttet")
    (mail,) = gateway.mailbox(skive, SKIVE, wait=60)
    assert (mail["id"], mail["receiver"]) == (message_id, RANDERS)
    assert gateway.fetch(skive, SKIVE, message_id) == document
    shown = gateway.command("messages", "show", message_id).stdout
    assert f"omadresseret til {SKIVE}" in shown
    assert "enheden er flyttet" in shown


def test_redirect_to_nobody_is_refused(gateway: GatewayProcess):
    """A redirect to an address without a reader fails with exit code 1, says what to do, and leaves the dead letter as it was."""
    epj = gateway.add_partner("epj", EPJ)
    gateway.start()
    message_id = refused(gateway, epj, letter(receiver=RANDERS))["id"]
    done = gateway.command("dead-letters", "redirect", message_id, "--to", UNKNOWN, "--reason", "prøve", check=False)
    assert done.returncode == 1
    assert "registeret kender det ikke" in done.stderr
    assert gateway.message(epj, message_id)["state"] == "dead_letter"


def test_discard_ends_it(gateway: GatewayProcess):
    """A discarded letter leaves the list, keeps its story with the reason, and can be neither discarded nor retried again."""
    epj = gateway.add_partner("epj", EPJ)
    gateway.start()
    message_id = refused(gateway, epj, letter(receiver=RANDERS))["id"]
    done = gateway.command("dead-letters", "discard", message_id, "--reason", "ringet igennem", "--json")
    assert json.loads(done.stdout)["state"] == "discarded"
    assert gateway.command("dead-letters", "list", check=False).returncode == 1
    told = json.loads(gateway.command("messages", "show", message_id, "--json").stdout)
    assert told["timeline"][-1]["detail"] == {"reason": "ringet igennem"}
    for action in ("retry", "discard"):
        reason = ["--reason", "igen"] if action == "discard" else []
        again = gateway.command("dead-letters", action, message_id, *reason, check=False)
        assert (again.returncode, "discarded" in again.stderr) == (1, True)


def test_many_are_retried_at_once_and_one_that_cannot_does_not_stop_the_rest(gateway: GatewayProcess):
    """`retry` takes several ids: those that can go, go; the exit code says that one could not."""
    epj = gateway.add_partner("epj", EPJ)
    gateway.start()
    letters = [refused(gateway, epj, letter(receiver=RANDERS))["id"] for _ in range(3)]
    gateway.command("dead-letters", "discard", letters[0], "--reason", "prøve")
    randers = gateway.add_partner("randers", RANDERS)
    done = gateway.command("dead-letters", "retry", *letters, check=False)
    assert done.returncode == 1
    got = until(lambda: len(mail := gateway.mailbox(randers, RANDERS)) == 2 and mail, what="both letters")
    assert [row["id"] for row in got] == letters[1:]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["list"], 1),
        (["show", "findes-ikke"], 1),
        (["retry", "findes-ikke"], 1),
        (["retry"], 2),
        (["redirect", "findes-ikke", "--reason", "x"], 2),
        (["discard", "findes-ikke"], 2),
        (["list", "--fault", "findes-ikke"], 2),
        (["findes-ikke"], 2),
    ],
)
def test_exit_codes(gateway: GatewayProcess, arguments: list[str], code: int):
    """1 is a negative finding, 2 is misuse; nothing goes to standard output and nothing is a traceback."""
    done = gateway.command("dead-letters", *arguments, check=False)
    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr
    assert "Traceback" not in done.stderr
