"""SOR's XML extract, version 1: a tree of owners, institutions and units, read as it streams by.

Each entity stands inside an element of its own (`OrganizationalUnitEntity`) beside the elements of those below it. What has been read
is let go of at once, so the size of the file does not matter. No DTD, no entities, no network. Line numbers are those of the start
tag. The elements' meaning: SorXmlDocumentationV2 and the extracts themselves; docs/register.md says what they were taken to mean.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import BinaryIO

from lxml import etree

from sor.entities import Entity, Level, Mailbox
from sor.extracts.cells import day, for_ever, yes
from sor.extracts.judging import judged_gln, judged_sor, judged_ydernummer
from sor.extracts.problems import Findings

NAMESPACE = "urn:oio:sundhedsstyrelsen:organisation:1.0.0"
_IN = f"{{{NAMESPACE}}}"
_ROOT = f"{_IN}SorTree"
_ENTITIES = {
    f"{_IN}InstitutionOwner": (Level.OWNER, "OwnerType"),
    f"{_IN}HealthInstitution": (Level.INSTITUTION, "InstitutionType"),
    f"{_IN}OrganizationalUnit": (Level.UNIT, "UnitType"),
}
_AROUND = frozenset(f"{name}Entity" for name in _ENTITIES)


def read_xml(file: BinaryIO, findings: Findings) -> Iterator[Entity]:
    """The entities of an XML extract, each before those below it.

    Faults go to `findings`; raises RegisterError where it cannot go on.
    """
    above: list[str | None] = []  # the SOR codes of the entities that are open, None until one's own element has come
    stream = etree.iterparse(
        file,
        events=("start", "end"),
        tag=(*_ENTITIES, *_AROUND),
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        remove_comments=True,
        remove_pis=True,
    )
    rooted = False
    try:
        for event, element in stream:
            if not rooted:
                _check_root(element.getroottree().getroot(), findings)
                rooted = True
            if event == "start":
                if element.tag in _AROUND:
                    above.append(None)
            elif element.tag in _AROUND:
                above.pop()
                _let_go(element)
            elif above:
                entity = _entity(element, next((sor for sor in reversed(above[:-1]) if sor), None), findings)
                if entity is not None:
                    above[-1] = entity.sor
                    yield entity
                element.clear()
        if not rooted and stream.root is not None:
            _check_root(stream.root, findings)
    except etree.XMLSyntaxError as error:
        findings.refuse(error.lineno or 1, "", "xml", error.msg)


def _check_root(root: etree._Element, findings: Findings) -> None:
    if root.getroottree().docinfo.internalDTD is not None:
        findings.refuse(1, "", "xml-doctype")
    if root.tag != _ROOT:
        name = etree.QName(root)
        findings.refuse(_line(root), "", "xml-root", name.localname, name.namespace or "-")


def _line(element: etree._Element) -> int:
    line: int | None = element.sourceline  # type: ignore[assignment]  # the stubs say Ellipsis
    return line or 1


def _let_go(element: etree._Element) -> None:
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


class _Parts:
    """An element's children by name, looked at once: to search anew for each of twenty values would be most of the time."""

    def __init__(self, element: etree._Element | None) -> None:
        self._children = {child.tag: child for child in element} if element is not None else {}
        self.line = _line(element) if element is not None else 0

    def text(self, name: str) -> str:
        """The text of a child, empty where there is none."""
        found = self._children.get(_IN + name)
        return (found.text or "").strip() if found is not None else ""

    def of(self, name: str) -> _Parts | None:
        """The parts of a child, None where there is none."""
        found = self._children.get(_IN + name)
        return _Parts(found) if found is not None else None

    def codes(self, name: str) -> tuple[str, ...]:
        """The SOR codes in a collection."""
        collection = self._children.get(_IN + name)
        found = () if collection is None else collection.iter(f"{_IN}SorIdentifier")
        return tuple(text for code in found if (text := (code.text or "").strip()))


def _entity(element: etree._Element, parent: str | None, findings: Findings) -> Entity | None:
    """The entity in its own element, None where it has a problem."""
    parts, (level, type_name) = _Parts(element), _ENTITIES[str(element.tag)]
    sor = judged_sor(parts.text("SorIdentifier"), parts.line, "SorIdentifier", findings)
    valid_from, first, last = _life(parts, findings)
    if valid_from is None:
        findings.problem(parts.line, "FromDate", "element-missing", etree.QName(element).localname)
    if not sor or valid_from is None:
        return None
    if last is not None and last < valid_from:
        findings.warning(parts.line, "ToDate", "never-open", valid_from, last)
        return None
    location = parts.of("OptionalEanLocationCode")
    own = parts.of("EanLocationCodeEntity") or (location.of("EanLocationCodeEntity") if location else None)
    return Entity(
        sor,
        level,
        parts.text("EntityName"),
        parts.text(type_name),
        parent,
        valid_from,
        last,
        first,
        _mailbox(own, findings) if own else None,
        location is not None and yes(location.text("EntityInheritedIndicator")),
        judged_ydernummer(parts.text("ProviderIdentifier"), parts.line, "ProviderIdentifier", findings),
        regionskode=own.text("RegionCode") if own else "",
        successors=parts.codes("ReplacedByEntityCollection"),
        predecessors=parts.codes("ReplacesEntityCollection"),
        line=parts.line,
    )


def _mailbox(own: _Parts, findings: Findings) -> Mailbox | None:
    gln = judged_gln(own.text("EanLocationCode"), own.line, "EanLocationCode", findings)
    _, first, last = _life(own, findings)
    if not gln:
        return None
    return Mailbox(
        gln,
        yes(own.text("OnlyInternalIndicator")),
        yes(own.text("NonActiveIndicator")),
        own.text("SystemType"),
        own.text("SystemSupplier"),
        own.text("CommunicationSupplier"),
        first,
        last,
    )


def _life(parts: _Parts, findings: Findings) -> tuple[date | None, date | None, date | None]:
    """The first day of this stretch and of the whole, either for both where one is missing, and the last valid day."""
    status = parts.of("SorStatus") or _Parts(None)
    changed, first, last = (_day(status, name, findings) for name in ("FromDate", "FirstFromDate", "ToDate"))
    return changed or first, first or changed, None if last is None or for_ever(last) else last


def _day(status: _Parts, name: str, findings: Findings) -> date | None:
    text = status.text(name)
    found = day(text)
    if text and found is None:
        findings.problem(status.line, name, "date", text)
    return found
