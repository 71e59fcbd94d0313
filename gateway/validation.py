"""What is told of a document that was examined and not sent: one report as data, for the command and for HTTP alike."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from schemas.document import ExaminedDocument
from schemas.findings import Finding, Severity

ENVELOPE, PAYLOAD = "envelope", "payload"
_WEIGHTS = tuple(Severity)  # from the heaviest


def report_of(found: ExaminedDocument) -> dict[str, Any]:
    """The report for programs.

    `format`, `type` and `version` are the message's, in an envelope too. Of an enveloped document there is `vans_envelope` besides,
    and each finding says in its `part` whether its line is the envelope's, or the payload's after base64.
    """
    inner = found.inner
    report: dict[str, Any] = {
        "format": format_of(found),
        "type": inner.type if inner else None,
        "version": inner.version if inner else None,
        "schema_valid": found.schema_valid,
        "valid": found.valid,
        "findings": [_row(one, part) for part, one in by_weight(found)],
    }
    if found.enveloped:
        report["vans_envelope"] = _envelope(found)
    return report


def by_weight(found: ExaminedDocument) -> list[tuple[str | None, Finding]]:
    """Every finding with its part (None in a bare document): errors first, and each weight in the document's order."""
    return sorted(_parted(found), key=lambda one: _WEIGHTS.index(one[1].severity))


def format_of(found: ExaminedDocument) -> str:
    """`oioxml`, a payload's format that is carried and not looked into, `vansenvelope` where there is no payload, or `unknown`."""
    if found.inner is not None:
        return found.inner.format
    return found.payload.meta.format.lower() if found.payload else "vansenvelope"


def _parted(found: ExaminedDocument) -> Iterator[tuple[str | None, Finding]]:
    for one in found.outer_findings:
        yield ENVELOPE, one
    for one in found.inner.findings if found.inner else ():
        yield (PAYLOAD if found.enveloped else None), one


def shown_finding(one: Finding) -> dict[str, object]:
    """One finding as JSON, in every report and answer alike."""
    return {
        "code": one.code,
        "severity": one.severity,
        "path": one.path,
        "line": one.line,
        "text_da": one.text_da,
        "text_en": one.text_en,
    }


def _row(one: Finding, part: str | None) -> dict[str, object]:
    return shown_finding(one) | ({} if part is None else {"part": part})


def _envelope(found: ExaminedDocument) -> dict[str, object]:
    """What the envelope says of its payload, or which receipt it is; all None where that could not be read."""
    meta = found.payload.meta if found.payload else None
    return {
        "valid": not any(one.severity is Severity.ERROR for one in found.outer_findings),
        "format": meta.format if meta else None,
        "name": meta.name if meta else None,
        "version": meta.version if meta else None,
        "size": meta.size if meta else None,
        "receipt": found.receipt.kind if found.receipt else None,
    }
