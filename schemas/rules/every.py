"""All the rules over one document: the envelope's, then each letter's, in one pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from lxml import etree

from schemas.findings import Finding
from schemas.rules.envelopes import envelope
from schemas.rules.headers import authorisation, check_digits, header, statistical_code
from schemas.rules.looked import Document, Look, look
from schemas.rules.objects import contents, references
from schemas.rules.persons import persons
from schemas.rules.texts import texts

OF_LETTERS: tuple[Callable[[Look], Iterator[Finding]], ...] = (
    header,
    statistical_code,
    authorisation,
    check_digits,
    persons,
    texts,
    references,
    contents,
)


def findings(document: Document, letters: Sequence[etree._Element]) -> list[Finding]:
    """All that the rules have to say. `letters` are the elements of the envelope's letters, in the same order."""
    looks = [look(document, element, letter) for element, letter in zip(letters, document.envelope.letters, strict=True)]
    found = list(envelope(document, looks))
    for one in looks:
        for rule in OF_LETTERS:
            found += rule(one)
    return found
