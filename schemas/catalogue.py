"""The MedCom message types that can be judged here, one row each, read from `catalogue.tsv`.

A type is told by namespace, root element under Emessage and VersionCode together: one type code lives in several namespaces,
and one namespace holds several types. A new type is a new row and, for a new namespace, a schema file beside those in `xsd/`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files

from schemas.messages import ReceiptKind


class Standing(StrEnum):
    """What a row is worth: in production, superseded but still taken, or known from one example only."""

    PRODUCTION = "production"
    OLD = "old"
    PROVISIONAL = "provisional"  # its schema is open where the facts end, and what it finds are warnings


@dataclass(frozen=True, slots=True)
class MessageType:
    """One row.

    `code` is the type code (`XDIS91`), `root` the element under Emessage, `schema` the file in `xsd/`, `parties` between whom it
    is used, in Danish and without direction, `in_envelope` whether it must travel in a VANSEnvelope, `attachments` the codes of
    the types that its letters may refer to.
    """

    code: str
    version: str
    root: str
    namespace: str
    schema: str
    status: Standing
    parties: str
    in_envelope: bool
    attachments: tuple[str, ...]
    danish: str
    english: str

    @property
    def receipt(self) -> bool:
        """Whether letters of this type are receipts (XCTL01-03)."""
        return self.code in set(ReceiptKind)


class Catalogue:
    """Look-ups over the rows. Immutable."""

    def __init__(self, rows: tuple[MessageType, ...]) -> None:
        self.rows = rows
        self._exact = {(row.namespace, row.root, row.version): row for row in rows}
        self._here = {(row.namespace, row.root): row for row in rows}
        self._anywhere = {row.root: row for row in reversed(rows)}

    def find(self, namespace: str, root: str, version: str) -> MessageType | None:
        """The row that all three name."""
        return self._exact.get((namespace, root, version))

    def of_root(self, namespace: str, root: str) -> MessageType | None:
        """A row of that namespace with that root, whatever the version."""
        return self._here.get((namespace, root))

    def of_root_anywhere(self, root: str) -> MessageType | None:
        """The first row with that root, whatever the namespace: it tells the type of a letter in a namespace not known here."""
        return self._anywhere.get(root)

    def versions(self, root: str) -> tuple[MessageType, ...]:
        """Every row with that root: what can be taken instead of an unknown version."""
        return tuple(row for row in self.rows if row.root == root)

    def schema_files(self) -> dict[str, str]:
        """Schema file by namespace."""
        return {row.namespace: row.schema for row in self.rows}


def load_catalogue() -> Catalogue:
    """The catalogue as shipped with the package."""
    lines = files("schemas").joinpath("catalogue.tsv").read_text(encoding="utf-8").splitlines()
    return Catalogue(tuple(_row(dict(zip(lines[0].split("\t"), line.split("\t"), strict=True))) for line in lines[1:]))


def _row(cells: dict[str, str]) -> MessageType:
    return MessageType(
        code=cells["code"],
        version=cells["version"],
        root=cells["root"],
        namespace=cells["namespace"],
        schema=cells["schema"],
        status=Standing(cells["status"]),
        parties=cells["parties"],
        in_envelope=cells["envelope"] == "required",
        attachments=tuple(cells["attachments"].split()),
        danish=cells["danish"],
        english=cells["english"],
    )
