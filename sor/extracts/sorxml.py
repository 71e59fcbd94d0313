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
                _check_root(element, findings)
                rooted = True
            if event == "start":
                if element.tag in _AROUND:
                    above.append(None)
            elif element.tag in _ENTITIES and above:
                entity = _Reading(element, findings).entity(next((sor for sor in reversed(above[:-1]) if sor), None))
                if entity is not None:
                    above[-1] = entity.sor
                    yield entity
                element.clear()
            elif element.tag in _AROUND:
                above.pop()
                _let_go(element)
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


class _Reading:
    """One entity's element while it is read."""

    def __init__(self, element: etree._Element, findings: Findings) -> None:
        self._element, self._findings = element, findings
        self._line = _line(element)

    def entity(self, parent: str | None) -> Entity | None:
        """The entity, None where it has a problem."""
        element, (level, type_name) = self._element, _ENTITIES[str(self._element.tag)]
        sor = judged_sor(self._text("SorIdentifier"), self._line, "SorIdentifier", self._findings)
        valid_from, first, last = self._life(element)
        if valid_from is None:
            self._findings.problem(self._line, "FromDate", "element-missing", etree.QName(element).localname)
        if not sor or valid_from is None:
            return None
        if last is not None and last < valid_from:
            self._findings.warning(self._line, "ToDate", "never-open", valid_from, last)
            return None
        mailbox, region = self._mailbox()
        return Entity(
            sor,
            level,
            self._text("EntityName"),
            self._text(type_name),
            parent,
            valid_from,
            last,
            first,
            mailbox,
            yes(self._text("OptionalEanLocationCode", "EntityInheritedIndicator")),
            judged_ydernummer(self._text("ProviderIdentifier"), self._line, "ProviderIdentifier", self._findings),
            regionskode=region,
            successors=self._codes("ReplacedByEntityCollection"),
            predecessors=self._codes("ReplacesEntityCollection"),
            line=self._line,
        )

    def _text(self, *path: str, of: etree._Element | None = None) -> str:
        found = (self._element if of is None else of).find("/".join(_IN + name for name in path))
        return (found.text or "").strip() if found is not None else ""

    def _codes(self, name: str) -> tuple[str, ...]:
        collection = self._element.find(_IN + name)
        found = () if collection is None else collection.iter(f"{_IN}SorIdentifier")
        return tuple((code.text or "").strip() for code in found if (code.text or "").strip())

    def _mailbox(self) -> tuple[Mailbox | None, str]:
        own = self._element.find(f"{_IN}EanLocationCodeEntity")
        if own is None:
            own = self._element.find(f"{_IN}OptionalEanLocationCode/{_IN}EanLocationCodeEntity")
        if own is None:
            return None, ""
        gln = judged_gln(self._text("EanLocationCode", of=own), _line(own), "EanLocationCode", self._findings)
        _, first, last = self._life(own)
        mailbox = Mailbox(
            gln,
            yes(self._text("OnlyInternalIndicator", of=own)),
            yes(self._text("NonActiveIndicator", of=own)),
            self._text("SystemType", of=own),
            self._text("SystemSupplier", of=own),
            self._text("CommunicationSupplier", of=own),
            first,
            last,
        )
        return (mailbox if gln else None), self._text("RegionCode", of=own)

    def _life(self, of: etree._Element) -> tuple[date | None, date | None, date | None]:
        changed, first, last = (self._day(of, name) for name in ("FromDate", "FirstFromDate", "ToDate"))
        return changed or first, first or changed, None if last is None or for_ever(last) else last

    def _day(self, of: etree._Element, name: str) -> date | None:
        text = self._text("SorStatus", name, of=of)
        found = day(text)
        if text and found is None:
            self._findings.problem(_line(of), name, "date", text)
        return found
