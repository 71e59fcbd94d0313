"""The schemas, each compiled once, when its namespace is first met: lxml decides, xmlschema explains.

libxml2 gives the verdict in microseconds and poor words; xmlschema takes milliseconds and knows what was expected. So every
document is judged by the first and only a refused one is shown to the second, whose schemas are built when first needed.
Where an installation holds MedCom's own schemas, those decide and explain in place of the ones shipped here; they are compiled as
they are loaded, for a fault in them must show at start.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lxml import etree

from schemas.catalogue import Catalogue, load_catalogue
from schemas.findings import Finding
from schemas.official import OfficialSchema, load_official
from schemas.vans import NAMESPACE as VANS
from schemas.wording import finding

if TYPE_CHECKING:
    from schemas.explain import Places

MAX_FINDINGS = 20
_MANY = 1500  # elements. libxml2 finds each fault's place by counting its siblings, so faults by the thousand cost minutes
_PIECE = 1 << 16  # bytes of a large document that are judged at a time
_LAST_LINE = 0xFFFF  # the highest that can be written to an element
_MARKS = ("Break", "Space", "Right", "Center", "Bold", "Italic", "Underline", "FixedFont")
_KEPT = 100  # marks of one text that are kept where a large document is explained
_LONG = 1 << 16  # characters; whole groups of base64


class Schemas:
    """The catalogue and a schema for each of its namespaces and for VANSEnvelope. Safe to share between threads; see `load_schemas`."""

    def __init__(self, catalogue: Catalogue, official: Mapping[str, OfficialSchema] | None = None) -> None:
        self.catalogue = catalogue
        self.official = dict(official or {})
        self._files = _files(catalogue)
        self._compiling, self._explaining = threading.Lock(), threading.Lock()
        self._compiled = {namespace: schema.compiled for namespace, schema in self.official.items()}
        self._explainers: dict[str, Places] = {}

    @property
    def namespaces(self) -> tuple[str, ...]:
        """Every namespace that there is a schema for."""
        return tuple(self._files)

    def knows(self, namespace: str) -> bool:
        """Whether there is a schema for the namespace."""
        return namespace in self._files

    def compiled(self, namespace: str) -> etree.XMLSchema:
        """A namespace's schema; making it takes milliseconds, the first time. Raises KeyError for a namespace that is not known."""
        found = self._compiled.get(namespace)
        if found is None:
            name = self._files[namespace]
            with self._compiling:
                found = self._compiled.get(namespace)
                if found is None:
                    with as_file(files("schemas") / "xsd") as folder:
                        found = self._compiled[namespace] = etree.XMLSchema(etree.parse(str(folder / name)))
        return found

    def compile_all(self) -> None:
        """Compiles what has not been yet, so that no message waits for it."""
        for namespace in self._files:
            self.compiled(namespace)

    def accepts(self, root: etree._Element, namespace: str, tags: int = 0) -> bool:
        """The schema verdict on an Emessage or a VANSEnvelope. Raises KeyError for a namespace that is not known.

        `tags` is how many there are at most, if known: a large document is judged in another way that takes time in proportion
        to its size whatever is wrong with it.
        """
        compiled = self.compiled(namespace)
        return compiled.validate(root) if tags <= _MANY else _streamed(root, compiled)

    def explain(self, root: etree._Element, namespace: str) -> tuple[Finding, ...]:
        """Why a refused document was refused: at least one finding, at most MAX_FINDINGS and a note that there are more.

        Of a large document only the first marks of each text are looked at, and of a long text only its beginning; one that is large
        in other ways is not explained.
        """
        short = _shortened(root) if _large(root) else root
        if short is None or (short is not root and self.compiled(namespace).validate(short)):
            return (finding("schema-violation"),)
        return self._explainer(namespace).explain(short, MAX_FINDINGS)

    def _explainer(self, namespace: str) -> Places:
        from schemas.explain import explainer  # noqa: PLC0415 - xmlschema takes longer to import than most commands to run

        with self._explaining:
            if namespace not in self._explainers:
                with as_file(files("schemas") / "xsd") as folder:
                    official = self.official.get(namespace)
                    path = official.path if official else folder / self._files[namespace]
                    self._explainers[namespace] = explainer(path, self.compiled(namespace), namespace)
            return self._explainers[namespace]


def _streamed(root: etree._Element, compiled: etree.XMLSchema) -> bool:
    """The verdict on a document written and read again, of which a second tree is never held: what has been judged is dropped."""
    parser = etree.XMLPullParser(
        ("start",), tag=root.tag, schema=compiled, resolve_entities=False, no_network=True, huge_tree=True
    )
    written = memoryview(etree.tostring(root))
    top: etree._Element | None = None
    try:
        for start in range(0, len(written), _PIECE):
            parser.feed(bytes(written[start : start + _PIECE]))
            if parser.feed_error_log.filter_from_errors():  # or there would be one more for each fault, to the end
                return False
            for _, begun in parser.read_events():
                top = begun if top is None and isinstance(begun, etree._Element) else top  # noqa: SLF001 - lxml names it no other way
            if top is not None:
                _drop(top)
        parser.close()
    except etree.XMLSyntaxError:
        return False
    return True


def _drop(element: etree._Element) -> None:
    """Takes away all but the last child, which may not have ended, and the same from that one on."""
    while len(element):
        del element[:-1]
        element = element[-1]


def _large(root: etree._Element) -> bool:
    many = sum(1 for _ in root.iter()) > _MANY
    return many or any(len(element.text or "") > _LONG for element in root.iter())


def _shortened(root: etree._Element) -> etree._Element | None:
    """A copy with few marks in each text, and of each text the beginning: marks may stand in any number, and what is long is base64 or
    bounded far below, so taking some away makes no new fault. None where it would be large even so.
    """
    short = _copied(root, None)
    waiting, taken = [(root, short)], 1
    while waiting:
        element, copy = waiting.pop()
        for number, child in enumerate(element):
            if number >= _KEPT and etree.QName(child).localname in _MARKS:
                continue
            taken += 1
            if taken > _MANY:
                return None
            waiting.append((child, _copied(child, copy)))
    return short


def _copied(element: etree._Element, parent: etree._Element | None) -> etree._Element:
    """A copy without children, in its place and with its line."""
    what: Any = (element.tag, element.attrib, element.nsmap)
    copy = etree.Element(*what) if parent is None else etree.SubElement(parent, *what)
    copy.text, copy.tail = (element.text or "")[:_LONG] or None, element.tail
    line: Any = element.sourceline
    copy.sourceline = line if line and line <= _LAST_LINE else 0  # type: ignore[assignment]  # the stubs say Ellipsis
    return copy


def load_schemas(official: Path | None = None) -> Schemas:
    """The schemas, of which only MedCom's own are compiled yet. `official` is a folder of those, which take the place of the ones
    shipped with the package for the namespaces that it has. Raises OfficialSchemasError where it cannot be used.
    """
    catalogue = load_catalogue()
    return Schemas(catalogue, load_official(official, _files(catalogue)) if official is not None else None)


def _files(catalogue: Catalogue) -> dict[str, str]:
    return catalogue.schema_files() | {VANS: "vansenvelope-1.0.4.xsd"}
