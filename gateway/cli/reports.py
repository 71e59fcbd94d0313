"""The readable report of `validate`, in Danish or English: the verdict, then each finding with its place and what to do, then a count.

Nothing in it comes from the document itself but the names of MedCom's own elements, type and version, and what a VANSEnvelope says
of its payload.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import click

from gateway.cli.tables import folded, printable
from gateway.validation import ENVELOPE, PAYLOAD, by_weight, format_of
from schemas.document import ExaminedDocument
from schemas.findings import Finding, Severity

_WORDS = {
    "da": {
        "valid": "godkendt",
        "refused": "afvist",
        "line": "linje",
        "with": "VANSEnvelope med {}",
        "says": "VANSEnvelope siger: {}",
        "decoded": "Linjer i indholdet er talt i det, når det er taget ud af base64.",
        ENVELOPE: "VANSEnvelope",
        PAYLOAD: "indholdet",
        Severity.ERROR: "fejl",
        Severity.WARNING: "advarsel",
        Severity.NOTE: "bemærkning",
        "sum": "{total} dokumenter: {valid} godkendt, heraf {warned} med advarsler; {refused} afvist; {unread} kunne ikke læses",
        "passed": "{} filer i mapperne er ikke XML og er sprunget over",
    },
    "en": {
        "valid": "valid",
        "refused": "refused",
        "line": "line",
        "with": "VANSEnvelope with {}",
        "says": "the VANSEnvelope says: {}",
        "decoded": "Lines of the payload are counted in it when it is taken out of base64.",
        ENVELOPE: "VANSEnvelope",
        PAYLOAD: "payload",
        Severity.ERROR: "error",
        Severity.WARNING: "warning",
        Severity.NOTE: "note",
        "sum": "{total} documents: {valid} valid, {warned} of them with warnings; {refused} refused; {unread} could not be read",
        "passed": "{} files in the folders are not XML and were passed over",
    },
}
LANGUAGES = tuple(_WORDS)
_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}


@dataclass(slots=True)
class Tally:
    """The documents judged so far, by verdict."""

    valid: int = 0
    warned: int = 0
    refused: int = 0

    def count(self, found: ExaminedDocument) -> None:
        """Counts one more."""
        self.valid += found.valid
        self.warned += found.valid and any(one.severity is Severity.WARNING for one in found.findings)
        self.refused += not found.valid


def report_lines(name: str, found: ExaminedDocument, language: str, width: int | None) -> Iterator[str]:
    """The lines of one document, styled for a terminal and folded at `width` columns where there is one."""
    words = _WORDS[language]
    verdict = click.style(words["valid"], "green") if found.valid else click.style(words["refused"], "red", bold=True)
    yield f"{name}: {verdict} ({_kind(found, words)})"
    if found.payload is not None:
        meta = found.payload.meta
        said = " ".join(part for part in (meta.format, meta.name, meta.version) if part)
        yield "  " + words["says"].format(f"{printable(said)}, {meta.size} bytes")
    parted = by_weight(found)
    for part, one in parted:
        yield from _finding(part, one, words, language, width)
    if any(part == PAYLOAD and one.line for part, one in parted):
        yield "  " + words["decoded"]


def summary_lines(tally: Tally, unread: int, passed_over: int, language: str) -> Iterator[str]:
    """How many got which verdict."""
    words = _WORDS[language]
    total = tally.valid + tally.refused + unread
    counts = {"valid": tally.valid, "warned": tally.warned, "refused": tally.refused, "unread": unread}
    yield words["sum"].format(total=total, **counts)
    if passed_over:
        yield words["passed"].format(passed_over)


def _kind(found: ExaminedDocument, words: dict[str, str]) -> str:
    inner = found.inner
    kind = " ".join(part for part in (inner.type, inner.version) if part) if inner else ""
    if not found.enveloped:
        return printable(kind or format_of(found))
    if found.receipt is not None:
        kind = found.receipt.kind
    return words["with"].format(printable(kind or format_of(found))) if found.outer and found.outer.content else "VANSEnvelope"


def _finding(part: str | None, one: Finding, words: dict[str, str], language: str, width: int | None) -> Iterator[str]:
    where = f"{words['line']} {one.line}" if one.line else ""
    place = ", ".join(each for each in (words[part] if part else "", where, one.path) if each)
    yield f"  {click.style(words[one.severity], _COLOURS[one.severity])} {one.code}" + (f" ({place})" if place else "")
    yield from folded(one.text_da if language == "da" else one.text_en, width)
