"""Where in a document a finding is: local names from the root, with a position where there may be several of a name.

A name that is none of MedCom's could itself be a value out of a patient's record, so it is written as `*` with its position.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from lxml import etree

_NAME = "{http://www.w3.org/2001/XMLSchema}element"


@cache
def vocabulary() -> frozenset[str]:
    """Every element name that the shipped schemas declare."""
    found: set[str] = set()
    for file in files("schemas").joinpath("xsd").iterdir():
        if file.name.endswith(".xsd"):
            tree = etree.fromstring(file.read_bytes())
            found.update(str(element.get("name")) for element in tree.iter(_NAME) if element.get("name"))
    return frozenset(found)


def path_of(element: etree._Element) -> str:
    """The element's path, such as `/Emessage/ClinicalEmail[1]/Receiver/EANIdentifier`."""
    return "/" + "/".join(reversed([_step(node) for node in (element, *element.iterancestors())]))


def place(element: etree._Element) -> tuple[str, int]:
    """The element's path and its line, 0 where lxml knows none: what a finding needs to point at it."""
    line: int | None = element.sourceline  # type: ignore[assignment]  # the stubs say Ellipsis
    return path_of(element), line or 0


def _step(element: etree._Element) -> str:
    name = etree.QName(element).localname
    parent = element.getparent()
    if name not in vocabulary():
        return f"*[{parent.index(element) + 1}]" if parent is not None else "*"
    if parent is None:
        return name
    before = sum(1 for _ in element.itersiblings(element.tag, preceding=True))
    alone = not before and next(element.itersiblings(element.tag), None) is None
    in_emessage = parent.getparent() is None and etree.QName(parent).localname == "Emessage"
    letter = in_emessage and name not in {"Envelope", "Local_Elements"}
    return name if alone and not letter else f"{name}[{before + 1}]"
