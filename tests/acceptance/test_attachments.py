"""Letters and attachments on the running program: each is delivered for itself, whichever comes first, and they find each other."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.acceptance.letters import EPJ, RANDERS, SKIVE, fresh_id, receipt
from tests.acceptance.test_vans import enveloped
from tests.services.gateway import GatewayProcess, call, until

EXAMPLES = files("schemas") / "examples"
PLAN = UUID("8d2f6b1c-4a5e-4f70-9c3d-1e2f3a4b5c6d")


def letter_about(attachment: UUID) -> bytes:
    """A correspondence from the hospital to Skive that refers to the attachment, without dashes; its ids are its own."""
    raw = (EXAMPLES / "XDIS91-XD9134L.xml").read_bytes()
    assert EPJ.encode() in raw
    assert SKIVE.encode() in raw
    for ours, fresh in ((b"KXD9134L", fresh_id()), (b"BXD9134L", fresh_id()), (PLAN.hex.encode(), attachment.hex)):
        assert raw.count(ours) == 1
        raw = raw.replace(ours, fresh.encode())
    return raw


def binary_with(attachment: UUID) -> bytes:
    """The binary letter beside it, with the object's id in capitals and with its dashes."""
    raw = (EXAMPLES / "XBIN01-XB0131X.xml").read_bytes()
    for ours, fresh in ((b"KXB0131X", fresh_id()), (b"BXB0131X", fresh_id()), (str(PLAN).encode(), str(attachment).upper())):
        assert raw.count(ours) == 1
        raw = raw.replace(ours, fresh.encode())
    return raw


class Hospital:
    """The hospital and Skive, on a running gateway."""

    def __init__(self, hub: GatewayProcess) -> None:
        self.hub = hub
        self.epj, self.skive = hub.add_partner("epj", EPJ), hub.add_partner("skive", SKIVE)
        hub.start()

    def send(self, document: bytes) -> str:
        """Hands a document in and returns its id."""
        answer = self.hub.submit(self.epj, document)
        assert answer.status == 202, answer.body
        return str(answer.json["id"])

    def delivered(self, message_id: str) -> bytes:
        """The document as Skive fetches and acknowledges it."""
        until(lambda: message_id in [one["id"] for one in self.hub.mailbox(self.skive, SKIVE)], what="its arrival")
        got = self.hub.fetch(self.skive, SKIVE, message_id)
        assert self.hub.acknowledge(self.skive, SKIVE, message_id).status == 200
        return got

    def attachments(self, message_id: str, token: str | None = None) -> list[dict[str, Any]]:
        """What the message belongs with, as its sender or another sees it."""
        return list(self.hub.message(token or self.epj, message_id)["attachments"])

    def told(self, message_id: str, what: str) -> list[dict[str, Any]]:
        """The details of the lines of this kind in the message's timeline."""
        return [one["detail"] for one in self.hub.message(self.epj, message_id)["timeline"] if one["what"] == what]


@pytest.mark.parametrize("order", ["letter-first", "attachment-first"])
def test_both_are_delivered_and_paired_whichever_comes_first(hub: GatewayProcess, order: str):
    """The receiver gets both documents with their own bytes, and each message tells its sender and its receiver of the other."""
    there, attachment = Hospital(hub), uuid4()
    letter, binary = letter_about(attachment), binary_with(attachment)
    documents = (letter, binary) if order == "letter-first" else (binary, letter)
    first = there.send(documents[0])
    # The first is delivered before the other comes: it waits for nothing.
    assert there.delivered(first) == documents[0]
    (alone,) = there.attachments(first)
    assert (alone["object"], alone["message"], alone["paired_at"], alone["missing_at"]) == (attachment.hex, None, None, None)
    second = there.send(documents[1])
    assert there.delivered(second) == documents[1]
    letter_id, binary_id = (first, second) if order == "letter-first" else (second, first)
    for token in (there.epj, there.skive):
        (of_letter,), (of_binary,) = there.attachments(letter_id, token), there.attachments(binary_id, token)
        assert (of_letter["role"], of_letter["message"]) == ("refers", binary_id)
        assert (of_binary["role"], of_binary["message"]) == ("carries", letter_id)
        assert of_letter["paired_at"] == of_binary["paired_at"]
    assert there.told(letter_id, "paired") == [{"object": attachment.hex, "role": "carries", "message": binary_id}]
    assert there.told(binary_id, "paired") == [{"object": attachment.hex, "role": "refers", "message": letter_id}]
    # Sent again it is the same message, and nothing is paired a second time.
    assert hub.submit(there.epj, documents[1]).status == 200
    assert len(there.told(first, "paired")) == 1
    # Each has a receipt of its own.
    assert [hub.submit(there.skive, receipt(one)).status for one in documents] == [202, 202]
    shown = hub.command("messages", "show", letter_id).stdout
    assert f"bilag {attachment.hex}: kom med {binary_id}" in shown
    assert "bilag og brev samlet: " in shown
    assert f"bilag {attachment.hex}: hører til {letter_id}" in hub.command("messages", "show", binary_id).stdout
    assert hub.command("messages", "find", "--unpaired", check=False).returncode == 1


