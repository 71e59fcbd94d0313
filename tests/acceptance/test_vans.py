"""VANSEnvelopes at the same door: what is in one is judged and carried like any other, and answered in the form that it came in."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from schemas.document import examine_document
from schemas.messages import ReceiptKind, RefuseCode
from schemas.vans import DocumentFormat, EndPoint, MetaInformation, VansEnvelope, VansMessage, VansReceipt
from schemas.vansexamine import unwrap
from schemas.vansreceipts import from_vans
from schemas.vanswriter import wrap
from tests.acceptance.letters import EPJ, OTHER_HOSPITAL, RANDERS, SKIVE, UNKNOWN, letter, receipt, schemas
from tests.acceptance.receiver import receiving
from tests.acceptance.yard import Yard
from tests.services.gateway import GatewayProcess, Reply, until

EDIFACT = "UNB+UNOC:3+5790009920014:14+5790009911739:14+261121:0115+SYNTETISK'UNZ+0+SYNTETISK'".encode("latin-1")
BUNDLE = '{"resourceType":"Bundle","type":"message","language":"da","note":"SYNTETISK æøå"}'.encode()


def envelope(data: bytes, **changes: Any) -> VansEnvelope:
    """An envelope from the hospital to Skive with ids of its own, unless told otherwise."""
    values: dict[str, Any] = {
        "sender": EPJ,
        "receiver": SKIVE,
        "identifier": str(uuid4()),
        "message": str(uuid4()),
        "form": DocumentFormat.XML,
        "name": "MCM:XDIS91",
        "version": "XD9134L",
        **changes,
    }
    meta = MetaInformation(values["message"], values["form"], values["name"], len(data), values["version"])
    sent = examine_document(letter(), schemas()).inner.envelope.sent_at
    ends = EndPoint(values["sender"]), EndPoint(values["receiver"])
    return VansEnvelope(*ends, values["identifier"], sent, VansMessage(meta, data))


def enveloped(data: bytes, **changes: Any) -> bytes:
    """`envelope` as bytes."""
    return wrap(envelope(data, **changes), schemas())


def answer_of(reply: Reply) -> VansEnvelope:
    """The receipt in an answer: one of a VANSEnvelope's own, valid in every respect."""
    given = reply.json["receipt"]
    found = unwrap(base64.b64decode(given["base64"]), schemas())
    assert found is not None
    assert (found.schema_valid, found.findings) == (True, ())
    assert isinstance(found.envelope.content, VansReceipt)
    assert given["type"] == found.envelope.content.kind
    return found.envelope


def arrives(yard: Yard, message_id: str, document: bytes) -> None:
    """The document comes to Skive's mailbox with its own bytes."""
    yard.delivered(message_id, document)


def test_a_letter_in_an_envelope_is_delivered_as_it_came(yard: Yard):
    """The envelope is accepted at the letters' own path and reaches the receiver byte by byte, under the envelope's ids."""
    inside = letter()
    outer = envelope(inside)
    document = wrap(outer, schemas())
    reply = yard.submit(document)
    assert reply.status == 202, reply.body
    shown = yard.gateway.message(yard.epj, reply.json["id"])
    assert (shown["type"], shown["version"], shown["envelope_id"]) == ("XDIS91", "XD9134L", outer.identifier)
    assert shown["heading"] == "indlaeggelse"
    arrives(yard, reply.json["id"], document)


@pytest.mark.parametrize(
    ("data", "form", "name", "version"),
    [
        (EDIFACT, DocumentFormat.EDIFACT, "MCM:DIS91", "D9134L"),
        (BUNDLE, DocumentFormat.HL7, "MCM:FDIS91#XDIS91", "5.0"),
    ],
    ids=["edifact", "fhir"],
)
def test_a_payload_that_is_not_looked_into(yard: Yard, data: bytes, form: DocumentFormat, name: str, version: str):
    """EDIFACT and FHIR are carried by what their envelope says of them, and arrive unchanged."""
    document = enveloped(data, form=form, name=name, version=version)
    reply = yard.submit(document)
    assert reply.status == 202, reply.body
    shown = yard.gateway.message(yard.epj, reply.json["id"])
    assert (shown["type"], shown["version"]) == (name.removeprefix("MCM:").partition("#")[0], version)
    arrives(yard, reply.json["id"], document)


