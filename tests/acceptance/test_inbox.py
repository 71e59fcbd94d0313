"""A sender that publishes to `medcom.inbox` over AMQP: the same verdicts, and its negative receipts in its own mailbox."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import aiormq
import pytest

from schemas.messages import ReceiptKind, RefuseCode
from tests.acceptance.amqp import as_user, publish, take
from tests.acceptance.letters import CLOSED, EPJ, OTHER_HOSPITAL, RANDERS, SKIVE, UNKNOWN, fresh_id, letter, receipt, receipt_in
from tests.acceptance.shapes import SHAPES
from tests.services.gateway import GatewayProcess, call, until
from tests.services.rabbitmq import RabbitMQ

PASSWORD = "kun-i-denne-test"


class Yard:
    """A gateway on RabbitMQ, a hospital that publishes with its own user and pulls its receipts, a kommune that pulls."""

    def __init__(self, gateway: GatewayProcess, server: RabbitMQ, vhost: str) -> None:
        self.gateway = gateway
        self.epj, self.skive = gateway.add_partner("epj", EPJ), gateway.add_partner("skive", SKIVE)
        self.vhost = vhost
        self.url = as_user(server.url_of(vhost), "epj", PASSWORD)
        server.ctl("add_user", "epj", PASSWORD)
        server.ctl("set_permissions", "-p", vhost, "epj", "^$", r"^medcom\.inbox$", r"^medcom\.endpoint\.epj$")
        gateway.start()
        until(lambda: call("GET", f"{gateway.url}/ready").json["broker"], what="the broker's connection")

    def publish(self, *documents: bytes) -> None:
        """From the hospital, vouched for by the broker."""
        publish(self.url, *documents, user="epj")

    def refused(self, envelope_id: str) -> dict:
        """The refusal of the document with this envelope id, as the operator sees it."""
        find = ["messages", "find", "--envelope", envelope_id, "--type", "XDIS91", "--json"]
        done = until(lambda: (done := self.gateway.command(*find, check=False)).stdout and done, what="the refusal")
        return json.loads(done.stdout.splitlines()[0])

    def receipt_mail(self) -> bytes:
        """The next receipt in the hospital's mailbox, acknowledged."""
        (row,) = self.gateway.mailbox(self.epj, EPJ, wait=60)
        document = self.gateway.fetch(self.epj, EPJ, row["id"])
        self.gateway.acknowledge(self.epj, EPJ, row["id"])
        return document


@pytest.fixture(scope="module")
def yard(rabbitmq: RabbitMQ, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Yard]:
    """The module's gateway, running."""
    folder: Path = tmp_path_factory.mktemp("inbox")
    vhost = rabbitmq.vhost()
    with GatewayProcess(folder, {"MEDCOM_BROKER_URL": rabbitmq.url_of(vhost)}) as gateway:
        made = Yard(gateway, rabbitmq, vhost)
        yield made
        rabbitmq.ctl("delete_user", "epj")


def test_every_shape_is_delivered_unchanged(yard: Yard):
    """What is published reaches the receiver byte for byte, and the receiver's receipt reaches the sender."""
    sent = [make() for make in SHAPES.values()]
    yard.publish(*sent)
    rows = until(lambda: len(mail := yard.gateway.mailbox(yard.skive, SKIVE)) == len(sent) and mail, what="the letters")
    got = [yard.gateway.fetch(yard.skive, SKIVE, row["id"]) for row in rows]
    assert sorted(got) == sorted(sent)
    for row in rows:
        yard.gateway.acknowledge(yard.skive, SKIVE, row["id"])
    confirmation = receipt(sent[0])
    yard.gateway.submit(yard.skive, confirmation)
    assert yard.receipt_mail() == confirmation


@pytest.mark.parametrize(
    ("change", "fault", "code"),
    [
        ({"receiver": UNKNOWN}, "unknown_receiver", RefuseCode.UNKNOWN_ADDRESS),
        ({"receiver": CLOSED}, "closed_receiver", RefuseCode.UNKNOWN_ADDRESS),
        ({"receiver": RANDERS}, "no_reader", RefuseCode.RECEIVER_ID),
        ({"old": b"nytbrev", "new": b"brev"}, "schema", RefuseCode.SYNTAX),
        ({"old": b"XD9134L", "new": b"XD9199L"}, "unknown_version", RefuseCode.VERSION),
    ],
)
def test_refused_with_a_receipt_in_the_mailbox(yard: Yard, change: dict, fault: str, code: RefuseCode):
    """What HTTP answers 422 is recorded the same, and its XCTL01 comes to the sender's mailbox."""
    envelope_id = fresh_id()
    document = letter(envelope_id=envelope_id, **({} if "old" in change else change))
    yard.publish(document.replace(change.get("old", b""), change.get("new", b"")) if "old" in change else document)
    content = receipt_in(yard.receipt_mail())
    assert (content.kind, content.refuse_code, content.original.envelope_id) == (ReceiptKind.NEGATIVE_VANS, code, envelope_id)
    assert yard.refused(envelope_id)["fault"] == fault


