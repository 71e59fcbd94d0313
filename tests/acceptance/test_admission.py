"""Story S1: a psychiatric unit admits a patient from Skive at night, the kommune answers, and is told of the discharge."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

from schemas.messages import ReceiptKind
from tests.acceptance.letters import EPJ, SKIVE, letter, receipt, receipt_in
from tests.services.gateway import GatewayProcess, until

THREAD = "6fb927da3be14b9f8875a6326617d20b"


def take_up(hub: GatewayProcess, token: str, gln: str) -> tuple[dict, bytes]:
    """Lists by long poll, fetches and acknowledges the one message that comes; gives its row and its bytes."""
    (row,) = hub.mailbox(token, gln, wait=60)
    document = hub.fetch(token, gln, row["id"])
    answer = hub.acknowledge(token, gln, row["id"])
    assert (answer.status, answer.json["state"]) == (200, "delivered")
    return row, document


def send_and_confirm(hub: GatewayProcess, sender: tuple[str, str], receiver: tuple[str, str], document: bytes) -> str:
    """One letter there and its positive receipt back. `sender` and `receiver` are token and address. Gives the letter's id."""
    answer = hub.submit(sender[0], document)
    assert answer.status == 202, answer.body
    row, fetched = take_up(hub, *receiver)
    assert fetched == document
    confirmation = receipt(document, sender=receiver[1])
    assert hub.submit(receiver[0], confirmation).status == 202
    back, returned = take_up(hub, *sender)
    assert (back["type"], returned) == ("XCTL03", confirmation)
    assert row["id"] == answer.json["id"]
    return row["id"]


def test_the_sender_is_told_where_the_admission_goes(hub: GatewayProcess):
    """202 comes with the decision: Skive, Social og Psykiatri, the heading indlaeggelse, the rule, and where to look later."""
    epj, _ = hub.add_partner("epj", EPJ), hub.add_partner("skive", SKIVE)
    hub.start()
    answer = hub.submit(epj, letter(thread=THREAD))
    assert answer.status == 202
    decided = answer.json
    assert decided["decision"] == "deliver"
    (recipient,) = decided["recipients"]
    expected = {"gln": SKIVE, "sor": "9911731000016004", "kommune": "Skive", "unit": "Social og Psykiatri", "endpoint": "skive"}
    assert recipient == expected
    assert decided["heading"] == {"code": "indlaeggelse", "text": "Indlæggelse", "how": "exact"}
    assert decided["rules"] == ["R9-deliver"]
    assert answer.headers["Location"] == f"/v1/messages/{decided['id']}"


def test_the_whole_story(hub: GatewayProcess):
    """The admission reaches a kommune that waits, its receipt reaches the EPJ, a reply and the discharge follow in one thread."""
    epj, skive = (hub.add_partner("epj", EPJ), EPJ), (hub.add_partner("skive", SKIVE), SKIVE)
    hub.start()
    admission = letter(thread=THREAD)
    with ThreadPoolExecutor(1) as aside:
        waiting = aside.submit(hub.mailbox, *skive, 60)
        accepted = hub.submit(epj[0], admission)
        (row,) = waiting.result(65)
    message_id = accepted.json["id"]
    assert row["id"] == message_id
    assert (row["type"], row["version"], row["sender"], row["receiver"]) == ("XDIS91", "XD9134L", EPJ, SKIVE)
    assert (row["heading"], row["thread"], row["wants_receipt"]) == ("indlaeggelse", THREAD, True)
    assert hub.fetch(*skive, message_id) == admission
    assert hub.message(epj[0], message_id)["state"] == "available"
    assert hub.acknowledge(*skive, message_id).json["state"] == "delivered"
    assert hub.mailbox(*skive) == []

    confirmation = receipt(admission)
    assert hub.submit(skive[0], confirmation).status == 202
    back, returned = take_up(hub, *epj)
    assert (back["type"], returned) == ("XCTL03", confirmation)
    assert receipt_in(returned).kind is ReceiptKind.POSITIVE

    told = hub.message(epj[0], message_id)
    assert told["state"] == "acknowledged"
    story = [entry["what"] for entry in told["timeline"]]
    assert story[0] == "admitted"
    # The courier may be faster than the note of the broker's confirm.
    assert sorted(story[1:3]) == ["deposited", "relayed"]
    assert story[3:] == ["delivered", "receipted", "receipt_sent"]
    assert [entry["actor"] for entry in told["timeline"] if entry["what"] in {"delivered", "receipted"}] == ["skive", "skive"]
    (row,) = told["receipts"]
    assert (row["type"], row["state"]) == ("XCTL03", "delivered")
    assert told["overdue_at"] is None

    answer = letter(sender=SKIVE, receiver=EPJ, thread=THREAD, subject="Vedr. indlæggelse")
    reply_id = send_and_confirm(hub, skive, epj, answer)
    discharge = letter(thread=THREAD, subject="Udskrivning")
    discharge_id = send_and_confirm(hub, epj, skive, discharge)
    found = hub.command("messages", "find", "--thread", THREAD.upper(), "--json").stdout.splitlines()
    in_thread = [(row["id"], row["state"]) for row in map(json.loads, found)]
    assert in_thread == [(each, "acknowledged") for each in (discharge_id, reply_id, message_id)]
    assert json.loads(found[0])["heading"] == "udskrivning"


def test_a_negative_answer_of_the_receiver_reaches_the_sender(hub: GatewayProcess):
    """The receiver's XCTL02 is sent on unchanged and makes the message rejected."""
    epj, skive = hub.add_partner("epj", EPJ), hub.add_partner("skive", SKIVE)
    hub.start()
    document = letter()
    message_id = hub.submit(epj, document).json["id"]
    take_up(hub, skive, SKIVE)
    refusal = receipt(document, ReceiptKind.NEGATIVE)
    assert hub.submit(skive, refusal).status == 202
    _, returned = take_up(hub, epj, EPJ)
    assert returned == refusal
    assert hub.message(epj, message_id)["state"] == "rejected"


def test_nothing_waits_where_nothing_was_sent(gateway: GatewayProcess):
    """A long poll on an empty mailbox ends by its own time with an empty list."""
    token = gateway.add_partner("skive", SKIVE)
    gateway.start()
    assert gateway.mailbox(token, SKIVE, wait=0.2) == []


def test_a_partner_added_while_it_runs_may_send_at_once(gateway: GatewayProcess):
    """A new partner's token and mailbox work without a restart, and with its first call."""
    gateway.start()
    skive, epj = gateway.add_partner("skive", SKIVE), gateway.add_partner("epj", EPJ)
    document = letter()
    assert gateway.submit(epj, document).status == 202
    assert take_up(gateway, skive, SKIVE)[1] == document


def test_mail_survives_a_restart(hub: GatewayProcess):
    """What lies in a mailbox, and what was said about it, is there after an orderly stop and a start."""
    epj, skive = hub.add_partner("epj", EPJ), hub.add_partner("skive", SKIVE)
    hub.start()
    document = letter()
    message_id = hub.submit(epj, document).json["id"]
    until(lambda: hub.mailbox(skive, SKIVE), what="the mail")
    assert hub.terminate() == 0
    hub.start()
    row, fetched = take_up(hub, skive, SKIVE)
    assert (row["id"], fetched) == (message_id, document)
    again = hub.submit(epj, document)
    assert (again.status, again.json["id"], again.json["state"]) == (200, message_id, "delivered")
