"""What the letters of a document have to do with attachments."""

from __future__ import annotations

from gateway.attachments import Half, Role, halves_of
from schemas.messages import Envelope, Letter, Party

SENDER, RECEIVER, OTHER = "5790009920014", "5790009911739", "5790009910930"


def letter(receiver: str = RECEIVER, refers_to: tuple[str, ...] = (), carries: tuple[str, ...] = ()) -> Letter:
    """A letter that names these objects."""
    parties = Party(SENDER), Party(receiver)
    return Letter("XDIS91", "XD9134L", "BREV1", *parties, digest="", refers_to=refers_to, carries=carries)


def halves(*letters: Letter) -> tuple[Half, ...]:
    """The halves of an envelope with these letters."""
    return halves_of(Envelope("KUVERT1", None, wants_receipt=False, letters=letters))


def test_a_half_has_the_object_the_parties_and_the_role():
    """Each object that a letter refers to or carries is a half between the letter's own parties."""
    assert halves(letter(refers_to=("a", "b")), letter(OTHER, carries=("a",))) == (
        Half("a", SENDER, RECEIVER, Role.REFERS),
        Half("b", SENDER, RECEIVER, Role.REFERS),
        Half("a", SENDER, OTHER, Role.CARRIES),
    )


def test_an_object_counts_once_a_message():
    """Two letters of one envelope that name the same object to the same receiver, its address written in two ways, are one half."""
    spaced = f" {RECEIVER[:4]} {RECEIVER[4:]}"
    assert halves(letter(refers_to=("a",)), letter(spaced, refers_to=("a",))) == (Half("a", SENDER, RECEIVER, Role.REFERS),)


def test_ordinary_letters_have_none():
    """Letters that name no object have no halves."""
    assert halves(letter(), letter(OTHER)) == ()


def test_the_counterpart_of_the_counterpart():
    """The other half has the other role and all else in common, and its other half is the first."""
    one = Half("a", SENDER, RECEIVER, Role.REFERS)
    assert one.counterpart == Half("a", SENDER, RECEIVER, Role.CARRIES)
    assert one.counterpart.counterpart == one
