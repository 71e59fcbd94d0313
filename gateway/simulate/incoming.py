"""What a simulated system receives: judged, known again if it was here before, matched if it is a receipt, and kept.

A letter is shown once. It is known by the hub's message id, which is the same on every attempt, and by its sender and letter id, which
are the same also where the sender sent it anew. Both kinds of repeat are counted and neither is shown.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from typing import Any

from gateway.simulate.documents import known
from gateway.simulate.logbook import Entry, Logbook
from gateway.simulate.temper import Temper
from schemas.carried import Carried
from schemas.messages import Envelope, ReceiptContent, ReceiptKind
from schemas.validator import Schemas


class Incoming:
    """Takes documents in, one at a time. Its memory is the logbook's."""

    def __init__(self, book: Logbook, schemas: Schemas, temper: Temper) -> None:
        self._book = book
        self._schemas = schemas
        self._temper = temper
        self._by_message: set[str] = set()
        self._by_letter: dict[tuple[str, str], str] = {}
        for entry in book.entries:
            if entry.what in {"received", "receipt"}:
                self._know(entry)

    def take(self, message_id: str, document: bytes) -> Entry:
        """Keeps a document: the entry is `received`, `receipt` or `repeat`, and on disk when this returns.

        `message_id` is the hub's, empty for a receipt that came in an HTTP answer.
        """
        found = known(self._schemas, document)
        if message_id and message_id in self._by_message:
            return self._book.write("repeat", id=message_id, why="message_id", first_id=message_id, **_named(found.envelope))
        if (first_id := self._known_letters(found.envelope)) is not None:
            self._by_message.add(message_id)
            return self._book.write("repeat", id=message_id, why="letter_id", first_id=first_id, **_named(found.envelope))
        kept = {
            "id": message_id,
            "type": found.type,
            **_named(found.envelope),
            "sha256": hashlib.sha256(document).hexdigest(),
            "size": len(document),
            "document": base64.b64encode(document).decode(),
        }
        content = found.envelope.first.receipt if found.envelope else None
        if content is not None and found.valid:
            entry = self._book.write("receipt", **kept, **self._matched(content, in_vans=found.in_vans is not None))
        else:
            entry = self._book.write("received", **kept, **self._judged(found))
        self._know(entry)
        return entry

    def _judged(self, found: Carried) -> dict[str, Any]:
        """The verdict, and what is owed for it; settled here, so that it is the same after a restart."""
        first = found.envelope.first if found.envelope else None
        return {
            "heading": (first.subject or "") if first else "",
            "thread": (first.thread or "") if first else "",
            "wants_receipt": bool(found.envelope and found.envelope.wants_receipt),
            "valid": found.valid,
            "findings": [finding.code for finding in found.findings],
            "owed": self._owed(found),
            "reply": self._reply(found),
        }

    def _owed(self, found: Carried) -> str | None:
        """Which receipt: none for a receipt, whatever is wrong with it; a negative one whether it was asked for or not."""
        is_receipt = found.type.startswith("XCTL")
        if found.envelope is None or is_receipt or not self._temper.receipts:
            return None
        if self._temper.negative or not found.valid:
            return ReceiptKind.NEGATIVE.value
        return ReceiptKind.POSITIVE.value if found.envelope.wants_receipt else None

    def _reply(self, found: Carried) -> str | None:
        """What to reply: to the first letter of a thread alone, so that two systems that reply to each other come to an end."""
        if found.envelope is None or not found.valid or self._temper.negative:
            return None
        thread = found.envelope.first.thread
        known = thread is not None and any(entry.facts["thread"] == thread for entry in self._book.of("received"))
        return None if known else self._temper.reply

    def _matched(self, content: ReceiptContent, *, in_vans: bool) -> dict[str, Any]:
        """What the receipt is about among what this system has sent: `number` is None where it is about nothing of ours."""
        original = content.original
        # A VANSEnvelope's own receipt names the message in the envelope by one id, not the letters.
        letters = [] if in_vans else [letter.identifier for letter in original.letters]
        about = [
            entry.facts["number"]
            for entry in self._book.of("sent")
            if not entry.facts["type"].startswith("XCTL") and _is_about(entry, original.envelope_id, letters)
        ]
        return {
            "number": about[0] if about else None,
            "about": original.envelope_id,
            "about_letters": letters,
            "refuse_code": content.refuse_code,
            "refuse_text": content.refuse_text,
        }

    def _known_letters(self, envelope: Envelope | None) -> str | None:
        """The message that brought these letters before; None where one of them is new."""
        if envelope is None:
            return None
        firsts = [self._by_letter.get((letter.sender.ean, letter.identifier)) for letter in envelope.letters]
        return firsts[0] if all(first is not None for first in firsts) else None

    def _know(self, entry: Entry) -> None:
        facts = entry.facts
        if facts["id"]:
            self._by_message.add(facts["id"])
        for letter_id in facts["letter_ids"]:
            self._by_letter.setdefault((facts["sender"], letter_id), facts["id"])


def _is_about(sent: Entry, envelope_id: str, letters: Iterable[str]) -> bool:
    """By envelope id and letter id. Receipts that name no letter are about the whole envelope."""
    letters = set(letters)
    same_envelope: bool = sent.facts["envelope_id"] == envelope_id
    return same_envelope and (not letters or not letters.isdisjoint(sent.facts["letter_ids"]))


def _named(envelope: Envelope | None) -> dict[str, Any]:
    if envelope is None:
        return {"sender": "", "receiver": "", "envelope_id": "", "letter_ids": []}
    first = envelope.first
    return {
        "sender": first.sender.ean,
        "receiver": first.receiver.ean,
        "envelope_id": envelope.identifier,
        "letter_ids": [letter.identifier for letter in envelope.letters],
    }