@pytest.mark.parametrize("name", ["MCM:XCTL03", "MCM:SYNTETISK Testesen 0101010000", "x" * 255])
def test_a_payloads_name_is_nobodys_type(yard: Yard, name: str):
    """What a sender calls a payload that is not looked into is no type unless it has a type's form, and makes no receipt of it."""
    document = enveloped(EDIFACT, form=DocumentFormat.OTHER, name=name)
    reply = yard.submit(document)
    assert reply.status == 202, reply.body
    assert yard.gateway.message(yard.epj, reply.json["id"])["type"] == ""
    assert name.removeprefix("MCM:") not in yard.gateway.log
    arrives(yard, reply.json["id"], document)


@pytest.mark.parametrize("letters", [True, False], ids=["letters-named", "whole-envelope"])
def test_a_bare_receipt_finds_the_letter_in_its_envelope(yard: Yard, letters: bool):
    """A receiver that answers the Emessage with an XCTL03 is understood, whether it names the letter or the Emessage alone."""
    inside = letter()
    reply = yard.submit(enveloped(inside))
    yard.gateway.fetch(yard.skive, SKIVE, reply.json["id"])
    answer = receipt(inside) if letters else receipt(inside, letters=())
    assert yard.submit(answer, yard.skive).status == 202
    assert yard.gateway.message(yard.epj, reply.json["id"])["state"] == "acknowledged"


@pytest.mark.parametrize(
    ("kind", "state"),
    [(ReceiptKind.POSITIVE, "acknowledged"), (ReceiptKind.NEGATIVE, "rejected")],
    ids=["positive", "negative"],
)
def test_a_receipt_of_the_envelopes_own_reaches_the_sender(yard: Yard, kind: ReceiptKind, state: str):
    """A receiver's PositiveMessage or NegativeMessage moves the message and comes to its sender unchanged."""
    outer = envelope(letter())
    reply = yard.submit(wrap(outer, schemas()))
    refused = (5, "syntaksfejl: SYNTETISK") if kind is ReceiptKind.NEGATIVE else (None, None)
    said = VansReceipt(kind, outer.identifier, outer.content.meta, *refused)
    answer = wrap(VansEnvelope(EndPoint(SKIVE), EndPoint(EPJ), str(uuid4()), outer.sent_at, said), schemas())
    given = yard.submit(answer, yard.skive)
    assert given.status == 202, given.body
    assert yard.gateway.message(yard.epj, reply.json["id"])["state"] == state
    until(lambda: yard.gateway.message(yard.skive, given.json["id"])["state"] == "available", what="the receipt's arrival")
    assert yard.gateway.fetch(yard.epj, EPJ, given.json["id"]) == answer


@pytest.mark.parametrize(
    ("receiver", "fault", "code"),
    [(UNKNOWN, "unknown_receiver", RefuseCode.UNKNOWN_ADDRESS), (RANDERS, "no_reader", RefuseCode.RECEIVER_ID)],
)
def test_a_refusal_is_answered_in_an_envelope(yard: Yard, receiver: str, fault: str, code: RefuseCode):
    """The envelope's address counts; the negative receipt is a VANSEnvelope about that envelope and the message in it."""
    outer = envelope(letter(receiver=receiver), receiver=receiver)
    reply = yard.submit(wrap(outer, schemas()))
    assert (reply.status, reply.json["fault"]) == (422, fault)
    answer = answer_of(reply)
    assert answer.content.kind is ReceiptKind.NEGATIVE_VANS
    assert (answer.receiver.identifier, answer.content.original_envelope_id) == (EPJ, outer.identifier)
    assert answer.content.original == outer.content.meta
    assert from_vans(answer).content.refuse_code is code


def test_a_payload_that_is_not_whole(yard: Yard):
    """A payload of another length than the envelope says is refused, with the place, and nothing of it is delivered."""
    document = enveloped(letter()).replace(b"<SizeInBytes>", b"<SizeInBytes>1", 1)
    reply = yard.submit(document)
    assert (reply.status, reply.json["fault"]) == (422, "schema")
    assert [one["code"] for one in reply.json["findings"] if one["severity"] == "error"] == ["vans-size-differs"]
    assert from_vans(answer_of(reply)).content.refuse_code is RefuseCode.SYNTAX


