"""What a person should know of a letter though the schema allows it: warnings, which never stop it.

This is the place of MedCom's rules beyond the schemas. Each is one function from a letter, as element and as value, to
findings, and stands in `RULES`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from lxml import etree

from schemas.findings import Finding
from schemas.letters import namespace_of
from schemas.messages import Letter
from schemas.paths import place
from schemas.wording import finding
from sor.identifiers import Problem, check_gln

_MARKUP = re.compile(r"</?(?:Break|Space|Right|Center|Bold|Italic|Underline|FixedFont)\s*/?>")

Rule = Callable[[etree._Element, Letter], Iterator[Finding]]  # noqa: SLF001 - lxml names it no other way


def _subject(element: etree._Element, letter: Letter) -> Iterator[Finding]:
    """MedCom, Den gode korrespondance: Subject is what the receiver sorts by, though the schema lets it be missing."""
    if letter.type == "XDIS91" and letter.subject is None:
        yield finding("subject-missing", *place(element))


def _escaped_markup(element: etree._Element, letter: Letter) -> Iterator[Finding]:
    """Some senders escape their formatting, so that readers see codes. It is plain text, and travels unchanged."""
    if letter.receipt is not None:
        return
    space = namespace_of(element)
    for text in element.iterfind(f"{space}ClinicalInformation/{space}Text01"):
        written = str(etree.tostring(text, method="text", encoding="unicode", with_tail=False))
        if "<" in written and _MARKUP.search(written):
            yield finding("markup-escaped", *place(text))


def _check_digits(element: etree._Element, letter: Letter) -> Iterator[Finding]:
    """EANIdentifier is a GLN as a rule and a VANS operator's id at times: only what has a GLN's 13 digits is judged as one."""
    for role, party in (("Sender", letter.sender), ("Receiver", letter.receiver)):
        if check_gln(party.ean).problem is Problem.CHECK_DIGIT:
            space = namespace_of(element)
            for field in element.iterfind(f"{space}{role}/{space}EANIdentifier"):
                yield finding("gln-check-digit", *place(field))


RULES: tuple[Rule, ...] = (_subject, _escaped_markup, _check_digits)


def warnings(element: etree._Element, letter: Letter) -> Iterator[Finding]:
    """All that the rules have to say of one letter."""
    for rule in RULES:
        yield from rule(element, letter)
