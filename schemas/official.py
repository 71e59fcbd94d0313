"""MedCom's own schemas, from a folder that an installation holds: where they have a namespace of the catalogue, they decide.

The folder is as MedCom publishes it, a folder for each date, but what a file is of is read from its targetNamespace and not from
where it lies. Only what is to be used is compiled, and nothing is ever fetched: what a file wants from the network counts as missing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

_ENTRY = "emessage.xsd"
_ENVELOPE = "vansenvelope"  # and perhaps its version: MedCom's file has been seen with and without
_SCHEMA = "{http://www.w3.org/2001/XMLSchema}schema"


class OfficialSchemasError(ValueError):
    """The folder cannot be used. Its text names the folder or the file, and says why."""


@dataclass(frozen=True, slots=True)
class OfficialSchema:
    """The schema of one namespace: its entry file, and what was made of it and of all that it includes."""

    path: Path
    compiled: etree.XMLSchema


class _NoNetwork(etree.Resolver):
    """Answers for what lies on the network that it is not there."""

    def resolve(self, system_url: str | None, public_id: str | None, context: object) -> object:  # type: ignore[override]
        """See `etree.Resolver`; the stubs lack the context."""
        del public_id
        if "://" not in (system_url or "") or (system_url or "").startswith("file:"):
            return None
        return self.resolve_filename("never-fetched.xsd/", context)  # type: ignore[attr-defined]  # the stubs lack it


def load_official(folder: Path, namespaces: Collection[str]) -> dict[str, OfficialSchema]:
    """The folder's schemas for these namespaces, compiled; at least one.

    Raises OfficialSchemasError where the folder is missing or holds none of them, where two files are of one namespace, and where a
    file cannot be read or does not compile.
    """
    if not folder.is_dir():
        raise OfficialSchemasError(f"{folder}: no such folder")
    found: dict[str, Path] = {}
    for path in _entries(folder):
        namespace = _target(path)
        if namespace in found:
            raise OfficialSchemasError(f"{path}: of the same namespace as {found[namespace]}: {namespace}")
        found[namespace] = path
    used = {namespace: path for namespace, path in found.items() if namespace in namespaces}
    if not used:
        raise OfficialSchemasError(f"{folder}: no EMessage.xsd and no VANSEnvelope.xsd of a namespace that is known here")
    return {namespace: OfficialSchema(path, _compiled(path)) for namespace, path in used.items()}


def _entries(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*.[xX][sS][dD]")):
        name = path.name.casefold()
        if name == _ENTRY or name.startswith(_ENVELOPE):
            yield path


def _target(path: Path) -> str:
    root = _parsed(path).getroot()
    if root.tag != _SCHEMA:
        raise OfficialSchemasError(f"{path}: no XML schema")
    return root.get("targetNamespace", "")


def _parsed(path: Path) -> etree._ElementTree:
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    parser.resolvers.add(_NoNetwork())  # used again for whatever the schema includes and imports
    try:
        return etree.parse(str(path), parser)
    except (OSError, etree.XMLSyntaxError) as wrong:
        raise OfficialSchemasError(f"{path}: {wrong}") from wrong


def _compiled(path: Path) -> etree.XMLSchema:
    try:
        return etree.XMLSchema(_parsed(path))
    except etree.XMLSchemaParseError as wrong:
        faults = [one for one in wrong.error_log if one.level_name != "WARNING" and one.filename != "<string>"]
        where = f"{faults[0].filename}, line {faults[0].line}: {faults[0].message}" if faults else f"{path}: {wrong}"
        raise OfficialSchemasError(where) from wrong
