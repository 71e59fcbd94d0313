"""The standard headings: which one a message's subject means.

Senders write the subject themselves, so it is compared with what people write: the heading's own text, then its aliases with
spelling folded. Nothing is guessed: an unknown subject is said to be unknown, warned about, and never stops a message. The
sender's words stay as they are in the document; the code travels beside it and in the routing key.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from types import MappingProxyType

from routing.decisions import Heading, HeadingMatch
from schemas.findings import Finding, Severity
from sor.names import fold, slug

LONGEST_TEXT = 70
"""What `Subject` holds (MedCom XDIS91, 2006/07/01)."""
_PREAMBLE = re.compile(
    r"(?:(?:re|sv|vs|fw|vedr|vedrørende|ang|angående|emne)\s*[.:]+|(?:vedr|vedrørende|ang|angående)\s)\s*", re.IGNORECASE
)
_MISSING = Heading(None, None, HeadingMatch.MISSING)
_UNKNOWN = Heading(None, None, HeadingMatch.UNKNOWN)


@dataclass(frozen=True, slots=True)
class StandardHeading:
    """A heading of the list: `code` is a lower-case ASCII slug, `text` Danish and at most 70 characters."""

    code: str
    text: str
    aliases: tuple[str, ...]


class HeadingsError(ValueError):
    """A list of headings that contradicts itself."""


@dataclass(frozen=True, slots=True)
class Headings:
    """An immutable list of headings with its version. Raises HeadingsError where two headings would take one subject."""

    headings: tuple[StandardHeading, ...]
    version: str
    _exact: Mapping[str, Heading] = field(init=False, repr=False, compare=False)
    _folded: Mapping[str, Heading] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        exact: dict[str, Heading] = {}
        folded: dict[str, Heading] = {}
        for standard in self.headings:
            if standard.code != slug(standard.code) or not standard.code or not 0 < len(standard.text) <= LONGEST_TEXT:
                raise HeadingsError(f"not a heading's code and text: {standard.code!r}, {standard.text!r}")
            exact[standard.text] = Heading(standard.code, standard.text, HeadingMatch.EXACT)
            meant = Heading(standard.code, standard.text, HeadingMatch.ALIAS)
            for name in (standard.text, standard.code, *standard.aliases):
                if folded.setdefault(fold(name), meant) != meant:
                    raise HeadingsError(f"{name!r} names both {folded[fold(name)].code} and {standard.code}")
        object.__setattr__(self, "_exact", MappingProxyType(exact))
        object.__setattr__(self, "_folded", MappingProxyType(folded))

    def recognise(self, subject: str | None) -> Heading:
        """The heading that `subject` means: EXACT for its own text, ALIAS for another spelling or an alias, with or without a
        preamble such as `Vedr.`; else UNKNOWN, or MISSING for none.
        """
        if subject is None or not subject.strip():
            return _MISSING
        text = subject.strip()
        return self._exact.get(text) or self._folded.get(fold(text)) or self._folded.get(fold(_bare(text))) or _UNKNOWN


def _bare(text: str) -> str:
    while (match := _PREAMBLE.match(text)) and match.end() < len(text):
        text = text[match.end() :]
    return text


_WARNINGS = {
    HeadingMatch.UNKNOWN: Finding(
        "heading-unknown",
        Severity.WARNING,
        "",
        0,
        "Emnet er ikke en standardoverskrift, så modtageren kan ikke sortere efter det. Brug en overskrift fra listen.",
        "The subject is no standard heading, so the receiver cannot sort by it. Use a heading of the list.",
    ),
    HeadingMatch.MISSING: Finding(
        "heading-missing",
        Severity.WARNING,
        "",
        0,
        "Meddelelsen har intet emne, så modtageren kan ikke sortere efter det. Skriv en overskrift fra listen.",
        "The message has no subject, so the receiver cannot sort by it. Write a heading of the list.",
    ),
}


def heading_finding(heading: Heading) -> Finding | None:
    """The warning that a letter's heading calls for, or None. Not for receipts, which have no subject."""
    return _WARNINGS.get(heading.how)


def load(raw: bytes) -> Headings:
    """Reads a list: UTF-8, semicolons, header `code;text;aliases`, aliases parted by `|`, comments from `#`.

    Raises HeadingsError.
    """
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise HeadingsError("the list is not UTF-8") from error
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    rows = list(csv.reader(lines, delimiter=";"))
    if not rows or rows[0] != ["code", "text", "aliases"] or any(len(row) != 3 for row in rows):
        raise HeadingsError("the columns must be exactly: code; text; aliases")
    headings = tuple(
        StandardHeading(code.strip(), name.strip(), tuple(alias.strip() for alias in aliases.split("|") if alias.strip()))
        for code, name, aliases in rows[1:]
    )
    return Headings(headings, hashlib.sha256(raw).hexdigest()[:12])


@cache
def bundled() -> Headings:
    """The list that comes with the package: a proposal of ours, not an agreed one."""
    return load(resources.files("routing").joinpath("data/headings.csv").read_bytes())
