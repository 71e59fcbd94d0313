"""The messages that incoming receipts are about.

Most receipts come within moments of their letter, so what was admitted here a short while ago is remembered, and only the rest is
looked up in the journal. A memory may be behind the world: whatever is decided on it holds only if the journal agrees (`Regards`), and
is decided again on what the journal says otherwise.
"""

from __future__ import annotations

from collections import OrderedDict

from gateway.ports import Archive
from gateway.records import NewMessage
from routing.receipts import OriginalMessage
from schemas.messages import Envelope, ReceiptContent
from sor.identifiers import normal_gln

REMEMBERED = 8192


class Originals:
    """Finds originals, in memory or in the journal."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._recent: OrderedDict[tuple[str, str], OriginalMessage] = OrderedDict()

    def remember(self, message: NewMessage) -> None:
        """A letter that was just admitted and is on its way."""
        original = OriginalMessage(message.id, message.sender, message.receiver, message.state, None)
        for identifier in filter(None, (message.envelope_id, message.inner_id)):
            self._recent[normal_gln(message.sender), identifier] = original
            if len(self._recent) > REMEMBERED:
                self._recent.popitem(last=False)

    async def find(self, envelope: Envelope, content: ReceiptContent, *, fresh: bool) -> OriginalMessage | None:
        """The message that a receipt is about; from the journal alone where `fresh`.

        Its sender is who the receipt says, or else who the receipt is sent to: real ones have been seen with their parties mixed up
        (MedCom receipts, OriginalSender).
        """
        senders = dict.fromkeys(normal_gln(ean) for ean in (content.original.sender, envelope.first.receiver.ean))
        letters = [letter.identifier for letter in content.original.letters]
        for sender in senders:
            if not fresh and (known := self._recent.get((sender, content.original.envelope_id))):
                return known
            if record := await self._archive.original(sender, content.original.envelope_id, letters):
                is_receipt = record.type.startswith("XCTL")
                return OriginalMessage(record.id, record.sender, record.receiver, record.state, record.receipt_sign, is_receipt)
        return None
