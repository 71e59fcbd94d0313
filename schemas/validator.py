"""The schemas, compiled once: lxml decides, xmlschema explains.

libxml2 gives the verdict in microseconds and poor words; xmlschema takes milliseconds and knows what was expected. So every
document is judged by the first and only a refused one is shown to the second, whose schemas are built when first needed.
"""

from __future__ import annotations

import threading
from importlib.resources import as_file, files
from typing import TYPE_CHECKING

from lxml import etree

from schemas.catalogue import Catalogue, load_catalogue
from schemas.findings import Finding

if TYPE_CHECKING:
    from schemas.explain import Explainer

MAX_FINDINGS = 20


class Schemas:
    """The catalogue and a compiled schema for each of its namespaces. Safe to share between threads; see `load_schemas`."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._files = catalogue.schema_files()
        self._lock = threading.Lock()
        self._explainers: dict[str, Explainer] = {}
        with as_file(files("schemas") / "xsd") as folder:
            self._compiled = {
                namespace: etree.XMLSchema(etree.parse(str(folder / name))) for namespace, name in self._files.items()
            }

    def knows(self, namespace: str) -> bool:
        """Whether there is a schema for the namespace."""
        return namespace in self._compiled

    def accepts(self, root: etree._Element, namespace: str) -> bool:
        """The schema verdict on an Emessage. Raises KeyError for a namespace that is not known."""
        return self._compiled[namespace].validate(root)

    def explain(self, root: etree._Element, namespace: str) -> tuple[Finding, ...]:
        """Why a refused document was refused: at least one finding, at most MAX_FINDINGS and a note that there are more."""
        return self._explainer(namespace).explain(root, MAX_FINDINGS)

    def _explainer(self, namespace: str) -> Explainer:
        from schemas.explain import Explainer  # noqa: PLC0415 - xmlschema takes longer to import than most commands to run

        with self._lock:
            if namespace not in self._explainers:
                with as_file(files("schemas") / "xsd") as folder:
                    path = folder / self._files[namespace]
                    self._explainers[namespace] = Explainer(path, self._compiled[namespace], namespace)
            return self._explainers[namespace]


def load_schemas() -> Schemas:
    """Compiles every schema shipped with the package: a few milliseconds, once, at start."""
    return Schemas(load_catalogue())
