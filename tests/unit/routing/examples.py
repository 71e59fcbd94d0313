"""Letters, receipts and a register to decide about. Every address is of the synthetic series."""

from datetime import date

from schemas.messages import Envelope, Letter, LetterReference, Original, Party, ReceiptContent, ReceiptKind
from sor.register import bundled

ON = date(2026, 11, 21)
HOSPITAL = "5790009920014"  # Regionspsykiatrien Midt
SKIVE = "5790009911739"  # Skive, Social og Psykiatri
RANDERS = next(unit.gln for unit in bundled().by_name("Randers", "Social og Psykiatri", ON))
CLOSED = "5790009940012"
SUCCESSOR = "5790009911036"
FUTURE = "5790009950011"
OUTSIDE = "5790000000000"
ENDPOINTS = {HOSPITAL: "epj", SKIVE: "skive-omsorg", CLOSED: "gammel", FUTURE: "kommende"}


def letter(identifier="L1", *, sender=HOSPITAL, receiver=SKIVE, subject="Indlæggelse", receipt=None, digest="d1"):
    """A letter, or a receipt where `receipt` is given."""
    kind, version = ("XDIS91", "XD9134L") if receipt is None else (receipt.kind.value, "XC0330Q")
    return Letter(kind, version, identifier, Party(sender), Party(receiver), digest, subject=subject, receipt=receipt)


def envelope(*letters, identifier="E1"):
    """An envelope around these letters."""
    return Envelope(identifier, None, True, letters or (letter(),))


def content(kind=ReceiptKind.POSITIVE, *, sender=HOSPITAL, receiver=SKIVE):
    """What a receipt says about the envelope E1 with its letter L1."""
    return ReceiptContent(kind, Original("E1", sender, receiver, (LetterReference("L1", "XD9134L"),)))


def receipt(kind=ReceiptKind.POSITIVE):
    """A receipt about E1, from its receiver, in an envelope of its own."""
    return envelope(letter("Q1", sender=SKIVE, receiver=HOSPITAL, subject=None, receipt=content(kind)), identifier="EQ1")
