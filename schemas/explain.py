"""Why the schema refused a document: xmlschema's errors turned into findings that say what was expected and where.

Only the schema's side of an error is used (names, lengths, value lists), never the value that was wrong. Where xmlschema sees
nothing wrong, or fails itself, libxml2's own log gives the places; and where it cannot even load the schema, as may be with MedCom's
own, which libxml2 takes, there is nothing but the places.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import xmlschema
from lxml import etree
from xmlschema.names import XSD_TOTAL_DIGITS
from xmlschema.validators import (
    XMLSchemaChildrenValidationError,
    XMLSchemaValidationError,
    XsdAnyElement,
    XsdAttributeGroup,
    XsdElement,
    XsdEnumerationFacets,
    XsdGroup,
    XsdLengthFacet,
    XsdMaxLengthFacet,
    XsdMinLengthFacet,
    XsdPatternFacets,
)

from schemas import mending
from schemas.findings import Finding
from schemas.paths import place, vocabulary
from schemas.wording import finding

_SHOWN = 12  # values of a list that are shown; the longest lists have about a hundred
_BY_PRIMITIVE = {"date": "value-date", "dateTime": "value-moment", "boolean": "value-boolean"}
_BOOLEAN = "{http://www.w3.org/2001/XMLSchema}boolean"  # without the restriction to true that MedCom's own types have


class Places:
    """Says of a refusal where alone. Built from the compiled schema."""

    def __init__(self, compiled: etree.XMLSchema) -> None:
        self._compiled = compiled

    def explain(self, root: etree._Element, most: int) -> tuple[Finding, ...]:
        """The findings on a refused document: one or more, at most `most`."""
        return tuple(dict.fromkeys(self._places(root)))[:most] or (finding("schema-violation"),)

    def _places(self, root: etree._Element) -> Iterator[Finding]:
        self._compiled.validate(root)
        for entry in self._compiled.error_log:  # type: ignore[attr-defined]  # the stubs lack it
            element = _at(root, entry.path)
            yield finding("schema-violation", *(("", entry.line) if element is None else place(element)))


class Explainer(Places):
    """Explains refusals in one namespace. Built from the entry schema's file and its compiled form."""

    def __init__(self, path: Path, compiled: etree.XMLSchema, namespace: str) -> None:
        super().__init__(compiled)
        self._schema = xmlschema.XMLSchema10(str(path), allow="local", defuse="always")
        self._space = namespace
        self._spaces = {namespace, *self._schema.imported_namespaces}

    def explain(self, root: etree._Element, most: int) -> tuple[Finding, ...]:
        """The findings on a refused document: one or more, at most `most`, and then a note where there are more."""
        found: dict[tuple[str, str, int], Finding] = {}
        for one in self._findings(root):
            if len(found) == most:
                return (*found.values(), finding("findings-capped", limit=most))
            found.setdefault((one.code, one.path, one.line), one)
        return tuple(found.values()) or super().explain(root, most)

    def _findings(self, root: etree._Element) -> Iterator[Finding]:
        try:
            for error in self._schema.iter_errors(root):
                element: object = error.elem
                if isinstance(element, etree._Element):  # noqa: SLF001 - lxml names it no other way
                    yield self._finding(error, element)
        except Exception:  # noqa: BLE001 - xmlschema raises of many families on odd input; the verdict stands without it
            return

    def _finding(self, error: XMLSchemaValidationError, element: etree._Element) -> Finding:
        if isinstance(error, XMLSchemaChildrenValidationError):
            return self._children(error, element)
        declared = self._declared(element)
        code, expected = _value_fault(error, element, declared)
        kind = declared.type if declared is not None else None
        allowed = _values(kind) if code == "value-not-in-list" and kind is not None and kind.is_simple() else []
        said = mending.of_value(code, element.text or "", allowed, str(expected.get("expected", "")))
        return _with(finding(code, *place(element), **expected), said)

    def _children(self, error: XMLSchemaChildrenValidationError, parent: etree._Element) -> Finding:
        declared = self._declared(parent)
        allowed = _child_names(declared)
        tags = [str(child.tag) for child in parent]
        child = parent[error.index] if error.invalid_tag is not None and error.index < len(parent) else None
        if child is not None and (stranger := self._stranger(child, declared)) is not None:
            return stranger
        expected = [item.local_name for item in _elements(error.expected)]
        wanted = [item.local_name for item in _elements(error.expected) if item.name not in tags]
        mended = self._mending(declared, tags, len(tags) if child is None else error.index)
        lacking = [name for name in mended if name not in _local(tags)] or wanted
        if child is None:
            said = mending.where(None, _local(tags)[-1] if tags and _local(tags)[-1] in allowed else None)
            return _with(finding("element-missing", *place(parent), expected=_either(lacking or allowed)), said)
        if lacking:
            said = mending.where(etree.QName(child).localname, None)
            return _with(finding("element-missing", place(parent)[0], place(child)[1], expected=_either(lacking)), said)
        return _misplaced(child, _local(tags[: error.index]), allowed, mended or expected, declared)

    @staticmethod
    def _mending(declared: XsdElement | None, tags: list[str], index: int) -> list[str]:
        group = declared.type.model_group if declared is not None else None
        return [] if group is None else mending.missing(group, tags, index)

    def _stranger(self, child: etree._Element, parent: XsdElement | None) -> Finding | None:
        """What there is to say of an element that its parent never holds. A parent that is open may hold anything."""
        name = etree.QName(child)
        declared = _declarations(parent) if parent is not None else []
        allowed = [item.local_name for item in declared]
        homes = [etree.QName(item.name).namespace or "" for item in declared if item.local_name == name.localname]
        if not homes and _open(parent):
            return None
        if name.localname not in vocabulary():
            return _with(
                finding("element-unknown", *place(child), expected=_listed(allowed)), mending.of_name(name.localname, allowed)
            )
        if name.namespace not in (homes or self._spaces):
            return finding("element-namespace", *place(child), expected=_either(homes or [self._space]))
        if not homes and parent is not None and not declared:
            return finding("element-not-empty", *place(next(child.iterancestors())))
        if not homes:
            said = mending.of_name(name.localname, allowed)
            return _with(finding("element-unexpected", *place(child), expected=_listed(allowed)), said)
        return None

    def _declared(self, element: etree._Element) -> XsdElement | None:
        """The declaration that the element answers to, found along its ancestors. One that its parent does not name may be at a place
        that is open, where a global declaration counts; None where there is none either.
        """
        chain = [*reversed(list(element.iterancestors())), element]
        declared = self._schema.elements.get(etree.QName(chain[0]).localname)
        for node in chain[1:]:
            tag = str(node.tag)
            named = _declarations(declared) if declared is not None else []
            declared = next((item for item in named if item.name == tag), self._schema.maps.elements.get(tag))
        return declared


