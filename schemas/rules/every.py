"""All the rules over one document: the envelope's, then each letter's. No more is told than a person reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from lxml import etree

from schemas.findings import Finding
from schemas.rules.envelopes import envelope
from schemas.rules.headers import authorisation, check_digits, header, statistical_code
from schemas.rules.looked import Document, Look, look
from schemas.rules.objects import contents, references
from schemas.rules.persons import persons
from schemas.rules.texts import texts
from schemas.wording import finding

MOST = 50  # findings: each place is found by counting siblings, so thousands would take minutes
OF_LETTERS: tuple[Callable[[Look], Iterator[Finding]], ...] = (
    contents,  # the only ones with errors, so first: what is cut off at the end are never the errors
    header,
    statistical_code,
    authorisation,
    check_digits,
    persons,
    texts,
    references,
)


def findings(document: Document, letters: Sequence[etree._Element]) -> list[Finding]:
    """What the rules have to say: at most `MOST` findings, and then a note that there are more. `letters` are the elements of the
    envelope's letters, in the same order.
    """
    looks = [look(document, element, letter) for element, letter in zip(letters, document.envelope.letters, strict=True)]
    found = list(islice(_all(document, looks), MOST + 1))
    if len(found) > MOST:
        found[MOST] = finding("findings-capped", limit=MOST)
    return found


def _all(document: Document, looks: Sequence[Look]) -> Iterator[Finding]:
    yield from envelope(document, looks)
    for rule in OF_LETTERS:
        for one in looks:
            yield from rule(one)