def test_a_broken_letter_in_a_whole_envelope(yard: Yard):
    """What is wrong with the Emessage refuses the envelope, and the finding's place is in the Emessage."""
    reply = yard.submit(enveloped(letter().replace(b"nytbrev", b"brev")))
    assert (reply.status, reply.json["fault"]) == (422, "schema")
    (finding,) = [one for one in reply.json["findings"] if one["severity"] == "error"]
    assert (finding["code"], finding["path"].startswith("/Emessage/")) == ("value-not-in-list", True)
    answer_of(reply)


def test_ids_are_held_across_both_forms(yard: Yard):
    """The same bytes are a repeat; the letter in a new envelope, or bare, is a resend; an envelope's id used again is refused."""
    inside = letter()
    outer = envelope(inside)
    document = wrap(outer, schemas())
    first = yard.submit(document).json["id"]
    again = yard.submit(document)
    assert (again.status, again.json["id"], again.json["repeat"]) == (200, first, True)
    for resend in (enveloped(inside, message=outer.content.meta.identifier), inside):
        reply = yard.submit(resend)
        assert (reply.status, reply.json["id"]) == (200, first), reply.body
    reused = yard.submit(enveloped(letter(), identifier=outer.identifier))
    assert (reused.status, reused.json["fault"]) == (409, "envelope_reused")
    assert len(yard.gateway.message(yard.epj, first)["receipts"]) == 0


def test_a_payload_that_is_not_looked_into_is_known_again(yard: Yard):
    """The message's id in the envelope stands for an opaque payload: again it is a resend, with other content it is refused."""
    opaque = {"form": DocumentFormat.EDIFACT, "name": "MCM:DIS91", "version": None, "message": str(uuid4())}
    first = yard.submit(enveloped(EDIFACT, **opaque)).json["id"]
    again = yard.submit(enveloped(EDIFACT, **opaque))
    assert (again.status, again.json["id"]) == (200, first)
    other = yard.submit(enveloped(EDIFACT + b" ", **opaque))
    assert (other.status, other.json["fault"]) == (409, "letter_reused")


@pytest.mark.parametrize("where", ["envelope", "letter"])
def test_nobody_sends_as_somebody_else(yard: Yard, where: str):
    """Neither the envelope's sender nor the letter's may be one that the token may not use; no receipt tells the other of it."""
    outer = {"sender": OTHER_HOSPITAL} if where == "envelope" else {}
    inside = letter(sender=OTHER_HOSPITAL) if where == "letter" else letter()
    reply = yard.submit(enveloped(inside, **outer))
    assert (reply.status, reply.json["fault"]) == (403, "sender_not_allowed")
    assert "receipt" not in reply.json


def test_the_envelopes_address_counts(yard: Yard):
    """A letter that names another receiver goes where the envelope says, and a warning says so."""
    document = enveloped(letter(receiver=RANDERS))
    reply = yard.submit(document)
    assert reply.status == 202
    assert "vans-parties-differ" in [one["code"] for one in reply.json["findings"]]
    arrives(yard, reply.json["id"], document)


def test_another_version_of_the_envelope(yard: Yard):
    """A VANSEnvelope in a version that is not known is said to be that."""
    reply = yard.submit(enveloped(letter()).replace(b"vans-envelope:1.0.4", b"vans-envelope:1.0.5"))
    assert (reply.status, reply.json["fault"]) == (422, "unknown_version")


def test_giving_up_later_is_told_in_an_envelope(gateway: GatewayProcess, tmp_path: Path):
    """Where the receiver's system turns the letter down, the sender's receipt is a VANSEnvelope too."""
    with receiving() as receiver:
        receiver.status = 422
        epj = gateway.add_partner("epj", EPJ)
        gateway.add_partner("skive", SKIVE, push=receiver.url)
        gateway.start()
        outer = envelope(letter())
        message_id = gateway.submit(epj, wrap(outer, schemas())).json["id"]
        until(lambda: gateway.message(epj, message_id)["receipts"], what="the receipt")
        (given,) = gateway.message(epj, message_id)["receipts"]
        until(lambda: gateway.message(epj, given["id"])["state"] == "available", what="the receipt's arrival")
        found = unwrap(gateway.fetch(epj, EPJ, given["id"]), schemas())
    assert found.envelope.content.kind is ReceiptKind.NEGATIVE_VANS
    assert found.envelope.content.original == outer.content.meta
    assert found.envelope.content.original_envelope_id == outer.identifier