def explainer(path: Path, compiled: etree.XMLSchema, namespace: str) -> Places:
    """What can explain refusals by the schema of a file: as well as xmlschema can load it."""
    try:
        return Explainer(path, compiled, namespace)
    except Exception:  # noqa: BLE001 - of many families, for what schemas and files may hold
        return Places(compiled)


def _at(root: etree._Element, path: str | None) -> etree._Element | None:
    """The element at a path of libxml2's, which has the document's own prefixes in it; None where they are not the root's."""
    prefixes = {prefix: uri for prefix, uri in root.nsmap.items() if prefix}
    try:
        found = root.xpath(path or "/..", namespaces=prefixes)
    except etree.XPathError:
        return None
    first = found[0] if isinstance(found, list) and found else None
    return first if isinstance(first, etree._Element) else None  # noqa: SLF001 - lxml names it no other way


def _value_fault(
    error: XMLSchemaValidationError, element: etree._Element, declared: XsdElement | None
) -> tuple[str, dict[str, object]]:
    rule = error.validator
    if isinstance(rule, XsdAttributeGroup):
        missing = [name for name in rule.iter_required() if name not in element.attrib]
        return ("attribute-missing", {"expected": _listed(missing)}) if missing else ("attribute-unexpected", {})
    kind = declared.type if declared is not None else None
    if kind is None:
        return "schema-violation", {}
    if isinstance(rule, XsdGroup | XsdElement):
        return _content_fault(element, kind), {}
    primitive = str(getattr(getattr(kind, "primitive_type", None), "local_name", ""))
    plain = "value-true-or-false" if kind.name == _BOOLEAN else _BY_PRIMITIVE.get(primitive)
    if plain is not None:
        return plain, {}
    if primitive == "decimal":
        return _number_fault(kind)
    return _facet_fault(rule, kind, empty=not element.text)


