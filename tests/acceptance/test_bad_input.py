"""What is wrong with a document, each with its status, its fault, its finding and its receipt.

Before each refusal a good letter is accepted, and after it that letter is delivered: nothing accepted is lost by anything that a
sender does wrong.
"""

from __future__ import annotations

import base64
import http.client
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from schemas.messages import ReceiptKind, RefuseCode
from tests.acceptance.letters import (
    CLOSED,
    EPJ,
    OTHER_HOSPITAL,
    RANDERS,
    SKIVE,
    SUCCESSOR,
    UNKNOWN,
    fresh_id,
    letter,
    receipt,
    receipt_in,
)
from tests.acceptance.yard import LIMIT, Yard
from tests.services.gateway import until

GOOD = letter()
ROOT = b"<Emessage "


def with_prolog(prolog: bytes) -> bytes:
    """The good letter with something between its declaration and its root."""
    return GOOD.replace(ROOT, prolog + ROOT, 1)


UNREADABLE = {
    "empty": (b"", "empty"),
    "blank": (b" \n ", "empty"),
    "truncated": (GOOD[: len(GOOD) // 2], "truncated"),
    "truncated-in-the-end-tag": (GOOD.rstrip()[:-3], "truncated"),
    "deep": (
        GOOD.replace(b"<Text01>", b"<Text01>" + b"<Bold>" * 200).replace(b"</Text01>", b"</Bold>" * 200 + b"</Text01>"),
        "too-deep",
    ),
    "not-utf-8-as-it-says": (GOOD.replace(b"ISO-8859-1", b"UTF-8"), "encoding-wrong"),
    "unknown-encoding": (GOOD.replace(b"ISO-8859-1", b"EBCDIC-CP-DK"), "encoding-unsupported"),
    "doctype": (with_prolog(b"<!DOCTYPE Emessage>"), "doctype-forbidden"),
    "entity": (with_prolog(b'<!DOCTYPE x [<!ENTITY a "a">]>').replace(b"Borgeren", b"&a;"), "doctype-forbidden"),
    "external-entity": (with_prolog(b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'), "doctype-forbidden"),
    "undeclared-entity": (GOOD.replace(b"Borgeren", b"&aelig;"), "entity-forbidden"),
    "two-roots": (GOOD + b"<Emessage/>", "several-roots"),
    "binary": (bytes(range(256)) * 8, "not-xml"),
    "pdf": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "not-xml"),
    "control-character": (GOOD.replace(b"Borgeren", b"Borger\x01en"), "control-character"),
    "prefix": (GOOD.replace(b"<Text01>", b"<x:Text01>").replace(b"</Text01>", b"</x:Text01>"), "prefix-undeclared"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read(yard: Yard, name: str):
    """422 unreadable with the one finding that says why, recorded as refused; nobody can be named in a receipt, so none is owed."""
    document, finding = UNREADABLE[name]
    answer = yard.submit(document)
    assert (answer.status, answer.headers["Content-Type"]) == (422, "application/problem+json")
    problem = answer.json
    assert (problem["fault"], problem["state"]) == ("unreadable", "refused")
    assert [one["code"] for one in problem["findings"] if one["severity"] == "error"] == [finding]
    assert all(one["text_da"] and one["text_en"] for one in problem["findings"])
    assert "receipt" not in problem
    assert yard.gateway.message(yard.epj, problem["id"])["state"] == "refused"


def changed(old: bytes, new: bytes, **values: Any) -> bytes:
    """A good letter with ids of its own and one thing changed."""
    document = letter(**values)
    assert old in document
    return document.replace(old, new)


def twice(document: bytes) -> bytes:
    """The document with its letter in it a second time, under the same id."""
    start, end = document.index(b"<ClinicalEmail>"), document.index(b"</Emessage>")
    return document[:end] + document[start:end] + document[end:]


REFUSED = {
    "type": (
        lambda: changed(b"ClinicalEmail>", b"LaboratoryAnalysisFile>"),
        "unknown_type",
        "type-unknown",
        RefuseCode.VERSION,
    ),
    "version": (lambda: changed(b"XD9134L", b"XD9199L"), "unknown_version", "version-unknown", RefuseCode.VERSION),
    "namespace": (lambda: changed(b"2006/07/01", b"2009/01/01"), "unknown_version", "version-unknown", RefuseCode.VERSION),
    "missing": (
        lambda: changed(b"<PersonSurnameName>Testesen</PersonSurnameName>", b""),
        "schema",
        "element-missing",
        RefuseCode.SYNTAX,
    ),
    "list": (lambda: changed(b"nytbrev", b"brev"), "schema", "value-not-in-list", RefuseCode.SYNTAX),
    "date": (lambda: changed(b"2026-11-21", b"2026-11-31"), "schema", "value-date", RefuseCode.SYNTAX),
    "rule": (lambda: twice(letter()), "rule", "letter-id-repeated", RefuseCode.SYNTAX),
    "unknown": (lambda: letter(receiver=UNKNOWN), "unknown_receiver", None, RefuseCode.UNKNOWN_ADDRESS),
    "closed": (lambda: letter(receiver=CLOSED), "closed_receiver", None, RefuseCode.UNKNOWN_ADDRESS),
    "reader": (lambda: letter(receiver=RANDERS), "no_reader", None, RefuseCode.RECEIVER_ID),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_with_a_receipt(yard: Yard, name: str):
    """422 with the fault, its finding, and an XCTL01 with the fault's refuse code that names envelope, letter and parties."""
    make, fault, finding, code = REFUSED[name]
    document = make()
    answer = yard.submit(document)
    assert answer.status == 422, answer.body
    problem = answer.json
    assert problem["fault"] == fault
    codes = [one["code"] for one in problem["findings"] if one["severity"] == "error"]
    assert finding in codes if finding else not codes
    content = receipt_in(base64.b64decode(problem["receipt"]["base64"]))
    assert (content.kind, content.refuse_code) == (ReceiptKind.NEGATIVE_VANS, code)
    assert content.original.sender == EPJ
    assert content.original.envelope_id.encode() in document
    dead = fault in {"unknown_receiver", "closed_receiver", "no_reader"}
    shown = yard.gateway.message(yard.epj, problem["id"])
    assert shown["state"] == ("dead_letter" if dead else "refused")
    assert [row["type"] for row in shown["receipts"]] == ["XCTL01"]


def test_a_closed_address_points_to_its_successor(yard: Yard):
    """The receipt for a closed unit names the lokationsnummer that has taken its place."""
    problem = yard.submit(letter(receiver=CLOSED)).json
    content = receipt_in(base64.b64decode(problem["receipt"]["base64"]))
    assert content.refuse_text
    assert SUCCESSOR in content.refuse_text


def test_no_emessage(yard: Yard):
    """Good XML that is no Emessage is of an unknown type, and nobody can be sent a receipt."""
    problem = yard.submit(b"<html/>").json
    assert (problem["fault"], problem["findings"][0]["code"]) == ("unknown_type", "not-emessage")
    assert "receipt" not in problem


def test_warnings_never_stop_a_letter(yard: Yard):
    """A letter without a subject, and one whose encoding is doubtful, is accepted with the warnings told."""
    answer = yard.submit(letter(subject=None, sent_at=datetime.now(UTC)))
    assert (answer.status, [one["code"] for one in answer.json["findings"]]) == (202, ["subject-missing"])
    answer = yard.submit(letter().replace(b"ISO-8859-1", b"UTF-8").decode("latin-1").encode().replace(b"UTF-8", b"ISO-8859-1"))
    assert answer.status == 202
    assert "encoding-looks-utf-8" in [one["code"] for one in answer.json["findings"]]


def test_a_letter_dated_years_ago_warns(yard: Yard):
    """Dates are held against the day on which a letter is handed in, and never stop it."""
    old = yard.submit(letter(sent_at=datetime(2001, 1, 1, 12, 0, tzinfo=UTC)))
    assert (old.status, [one["code"] for one in old.json["findings"]]) == (202, ["sent-long-ago", "authorised-long-ago"])
    assert yard.submit(letter(sent_at=datetime.now(UTC))).json["findings"] == []


def test_a_heading_that_nobody_knows_warns(yard: Yard):
    """An unknown heading is told and never stops a letter."""
    answer = yard.submit(letter(subject="Noget helt andet", sent_at=datetime.now(UTC)))
    assert answer.status == 202
    assert answer.json["heading"] == {"code": None, "text": None, "how": "unknown"}
    assert [one["severity"] for one in answer.json["findings"]] == ["warning"]


class TestTooLarge:
    """A document over the limit is turned away with 413 before it is read, and nothing of it is recorded."""

    def test_announced(self, yard: Yard):
        """The announced length is enough to say no; the problem names the limit."""
        answer = yard.submit(letter(text="x" * LIMIT))
        assert answer.status == 413
        assert (answer.json["title"], answer.json["limit"]) == ("too-large", LIMIT)
        assert "id" not in answer.json

    def test_unannounced(self, yard: Yard):
        """A body in chunks, whose length nobody announced, is read up to the limit and no further."""
        connection = http.client.HTTPConnection("127.0.0.1", yard.gateway.port, timeout=30)
        headers = {"Authorization": f"Bearer {yard.epj}", "Content-Type": "application/xml"}
        chunks = (b"x" * 1000 for _ in range(LIMIT // 1000 + 50))
        connection.request("POST", "/v1/messages", body=chunks, headers=headers, encode_chunked=True)
        answer = connection.getresponse()
        assert (answer.status, json.loads(answer.read())["title"]) == (413, "too-large")
        connection.close()

    def test_just_below(self, yard: Yard):
        """What is within the limit is taken, above the size that is examined off the event loop too."""
        document = letter(text="\n".join(["æ" * 60] * 2500))
        assert 100_000 < len(document) < LIMIT
        answer = yard.submit(document)
        assert answer.status == 202
        yard.delivered(answer.json["id"], document)


class TestOtherPeoplesNames:
    """A token sends as its own lokationsnumre and as no other's."""

    def test_a_sender_that_is_somebody_else(self, yard: Yard):
        """403, recorded for the operator, and no receipt: the one who is named must not hear of it."""
        answer = yard.submit(letter(sender=OTHER_HOSPITAL))
        assert (answer.status, answer.json["fault"]) == (403, "sender_not_allowed")
        assert "receipt" not in answer.json
        assert yard.recorded(answer.json["id"])["state"] == "refused"
        assert yard.gateway.mailbox(yard.other, OTHER_HOSPITAL) == []

    def test_an_id_taken_by_a_forger_claims_nothing(self, yard: Yard):
        """The real sender's letter is accepted although a forger used its ids first."""
        document = letter(sender=OTHER_HOSPITAL)
        assert yard.submit(document).status == 403
        assert yard.submit(document, yard.other).status == 202

    def test_even_a_broken_document_in_anothers_name(self, yard: Yard):
        """403 comes before the schema's verdict, so that no receipt goes to a sender who never sent."""
        answer = yard.submit(changed(b"nytbrev", b"brev", sender=OTHER_HOSPITAL))
        assert answer.status == 403


class TestIdsAgain:
    """MedCom's table for reliable messaging: duplicate, resend, and ids used again."""

    @pytest.mark.parametrize("letter_id", ["new", "known"])
    def test_a_refused_envelope_id_again(self, yard: Yard, letter_id: str):
        """The same bytes once more get the first refusal, with its id and its receipt, and make no new record."""
        ids = {"envelope_id": fresh_id(), "letter_id": fresh_id()}
        first = letter(**ids)
        message_id = yard.submit(first).json["id"]
        other = letter(**(ids | ({"letter_id": fresh_id()} if letter_id == "new" else {})), text="Noget andet.")
        refused, *again = (yard.submit(other) for _ in range(3))
        assert refused.status == 409
        for answer in again:
            assert (answer.status, answer.json["id"]) == (409, refused.json["id"])
            assert all(answer.json.get(key) == refused.json.get(key) for key in ("fault", "receipt", "findings"))
        found = yard.gateway.command("messages", "find", "--envelope", ids["envelope_id"], "--type", "XDIS91", "--json")
        assert len(found.stdout.splitlines()) == 2
        yard.delivered(message_id, first)

    def test_a_duplicate(self, yard: Yard):
        """The same bytes again: 200, the first id, nothing delivered twice."""
        document = letter()
        first, second = yard.submit(document), yard.submit(document)
        assert (first.status, second.status) == (202, 200)
        assert (second.json["id"], second.json["repeat"]) == (first.json["id"], True)
        assert second.headers["Location"] == first.headers["Location"]
        until(lambda: yard.gateway.message(yard.epj, first.json["id"])["state"] == "available", what="the letter's arrival")
        ids = [row["id"] for row in yard.gateway.mailbox(yard.skive, SKIVE)]
        assert ids.count(first.json["id"]) == 1
        assert "duplicate" in [entry["what"] for entry in yard.gateway.message(yard.epj, first.json["id"])["timeline"]]

    def test_a_resend_in_a_new_envelope(self, yard: Yard):
        """Not delivered again; the first receipt's content comes again in a new envelope, to the sender's mailbox."""
        letter_id = fresh_id()
        document = letter(letter_id=letter_id)
        first = yard.submit(document).json["id"]
        yard.delivered(first, document)
        confirmation = receipt(document)
        assert yard.submit(confirmation, yard.skive).status == 202
        until(lambda: yard.gateway.mailbox(yard.epj, EPJ), what="the receipt")
        (mail,) = yard.gateway.mailbox(yard.epj, EPJ)
        yard.gateway.acknowledge(yard.epj, EPJ, mail["id"])
        before = yard.gateway.mailbox(yard.skive, SKIVE)

        again = yard.submit(letter(letter_id=letter_id))
        assert (again.status, again.json["id"], again.json["repeat"]) == (200, first, True)
        (mail,) = yard.gateway.mailbox(yard.epj, EPJ, wait=30)
        second = yard.gateway.fetch(yard.epj, EPJ, mail["id"])
        yard.gateway.acknowledge(yard.epj, EPJ, mail["id"])
        assert receipt_in(second) == receipt_in(confirmation)
        assert second != confirmation
        assert [row["id"] for row in yard.gateway.mailbox(yard.skive, SKIVE)] == [row["id"] for row in before]

    def test_a_resend_before_the_receipt(self, yard: Yard):
        """A resend of what has had no receipt yet is answered with the first message's state; no receipt is made up."""
        letter_id = fresh_id()
        first = yard.submit(letter(letter_id=letter_id)).json["id"]
        again = yard.submit(letter(letter_id=letter_id))
        assert (again.status, again.json["id"]) == (200, first)
        assert yard.gateway.mailbox(yard.epj, EPJ) == []

    def test_an_envelope_id_around_something_else(self, yard: Yard):
        """409 with a receipt that names the new letter alone; the first one goes its way."""
        envelope_id, new = fresh_id(), fresh_id()
        first = letter(envelope_id=envelope_id)
        message_id = yard.submit(first).json["id"]
        answer = yard.submit(letter(envelope_id=envelope_id, letter_id=new))
        assert (answer.status, answer.json["fault"]) == (409, "envelope_reused")
        content = receipt_in(base64.b64decode(answer.json["receipt"]["base64"]))
        assert [one.identifier for one in content.original.letters] == [new]
        assert yard.recorded(answer.json["id"])["regards"] == message_id
        yard.delivered(message_id, first)

    def test_a_letter_id_with_other_content(self, yard: Yard):
        """409; the receipt names the envelope and no letter, for the letter has its own answer already."""
        letter_id = fresh_id()
        first = letter(letter_id=letter_id)
        message_id = yard.submit(first).json["id"]
        answer = yard.submit(letter(letter_id=letter_id, text="Noget andet."))
        assert (answer.status, answer.json["fault"]) == (409, "letter_reused")
        content = receipt_in(base64.b64decode(answer.json["receipt"]["base64"]))
        assert (content.original.letters, content.refuse_code) == ((), RefuseCode.UNSPECIFIED)
        yard.delivered(message_id, first)

    def test_ids_count_per_sender(self, yard: Yard):
        """Another sender's letter with the same ids is a letter like any other."""
        ids = {"envelope_id": fresh_id(), "letter_id": fresh_id()}
        assert yard.submit(letter(**ids)).status == 202
        assert yard.submit(letter(sender=OTHER_HOSPITAL, **ids), yard.other).status == 202


class TestReceipts:
    """What a receiver's receipt may and may not do."""

    def test_for_a_message_never_seen(self, yard: Yard):
        """422, and never a receipt for a receipt."""
        answer = yard.submit(receipt(letter()), yard.skive)
        assert (answer.status, answer.json["fault"]) == (422, "receipt_unknown_original")
        assert "receipt" not in answer.json

    def test_from_somebody_who_is_not_the_receiver(self, yard: Yard):
        """403, and the message stays as it was."""
        document = letter()
        message_id = yard.submit(document).json["id"]
        answer = yard.submit(receipt(document, sender=OTHER_HOSPITAL), yard.other)
        assert (answer.status, answer.json["fault"]) == (403, "receipt_not_yours")
        assert yard.submit(receipt(document), yard.epj).status == 403
        yard.delivered(message_id, document)

    def test_repeated_and_contradicting(self, yard: Yard):
        """The same sign again is absorbed with 200; the other sign is refused with 409; the sender hears once."""
        document = letter()
        message_id = yard.submit(document).json["id"]
        assert yard.submit(receipt(document), yard.skive).status == 202
        again = yard.submit(receipt(document), yard.skive)
        assert (again.status, again.json["decision"], again.json["reason"]) == (200, "absorb", "repeat")
        other = yard.submit(receipt(document, ReceiptKind.NEGATIVE), yard.skive)
        assert (other.status, other.json["fault"]) == (409, "receipt_contradicts")
        assert yard.gateway.message(yard.epj, message_id)["state"] == "acknowledged"
        mail = until(lambda: yard.gateway.mailbox(yard.epj, EPJ), what="the receipt")
        assert len(mail) == 1
        yard.gateway.acknowledge(yard.epj, EPJ, mail[0]["id"])

    def test_the_very_same_receipt_again(self, yard: Yard):
        """A receipt's own duplicate is answered as the first time."""
        document = letter()
        yard.submit(document)
        confirmation = receipt(document)
        first, second = yard.submit(confirmation, yard.skive), yard.submit(confirmation, yard.skive)
        assert (first.status, second.status, second.json["id"]) == (202, 200, first.json["id"])
        (mail,) = until(lambda: yard.gateway.mailbox(yard.epj, EPJ), what="the receipt")
        yard.gateway.acknowledge(yard.epj, EPJ, mail["id"])

    def test_for_a_receipt(self, yard: Yard):
        """A receipt for a receipt is refused: receipts are never receipted."""
        document = letter()
        yard.submit(document)
        confirmation = receipt(document)
        yard.submit(confirmation, yard.skive)
        answer = yard.submit(receipt(confirmation, sender=EPJ), yard.epj)
        assert (answer.status, answer.json["fault"]) == (422, "receipt_unknown_original")
        (mail,) = until(lambda: yard.gateway.mailbox(yard.epj, EPJ), what="the receipt")
        yard.gateway.acknowledge(yard.epj, EPJ, mail["id"])
