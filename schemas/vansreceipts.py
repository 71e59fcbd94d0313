"""Receipts in the one form and in the other: VANSEnvelope's own, and the receipt model that XCTL01-03 are written from.

    NegativeVans <-> XCTL01    NegativeMessage <-> XCTL02    PositiveMessage <-> XCTL03

The sentence of a refusal: Description is the RefuseCode's word, `: ` and the text (`syntaksfejl: Feltet mangler.`), and Error/Code the
word's number in `ERROR_CODES`. MedCom has published no such numbers, so these are ours: a word is taken for a RefuseCode only where
its number is beside it, and any other Description is text as it stands.

Ids are of two worlds. An XCTL names an Emessage by ids of 1..14 characters, an envelope's receipt names the envelope and the message
in it by UUIDs, and neither can be computed from the other. `to_vans` and `from_vans` therefore carry ids over unchanged, and
`about_envelope` and `about_letters` put the ids of the other world in place, given the original.
"""

from __future__ import annotations

from dataclasses import replace

from schemas.messages import Envelope, LetterReference, Original, Receipt, ReceiptContent, RefuseCode
from schemas.vans import EndPoint, EndPointType, MetaInformation, VansEnvelope, VansMessage, VansReceipt

ERROR_CODES = {
    RefuseCode.UNSPECIFIED: 1,
    RefuseCode.UNKNOWN_ADDRESS: 2,
    RefuseCode.RECEIVER_ID: 3,
    RefuseCode.VERSION: 4,
    RefuseCode.SYNTAX: 5,
}
"""Error/Code by RefuseCode: numbers of this gateway's own, above 0 as the schema wants them."""
UNEXPLAINED = "Afvist uden begrundelse."
"""Description of a refusal that has neither RefuseCode nor text: the element must not be empty. It is read back as text."""
_LONGEST = 512  # Description


def to_vans(receipt: Receipt, original: MetaInformation | None) -> VansEnvelope:
    """The receipt as an envelope; `original` is the refused or accepted message's, required but for XCTL01.

    What has no place there: `letter_id`, for such a receipt has one id, its envelope's; the original's sender and receiver, who are
    the receipt's receiver and sender; the letters, since the message is named as one by `original`; and what a text has beyond 512
    characters, which ends in `…` instead.
    """
    content = receipt.content
    negative = not content.kind.positive
    said = VansReceipt(
        kind=content.kind,
        original_envelope_id=content.original.envelope_id,
        original=original,
        error_code=ERROR_CODES[content.refuse_code] if negative and content.refuse_code is not None else None,
        description=_description(content) if negative else None,
    )
    return VansEnvelope(_end_point(receipt.sender), _end_point(receipt.receiver), receipt.envelope_id, receipt.sent_at, said)


def from_vans(envelope: VansEnvelope) -> Receipt | None:
    """The envelope's receipt in the model; None where it holds none, or no time of sending.

    The envelope's id serves as letter id too. The original's sender and receiver are the receipt's receiver and sender, though a
    NegativeVans comes from the network, not from the one who was to have the message. The one letter is the original message, by its
    id and document version ("" where it has none). What has no place in the model: numbers that are not in `ERROR_CODES`, kinds of end
    points, and the rest of OriginalMessage.
    """
    said = envelope.content
    if not isinstance(said, VansReceipt) or envelope.sent_at is None:
        return None
    sender, receiver = envelope.sender.identifier, envelope.receiver.identifier
    letters = (LetterReference(said.original.identifier, said.original.version or ""),) if said.original else ()
    code, text = _refusal(said)
    content = ReceiptContent(said.kind, Original(said.original_envelope_id, receiver, sender, letters), code, text)
    return Receipt(content, envelope.identifier, envelope.identifier, sender, receiver, envelope.sent_at)


def about_envelope(content: ReceiptContent, original: VansEnvelope) -> ReceiptContent:
    """What was said of an Emessage, said of the envelope that it came in, which has to hold a message.

    One message stands for all letters: a receipt for some of them becomes one for the whole.
    """
    if not isinstance(original.content, VansMessage):
        raise TypeError("receipts are for envelopes with a message")
    meta = original.content.meta
    letters = (LetterReference(meta.identifier, meta.version or ""),)
    return replace(
        content,
        original=Original(original.identifier, original.sender.identifier, original.receiver.identifier, letters),
    )


def about_letters(content: ReceiptContent, original: Envelope) -> ReceiptContent:
    """What was said of an envelope, said of the Emessage in it and all its letters."""
    letters = tuple(LetterReference(letter.identifier, letter.version) for letter in original.letters)
    first = original.first
    return replace(content, original=Original(original.identifier, first.sender.ean, first.receiver.ean, letters))


def _end_point(identifier: str) -> EndPoint:
    """A GLN has 13 digits and a CVR number 8; whatever else is written in an EANIdentifier is a name in the VANS network."""
    digits = identifier.isascii() and identifier.isdecimal()
    kind = {13: EndPointType.EAN, 8: EndPointType.CVR}.get(len(identifier)) if digits else None
    return EndPoint(identifier, kind or EndPointType.VANS)


def _description(content: ReceiptContent) -> str:
    said = (content.refuse_code, content.refuse_text)
    written = ": ".join(part for part in said if part is not None) or UNEXPLAINED
    return written if len(written) <= _LONGEST else f"{written[: _LONGEST - 1]}…"


def _refusal(said: VansReceipt) -> tuple[RefuseCode | None, str | None]:
    written = said.description
    code = next((code for code, number in ERROR_CODES.items() if number == said.error_code), None)
    if code is None or written is None:
        return None, written
    if written == code.value:
        return code, None
    word, colon, text = written.partition(": ")
    return (code, text) if colon and word == code.value else (None, written)