def test_a_duplicate_and_a_resend(yard: Yard):
    """The same document again is not delivered again; the refused letter in a new envelope gets its receipt's content again."""
    document = letter()
    yard.publish(document, document)
    letter_id = fresh_id()
    yard.publish(letter(receiver=RANDERS, letter_id=letter_id))
    first = receipt_in(yard.receipt_mail())
    yard.publish(letter(receiver=RANDERS, letter_id=letter_id))
    assert receipt_in(yard.receipt_mail()) == first
    (row,) = yard.gateway.mailbox(yard.skive, SKIVE, wait=60)
    yard.gateway.acknowledge(yard.skive, SKIVE, row["id"])


def test_what_cannot_be_read_is_kept_and_stops_nothing(yard: Yard):
    """Garbage is recorded as refused, and the letter behind it is delivered."""
    document = letter()
    yard.publish(b"", b"\x00\x01", b"<!DOCTYPE x><x/>", document)
    (row,) = yard.gateway.mailbox(yard.skive, SKIVE, wait=60)
    assert yard.gateway.fetch(yard.skive, SKIVE, row["id"]) == document
    yard.gateway.acknowledge(yard.skive, SKIVE, row["id"])
    found = yard.gateway.command("messages", "find", "--state", "refused", "--json").stdout.splitlines()
    assert [row["fault"] for row in map(json.loads, found)][:3].count("unreadable") == 3


def test_a_sender_in_anothers_name(yard: Yard):
    """A letter from somebody else's lokationsnummer is refused without a receipt to anybody."""
    envelope_id = fresh_id()
    yard.publish(letter(sender=OTHER_HOSPITAL, envelope_id=envelope_id))
    assert yard.refused(envelope_id)["fault"] == "sender_not_allowed"
    assert yard.gateway.mailbox(yard.epj, EPJ) == []


def test_without_user_id_nobody_has_sent_it(yard: Yard):
    """A sender that forgot `user_id` may send as nobody; its letter is kept as refused, for an operator to find."""
    envelope_id = fresh_id()
    publish(yard.url, letter(envelope_id=envelope_id))
    assert yard.refused(envelope_id)["fault"] == "sender_not_allowed"


def test_a_disabled_sender(yard: Yard):
    """What a disabled partner publishes is kept as refused, with no receipt; enabled again, it is heard at once."""
    yard.gateway.command("partners", "disable", "epj")
    mailbox = f"{yard.gateway.url}/v1/mailboxes/{EPJ}/messages"
    until(lambda: call("GET", mailbox, token=yard.epj).status == 403, deadline=5, what="the gateway's notice")
    envelope_id = fresh_id()
    yard.publish(letter(envelope_id=envelope_id))
    assert yard.refused(envelope_id)["fault"] == "sender_not_allowed"
    yard.gateway.command("partners", "enable", "epj")
    yard.publish(letter())
    (row,) = yard.gateway.mailbox(yard.skive, SKIVE, wait=60)
    yard.gateway.acknowledge(yard.skive, SKIVE, row["id"])
    assert yard.gateway.mailbox(yard.epj, EPJ) == []


def test_the_broker_refuses_a_false_user_id(yard: Yard):
    """Nobody can publish as another partner: RabbitMQ itself says no."""
    with pytest.raises(aiormq.exceptions.AMQPError):
        publish(yard.url, letter(), user="skive")


def test_the_rights_that_partners_add_advises_are_enough_and_no_more(yard: Yard):
    """With the user that the gateway advises a partner can publish to the inbox, but not read another's queue or the dead letters."""
    for queue in ("medcom.endpoint.skive", "medcom.dead-letters", "medcom.inbox"):
        with pytest.raises(aiormq.exceptions.AMQPError):
            take(yard.url, queue, 1)
    advice = yard.gateway.command("partners", "add", "aarhus", "--gln", "5790009911036", "--amqp").stdout
    assert re.search(r"set_permissions aarhus '\^\$' '\^medcom\\\.inbox\$' '\^medcom\\\.endpoint\\\.aarhus\$'", advice)
