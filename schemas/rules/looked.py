"""What the rules look at: the document as a whole, and of each letter the few elements that they ask for, found in one walk.

A letter is walked once and in C, by local names, whatever its size and namespaces; a rule that has nothing to say then costs a
look into a dictionary. Whatever else a rule needs to point at something, it finds when it has something to say.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from lxml import etree

from schemas.catalogue import Catalogue, MessageType
from schemas.messages import Envelope, Letter
from schemas.paths import place

_TAGS = (
    "{*}StatisticalCode",
    "{*}Authorisation",
    "{*}CivilRegistrationNumber",
    "{*}AlternativeIdentifier",
    "{*}Text01",
    "{*}BIN",
    "{*}BinaryObject",
)


class Document(NamedTuple):
    """An Emessage that could be read. `raw` is in `encoding`, and `tags` counts what may be tags in it. `on` is the Danish day on which
    it is judged, None where no day counts; `enveloped` whether it came in a VANSEnvelope.
    """

    root: etree._Element
    raw: bytes
    encoding: str
    tags: int
    envelope: Envelope
    catalogue: Catalogue
    on: date | None
    enveloped: bool


class Look(NamedTuple):
    """One letter: as element and as value, with its row of the catalogue, None for a version that is not in it. `parts` has the
    elements that rules ask for, by local name in document order.
    """

    document: Document
    element: etree._Element
    letter: Letter
    row: MessageType | None
    parts: dict[str, list[etree._Element]]

    def first(self, name: str) -> etree._Element | None:
        """The first of the parts with this name."""
        found = self.parts.get(name)
        return found[0] if found else None


def look(document: Document, element: etree._Element, letter: Letter) -> Look:
    """Walks one letter."""
    parts: dict[str, list[etree._Element]] = {}
    for node in element.iter(*_TAGS):
        tag = str(node.tag)
        parts.setdefault(tag[tag.rfind("}") + 1 :], []).append(node)
    namespace, _, root = str(element.tag).rpartition("}")
    row = document.catalogue.find(namespace[1:], root, letter.version)
    return Look(document, element, letter, row, parts)


def place_of(element: etree._Element, *names: str) -> tuple[str, int]:
    """The place of the descendant that these local names lead to; of `element` itself where it is not there."""
    found = element.find("/".join(f"{{*}}{name}" for name in names))
    return place(element if found is None else found)


def child_text(element: etree._Element, name: str) -> str:
    """The stripped text of the first child with this local name; "" where there is none."""
    child = next(element.iterchildren(f"{{*}}{name}"), None)
    return "" if child is None else (child.text or "").strip()