def test_what_never_becomes_whole_is_shown_and_may_still_come(hub: GatewayProcess):
    """A letter without its attachment and an attachment without its letter are delivered and, after the time, told of; a late half
    pairs all the same.
    """
    hub.environment["MEDCOM_ATTACHMENT_WITHIN"] = "1"
    there, one, two = Hospital(hub), uuid4(), uuid4()
    letter, binary = letter_about(one), binary_with(two)
    lonely = {there.send(letter): ("refers", "carries"), there.send(binary): ("carries", "refers")}
    for message_id, (role, lacks) in lonely.items():
        until(lambda message_id=message_id: there.attachments(message_id)[0]["missing_at"], what="the hour")
        (alone,) = there.attachments(message_id)
        assert (alone["role"], alone["message"], alone["paired_at"]) == (role, None, None)
        assert there.told(message_id, "attachment_missing") == [{"object": alone["object"], "role": lacks}]
    assert [there.delivered(message_id) for message_id in lonely] == [letter, binary]
    found = hub.command("messages", "find", "--unpaired", "--json").stdout.splitlines()
    assert {json.loads(row)["id"] for row in found} == set(lonely)
    letter_id, binary_id = lonely
    assert f"bilag {one.hex}: udebliver" in hub.command("messages", "show", letter_id).stdout
    assert f"bilag {two.hex}: brevet, der henviser til det, udebliver" in hub.command("messages", "show", binary_id).stdout
    until(lambda: hub.log.count('"event":"AttachmentMissing"') == 2, what="two log lines")
    assert one.hex not in hub.log, "an id that a sender has written is in no log"
    metrics = call("GET", f"{hub.url}/metrics").body.decode()
    assert {f'medcom_attachment_missing_total{{lacks="{lacks}"}} 1.0' for lacks in ("refers", "carries")} <= set(
        metrics.split("\n")
    )
    until(lambda: 'medcom_messages{state="unpaired"} 2.0' in call("GET", f"{hub.url}/metrics").body.decode(), what="the gauge")
    late = there.send(binary_with(one))
    assert [row["message"] for row in there.attachments(letter_id)] == [late]
    assert there.told(letter_id, "paired") == [{"object": one.hex, "role": "carries", "message": late, "late": True}]
    found = hub.command("messages", "find", "--unpaired", "--json").stdout.splitlines()
    assert [json.loads(row)["id"] for row in found] == [binary_id]


def test_what_is_refused_pairs_with_nothing(gateway: GatewayProcess):
    """A binary letter that breaks the schema is refused, and leaves the letter that refers to it waiting."""
    there, attachment = Hospital(gateway), uuid4()
    letter_id = there.send(letter_about(attachment))
    broken = binary_with(attachment).replace(b"<StatusCode>nytbrev</StatusCode>", b"")
    refused = gateway.submit(there.epj, broken)
    assert refused.status == 422
    assert there.attachments(refused.json["id"]) == []
    assert [row["message"] for row in there.attachments(letter_id)] == [None]


def test_a_bare_letter_and_its_attachment_in_an_envelope(gateway: GatewayProcess):
    """Whether a half comes bare or in a VANSEnvelope makes no difference; the address that counts is the one that it is carried by."""
    there, attachment = Hospital(gateway), uuid4()
    letter_id = there.send(letter_about(attachment))
    binary = binary_with(attachment)
    elsewhere = binary_with(attachment).replace(SKIVE.encode(), RANDERS.encode())
    for document in (binary, elsewhere):
        carried = enveloped(document, name="MCM:XBIN01", version="XB0131X")
        binary_id = there.send(carried)
        assert there.delivered(binary_id) == carried
        assert [row["message"] for row in there.attachments(binary_id)] == [letter_id]
