"""What judging costs: each step on the shipped example of each type and version, beside lxml alone on the same bytes.

lxml alone is what nobody can do without: the bytes parsed into a tree and the tree held against the schema. What a gateway must ask
besides, encoding, limits, values and rules, comes on top of that, and `ratio` says how much. The machine may be busy with other
things, so the steps are taken by turns, over and over, and of each the shortest time counts.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files

from lxml import etree

from gateway.bench.documents import RECEIVER, SENDER
from schemas.catalogue import MessageType
from schemas.document import examine_document
from schemas.examine import examine
from schemas.letters import letter_elements, namespace_of, read_envelope
from schemas.messages import Envelope
from schemas.reader import Reading, read
from schemas.rules.every import findings
from schemas.rules.looked import Document
from schemas.validator import Schemas
from schemas.vans import NAMESPACE, DocumentFormat, EndPoint, MetaInformation, VansEnvelope, VansMessage
from schemas.vanspayload import take, unmark
from schemas.vansreader import read_vans
from schemas.vanswriter import wrap

ROUNDS, QUICK_ROUNDS = 40, 5
_IN_A_ROW = 5  # so that each step is measured with its own code and data at hand
_MESSAGE_ID, _ENVELOPE_ID = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"
_ENVELOPED = "XDIS91"
_DATA = f"{{{NAMESPACE}}}Message/{{{NAMESPACE}}}Data"

Steps = Mapping[str, Callable[[], object]]


@dataclass(frozen=True, slots=True)
class Timing:
    """One example, of so many bytes; times in microseconds.

    `parse`, `schema`, `reading` and `rules` are steps of `examine`, which takes a bare message; `document` is what the gateway does,
    bare or enveloped. `ratio` is document to lxml. A VANSEnvelope's first three are of the envelope alone, it has no rules of its own
    and is not for `examine`: None; what it carries counts in `document` and in `lxml`.
    """

    scenario: str
    type: str
    version: str
    bytes: int
    parse_us: float
    schema_us: float
    reading_us: float
    rules_us: float | None
    examine_us: float | None
    document_us: float
    lxml_us: float
    ratio: float


def examples(schemas: Schemas) -> list[MessageType]:
    """The versions that are measured bare: all of the catalogue."""
    return list(schemas.catalogue.rows)


def timings(schemas: Schemas, rounds: int) -> Iterator[Timing]:
    """Measures every version's example, each in so many rounds, and last one in a VANSEnvelope."""
    for row in examples(schemas):
        raw = _example(row)
        yield _timing(row.code, row.version, raw, _steps_bare(raw, schemas), rounds)
    row = next(row for row in examples(schemas) if row.code == _ENVELOPED)
    raw = _enveloped(row, _example(row), schemas)
    yield _timing("VANSEnvelope", "1.0.4", raw, _steps_enveloped(raw, schemas), rounds)


def _example(row: MessageType) -> bytes:
    return files("schemas").joinpath("examples", f"{row.code}-{row.version}.xml").read_bytes()


def _timing(code: str, version: str, raw: bytes, steps: Steps, rounds: int) -> Timing:
    best = dict.fromkeys(steps, float("inf"))
    for _ in range(rounds):
        for name, step in steps.items():
            for _ in range(_IN_A_ROW):
                start = time.perf_counter_ns()
                step()
                best[name] = min(best[name], (time.perf_counter_ns() - start) / 1e3)
    return Timing(
        scenario="validate",
        type=code,
        version=version,
        bytes=len(raw),
        parse_us=best["parse"],
        schema_us=best["schema"],
        reading_us=best["reading"],
        rules_us=best.get("rules"),
        examine_us=best.get("examine"),
        document_us=best["document"],
        lxml_us=best["lxml"],
        ratio=best["document"] / best["lxml"],
    )


def _steps_bare(raw: bytes, schemas: Schemas) -> Steps:
    reading, root, envelope = _read(raw, schemas)
    namespace, letters, on = namespace_of(root)[1:-1], list(letter_elements(root)), _day(envelope)
    document = Document(root, raw, reading.encoding, reading.tags, envelope, schemas.catalogue, on, enveloped=False)
    return {
        "parse": lambda: read(raw),
        "schema": lambda: schemas.accepts(root, namespace, reading.tags),
        "reading": lambda: read_envelope(root, schemas.catalogue),
        "rules": lambda: findings(document, letters),
        "examine": lambda: examine(raw, schemas, on=on),
        "document": lambda: examine_document(raw, schemas, on=on),
        "lxml": _lxml(schemas, {namespace: raw}),
    }


def _steps_enveloped(raw: bytes, schemas: Schemas) -> Steps:
    taken = take(raw)
    assert taken is not None  # noqa: S101 - the envelope is our own
    without, payload = taken
    reading = read(without)
    root = reading.root
    assert root is not None  # noqa: S101 - the envelope is our own
    unmark(root.find(_DATA))
    _, inner, envelope = _read(payload, schemas)
    on = _day(envelope)
    return {
        "parse": lambda: (take(raw), read(without)),
        "schema": lambda: schemas.accepts(root, NAMESPACE, reading.tags),
        "reading": lambda: read_vans(root, payload),
        "document": lambda: examine_document(raw, schemas, on=on),
        "lxml": _lxml(schemas, {NAMESPACE: raw, namespace_of(inner)[1:-1]: payload}),
    }


def _lxml(schemas: Schemas, documents: Mapping[str, bytes]) -> Callable[[], object]:
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    pairs = [(schemas.compiled(namespace), raw) for namespace, raw in documents.items()]
    return lambda: [schema.validate(etree.fromstring(raw, parser)) for schema, raw in pairs]


def _read(raw: bytes, schemas: Schemas) -> tuple[Reading, etree._Element, Envelope]:
    """An example, which can always be read."""
    reading = read(raw)
    assert reading.root is not None  # noqa: S101 - the example is our own
    envelope = read_envelope(reading.root, schemas.catalogue)
    assert envelope is not None  # noqa: S101 - the example is our own
    return reading, reading.root, envelope


def _day(envelope: Envelope) -> date | None:
    """The day on which the example was written, so that its dates are as fresh as a real message's."""
    return envelope.sent_at.date() if envelope.sent_at else None


def _enveloped(row: MessageType, raw: bytes, schemas: Schemas) -> bytes:
    _, _, envelope = _read(raw, schemas)
    meta = MetaInformation(_MESSAGE_ID, DocumentFormat.XML, f"MCM:{row.code}", len(raw), row.version)
    ends = EndPoint(SENDER), EndPoint(RECEIVER)
    return wrap(VansEnvelope(*ends, _ENVELOPE_ID, envelope.sent_at, VansMessage(meta, raw)), schemas)
