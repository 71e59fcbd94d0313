"""How two sets of schemas judge the examples that are shipped: the same, or where not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files

from schemas.letters import namespace_of
from schemas.reader import read
from schemas.validator import Schemas


@dataclass(frozen=True, slots=True)
class Comparison:
    """One example, by the name of its file, and what each set says of it."""

    example: str
    namespace: str
    ours: bool
    theirs: bool


def compare(ours: Schemas, theirs: Schemas) -> Iterator[Comparison]:
    """Each example of a namespace for which `theirs` has an official schema, judged by both sets."""
    for file in sorted(files("schemas").joinpath("examples").iterdir(), key=lambda file: file.name):
        reading = read(file.read_bytes()) if file.name.endswith(".xml") else None
        if reading is None or reading.root is None:
            continue
        namespace = namespace_of(reading.root)[1:-1]
        if namespace in theirs.official:
            verdicts = (schemas.accepts(reading.root, namespace, reading.tags) for schemas in (ours, theirs))
            yield Comparison(file.name, namespace, *verdicts)
