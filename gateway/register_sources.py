"""A file that a register comes in: our own form, or an extract of the national register, told apart by what stands in it."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from sor.extract import read_extract
from sor.extracts.mapping import read_mapping
from sor.register import Register, load
from sor.rows import COLUMNS

_HEAD = 64 * 1024


def read_register(file: BinaryIO, name: str, mapping: Path | None) -> Register:
    """The register in a file that can be sought in. `mapping` is a column file, for an extract whose columns are called otherwise.

    Raises RegisterError with every fault in it.
    """
    head = file.read(_HEAD)
    file.seek(0)
    if is_own_form(head):
        return load(file.read())
    columns = read_mapping(mapping.read_bytes(), mapping.name) if mapping else None
    return read_extract(file, name, columns).register


def is_own_form(head: bytes) -> bool:
    """Whether a file that begins so has our own columns (`sor.rows`), in any order, behind comments."""
    lines = (line.strip() for line in head.decode("utf-8-sig", "replace").splitlines())
    header = next((line for line in lines if line and not line.startswith("#")), "")
    return {"gln", "valid_from"} <= {cell.strip().strip('"') for cell in header.split(";")} & set(COLUMNS)