def _content_fault(element: etree._Element, kind: xmlschema.XsdType) -> str:
    if kind.is_simple():
        return "value-has-elements" if len(element) else "attribute-unexpected"
    if kind.is_empty():
        return "element-not-empty"
    return "text-stray" if element.xpath("text()[normalize-space()]") else "attribute-unexpected"


def _number_fault(kind: xmlschema.XsdType) -> tuple[str, dict[str, object]]:
    """A number out of its bounds or none at all; one without bounds is a decimal, whose digits MedCom counts."""
    low, high = getattr(kind, "min_value", None), getattr(kind, "max_value", None)
    if low is None:
        digits = getattr(kind, "facets", {}).get(XSD_TOTAL_DIGITS)
        return "value-decimal", {"limit": getattr(digits, "value", "-")}
    return "value-number", {"expected": f"{low}..{high}" if high is not None else f"≥ {low}"}


def _facet_fault(rule: object, kind: xmlschema.XsdType, *, empty: bool) -> tuple[str, dict[str, object]]:
    if isinstance(rule, XsdMaxLengthFacet):
        return "value-too-long", {"limit": rule.value}
    if isinstance(rule, XsdMinLengthFacet):
        return "value-empty" if empty else "value-too-short", {"limit": rule.value}
    if isinstance(rule, XsdLengthFacet):
        return "value-length", {"limit": rule.value}
    if isinstance(rule, XsdEnumerationFacets):
        return "value-not-in-list", {
            "expected": _listed(_values(kind) if kind.is_simple() else list(map(str, rule.enumeration)))
        }
    if isinstance(rule, XsdPatternFacets):
        return "value-pattern", {"expected": " / ".join(rule.regexps)}
    return "schema-violation", {}


def _with(told: Finding, said: mending.Words) -> Finding:
    """The finding with a sentence more."""
    return replace(told, text_da=f"{told.text_da} {said[0]}".rstrip(), text_en=f"{told.text_en} {said[1]}".rstrip())


def _misplaced(
    child: etree._Element, earlier: list[str], order: list[str], wanted: list[str], declared: XsdElement | None
) -> Finding:
    """What is wrong with a child that its parent may hold, though not after the earlier ones, and that nothing is missing before."""
    name = etree.QName(child).localname
    most, before = _most(declared, name), child.getprevious()
    sooner = _passed([*earlier, name], order) if not wanted else None
    if (before is not None and before.tag == child.tag) or (sooner is not None and earlier.count(name) >= most):
        return finding("element-too-many", *place(child), limit=most)
    if sooner is not None:
        return finding("element-late", *place(child), expected=sooner)
    return finding("element-order", *place(child), expected=_either(wanted or order))


def _passed(names: list[str], order: list[str]) -> str | None:
    """The first of the names that the last one was to stand before, if one of them was."""
    places = {name: place for place, name in reversed(list(enumerate(order)))}
    late = places.get(names[-1], len(order))
    return next((name for name in names[:-1] if places.get(name, -1) > late), None)


def _local(tags: list[str]) -> list[str]:
    return [etree.QName(tag).localname for tag in tags]


def _values(kind: xmlschema.XsdType) -> list[str]:
    members = getattr(kind, "member_types", None) or [kind]
    return [str(value) for member in members for value in member.enumeration or ()]


def _declarations(declared: XsdElement) -> list[XsdElement]:
    group = declared.type.model_group
    return [] if group is None else list(_elements(group.iter_elements()))


def _open(declared: XsdElement | None) -> bool:
    group = declared.type.model_group if declared is not None else None
    return group is not None and any(isinstance(item, XsdAnyElement) for item in group.iter_elements())


def _elements(items: object) -> Iterator[XsdElement]:
    if isinstance(items, Iterable):
        yield from (item for item in items if isinstance(item, XsdElement))


def _child_names(declared: XsdElement | None) -> list[str]:
    return [] if declared is None else [item.local_name for item in _declarations(declared)]


def _most(declared: XsdElement | None, name: str) -> int:
    items = _declarations(declared) if declared is not None else []
    return next((item.max_occurs or 1 for item in items if item.local_name == name), 1)


def _either(names: list[str]) -> str:
    return " / ".join(dict.fromkeys(names)) or "-"


def _listed(names: list[str]) -> str:
    shown = list(dict.fromkeys(names))
    more = f" … ({len(shown)})" if len(shown) > _SHOWN else ""
    return (", ".join(shown[:_SHOWN]) or "-") + more
